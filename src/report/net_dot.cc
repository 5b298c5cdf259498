// The matrix as a graph for Graphviz: a node for each row, in a box for each namespace, an edge for each pair with an open port.

#include "report/net_axis.h"
#include "report/net_formats.h"
#include "report/plain_text.h"

#include "base/text.h"

#include <fmt/format.h>

#include <map>

namespace gantry::report {

namespace {

// A label that is longer makes the graph unreadable; the whole of it is the edge's tooltip.
constexpr std::size_t kLabelWidth = 40;

std::string dot_text(std::string_view untrusted) {
  std::string text = "\"";
  for (const char c : inert_line(untrusted)) {
    if (c == '"' || c == '\\') text.push_back('\\');
    text.push_back(c);
  }
  return text + "\"";
}

constexpr std::string_view kHead =
    "digraph reachability {\n"
    "  rankdir=LR;\n"
    "  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n"
    "  edge [fontname=\"sans-serif\", fontsize=10];\n";

void write_nodes(Output& output, const Axis& axis) {
  std::map<std::string, std::vector<const AxisRow*>> by_name_space;
  for (const AxisRow& row : axis.rows()) by_name_space[row.name_space].push_back(&row);
  for (const auto& [name_space, rows] : by_name_space) {
    const bool is_outside = name_space.empty();
    if (!is_outside)
      output.write(fmt::format("  subgraph {} {{\n    label={};\n    style=rounded;\n    color=gray;\n",
                               dot_text("cluster " + name_space), dot_text(name_space)));
    for (const AxisRow* row : rows)
      output.write(fmt::format("    {}{};\n", dot_text(row->name), is_outside ? " [shape=ellipse]" : ""));
    if (!is_outside) output.write("  }\n");
  }
}

std::string edge_attributes(const netpol::MatrixPorts& open) {
  const std::string ports = open.ports.empty() ? "?" : netpol::to_string(open.ports);
  const std::string doubt = netpol::describe_doubt(open);
  std::string text = fmt::format("label={}, tooltip={}", dot_text(base::fit_width(ports, kLabelWidth)),
                                 dot_text(doubt.empty() ? ports : ports + " (" + doubt + ")"));
  if (!doubt.empty()) text += ", style=dashed";
  if (open.ports.is_everything()) text += ", penwidth=2";
  return text;
}

}  // namespace

void write_matrix_dot(const MatrixJob& job) {
  const Axis axis(job.matrix.reach(), job.style.rows);
  Output output(job.sink);
  output.write(kHead);
  write_nodes(output, axis);
  bool goes_on = true;
  for (std::size_t row = 0; row < axis.size() && goes_on && !job.stop.stop_requested(); ++row) {
    const std::vector<netpol::MatrixGroup> groups = job.matrix.destinations_of(axis.rows()[row].endpoint);
    for (const ReachedRow& to : reached_rows(axis, groups)) {
      if (to.row == row && job.style.rows == MatrixRows::pods) continue;
      goes_on = output.write(fmt::format("  {} -> {} [{}];\n", dot_text(axis.rows()[row].name),
                                         dot_text(axis.rows()[to.row].name), edge_attributes(groups[to.group].open)));
    }
  }
  output.write("}\n");
  output.flush();
}

}  // namespace gantry::report
