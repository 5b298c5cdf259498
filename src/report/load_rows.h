#pragma once

// Lines of k6's summary: a name, dots, and columns. Private to report.

#include <string>
#include <vector>

namespace gantry::report {

struct LoadRow {
  std::string name;
  std::vector<std::string> columns;
};

inline constexpr std::size_t kLoadNameWidth = 34;

// Names padded with dots, so that all colons stand below each other; columns that all rows share are as wide.
void add_load_rows(std::string& text, const std::vector<LoadRow>& rows);

}  // namespace gantry::report
