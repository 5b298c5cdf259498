// Flows that the manifests need and policies block, by what needs them (§7, §13, §14).

#include "netpol/lint/admission.h"
#include "netpol/lint/fixes.h"
#include "netpol/lint/needs_view.h"
#include "netpol/lint/peer_text.h"
#include "netpol/lint/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace gantry::netpol::linting {

using base::Finding;
using base::Severity;
using kube::Direction;
using kube::NetworkPolicy;
using kube::PolicyPeer;
using kube::Port;
using kube::Protocol;

namespace {

std::string port_text(const BlockedNeed& blocked) {
  return fmt::format("{}/{}", blocked.port.value(), to_string(blocked.need->protocol));
}

std::string blocked_by(const BlockedNeed& blocked) {
  return blocked.isolating ? fmt::format("{} isolates its {}", name_of(*blocked.isolating), to_string(blocked.side))
                           : fmt::format("an administrator's policy denies its {}", to_string(blocked.side));
}

// The object at whose side it is blocked comes first: that is where it is mended.
Finding& add(const Context& context, const BlockedNeed& blocked, Report& report, std::string message, std::string fix) {
  const PodGroup& group = context.index[blocked.group];
  Finding& finding = report.add(blocked.isolating ? name_of(*blocked.isolating) : group.name, blocked.where,
                                std::move(message), std::move(fix));
  if (!blocked.lacks.empty() && !finding.explanation.ends_with(blocked.lacks))
    finding.explanation += fmt::format(" The nearest rule lacks this: {}", blocked.lacks);
  if (!blocked.need->evidence.empty()) {
    const base::SourcePos& where = blocked.need->evidence.front().where;
    if (std::ranges::find(finding.related, where, &base::RelatedPlace::where) == finding.related.end())
      finding.related.push_back({.where = where, .note = "needed here"});
  }
  return finding;
}

std::string add_rule(const Context& context, const BlockedNeed& blocked, std::string_view peer) {
  return admit(context, blocked.group, blocked.side, peer,
               fmt::format("{{protocol: {}, port: {}}}", to_string(blocked.need->protocol), blocked.port.value()));
}

// The pods of a workload as a peer of a policy in the namespace.
std::string peer_of(const Context& context, const NeedParty& party, const std::string& name_space,
                    std::string_view otherwise) {
  const auto* workload = std::get_if<NeedWorkload>(&party);
  if (!workload) return std::string(otherwise);
  const kube::Workload& found = context.snapshot->workloads[workload->workload];
  kube::PolicyPeer peer =
      make_peer(namespace_named(found.name_space()), kube::LabelSelector::from_labels(found.pod_template.labels));
  if (found.name_space() == name_space) peer.namespace_selector.reset();
  return yaml(peer);
}

constexpr std::string_view kOutsidePods =
    "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: NAMESPACE}}, podSelector: {matchLabels: {LABEL: "
    "VALUE}}}";

template <typename Describe>
void each_blocked(const Context& context, std::initializer_list<NeedOrigin> origins, Describe&& describe) {
  for (const BlockedNeed& blocked : context.blocked_needs) {
    const auto origin = std::ranges::find_if(origins, [&](NeedOrigin each) { return comes_from(*blocked.need, each); });
    if (origin != origins.end()) describe(blocked);
  }
}

std::string needed_peer(const Context& context, const BlockedNeed& blocked) {
  const bool ingress = blocked.side == Direction::ingress;
  return peer_of(context, ingress ? blocked.need->source : blocked.need->destination,
                 context.index[blocked.group].name_space, kOutsidePods);
}

}  // namespace

void find_blocked_scrapes(const Context& context, Report& report) {
  each_blocked(context, {NeedOrigin::scrape_annotation, NeedOrigin::service_monitor}, [&](const BlockedNeed& blocked) {
    add(context, blocked, report,
        fmt::format("{} cannot scrape {} of {}: {}, and no rule admits it", source_name(context, *blocked.need),
                    port_text(blocked), destination_name(context, *blocked.need), blocked_by(blocked)),
        add_rule(context, blocked, needed_peer(context, blocked)));
  });
}

void find_blocked_ingress_controllers(const Context& context, Report& report) {
  each_blocked(context, {NeedOrigin::ingress_route, NeedOrigin::gateway_route, NeedOrigin::kong},
               [&](const BlockedNeed& blocked) {
                 add(context, blocked, report,
                     fmt::format("{} cannot hand requests to {} of {}: {}, and no rule admits it",
                                 source_name(context, *blocked.need), port_text(blocked),
                                 destination_name(context, *blocked.need), blocked_by(blocked)),
                     add_rule(context, blocked, needed_peer(context, blocked)));
               });
}

void find_blocked_webhooks(const Context& context, Report& report) {
  each_blocked(context, {NeedOrigin::webhook, NeedOrigin::api_service}, [&](const BlockedNeed& blocked) {
    add(context, blocked, report,
        fmt::format("the API server cannot call {} of {}: {}, and no rule admits addresses there", port_text(blocked),
                    destination_name(context, *blocked.need), blocked_by(blocked)),
        add_rule(context, blocked, "{ipBlock: {cidr: CONTROL-PLANE-RANGE}}"));
  });
}

void find_blocked_api_server(const Context& context, Report& report) {
  each_blocked(context, {NeedOrigin::api_server}, [&](const BlockedNeed& blocked) {
    add(context, blocked, report,
        fmt::format(
            "{} needs the API server and cannot reach it: {}, and no rule lets it reach addresses on 443 or 6443",
            source_name(context, *blocked.need), blocked_by(blocked)),
        admit(context, blocked.group, blocked.side, "{ipBlock: {cidr: CONTROL-PLANE-RANGE}}",
              "{protocol: TCP, port: 443}, {protocol: TCP, port: 6443}"));
  });
}

