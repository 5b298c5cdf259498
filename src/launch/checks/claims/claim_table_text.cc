#include "launch/checks/claims/claim_table_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace gantry::launch {

using netpol::ClaimRow;
using netpol::ClaimTable;
using netpol::PortSet;

namespace {

std::string_view standing_text(ClaimRow::Standing standing) {
  constexpr std::array<std::string_view, 3> kTexts = {"-", "named", "needed"};
  return kTexts.at(static_cast<std::size_t>(standing));
}

std::string_view cell(const ClaimRow& row, const PortSet& column) {
  if (row.open.contains(column)) return "open";
  if (row.some.meets(column) || row.open.meets(column)) return "some";
  return row.depends.meets(column) ? "depends" : "-";
}

void end_line(std::string& text) {
  text.erase(text.find_last_not_of(' ') + 1);
  text += '\n';
}

std::string render_rows(std::span<const ClaimRow> rows, const ClaimTable& table) {
  std::size_t width = std::string_view("source").size();
  for (const ClaimRow& row : rows) width = std::max(width, row.source.size());
  std::string text = fmt::format("{}\n\n{:<{}}  claim   ", rows.front().destination, "source", width);
  for (const PortSet& column : table.columns) text += fmt::format("  {:<10}", to_string(column));
  end_line(text);
  for (const ClaimRow& row : rows) {
    text += fmt::format("{:<{}}  {:<8}", row.source, width, standing_text(row.standing));
    for (const PortSet& column : table.columns)
      text += fmt::format("  {:<{}}", cell(row, column), std::max<std::size_t>(10, to_string(column).size()));
    if (row.scaled_to_zero) text += "  (scaled to zero)";
    end_line(text);
  }
  return text;
}

}  // namespace

std::string render(const ClaimTable& table) {
  std::string text;
  for (auto first = table.rows.begin(); first != table.rows.end();) {
    const auto last = std::find_if(first, table.rows.end(),
                                   [&](const ClaimRow& row) { return row.destination != first->destination; });
    text += (text.empty() ? "" : "\n") + render_rows({first, last}, table);
    first = last;
  }
  return text;
}

}  // namespace gantry::launch
