#include "netpol/lint/needs_view.h"

#include "netpol/lint/admission.h"
#include "netpol/lint/fixes.h"

#include <algorithm>

namespace gantry::netpol::linting {

using kube::Direction;
using kube::NetworkPolicy;
using kube::PolicyPeer;

namespace {

// Classes of one workload that are looked at: they differ in a label that some selector asks for.
constexpr std::size_t kClassesMax = 8;

class Search {
 public:
  explicit Search(const Context& context) : context_(context) {}

  std::vector<BlockedNeed> run() {
    for (const Need& need : context_.needs.needs) {
      if (need.ports.empty()) continue;
      const auto* source = std::get_if<NeedWorkload>(&need.source);
      const auto* destination = std::get_if<NeedWorkload>(&need.destination);
      if (source && destination) {
        check_pair(need, source->workload, destination->workload);
      } else if (destination) {
        check_stranger(need, destination->workload, Direction::ingress);
      } else if (source && comes_from(need, NeedOrigin::api_server)) {
        check_stranger(need, source->workload, Direction::egress);
      }
    }
    return std::move(blocked_);
  }

 private:
  std::vector<EndpointId> classes_of(std::size_t workload) const {
    const kube::Workload& found = context_.snapshot->workloads[workload];
    std::vector<EndpointId> ids = context_.reach.endpoints().find(found.name_space(), found.name());
    if (ids.size() > kClassesMax) ids.resize(kClassesMax);
    return ids;
  }

  void check_pair(const Need& need, std::size_t source, std::size_t destination) {
    for (const EndpointId from : classes_of(source)) {
      for (const EndpointId to : classes_of(destination)) {
        const auto is_open = [&](kube::Port port) {
          return context_.reach.access({.source = from, .destination = to, .protocol = need.protocol, .port = port}) !=
                 Access::no;
        };
        if (std::ranges::any_of(need.ports, is_open)) continue;
        return add_pair(need,
                        {.source = from, .destination = to, .protocol = need.protocol, .port = need.ports.front()},
                        source, destination);
      }
    }
  }

  void add_pair(const Need& need, const Flow& flow, std::size_t source, std::size_t destination) {
    const Explanation why = context_.reach.explain(flow);
    const bool at_source = why.egress.access == Access::no;
    const SideExplanation& side = at_source ? why.egress : why.ingress;
    const std::span<const GroupId> groups = context_.index.of_workload(at_source ? source : destination);
    if (groups.empty()) return;
    BlockedNeed blocked{.need = &need, .port = flow.port, .side = side.direction, .group = groups.front()};
    note_isolating(blocked);
    if (!side.denying.empty()) {
      blocked.isolating = nullptr;
      blocked.where = side.denying.front().where;
    } else if (!side.refusals.empty()) {
      blocked.lacks = side.refusals.front().message;
    }
    blocked_.push_back(std::move(blocked));
  }

  void note_isolating(BlockedNeed& blocked) const {
    blocked.isolating = find_own_policy(context_, blocked.group, blocked.side);
    if (blocked.isolating) blocked.where = blocked.isolating->types_where;
  }

  void check_stranger(const Need& need, std::size_t workload, Direction side) {
    const bool only_addresses = comes_from(need, NeedOrigin::webhook) || comes_from(need, NeedOrigin::api_service) ||
                                comes_from(need, NeedOrigin::api_server);
    const PeerTest test = [&](const NetworkPolicy& policy, const PolicyPeer& peer) {
      return only_addresses ? is_address(policy, peer) : may_be_stranger(context_.snapshot, peer);
    };
    for (const GroupId id : context_.index.of_workload(workload)) {
      if (context_.index[id].host_network || !context_.index.isolated(id, side)) continue;
      const auto is_open = [&](kube::Port port) { return admits(context_, id, side, need.protocol, port, test); };
      if (std::ranges::any_of(need.ports, is_open)) continue;
      BlockedNeed blocked{.need = &need, .port = need.ports.front(), .side = side, .group = id};
      note_isolating(blocked);
      blocked_.push_back(std::move(blocked));
      return;
    }
  }

  const Context& context_;
  std::vector<BlockedNeed> blocked_;
};

}  // namespace

std::vector<BlockedNeed> find_blocked_needs(const Context& context) { return Search(context).run(); }

bool comes_from(const Need& need, NeedOrigin origin) {
  return std::ranges::any_of(need.evidence, [&](const NeedEvidence& each) { return each.origin == origin; });
}

std::string source_name(const Context& context, const Need& need) { return to_string(need.source, context.snapshot); }
std::string destination_name(const Context& context, const Need& need) {
  return to_string(need.destination, context.snapshot);
}

std::vector<std::string> blocked_sources_of(const Context& context, const NetworkPolicy& policy) {
  std::vector<std::string> names;
  const std::vector<GroupId>& selected = context.index.selected_by(policy);
  for (const BlockedNeed& blocked : context.blocked_needs) {
    if (blocked.side != Direction::ingress) continue;
    if (std::ranges::binary_search(selected, blocked.group)) names.push_back(source_name(context, *blocked.need));
  }
  return names;
}

}  // namespace gantry::netpol::linting
