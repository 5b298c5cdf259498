#include "launch/checks/reach/judge.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace gantry::launch {

namespace {

// What the classes of one workload have in common, for one port.
struct Cell {
  bool has_open = false;
  bool has_closed = false;
  bool has_unknown = false;

  void add(Access access) {
    has_open = has_open || access == Access::yes;
    has_closed = has_closed || access == Access::no;
    has_unknown = has_unknown || access == Access::depends;
  }
  std::string_view text() const {
    if (has_unknown) return "depends";
    if (has_open) return has_closed ? "some" : "open";
    return has_closed ? "-" : "";
  }
};

struct Row {
  bool is_claimed = true;
  bool is_needed = false;
  bool is_scaled_to_zero = true;
  std::map<FlowPort, Cell> cells;
};

std::map<std::string, Row> collect_rows(const ClaimView& view, std::string_view destination) {
  std::map<std::string, Row> rows;
  for (std::size_t source = 0; source < view.reach.classes().size(); ++source) {
    const PodClass& pods = view.reach.classes()[source];
    Row& row = rows[pods.owner_name()];
    row.is_claimed = row.is_claimed && holds(view.claim.sources, pods, view.reach) == Access::yes;
    row.is_needed = row.is_needed || holds(view.claim.needed, pods, view.reach) == Access::yes;
    row.is_scaled_to_zero = row.is_scaled_to_zero && pods.count == 0;
    for (std::size_t i = 0; i < view.targets.size(); ++i) {
      const Target& target = view.targets[i];
      if (view.destination(target).owner_name() != destination || FlowTable::is_loopback(view.reach, target, source))
        continue;
      row.cells[target.port].add(view.flows.at(i, source));
    }
  }
  return rows;
}

void end_line(std::string& text) {
  text.erase(text.find_last_not_of(' ') + 1);
  text += '\n';
}

std::string render_destination(const ClaimView& view, const std::string& destination) {
  const std::map<std::string, Row> rows = collect_rows(view, destination);
  std::set<FlowPort> ports;
  std::size_t width = std::string_view("source").size();
  for (const auto& [name, row] : rows) {
    width = std::max(width, name.size());
    for (const auto& [port, cell] : row.cells) ports.insert(port);
  }
  std::string text = fmt::format("{}\n\n{:<{}}  claim   ", destination, "source", width);
  for (const FlowPort& port : ports) text += fmt::format("  {:<10}", to_string(port));
  end_line(text);
  for (const auto& [name, row] : rows) {
    const std::string_view claim = row.is_needed ? "needed" : row.is_claimed ? "allowed" : "-";
    text += fmt::format("{:<{}}  {:<8}", name, width, claim);
    for (const FlowPort& port : ports) {
      const auto cell = row.cells.find(port);
      text += fmt::format("  {:<10}", cell == row.cells.end() ? std::string_view() : cell->second.text());
    }
    if (row.is_scaled_to_zero) text += "  (scaled to zero)";
    end_line(text);
  }
  return text;
}

}  // namespace

std::string render_matrix(const ClaimView& view) {
  std::set<std::string> destinations;
  for (const Target& target : view.targets) destinations.insert(view.destination(target).owner_name());
  std::vector<std::string> parts;
  for (const std::string& destination : destinations) parts.push_back(render_destination(view, destination));
  return fmt::format("{}", fmt::join(parts, "\n"));
}

}  // namespace gantry::launch
