#pragma once

// Text that people write and read: UTF-8, widths on a terminal, and guesses at what somebody meant.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::base {

bool is_utf8(std::string_view bytes);
// The first byte that is no part of valid UTF-8 (overlong forms, surrogates and values past U+10FFFF are none); npos if all is.
std::size_t find_invalid_utf8(std::string_view bytes);
// With U+FFFD for each byte that is no part of valid UTF-8.
std::string replace_invalid_utf8(std::string_view bytes);
// Columns on a terminal: combining marks 0, East Asian wide characters and emoji 2, control characters 0.
std::size_t display_width(std::string_view utf8);
// Cut to at most `columns`, ending in "…" when something was cut; never inside a character.
std::string fit_width(std::string_view utf8, std::size_t columns);
// Lines of at most `columns`, broken at spaces; a longer word stands alone on its line.
std::vector<std::string> wrap(std::string_view utf8, std::size_t columns);

// Edits (insert, delete, replace, swap of neighbours) from one to the other.
std::size_t edit_distance(std::string_view a, std::string_view b);
// The candidate that somebody who typed `name` most likely meant; nothing when none is near (a third of its length).
std::optional<std::string_view> nearest_name(std::string_view name, std::span<const std::string_view> candidates);

std::string_view trim(std::string_view text);  // spaces, tabs, CR and LF at both ends
std::vector<std::string_view> split(std::string_view text, char separator);
std::string to_lower_ascii(std::string_view text);

// Words as a POSIX shell would split them: quotes and backslashes, no expansion. Nothing when a quote is not closed.
std::optional<std::vector<std::string>> split_shell_words(std::string_view text);

}  // namespace gantry::base
