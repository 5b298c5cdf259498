#include "netpol/claim_scope.h"
#include "netpol/claims.h"
#include "netpol/open_world.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace gantry::netpol {

using base::Result;

namespace {

// What the classes of one workload have in common.
struct Cell {
  std::optional<PortSet> all;  // open for every class that was looked at
  PortSet any;
  PortSet possible;

  void add(const PortSet& certain, const PortSet& perhaps) {
    all = all ? all->intersected(certain) : certain;
    any = any.united(certain);
    possible = possible.united(perhaps);
  }
};

using RowKey = std::pair<std::string, std::string>;  // destination, source

class Table {
 public:
  Table(const Reachability& reach, const ClaimScope& scope, kube::Direction side)
      : reach_(reach), scope_(scope), side_(side) {}

  void look(const Target& target);
  ClaimTable table() &&;

 private:
  ClaimRow::Standing standing_of(EndpointId other) const {
    if (scope_.needed.certain.contains(other)) return ClaimRow::Standing::needed;
    return scope_.sources.certain.contains(other) ? ClaimRow::Standing::named : ClaimRow::Standing::other;
  }

  const Reachability& reach_;
  const ClaimScope& scope_;
  kube::Direction side_;
  std::map<RowKey, Cell> cells_;
  std::map<RowKey, ClaimRow> rows_;
  std::map<std::string, PortSet> ports_;  // of a destination
};

void Table::look(const Target& target) {
  std::vector<Opening> openings;
  for (const kube::IpFamily family : reach_.endpoints().families())
    for (Opening& each : side_ == kube::Direction::egress
                             ? reach_.destinations_of(target.endpoint, family, target.ports)
                             : reach_.sources_of(target.endpoint, family, target.ports))
      openings.push_back(std::move(each));
  const std::string destination = owner_name(target.endpoint, reach_);
  ports_[destination] = ports_[destination].united(target.ports);
  for (std::uint32_t i = 0; i < reach_.endpoints().pod_class_count(); ++i) {
    const EndpointId other(i);
    const Endpoint& endpoint = reach_.endpoints()[other];
    if (endpoint.kind != Endpoint::Kind::pods) continue;
    const RowKey key{destination, owner_name(other, reach_)};
    ClaimRow& row =
        rows_.try_emplace(key, ClaimRow{.destination = key.first, .source = key.second, .scaled_to_zero = true})
            .first->second;
    row.standing = std::max(row.standing, standing_of(other));
    row.scaled_to_zero = row.scaled_to_zero && endpoint.scaled_to_zero;
    if (other == target.endpoint && endpoint.count < 2) continue;
    PortSet certain;
    PortSet possible;
    for (const Opening& opening : openings) {
      if (opening.certain.contains(other)) certain = certain.united(opening.ports);
      if (opening.possible.contains(other)) possible = possible.united(opening.ports);
    }
    cells_[key].add(certain, possible);
  }
}

ClaimTable Table::table() && {
  ClaimTable table;
  std::set<PortSet> seen;
  PortSet all;
  for (const auto& [destination, ports] : ports_) all = all.united(ports);
  for (auto& [key, row] : rows_) {
    const Cell& cell = cells_[key];
    row.open = cell.all.value_or(PortSet());
    row.some = cell.any.without(row.open);
    row.depends = cell.possible.without(cell.any);
    for (const PortSet* ports : {&row.open, &row.some, &row.depends}) seen.insert(*ports);
    table.rows.push_back(std::move(row));
  }
  // Ports that a person named one by one stand in columns of their own.
  constexpr std::uint64_t kColumnsMax = 16;
  if (all.count() <= kColumnsMax) {
    for (const kube::Protocol protocol : {kube::Protocol::tcp, kube::Protocol::udp, kube::Protocol::sctp})
      for (const kube::PortRange& range : all.ranges(protocol))
        for (int port = range.first.value(); port <= range.last.value(); ++port)
          table.columns.push_back(PortSet::of(protocol, kube::Port(static_cast<std::uint16_t>(port))));
  } else if (Result<std::vector<PortSet>> parts = split(all, seen)) {
    table.columns = *std::move(parts);
  }
  return table;
}

}  // namespace

Result<ClaimTable> tabulate(const Reachability& reach, const Claim& claim) {
  const ClaimScope scope = TRY(resolve(claim, reach));
  Table table(reach, scope, claim.kind == ClaimKind::isolated ? claim.direction : kube::Direction::ingress);
  for (const Target& target : scope.targets) table.look(target);
  return std::move(table).table();
}

}  // namespace gantry::netpol