void find_separated_peers(const Context& context, Report& report) {
  each_blocked(context, {NeedOrigin::stateful_peers}, [&](const BlockedNeed& blocked) {
    add(context, blocked, report,
        fmt::format("the pods of {} cannot reach each other on {}: {}, and no rule admits its own pods",
                    destination_name(context, *blocked.need), port_text(blocked), blocked_by(blocked)),
        add_rule(context, blocked, needed_peer(context, blocked)));
  });
}

// ---- NP005

namespace {

constexpr Port kDns[] = {Port(53), Port(5353)};  // OpenShift's pods listen on the second

// A peer that could be the cluster's DNS: its pods in kube-system (or openshift-dns), or any range of addresses.
bool may_be_dns(const Context& context, const PolicyPeer& peer) {
  if (peer.ip_block) return true;
  if (!peer.namespace_selector) return false;
  static constexpr std::string_view kNamespaces[] = {"kube-system", "openshift-dns"};
  return std::ranges::any_of(kNamespaces, [&](std::string_view name) {
    const kube::Namespace* known = context.snapshot.find_namespace(name);
    kube::LabelKnowledge labels{.known = kube::LabelSet({{"kubernetes.io/metadata.name", std::string(name)}}),
                                .present = {},
                                .others_possible = true};
    if (known) labels = known->labels;
    return match(*peer.namespace_selector, labels) != kube::Match::no;
  });
}

enum class DnsPath : std::uint8_t { none, udp_only, open, pods_only };

struct DnsGap {
  std::vector<std::string> names;
  const NetworkPolicy* policy = nullptr;
  std::vector<base::SourcePos> evidence;
};

bool has_node_local_cache(const Context& context) {
  return std::ranges::any_of(context.snapshot->workloads, [](const kube::Workload& workload) {
    const std::string* app = workload.pod_template.labels.find("k8s-app");
    return workload.kind == kube::WorkloadKind::daemon_set && app && *app == "node-local-dns";
  });
}

DnsPath find_path(const Context& context, GroupId id, bool node_local_cache) {
  const PeerTest any = [&](const NetworkPolicy&, const PolicyPeer& peer) { return may_be_dns(context, peer); };
  const auto open = [&](Protocol protocol, const PeerTest& test) {
    return std::ranges::any_of(kDns, [&](Port port) {
      return admits(context, id, Direction::egress, protocol, port, test) ||
             opened_by_administrator(context, context.index[id], protocol, port);
    });
  };
  if (!open(Protocol::udp, any)) return DnsPath::none;
  if (!open(Protocol::tcp, any)) return DnsPath::udp_only;
  return node_local_cache && !open(Protocol::udp, is_address) ? DnsPath::pods_only : DnsPath::open;
}

std::string describe_gap(DnsPath path, const std::string& names) {
  if (path == DnsPath::none)
    return fmt::format("{} cannot reach DNS to look up names: egress is isolated and nothing opens 53/UDP", names);
  if (path == DnsPath::udp_only)
    return fmt::format("{} can reach DNS on 53/UDP and not on 53/TCP, which long answers need", names);
  return fmt::format("{} can reach DNS by selectors only, and not the NodeLocal cache at 169.254.20.10", names);
}

constexpr std::string_view kDnsRule =
    "`- {to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: "
    "{matchLabels: "
    "{k8s-app: kube-dns}}}], ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]}`";
constexpr std::string_view kCacheRule =
    "`- {to: [{ipBlock: {cidr: 169.254.20.10/32}}], ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]}`";

}  // namespace

void find_missing_dns(const Context& context, Report& report) {
  const bool cache = has_node_local_cache(context);
  std::map<std::pair<std::string, DnsPath>, DnsGap> gaps;  // one policy for the namespace mends all of one kind
  for (const Need& need : context.needs.needs) {
    const auto* source = std::get_if<NeedWorkload>(&need.source);
    if (!source || !comes_from(need, NeedOrigin::dns)) continue;
    for (const GroupId id : context.index.of_workload(source->workload)) {
      const PodGroup& group = context.index[id];
      if (group.host_network || !context.index.isolated(id, Direction::egress)) continue;
      const DnsPath path = find_path(context, id, cache);
      if (path == DnsPath::open) continue;
      DnsGap& gap = gaps[{group.name_space, path}];
      gap.names.push_back(group.name);
      if (!gap.policy) gap.policy = context.index.isolating(id, Direction::egress).front();
      if (!need.evidence.empty()) gap.evidence.push_back(need.evidence.front().where);
    }
  }
  for (const auto& [key, gap] : gaps) {
    const auto& [name_space, path] = key;
    Finding& finding =
        report.add(name_of(*gap.policy), gap.policy->types_where, describe_gap(path, join_names(gap.names)),
                   fmt::format("add to the egress of a policy with `podSelector: {{}}` in {}: {}", name_space,
                               path == DnsPath::pods_only ? kCacheRule : kDnsRule));
    if (path != DnsPath::none) finding.severity = Severity::medium;
    for (const base::SourcePos& where : gap.evidence)
      if (std::ranges::find(finding.related, where, &base::RelatedPlace::where) == finding.related.end() &&
          finding.related.size() < 5)
        finding.related.push_back({.where = where, .note = "a name is looked up for this"});
  }
}

}  // namespace gantry::netpol::linting
