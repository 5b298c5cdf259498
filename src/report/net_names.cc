#include "report/net_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gantry::report {

using netpol::EndpointId;
using netpol::EndpointSet;

namespace {

// A namespace with fewer is named pod by pod: the words would be longer than the names.
constexpr std::size_t kWorthwhile = 3;
constexpr std::size_t kHolesShown = 3;

}  // namespace

SetNames::SetNames(const netpol::Reachability& reach, const Axis& axis) : reach_(reach), axis_(axis) {
  const netpol::Endpoints& endpoints = reach.endpoints();
  pods_ = EndpointSet::range(0, endpoints.pod_class_count());
  regions_ = EndpointSet::range(endpoints.pod_class_count(), endpoints.size());
  for (const EndpointId id : pods_.ids())
    if (endpoints[id].kind == netpol::Endpoint::Kind::pods) by_name_space_[endpoints[id].name_space].add(id);
}

std::string SetNames::region_name(EndpointId id) const {
  const netpol::Endpoint& region = reach_.endpoints()[id];
  if (region.holes.empty()) return region.name;
  std::vector<std::string> holes;
  for (const kube::Cidr& hole : region.holes) {
    if (holes.size() == kHolesShown) {
      holes.push_back(fmt::format("{} more", region.holes.size() - kHolesShown));
      break;
    }
    holes.push_back(kube::to_string(hole));
  }
  return fmt::format("{} without {}", region.name, fmt::join(holes, " and "));
}

std::string SetNames::of(const EndpointSet& set) const {
  std::vector<std::string> parts;
  EndpointSet rest = set;
  const auto take = [&](const EndpointSet& part, std::string name) {
    if (part.size() < kWorthwhile || !rest.contains(part)) return;
    rest = rest.without(part);
    parts.push_back(std::move(name));
  };
  take(pods_.united(regions_), "everybody");
  take(pods_, "every pod");
  for (const auto& [name_space, members] : by_name_space_) take(members, fmt::format("every pod of {}", name_space));
  for (const std::string& name : axis_.names_of(rest.intersected(pods_))) parts.push_back(name);
  take(regions_, "every address outside");
  for (const EndpointId id : rest.intersected(regions_).ids()) parts.push_back(region_name(id));
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace gantry::report
