#pragma once

// Untrusted text inside GitHub-flavoured Markdown: it shows as it is, and does nothing.

#include <string>
#include <string_view>

namespace gantry::report {

// One line in which nothing is markup: no emphasis, link, HTML, table cell border, mention of a person or issue. Cut after
// `columns`, ending in "…".
std::string markdown_text(std::string_view untrusted, std::size_t columns);

// One line in a code span; the pipe is escaped, as a table needs it even there (GFM 0.29, 4.10).
std::string markdown_code(std::string_view untrusted, std::size_t columns);

}  // namespace gantry::report
