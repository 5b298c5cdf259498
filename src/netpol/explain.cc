// Why a flow passes or not, in the order in which the tiers are asked. Everything is read from the compiled policies
// that apply to the two ends, so that an explanation cannot disagree with the verdict.

#include "kube/selector_hint.h"
#include "netpol/analysis.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gantry::netpol {

using kube::AdminAction;
using kube::Direction;

namespace {

constexpr std::array<std::string_view, 3> kAccessNames = {"no", "depends", "yes"};
constexpr std::array<std::string_view, 6> kDecidedByNames = {"not policed",    "own node",      "admin tier",
                                                             "network policy", "baseline tier", "nothing"};
constexpr std::array<std::string_view, 8> kMissedNames = {
    "namespace labels", "pod labels", "address", "protocol", "port", "port name", "no rules", "kind of endpoint"};

// As it is written; and what a plugin makes of it that does not enforce all of it.
std::string describe_port(const kube::PolicyPort& port, const Profile& profile) {
  const bool is_range = port.end_port && profile.end_port_is_enforced;
  const std::string last = is_range ? fmt::format("-{}", port.end_port->value()) : "";
  const std::string text = port.port ? fmt::format("{}{}/{}", to_string(*port.port), last, to_string(port.protocol))
                                     : fmt::format("every {} port", to_string(port.protocol));
  if (port.protocol == kube::Protocol::sctp && !profile.sctp_is_enforced)
    return text + " (of which this plugin enforces nothing)";
  return port.end_port && !is_range ? text + " (this plugin overlooks endPort)" : text;
}

std::string describe_block(const kube::IpBlock& block) {
  std::vector<std::string> except;
  for (const kube::Cidr& each : block.except) except.push_back(to_string(each));
  return fmt::format("{}{}{}", to_string(block.cidr), except.empty() ? "" : " except ", fmt::join(except, ", "));
}

// What one rule and peer lack, first failed field first.
struct Miss {
  std::vector<std::pair<Missed, std::string>> fields;
  void add(Missed missed, std::string message) { fields.emplace_back(missed, std::move(message)); }
};

class SideExplainer {
 public:
  SideExplainer(const Plane& plane, const Endpoints& endpoints, const Profile& profile, const Flow& flow,
                Direction direction)
      : plane_(plane),
        endpoints_(endpoints),
        flow_(flow),
        direction_(direction),
        profile_(profile),
        subject_(direction == Direction::ingress ? flow.destination : flow.source),
        other_(direction == Direction::ingress ? flow.source : flow.destination) {}

  SideExplanation explain();

 private:
  // Whether the tier had the last word.
  bool ask_admin(kube::AdminTier tier, DecidedBy decided_by);
  bool ask_network_policies();
  void ask(const CompiledPolicy& policy);
  bool holds_port(const CompiledPorts& ports) const;
  std::optional<std::size_t> find_port(const kube::PolicyRule& rule) const;
  RulePlace place(const kube::NetworkPolicy& policy, std::size_t rule, std::size_t peer) const;
  Refusal nearest_refusal(const CompiledPolicy& policy) const;
  void miss_peer(const kube::NetworkPolicy& policy, const kube::PolicyPeer& peer, Miss& miss) const;
  void miss_port(const kube::PolicyRule& rule, Miss& miss) const;

