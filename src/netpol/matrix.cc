#include "netpol/matrix.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace gantry::netpol {

namespace {

using Groups = std::vector<MatrixGroup>;

// Splits the groups so that each is wholly in `part` or wholly out of it, and changes those that are in.
template <typename Change>
void refine(Groups& groups, const EndpointSet& part, const Change& change) {
  EndpointSet rest = part;
  Groups refined;
  for (MatrixGroup& group : groups) {
    EndpointSet inside = group.destinations.intersected(part);
    if (inside.empty()) {
      refined.push_back(std::move(group));
      continue;
    }
    rest = rest.without(inside);
    EndpointSet outside = group.destinations.without(part);
    if (!outside.empty()) refined.push_back({.destinations = std::move(outside), .open = group.open});
    change(group.open);
    refined.push_back({.destinations = std::move(inside), .open = std::move(group.open)});
  }
  if (!rest.empty()) {
    MatrixGroup fresh{.destinations = std::move(rest), .open = {}};
    change(fresh.open);
    refined.push_back(std::move(fresh));
  }
  groups = std::move(refined);
}

// Groups with the same ports become one: refinement splits more than is needed in the end.
Groups merged(Groups groups) {
  std::map<MatrixPorts, EndpointSet> by_ports;
  for (MatrixGroup& group : groups) by_ports[std::move(group.open)].unite(group.destinations);
  Groups merged_groups;
  for (auto& [open, destinations] : by_ports)
    if (!open.empty() && !destinations.empty())
      merged_groups.push_back({.destinations = std::move(destinations), .open = open});
  std::ranges::sort(merged_groups, {}, [](const MatrixGroup& group) { return group.destinations.first(); });
  return merged_groups;
}

// From disjoint port sets, each with its destinations, to disjoint destinations, each with its ports.
Groups by_destination(const std::vector<Opening>& openings, const EndpointSet& among) {
  Groups groups;
  for (const Opening& opening : openings) {
    const EndpointSet certain = opening.certain.intersected(among);
    const EndpointSet doubtful = opening.possible.intersected(among).without(certain);
    refine(groups, certain, [&](MatrixPorts& open) { open.ports = open.ports.united(opening.ports); });
    refine(groups, doubtful, [&](MatrixPorts& open) { open.perhaps = open.perhaps.united(opening.ports); });
  }
  return merged(std::move(groups));
}

// Open for both families is open; open for one of them is open perhaps, and says so.
MatrixPorts joined(const MatrixPorts& a, const MatrixPorts& b) {
  if (a == b) return a;
  const PortSet certain = a.ports.intersected(b.ports);
  const PortSet any = a.ports.united(b.ports).united(a.perhaps).united(b.perhaps);
  return {.ports = certain, .perhaps = any.without(certain), .depends_on = {}, .families_differ = true};
}

// The ports that each pair of groups has in common; destinations that only one side knows have none on the other.
template <typename Join>
Groups combined(const Groups& left, const Groups& right, const Join& join) {
  Groups result;
  const auto add = [&](EndpointSet destinations, const MatrixPorts& a, const MatrixPorts& b) {
    if (!destinations.empty()) result.push_back({.destinations = std::move(destinations), .open = join(a, b)});
  };
  EndpointSet left_all;
  EndpointSet right_all;
  for (const MatrixGroup& group : left) left_all.unite(group.destinations);
  for (const MatrixGroup& group : right) right_all.unite(group.destinations);
  for (const MatrixGroup& a : left) {
    add(a.destinations.without(right_all), a.open, {});
    for (const MatrixGroup& b : right) add(a.destinations.intersected(b.destinations), a.open, b.open);
  }
  for (const MatrixGroup& b : right) add(b.destinations.without(left_all), {}, b.open);
  return merged(std::move(result));
}

bool same_openings(const Groups& left, const Groups& right) {
  return std::ranges::equal(left, right, [](const MatrixGroup& a, const MatrixGroup& b) {
    return a.open == b.open && a.destinations == b.destinations;
  });
}

EndpointSet regions_of(const Endpoints& endpoints, kube::IpFamily family) {
  EndpointSet regions;
  for (std::size_t i = endpoints.pod_class_count(); i < endpoints.size(); ++i) {
    const EndpointId id(static_cast<std::uint32_t>(i));
    if (endpoints[id].range.address.family == family) regions.add(id);
  }
  return regions;
}

bool has_regions(const Endpoints& endpoints, kube::IpFamily family) {
  return std::ranges::any_of(endpoints.all(), [&](const Endpoint& endpoint) {
    return !endpoint.is_pods() && endpoint.range.address.family == family;
  });
}

}  // namespace

