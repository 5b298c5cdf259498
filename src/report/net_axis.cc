#include "report/net_axis.h"

#include "report/plain_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::report {

namespace {

constexpr std::size_t kOutputBytes = 1 << 16;

}  // namespace

Axis::Axis(const netpol::Reachability& reach, MatrixRows rows) {
  for (const netpol::Endpoint& endpoint : reach.endpoints().all()) {
    const netpol::EndpointId id(static_cast<std::uint32_t>(first_of_.size()));
    first_of_.push_back(rows_.size());
    if (rows == MatrixRows::workloads || endpoint.kind != netpol::Endpoint::Kind::pods) {
      rows_.push_back({inert_line(endpoint.name), inert_line(endpoint.name_space), id});
      continue;
    }
    for (const std::size_t index : endpoint.pods) {
      const kube::Pod& pod = reach.snapshot()->pods[index];
      rows_.push_back(
          {inert_line(fmt::format("{}/{}", pod.name_space(), pod.name())), inert_line(pod.name_space()), id});
    }
  }
  first_of_.push_back(rows_.size());
}

std::vector<std::string> Axis::names_of(const netpol::EndpointSet& set) const {
  std::vector<std::string> names;
  for (const netpol::EndpointId id : set.ids())
    for (std::size_t row = first_of_[id.value()]; row < first_of_[id.value() + 1]; ++row)
      names.push_back(rows_[row].name);
  return names;
}

std::size_t Axis::count_of(const netpol::EndpointSet& set) const {
  std::size_t count = 0;
  for (const netpol::EndpointId id : set.ids()) count += first_of_[id.value() + 1] - first_of_[id.value()];
  return count;
}

std::vector<ReachedRow> reached_rows(const Axis& axis, const std::vector<netpol::MatrixGroup>& groups) {
  std::vector<ReachedRow> reached;
  for (std::size_t group = 0; group < groups.size(); ++group)
    for (const netpol::EndpointId id : groups[group].destinations.ids())
      for (std::size_t row = axis.first_of(id.value()); row < axis.first_of(id.value() + 1); ++row)
        reached.push_back({.row = row, .group = group});
  std::ranges::sort(reached, {}, &ReachedRow::row);
  return reached;
}

Openness openness_of(const netpol::MatrixPorts& open) {
  if (!open.perhaps.empty() || !open.depends_on.empty()) return Openness::unsure;
  if (open.ports.empty()) return Openness::closed;
  return open.ports.is_everything() ? Openness::every_port : Openness::some_ports;
}

bool Output::write(std::string_view text) {
  buffer_ += text;
  return buffer_.size() < kOutputBytes ? is_open_ : flush();
}

bool Output::flush() {
  if (is_open_ && !buffer_.empty()) is_open_ = sink_(buffer_);
  buffer_.clear();
  return is_open_;
}

std::string join_ranges(const std::vector<kube::PortRange>& ranges, std::string_view separator) {
  std::string text;
  for (const kube::PortRange& range : ranges) {
    if (!text.empty()) text += separator;
    text += range.first == range.last ? fmt::format("{}", range.first.value())
                                      : fmt::format("{}-{}", range.first.value(), range.last.value());
  }
  return text;
}

}  // namespace gantry::report