  const Plane& plane_;
  const Endpoints& endpoints_;
  const Flow& flow_;
  const Direction direction_;
  const Profile& profile_;
  const EndpointId subject_;
  const EndpointId other_;
  SideExplanation side_;
};

SideExplanation SideExplainer::explain() {
  side_.direction = direction_;
  const Row& row = plane_.side(direction_).row_of(subject_);
  side_.access = Access::no;
  for (const RowPart& part : row) {
    if (!part.ports.contains(flow_.protocol, flow_.port)) continue;
    if (part.peers.possible.contains(other_)) side_.access = Access::depends;
    if (part.peers.certain.contains(other_)) side_.access = Access::yes;
  }
  const Endpoint& subject = endpoints_[subject_];
  const TriSet& own = plane_.own_nodes->nodes_of(subject_);
  const bool is_exempt = direction_ == Direction::ingress || profile_.own_node_egress_is_exempt;
  if (is_exempt && own.certain.contains(other_)) {
    side_.access = Access::yes;
    side_.decided_by = DecidedBy::own_node;
    return std::move(side_);
  }
  const bool hangs_on_node = is_exempt && own.possible.contains(other_) && side_.access == Access::no;
  if (!subject.is_pods() || (subject.host_network && plane_.side(direction_).applied_to(subject_).empty())) {
    side_.decided_by = DecidedBy::not_policed;
    return std::move(side_);
  }
  const bool is_decided = ask_admin(kube::AdminTier::admin, DecidedBy::admin) || ask_network_policies() ||
                          ask_admin(kube::AdminTier::baseline, DecidedBy::baseline);
  if (!is_decided) side_.decided_by = DecidedBy::nothing;
  if (hangs_on_node) {
    side_.access = Access::depends;
    side_.decided_by = DecidedBy::own_node;
  }
  return std::move(side_);
}

bool SideExplainer::holds_port(const CompiledPorts& ports) const {
  return ports.numbers.contains(flow_.protocol, flow_.port) ||
         std::ranges::any_of(ports.names, [this](const PortName& name) {
           return plane_.policies.resolve(flow_.destination, name).contains(flow_.protocol, flow_.port);
         });
}

bool SideExplainer::ask_admin(kube::AdminTier tier, DecidedBy decided_by) {
  std::vector<std::pair<std::int64_t, Applied>> order;
  for (const Applied& applied : plane_.side(direction_).applied_to(subject_)) {
    const kube::AdminPolicy* admin = plane_.policies.all()[applied.policy].admin;
    if (admin && admin->tier == tier) order.emplace_back(admin->priority, applied);
  }
  std::ranges::sort(order);
  // Which of several policies of one priority comes first is not defined (§12.2): each has its say.
  std::optional<std::int64_t> decided;
  bool has_last_word = false;
  for (const auto& [priority, applied] : order) {
    if (decided && priority != *decided) break;
    const CompiledPolicy& policy = plane_.policies.all()[applied.policy];
    const std::vector<kube::AdminRule>& written =
        direction_ == Direction::ingress ? policy.admin->ingress : policy.admin->egress;
    for (std::size_t r = 0; r < written.size(); ++r) {
      const CompiledRule& rule = policy.of(direction_)[r];
      if (!holds_port(rule.ports)) continue;
      const auto peer =
          std::ranges::find_if(rule.peers, [this](const TriSet* set) { return set->possible.contains(other_); });
      if (peer == rule.peers.end()) continue;
      const auto index = static_cast<std::size_t>(peer - rule.peers.begin());
      side_.decided_by = decided_by;
      const RulePlace at{.policy = policy.admin->object.id,
                         .direction = direction_,
                         .rule = r,
                         .peer = index,
                         .port = std::nullopt,
                         .where = written[r].peers[index].where};
      if (rule.action == AdminAction::allow) side_.admitting.push_back(at);
      if (rule.action == AdminAction::deny) side_.denying.push_back(at);
      const bool is_certain = applied.is_certain && std::ranges::any_of(rule.peers, [this](const TriSet* set) {
                                return set->certain.contains(other_);
                              });
      if (!is_certain) continue;
      decided = priority;
      has_last_word = has_last_word || rule.action != AdminAction::pass;
      break;
    }
  }
  return has_last_word;
}

bool SideExplainer::ask_network_policies() {
  bool is_isolated = false;
  for (const Applied& applied : plane_.side(direction_).applied_to(subject_)) {
    const CompiledPolicy& policy = plane_.policies.all()[applied.policy];
    if (!policy.network) continue;
    is_isolated |= applied.is_certain;
    side_.decided_by = DecidedBy::network_policy;
    const std::size_t admitting = side_.admitting.size();
    ask(policy);
    if (side_.admitting.size() == admitting) side_.refusals.push_back(nearest_refusal(policy));
  }
  const auto distance = [](const Refusal& refusal) { return refusal.failed_count; };
  std::ranges::stable_sort(side_.refusals, {}, distance);
  return is_isolated;
}

// Adds every rule of the policy that admits the flow.
void SideExplainer::ask(const CompiledPolicy& policy) {
  const std::vector<kube::PolicyRule>& written = policy.network->rules(direction_);
  for (std::size_t r = 0; r < written.size(); ++r) {
    const CompiledRule& rule = policy.of(direction_)[r];
    if (!holds_port(rule.ports)) continue;
    for (std::size_t p = 0; p < rule.peers.size(); ++p)
      if (rule.peers[p]->possible.contains(other_)) side_.admitting.push_back(place(*policy.network, r, p));
  }
}

std::optional<std::size_t> SideExplainer::find_port(const kube::PolicyRule& rule) const {
  for (std::size_t i = 0; i < rule.ports.size(); ++i) {
    CompiledPorts ports;
    add_port(rule.ports[i], profile_, ports);
    if (holds_port(ports)) return i;
  }
  return std::nullopt;
}

RulePlace SideExplainer::place(const kube::NetworkPolicy& policy, std::size_t rule, std::size_t peer) const {
  const kube::PolicyRule& written = policy.rules(direction_)[rule];
  RulePlace place{.policy = policy.object.id,
                  .direction = direction_,
                  .rule = rule,
                  .peer = std::nullopt,
                  .port = find_port(written),
                  .where = written.where};
  if (!written.peers.empty()) {
    place.peer = peer;
    place.where = written.peers[peer].where;
  }
  return place;
}

void SideExplainer::miss_port(const kube::PolicyRule& rule, Miss& miss) const {
  if (rule.ports.empty() || find_port(rule)) return;
  const bool any_of_protocol =
      std::ranges::any_of(rule.ports, [this](const kube::PolicyPort& port) { return port.protocol == flow_.protocol; });
  std::vector<std::string> opened;
  for (const kube::PolicyPort& port : rule.ports) opened.push_back(describe_port(port, profile_));
  const bool by_name = std::ranges::all_of(rule.ports, [](const kube::PolicyPort& port) {
    return port.port && std::holds_alternative<std::string>(*port.port);
  });
  const Missed missed = by_name ? Missed::port_name : any_of_protocol ? Missed::port : Missed::protocol;
  miss.add(missed, fmt::format("it opens {}, not {}/{}", fmt::join(opened, ", "), flow_.port.value(),
                               to_string(flow_.protocol)));
}

void SideExplainer::miss_peer(const kube::NetworkPolicy& policy, const kube::PolicyPeer& peer, Miss& miss) const {
  const Endpoint& other = endpoints_[other_];
  const bool is_node_address = other.host_network && !profile_.host_network_pods_are_policed;
  if (peer.ip_block && other.is_pods() && !is_node_address && !profile_.ip_block_matches_pods)
    return miss.add(Missed::endpoint_kind, "an ipBlock matches no pods on this plugin");
  if (peer.ip_block) {
    miss.add(Missed::address, other.is_pods() && other.ips.empty()
                                  ? fmt::format("it admits addresses in {} only", describe_block(*peer.ip_block))
                                  : fmt::format("{} is not in {}", other.name, describe_block(*peer.ip_block)));
    return;
  }
  if (!other.is_pods())
    return miss.add(Missed::endpoint_kind, fmt::format("selectors match pods only, not the address {}", other.name));
  if (is_node_address) return miss.add(Missed::endpoint_kind, "selectors overlook pods on the host network");
  if (peer.namespace_selector) {
    const kube::LabelSet& labels = other.namespace_labels.known;
    if (kube::match(*peer.namespace_selector, other.namespace_labels) == kube::Match::no)
      miss.add(Missed::namespace_labels,
               fmt::format("{}: {}",
                           other.name_space.empty() ? "its namespace" : fmt::format("namespace {}", other.name_space),
                           describe_difference(*peer.namespace_selector, labels)));
  } else if (other.name_space != policy.name_space()) {
    miss.add(Missed::namespace_labels,
             fmt::format("without a namespaceSelector it means pods of {} only", policy.name_space()));
  }
  if (peer.pod_selector && kube::match(*peer.pod_selector, other.labels) == kube::Match::no)
    miss.add(Missed::pod_labels,
             fmt::format("{}: {}", other.name, describe_difference(*peer.pod_selector, other.labels.known)));
}

Refusal SideExplainer::nearest_refusal(const CompiledPolicy& policy) const {
  const kube::NetworkPolicy& network = *policy.network;
  const std::vector<kube::PolicyRule>& rules = network.rules(direction_);
  std::optional<Refusal> nearest;
  for (std::size_t r = 0; r < rules.size(); ++r) {
    const std::size_t peers = std::max<std::size_t>(rules[r].peers.size(), 1);
    for (std::size_t p = 0; p < peers; ++p) {
      Miss miss;
      if (!rules[r].peers.empty() && !policy.of(direction_)[r].peers[p]->possible.contains(other_))
        miss_peer(network, rules[r].peers[p], miss);
      miss_port(rules[r], miss);
      if (miss.fields.empty() || (nearest && nearest->failed_count <= miss.fields.size())) continue;
      std::vector<std::string> messages;
      for (const auto& [missed, message] : miss.fields) messages.push_back(message);
      nearest = Refusal{.place = place(network, r, p),
                        .missed = miss.fields.front().first,
                        .failed_count = miss.fields.size(),
                        .message = fmt::format("{}", fmt::join(messages, "; "))};
    }
  }
  if (nearest) return *std::move(nearest);
  return {.place = {.policy = network.object.id,
                    .direction = direction_,
                    .rule = std::nullopt,
                    .peer = std::nullopt,
                    .port = std::nullopt,
                    .where = network.object.pos()},
          .missed = Missed::no_rules,
          .failed_count = SIZE_MAX,
          .message = fmt::format("it has no {} rule, so it admits nobody", to_string(direction_))};
}

std::string join_places(const std::vector<RulePlace>& places) {
  constexpr std::size_t kPlacesMax = 3;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < std::min(places.size(), kPlacesMax); ++i) texts.push_back(to_string(places[i]));
  const std::string more = places.size() > kPlacesMax ? fmt::format(" and {} more", places.size() - kPlacesMax) : "";
  return fmt::format("{}{}", fmt::join(texts, ", "), more);
}

