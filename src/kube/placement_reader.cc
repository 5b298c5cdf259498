// Where a pod may run: affinity, tolerations, topology spread (Kubernetes API reference, core/v1).

#include "kube/readers.h"

#include <fmt/format.h>

#include <array>

namespace gantry::kube {

namespace {

constexpr std::array<Choice<NodeOperator>, 6> kNodeOperators = {{
    {"In", NodeOperator::in},
    {"NotIn", NodeOperator::not_in},
    {"Exists", NodeOperator::exists},
    {"DoesNotExist", NodeOperator::does_not_exist},
    {"Gt", NodeOperator::gt},
    {"Lt", NodeOperator::lt},
}};
constexpr std::array<Choice<TaintEffect>, 3> kEffects = {{
    {"NoSchedule", TaintEffect::no_schedule},
    {"PreferNoSchedule", TaintEffect::prefer_no_schedule},
    {"NoExecute", TaintEffect::no_execute},
}};
constexpr std::array<Choice<Toleration::Operator>, 2> kTolerationOperators = {{
    {"Equal", Toleration::Operator::equal},
    {"Exists", Toleration::Operator::exists},
}};
constexpr std::array<Choice<NodeInclusion>, 2> kInclusions = {{
    {"Honor", NodeInclusion::honor},
    {"Ignore", NodeInclusion::ignore},
}};
constexpr std::array<Choice<bool>, 2> kUnsatisfiable = {{
    {"DoNotSchedule", true},
    {"ScheduleAnyway", false},
}};
constexpr std::string_view kAffinityFields[] = {"nodeAffinity", "podAffinity", "podAntiAffinity"};
constexpr std::string_view kRuleFields[] = {"preferredDuringSchedulingIgnoredDuringExecution",
                                            "requiredDuringSchedulingIgnoredDuringExecution"};
constexpr std::string_view kPodTermFields[] = {"labelSelector",     "matchLabelKeys", "mismatchLabelKeys",
                                               "namespaceSelector", "namespaces",     "topologyKey"};
constexpr std::string_view kTolerationFields[] = {"effect", "key", "operator", "tolerationSeconds", "value"};
constexpr std::string_view kSpreadFields[] = {"labelSelector", "matchLabelKeys",     "maxSkew",
                                              "minDomains",    "nodeAffinityPolicy", "nodeTaintsPolicy",
                                              "topologyKey",   "whenUnsatisfiable"};

constexpr std::string_view kRequired = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr std::string_view kPreferred = "preferredDuringSchedulingIgnoredDuringExecution";
constexpr Bounds kWeight{1, 100};

std::vector<NodeRequirement> parse_requirements(const Fields& term, std::string_view key) {
  std::vector<NodeRequirement> requirements;
  term.each(key, [&](const Fields& fields) {
    fields.require("key");
    fields.require("operator");
    const std::optional<NodeOperator> op = fields.choice<NodeOperator>("operator", kNodeOperators);
    requirements.push_back(
        {.key = fields.text("key"), .op = op.value_or(NodeOperator::in), .values = fields.texts("values")});
    const bool needs_values = op == NodeOperator::in || op == NodeOperator::not_in;
    if (needs_values && requirements.back().values.empty()) fields.reject("values", "must not be empty");
  });
  return requirements;
}

NodeSelectorTerm parse_node_term(const Fields& fields) {
  return {.expressions = parse_requirements(fields, "matchExpressions"),
          .fields = parse_requirements(fields, "matchFields"),
          .where = fields.pos()};
}

void parse_node_affinity(const Fields& fields, Affinity& affinity) {
  fields.only(kRuleFields);
  const Fields required = fields.map(kRequired);
  if (required.present()) affinity.node_required = parse_node_terms(required, "nodeSelectorTerms");
  fields.each(kPreferred, [&](const Fields& preferred) {
    const Fields term = preferred.map("preference");
    affinity.node_preferred.push_back(
        {.weight = preferred.integer_or("weight", 1, kWeight), .term = parse_node_term(term)});
  });
}

PodAffinityTerm parse_pod_term(const Fields& fields) {
  fields.only(kPodTermFields);
  fields.require("topologyKey");
  return {.selector = fields.selector("labelSelector"),
          .namespaces = fields.texts("namespaces"),
          .namespace_selector = fields.selector("namespaceSelector"),
          .topology_key = fields.text("topologyKey"),
          .match_label_keys = fields.texts("matchLabelKeys"),
          .mismatch_label_keys = fields.texts("mismatchLabelKeys"),
          .where = fields.pos()};
}

void parse_pod_affinity(const Fields& fields, std::vector<PodAffinityTerm>& required,
                        std::vector<PreferredPodTerm>& preferred) {
  fields.only(kRuleFields);
  fields.each(kRequired, [&](const Fields& term) { required.push_back(parse_pod_term(term)); });
  fields.each(kPreferred, [&](const Fields& weighted) {
    const Fields term = weighted.map("podAffinityTerm");
    preferred.push_back({.weight = weighted.integer_or("weight", 1, kWeight), .term = parse_pod_term(term)});
  });
}

}  // namespace

std::vector<NodeSelectorTerm> parse_node_terms(const Fields& holder, std::string_view key) {
  std::vector<NodeSelectorTerm> terms;
  holder.each(key, [&](const Fields& fields) { terms.push_back(parse_node_term(fields)); });
  return terms;
}

Affinity parse_affinity(const Fields& spec) {
  Affinity affinity;
  const Fields fields = spec.map("affinity");
  if (!fields.present()) return affinity;
  fields.only(kAffinityFields);
  const Fields node = fields.map("nodeAffinity");
  const Fields pod = fields.map("podAffinity");
  const Fields anti = fields.map("podAntiAffinity");
  parse_node_affinity(node, affinity);
  parse_pod_affinity(pod, affinity.pod_required, affinity.pod_preferred);
  parse_pod_affinity(anti, affinity.anti_required, affinity.anti_preferred);
  return affinity;
}

std::vector<Toleration> parse_tolerations(const Fields& spec) {
  std::vector<Toleration> tolerations;
  spec.each("tolerations", [&](const Fields& fields) {
    fields.only(kTolerationFields);
    Toleration toleration;
    toleration.key = fields.text("key");
    toleration.op =
        fields.choice<Toleration::Operator>("operator", kTolerationOperators).value_or(Toleration::Operator::equal);
    toleration.value = fields.text("value");
    // "" is Go's zero value: every effect.
    if (!fields.text("effect").empty()) toleration.effect = fields.choice<TaintEffect>("effect", kEffects);
    toleration.seconds = fields.seconds("tolerationSeconds", kAnyInt64);
    const bool exists = toleration.op == Toleration::Operator::exists;
    if (toleration.key.empty() && !exists) fields.reject("operator", "must be Exists where no key is given");
    if (exists && !toleration.value.empty()) fields.reject("value", "must be empty with the operator Exists");
    tolerations.push_back(std::move(toleration));
  });
  return tolerations;
}

std::vector<TopologySpread> parse_topology_spread(const Fields& spec) {
  std::vector<TopologySpread> constraints;
  spec.each("topologySpreadConstraints", [&](const Fields& fields) {
    fields.only(kSpreadFields);
    fields.require("maxSkew");
    fields.require("topologyKey");
    fields.require("whenUnsatisfiable");
    TopologySpread spread;
    spread.where = fields.pos();
    spread.max_skew = fields.integer_or("maxSkew", 1, kPositive);
    spread.topology_key = fields.text("topologyKey");
    spread.do_not_schedule = fields.choice<bool>("whenUnsatisfiable", kUnsatisfiable).value_or(true);
    spread.selector = fields.selector("labelSelector");
    spread.min_domains = fields.integer_or("minDomains", 1, kPositive);
    spread.node_affinity_policy =
        fields.choice<NodeInclusion>("nodeAffinityPolicy", kInclusions).value_or(NodeInclusion::honor);
    spread.node_taints_policy =
        fields.choice<NodeInclusion>("nodeTaintsPolicy", kInclusions).value_or(NodeInclusion::ignore);
    spread.match_label_keys = fields.texts("matchLabelKeys");
    constraints.push_back(std::move(spread));
  });
  return constraints;
}

std::vector<Taint> parse_taints(const Fields& spec) {
  std::vector<Taint> taints;
  spec.each("taints", [&](const Fields& fields) {
    taints.push_back({.key = fields.text("key"),
                      .value = fields.text("value"),
                      .effect = fields.choice<TaintEffect>("effect", kEffects).value_or(TaintEffect::no_schedule)});
  });
  return taints;
}

}  // namespace gantry::kube
