// The whole analysis, top to bottom: endpoints, policies with their selectors resolved, both sides of every flow, and
// what would be otherwise with another network plugin. Then the questions that can be asked of it.

#include "netpol/reachability.h"

#include "netpol/analysis.h"
#include "netpol/profiles.h"

#include <algorithm>
#include <utility>

namespace gantry::netpol {

using base::Result;
using kube::Direction;
using kube::IpFamily;

namespace {

std::vector<ProfileTopic> find_topics(const kube::Snapshot& snapshot, const Endpoints& endpoints) {
  const auto& policies = snapshot->network_policies;
  const auto any_class = [&](auto&& is_so) { return std::ranges::any_of(endpoints.all(), is_so); };
  const auto has_admin = [&](auto&& is_so) { return std::ranges::any_of(snapshot->admin_policies, is_so); };
  std::vector<ProfileTopic> topics;
  const auto add = [&](ProfileTopic topic, bool is_touched) {
    if (is_touched) topics.push_back(topic);
  };
  // Without a policy that says a thing which the topic is about, no verdict can turn on it.
  const auto add_if_spoken_of = [&](ProfileTopic topic) {
    add(topic, std::ranges::any_of(policies, [topic](const auto& policy) { return speaks_of(policy, topic); }));
  };
  const bool has_policies = !policies.empty() || !snapshot->admin_policies.empty();
  add_if_spoken_of(ProfileTopic::ip_block_on_pods);
  add(ProfileTopic::host_network_pods, has_policies && any_class(&Endpoint::host_network));
  add_if_spoken_of(ProfileTopic::end_port);
  add_if_spoken_of(ProfileTopic::sctp);
  add(ProfileTopic::own_node_egress, has_policies && any_class([](const Endpoint& endpoint) {
                                       return endpoint.zone == Endpoint::Zone::nodes || endpoint.host_network;
                                     }));
  add(ProfileTopic::sidecar_port_names, any_class([](const Endpoint& endpoint) {
        return std::ranges::any_of(endpoint.named_ports, &Endpoint::NamedPort::of_sidecar);
      }));
  add(ProfileTopic::baseline_finality, !policies.empty() && has_admin([](const kube::AdminPolicy& policy) {
        return policy.tier == kube::AdminTier::baseline;
      }));
  add(ProfileTopic::admin_tiers, !snapshot->admin_policies.empty());
  return topics;
}

AnalysisCounts count(const Reachability::Impl& impl) {
  const Plane& plane = impl.any_plane();
  return {.pods = impl.snapshot->pods.size(),
          .pod_classes = impl.endpoints->pod_class_count(),
          .regions = impl.endpoints->size() - impl.endpoints->pod_class_count(),
          .policies = plane.policies.count(),
          .selectors = plane.policies.selector_count(),
          .subject_groups = plane.ingress->group_count() + plane.egress->group_count()};
}

Access access_in(const TriSet& peers, EndpointId peer) {
  if (peers.certain.contains(peer)) return Access::yes;
  return peers.possible.contains(peer) ? Access::depends : Access::no;
}

// Access on one side: the row's part that holds the port, if any.
Access access_in(const Row& row, EndpointId peer, kube::Protocol protocol, kube::Port port) {
  const auto part = std::ranges::find_if(row, [&](const RowPart& each) { return each.ports.contains(protocol, port); });
  return part == row.end() ? Access::no : access_in(part->peers, peer);
}

}  // namespace

Result<Reachability> analyse_endpoints(const kube::Snapshot& snapshot, std::shared_ptr<const Endpoints> endpoints,
                                       const AnalysisOptions& options, const std::stop_token& stop) {
  auto impl = std::make_shared<Reachability::Impl>();
  impl->snapshot = snapshot;
  impl->endpoints = std::move(endpoints);
  impl->options = options;
  // An address block says something about one family only, so each has a plane of its own.
  for (const IpFamily family : impl->endpoints->families()) {
    if (stop.stop_requested()) return base::environment_error("interrupted");
    impl->plane(family);
  }
  finish(*impl);
  return Reachability(std::move(impl));
}

Result<Reachability> analyse(const kube::Snapshot& snapshot, const AnalysisOptions& options, std::stop_token stop) {
  // Pods that no policy can tell apart become one class, addresses one region.
  auto endpoints = std::make_shared<const Endpoints>(collect_endpoints(snapshot, options.endpoints));
  // Policies and rows. Below this line nothing reads a label.
  return analyse_endpoints(snapshot, std::move(endpoints), options, stop);
}

void finish(Reachability::Impl& impl) {
  impl.topics = find_topics(impl.snapshot, *impl.endpoints);
  impl.counts = count(impl);
}

CompileOptions compile_options(const AnalysisOptions& options, const Profile& profile, IpFamily family) {
  return {.profile = profile,
          .family = family,
          .without_rejected = options.without_rejected,
          .pod_ranges = options.endpoints.pod_ranges,
          .node_ranges = options.endpoints.node_ranges,
          .among = std::nullopt};
}

Plane::Plane(const kube::Snapshot& snapshot, const Endpoints& endpoints, const CompileOptions& options)
    : family(options.family),
      policies(snapshot, endpoints, options),
      ingress(std::make_shared<const Side>(policies, endpoints, Direction::ingress)),
      egress(std::make_shared<const Side>(policies, endpoints, Direction::egress)),
      own_nodes(std::make_shared<const OwnNodes>(snapshot, endpoints, policies.universe(), options.profile)) {}

const Plane& Reachability::Impl::plane(IpFamily family) const {
  LazyPlane& lazy = lazy_plane(family);
  std::call_once(lazy.once, [&] {
    lazy.plane = std::make_unique<const Plane>(snapshot, *endpoints, compile_options(options, options.profile, family));
  });
  return *lazy.plane;
}

Reachability::Reachability(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

const kube::Snapshot& Reachability::snapshot() const { return impl_->snapshot; }
const Endpoints& Reachability::endpoints() const { return *impl_->endpoints; }
const AnalysisOptions& Reachability::options() const { return impl_->options; }
const AnalysisCounts& Reachability::counts() const { return impl_->counts; }
std::span<const ProfileTopic> Reachability::topics() const { return impl_->topics; }

Reachability Reachability::with_profile(const Profile& profile) const {
  if (profile == impl_->options.profile) return *this;
  for (const ProfileTopic topic : profile_topics())
    if (profile == impl_->options.profile.flipped(topic)) return impl_->other(topic);
  AnalysisOptions other = impl_->options;
  other.profile = profile;
  return *analyse_endpoints(impl_->snapshot, impl_->endpoints, other, {});
}

namespace {

// What needs no policy: a pod to itself, and ends without an address of the family.
std::optional<Access> settle(const Endpoints& endpoints, const EndpointSet& universe, const Flow& flow) {
  const Endpoint& source = endpoints[flow.source];
  if (flow.source == flow.destination && source.is_pods() && source.count <= 1) return Access::yes;
  if (!universe.contains(flow.source) || !universe.contains(flow.destination)) return Access::no;
  return std::nullopt;
}

bool is_exempt_from_own_node(Direction direction, const Profile& profile) {
  return direction == Direction::ingress || profile.own_node_egress_is_exempt;
}

Access join(const Row& egress, const Row& ingress, const OwnNodes& own_nodes, const Profile& profile,
            const Flow& flow) {
  Access out = access_in(egress, flow.destination, flow.protocol, flow.port);
  Access in = access_in(ingress, flow.source, flow.protocol, flow.port);
  in = std::max(in, access_in(own_nodes.nodes_of(flow.destination), flow.source));
  if (is_exempt_from_own_node(Direction::egress, profile))
    out = std::max(out, access_in(own_nodes.nodes_of(flow.source), flow.destination));
  return std::min(out, in);
}

// What of a row is about some ports, and some peers only (null: all of them).
Row cut(const Row& row, const PortSet& among, const EndpointSet* peers) {
  if (among.is_everything() && !peers) return row;
  Row within;
  for (const RowPart& part : row) {
    if (!part.ports.meets(among)) continue;
    TriSet whom = peers ? part.peers.intersected(*peers) : part.peers;
    if (!whom.empty()) within.push_back({part.ports.intersected(among), std::move(whom)});
  }
  return within;
}

// A row with those who are let in whatever the port; `open`: the ports of the row. Its parts stay disjoint.
Row admit_always(Row row, const TriSet& always, const PortSet& among, const PortSet& open) {
  PortSet closed = among.without(open);
  for (RowPart& part : row) part.peers = part.peers.united(always);
  if (!closed.empty()) row.push_back({std::move(closed), always});
  return row;
}

}  // namespace

Access Reachability::access(const Flow& flow) const {
  const Plane& plane = impl_->plane(flow.family);
  const std::optional<Access> settled = settle(endpoints(), plane.policies.universe(), flow);
  return settled ? *settled
                 : join(plane.egress->row_of(flow.source), plane.ingress->row_of(flow.destination), *plane.own_nodes,
                        options().profile, flow);
}

Access judge_alone(const Reachability::Impl& impl, const Flow& flow, const Profile& profile) {
  CompileOptions options = compile_options(impl.options, profile, flow.family);
  options.among.emplace();
  for (const EndpointId end : {flow.source, flow.destination})
    if ((*impl.endpoints)[end].is_pods()) options.among->add(end);
  const CompiledPolicies policies(impl.snapshot, *impl.endpoints, options);
  if (const std::optional<Access> settled = settle(*impl.endpoints, policies.universe(), flow)) return *settled;
  // Who a pod's own node is hangs on one topic only.
  std::shared_ptr<const OwnNodes> own_nodes = impl.plane(flow.family).own_nodes;
  if (profile.host_network_pods_are_policed != impl.options.profile.host_network_pods_are_policed)
    own_nodes = std::make_shared<const OwnNodes>(impl.snapshot, *impl.endpoints, policies.universe(), profile);
  return join(compute_row_of(policies, flow.source, Direction::egress),
              compute_row_of(policies, flow.destination, Direction::ingress), *own_nodes, profile, flow);
}

Verdict Reachability::decide(const Flow& flow) const {
  Verdict verdict{.access = access(flow), .depends_on = {}};
  for (const ProfileTopic topic : impl_->topics) {
    const std::optional<Reachability> other = impl_->other_at_hand(topic);
    const Access access =
        other ? other->access(flow) : judge_alone(*impl_, flow, impl_->options.profile.flipped(topic));
    if (access != verdict.access) verdict.depends_on.push_back(topic);
  }
  return verdict;
}

std::vector<Opening> Reachability::joined(Direction direction, EndpointId at, IpFamily family, const PortSet& among,
                                          const EndpointSet* peers) const {
  const Plane& plane = impl_->plane(family);
  std::vector<Opening> openings;
  if (!plane.policies.universe().contains(at)) return openings;
  const Direction other_way = direction == Direction::ingress ? Direction::egress : Direction::ingress;
  const Endpoint& endpoint = endpoints()[at];
  const Side& side = plane.side(direction);
  Row own = cut(side.row_of(at), among, peers);
  if (is_exempt_from_own_node(direction, options().profile)) {
    const TriSet& nodes = plane.own_nodes->nodes_of(at);
    const TriSet always = peers ? nodes.intersected(*peers) : nodes;
    if (!always.empty())
      own = admit_always(std::move(own), always, among, peers ? ports_of(own) : side.open_ports_of(at));
  }
  if (own.empty()) return openings;
  Row theirs = plane.side(other_way).admitting(at, among);
  if (is_exempt_from_own_node(other_way, options().profile))
    if (const TriSet& pods = plane.own_nodes->pods_on(at); !pods.empty())
      theirs.push_back({PortSet::everything(), pods});
  // Addresses have no flows among themselves, and a single pod none to itself.
  const EndpointSet pods = EndpointSet::range(0, endpoints().pod_class_count());
  const EndpointSet itself = EndpointSet::of({at});
  for (RowPart& part : intersect(std::move(own), theirs, plane.policies.universe())) {
    TriSet& whom = part.peers;
    if (!endpoint.is_pods()) {
      whom = whom.intersected(pods);
    } else if (endpoint.count <= 1) {
      whom = whom.without(itself);
    }
    if (!whom.empty()) openings.push_back({std::move(part.ports), std::move(whom.certain), std::move(whom.possible)});
  }
  return openings;
}

std::vector<Opening> Reachability::sources_of(EndpointId destination, IpFamily family) const {
  return joined(Direction::ingress, destination, family, PortSet::everything(), nullptr);
}

std::vector<Opening> Reachability::sources_of(EndpointId destination, IpFamily family, const PortSet& among) const {
  return joined(Direction::ingress, destination, family, among, nullptr);
}

std::vector<Opening> Reachability::sources_of(EndpointId destination, IpFamily family, const PortSet& among,
                                              const EndpointSet& peers) const {
  return joined(Direction::ingress, destination, family, among, &peers);
}

std::vector<Opening> Reachability::destinations_of(EndpointId source, IpFamily family) const {
  return joined(Direction::egress, source, family, PortSet::everything(), nullptr);
}

std::vector<Opening> Reachability::destinations_of(EndpointId source, IpFamily family, const PortSet& among) const {
  return joined(Direction::egress, source, family, among, nullptr);
}

std::vector<SelectingPolicy> Reachability::selecting(EndpointId endpoint, Direction direction) const {
  const Plane& plane = impl_->any_plane();
  std::vector<SelectingPolicy> policies;
  for (const Applied& applied : plane.side(direction).applied_to(endpoint))
    if (const kube::NetworkPolicy* policy = plane.policies.all()[applied.policy].network)
      policies.push_back({policy, applied.is_certain});
  // They are elements of one vector, and one that was added later comes last among the compiled ones.
  std::ranges::sort(policies, {}, &SelectingPolicy::policy);
  return policies;
}

std::vector<const kube::NetworkPolicy*> Reachability::isolating(EndpointId endpoint, Direction direction) const {
  std::vector<const kube::NetworkPolicy*> policies;
  for (const auto& [policy, is_certain] : selecting(endpoint, direction))
    if (is_certain) policies.push_back(policy);
  return policies;
}

EndpointSet Reachability::selected_by(const kube::NetworkPolicy& policy) const {
  for (const CompiledPolicy& each : impl_->any_plane().policies.all())
    if (each.network && each.network->object.id == policy.object.id) return each.subject->possible;
  return {};
}

PortSet Reachability::resolve(EndpointId destination, kube::Protocol protocol, const kube::PortRef& port) const {
  if (const auto* number = std::get_if<kube::Port>(&port)) return PortSet::of(protocol, *number);
  PortSet numbers;
  const Endpoint& endpoint = endpoints()[destination];
  if (!endpoint.spec) return numbers;
  const auto add = [&](const kube::Container& container) {
    for (const kube::ContainerPort& each : container.ports)
      if (each.port != kube::Port{} && each.protocol == protocol && each.name == std::get<std::string>(port))
        numbers = numbers.united(PortSet::of(protocol, each.port));
  };
  for (const kube::Container& container : endpoint.spec->containers) add(container);
  for (const kube::Container& container : endpoint.spec->init_containers)
    if (container.sidecar && impl_->options.profile.sidecar_port_names_count) add(container);
  return numbers;
}

}  // namespace gantry::netpol