std::string describe_side(const SideExplanation& side) {
  const std::string_view at = side.direction == Direction::ingress ? "at the destination" : "at the source";
  if (!side.denying.empty()) return fmt::format("{} by {}", at, join_places(side.denying));
  if (!side.refusals.empty())
    return fmt::format("{}, where {} comes nearest: {}", at, to_string(side.refusals.front().place),
                       side.refusals.front().message);
  return std::string(at);
}

std::string describe_admission(const SideExplanation& side) {
  const std::string_view word = to_string(side.direction);
  switch (side.decided_by) {
    case DecidedBy::not_policed: return fmt::format("no policy holds for its {}", word);
    case DecidedBy::own_node: return fmt::format("its own node is exempt from {} rules", word);
    case DecidedBy::nothing: return fmt::format("no policy isolates its {}", word);
    default: return fmt::format("its {} is admitted by {}", word, join_places(side.admitting));
  }
}

std::string describe_verdict(const Explanation& why) {
  if (why.access == Access::yes)
    return fmt::format("allowed: of the source, {}; of the destination, {}", describe_admission(why.egress),
                       describe_admission(why.ingress));
  const SideExplanation& side = why.egress.access <= why.ingress.access ? why.egress : why.ingress;
  const std::string_view at = side.direction == Direction::ingress ? "at the destination" : "at the source";
  if (why.access == Access::depends && side.decided_by == DecidedBy::own_node)
    return fmt::format("depends {} on whether the other end is its own node, which no policy keeps out", at);
  if (why.access == Access::depends)
    return fmt::format(
        "depends {} on what the input does not say: an address, a label, or the order of equal priorities", at);
  return fmt::format("denied {}", describe_side(side));
}

}  // namespace

