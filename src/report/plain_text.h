#pragma once

// Makes untrusted text inert. Plans, manifests, programs' output and file names end up in every report, and none of them may
// move a cursor, colour a terminal, end an XML element or reverse the direction of a line. Every renderer passes what it got
// through here before it adds its own format's escapes.

#include <string>
#include <string_view>
#include <vector>

namespace gantry::report {

// Valid UTF-8 on one line: white space of any kind becomes one space, control characters become their visible pictures
// ("␛" for ESC), and what is invisible, turns the writing direction or is no character becomes "�". Trimmed.
std::string inert_line(std::string_view untrusted);

// The same, but white space at the front stays, as spaces; a tab is two.
std::string inert_indented(std::string_view untrusted);
// The same for each line of a text; empty lines at its end are dropped.
std::vector<std::string> inert_lines(std::string_view untrusted);

// What a reader sees of one line of Markdown: without backticks, emphasis, link targets and backslashes. Inert as well.
// Only the first kPlainBytesMax bytes are looked at.
std::string plain_markdown(std::string_view markdown);

// 4 KiB: no report shows more of one line, and unpaired emphasis makes the search for its end quadratic.
inline constexpr std::size_t kPlainBytesMax = 4096;

// Whether a character is invisible and yet obeyed by a terminal, browser or parser: DEL and C1 controls, marks of direction,
// zero width space, byte order mark, tags, noncharacters. C0 controls are not asked about here.
bool is_unseen(char32_t code);

// The start of `utf8` (valid) that is at most `columns` wide, without a mark that something was cut; at least one character.
std::string_view prefix_of_width(std::string_view utf8, std::size_t columns);

}  // namespace gantry::report
