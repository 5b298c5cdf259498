#include "report/load_rows.h"

#include "report/plain_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::report {

void add_load_rows(std::string& text, const std::vector<LoadRow>& rows) {
  std::vector<std::size_t> widths;
  for (const LoadRow& row : rows)
    for (std::size_t i = 0; i < row.columns.size(); ++i) {
      if (widths.size() <= i) widths.push_back(0);
      widths[i] = std::max(widths[i], row.columns[i].size());
    }
  for (const LoadRow& row : rows) {
    const std::string name = inert_indented(row.name);
    const std::string dots(kLoadNameWidth > name.size() ? kLoadNameWidth - name.size() : 0, '.');
    std::string line = fmt::format("    {}{}:", name, dots);
    for (std::size_t i = 0; i < row.columns.size(); ++i) line += fmt::format(" {:<{}}", row.columns[i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
}

}  // namespace gantry::report
