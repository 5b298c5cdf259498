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
// Columns on a terminal: combining marks 0, East Asian wide characters and emoji 2, control characters 0. Characters are
// what a person counts: an emoji of several code points is one, of 2 columns.
std::size_t display_width(std::string_view utf8);
// Cut to at most `columns`, ending in "…" when something was cut; never inside a character.
std::string fit_width(std::string_view utf8, std::size_t columns);
// Lines of at most `columns`, broken at spaces and line feeds, runs of spaces made one; a longer word stands alone on its
// line. At least one line, which is empty for an empty text.
std::vector<std::string> wrap(std::string_view utf8, std::size_t columns);

// Edits (insert, delete, replace, swap of neighbours) of bytes from one to the other. Takes time a.size() * b.size().
std::size_t edit_distance(std::string_view a, std::string_view b);
// The candidate that somebody who typed `name` most likely meant, whatever the case of letters: the first of those with the
// fewest edits. Nothing when none is near: at most a third of the letters may be wrong.
std::optional<std::string_view> nearest_name(std::string_view name, std::span<const std::string_view> candidates);

std::string_view trim(std::string_view text);  // spaces, tabs, CR and LF at both ends
// The parts between separators, empty ones too: always one more than there are separators.
std::vector<std::string_view> split(std::string_view text, char separator);
std::string to_lower_ascii(std::string_view text);

// Words as a POSIX shell would split them: quotes, backslashes, continued lines and comments. Nothing is expanded, and
// operators (|, &&, >) are letters like any other. Nothing when a quote is not closed or the last character is a backslash.
std::optional<std::vector<std::string>> split_shell_words(std::string_view text);

}  // namespace gantry::base