std::string describe_doubt(const MatrixPorts& open) {
  std::vector<std::string> parts;
  if (!open.perhaps.empty()) {
    std::string perhaps = to_string(open.perhaps);
    std::ranges::replace(perhaps, ',', ';');
    parts.push_back(fmt::format(
        "{} perhaps: {}", perhaps,
        open.families_differ ? "open for one IP family and not the other" : "the input does not say enough"));
  }
  if (!open.depends_on.empty()) {
    std::vector<std::string_view> topics;
    for (const ProfileTopic topic : open.depends_on) topics.push_back(to_string(topic));
    parts.push_back(fmt::format("depends on the network plugin: {}", fmt::join(topics, " and ")));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

Matrix::Matrix(Reachability reach) : reach_(std::move(reach)) {
  for (const ProfileTopic topic : reach_.topics())
    others_.emplace_back(topic, reach_.with_profile(reach_.options().profile.flipped(topic)));
}

std::vector<MatrixGroup> Matrix::groups_under(const Reachability& reach, EndpointId source) const {
  const Endpoints& endpoints = reach.endpoints();
  const Endpoint& from = endpoints[source];
  const EndpointSet pods = EndpointSet::range(0, endpoints.pod_class_count());
  if (!from.is_pods()) {
    const kube::IpFamily family = from.range.address.family;
    return by_destination(reach.destinations_of(source, family), pods);
  }
  std::optional<Groups> among_pods;
  Groups result;
  for (const kube::IpFamily family : {kube::IpFamily::v4, kube::IpFamily::v6}) {
    const bool pods_have_it = std::ranges::find(endpoints.families(), family) != endpoints.families().end();
    if (!pods_have_it && !has_regions(endpoints, family)) continue;
    const std::vector<Opening> openings = reach.destinations_of(source, family);
    for (MatrixGroup& group : by_destination(openings, regions_of(endpoints, family)))
      result.push_back(std::move(group));
    if (!pods_have_it) continue;
    Groups groups = by_destination(openings, pods);
    among_pods = among_pods ? combined(*among_pods, groups, joined) : std::move(groups);
  }
  if (among_pods) std::ranges::move(*among_pods, std::back_inserter(result));
  return merged(std::move(result));
}

std::vector<MatrixGroup> Matrix::destinations_of(EndpointId source) const {
  const Groups base = groups_under(reach_, source);
  Groups result = base;
  for (const auto& [topic, other] : others_) {
    const Groups changed = groups_under(other, source);
    if (same_openings(base, changed)) continue;
    // What the other answer opens must be seen beside what the first one does, so the changed ports only leave a mark.
    const Groups differing = combined(base, changed, [t = topic](const MatrixPorts& a, const MatrixPorts& b) {
      MatrixPorts mark;
      if (a != b) mark.depends_on = {t};
      return mark;
    });
    for (const MatrixGroup& group : differing)
      refine(result, group.destinations, [t = topic](MatrixPorts& open) { open.depends_on.push_back(t); });
  }
  return merged(std::move(result));
}

std::vector<MatrixRectangle> Matrix::rectangles(std::stop_token stop) const {
  struct Shape {
    EndpointSet destinations;
    MatrixPorts open;
    EndpointSet sources;
  };
  std::map<std::size_t, std::vector<Shape>> shapes;  // by the destinations' hash
  for (std::size_t i = 0; i < reach_.endpoints().size() && !stop.stop_requested(); ++i) {
    const EndpointId source(static_cast<std::uint32_t>(i));
    for (MatrixGroup& group : destinations_of(source)) {
      std::vector<Shape>& alike = shapes[group.destinations.hash()];
      auto same = std::ranges::find_if(alike, [&](const Shape& shape) {
        return shape.open == group.open && shape.destinations == group.destinations;
      });
      if (same == alike.end())
        same = alike.insert(alike.end(), {std::move(group.destinations), std::move(group.open), {}});
      same->sources.add(source);
    }
  }
  std::vector<MatrixRectangle> rectangles;
  for (auto& [hash, alike] : shapes)
    for (Shape& shape : alike)
      rectangles.push_back({std::move(shape.sources), std::move(shape.destinations), std::move(shape.open)});
  std::ranges::sort(rectangles, {}, [](const MatrixRectangle& rectangle) {
    return std::tuple(rectangle.sources.first(), rectangle.destinations.first(), rectangle.open);
  });
  return rectangles;
}

}  // namespace gantry::netpol