std::string_view to_string(Access access) { return kAccessNames.at(static_cast<std::size_t>(access)); }
std::string_view to_string(DecidedBy decided) { return kDecidedByNames.at(static_cast<std::size_t>(decided)); }
std::string_view to_string(Missed missed) { return kMissedNames.at(static_cast<std::size_t>(missed)); }

std::string to_string(const RulePlace& place) {
  std::string text = to_string(place.policy);
  if (!place.rule) return text;
  text += fmt::format(" {}[{}]", to_string(place.direction), *place.rule);
  if (place.peer) text += fmt::format(".{}[{}]", place.direction == Direction::ingress ? "from" : "to", *place.peer);
  if (place.port) text += fmt::format(".ports[{}]", *place.port);
  return text;
}

Explanation Reachability::explain(const Flow& flow) const {
  const Verdict verdict = decide(flow);
  Explanation why;
  why.access = verdict.access;
  why.depends_on = verdict.depends_on;
  const Endpoint& source = endpoints()[flow.source];
  if (flow.source == flow.destination && source.is_pods() && source.count <= 1) {
    why.egress.direction = Direction::egress;
    why.egress.decided_by = why.ingress.decided_by = DecidedBy::not_policed;
    why.sentence = "allowed: no policy can keep a pod from its own address";
    return why;
  }
  why.egress = explain_side(flow, Direction::egress);
  why.ingress = explain_side(flow, Direction::ingress);
  why.sentence = describe_verdict(why);
  return why;
}

SideExplanation Reachability::explain_side(const Flow& flow, Direction direction) const {
  return SideExplainer(impl_->plane(flow.family), endpoints(), options().profile, flow, direction).explain();
}

}  // namespace gantry::netpol
