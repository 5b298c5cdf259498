// What reading and rendering the manifests has found already, under the ids of the catalogue, with what it means for policies.

#include "netpol/lint/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <utility>

namespace gantry::netpol::linting {

using base::Finding;
using base::Node;
using base::Severity;

namespace {

// Kinds of which verdicts depend.
constexpr std::string_view kPolicyKinds[] = {"AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy",
                                             "NetworkPolicy"};
constexpr std::string_view kRelevantKinds[] = {"AdminNetworkPolicy",
                                               "BaselineAdminNetworkPolicy",
                                               "ClusterNetworkPolicy",
                                               "CronJob",
                                               "DaemonSet",
                                               "Deployment",
                                               "Job",
                                               "Namespace",
                                               "NetworkPolicy",
                                               "Pod",
                                               "ReplicaSet",
                                               "Service",
                                               "StatefulSet"};

bool is_about(const Finding& finding, std::span<const std::string_view> kinds) {
  return std::ranges::any_of(kinds, [&](std::string_view kind) {
    return finding.object.starts_with(kind) && finding.object.size() > kind.size() &&
           finding.object[kind.size()] == ' ';
  });
}

void restate(const Finding& original, Report& report, Severity severity) {
  Finding& finding = report.add(original.object, original.where, original.message, original.fix);
  finding.severity = severity;
  if (!original.explanation.empty()) finding.explanation = original.explanation + " " + finding.explanation;
  finding.related = original.related;
}

// ---- NP043

// Labels and selectors that are maps from string to string.
struct LabelMap {
  std::string_view kind;  // "": every kind
  std::array<std::string_view, 6> path;
};
constexpr LabelMap kLabelMaps[] = {
    {"", {"metadata", "labels"}},
    {"Service", {"spec", "selector"}},
    {"Deployment", {"spec", "selector", "matchLabels"}},
    {"Deployment", {"spec", "template", "metadata", "labels"}},
    {"StatefulSet", {"spec", "selector", "matchLabels"}},
    {"StatefulSet", {"spec", "template", "metadata", "labels"}},
    {"DaemonSet", {"spec", "selector", "matchLabels"}},
    {"DaemonSet", {"spec", "template", "metadata", "labels"}},
    {"ReplicaSet", {"spec", "template", "metadata", "labels"}},
    {"Job", {"spec", "template", "metadata", "labels"}},
    {"CronJob", {"spec", "jobTemplate", "spec", "template", "metadata", "labels"}},
};

const Node* follow(const Node& document, const LabelMap& map) {
  const Node* node = &document;
  for (const std::string_view step : map.path) {
    if (step.empty()) break;
    node = node->get(step);
    if (!node) return nullptr;
  }
  return node;
}

class LabelTypes {
 public:
  LabelTypes(const kube::Object& object, Report& report) : object_(object), report_(report) {}

  void check() {
    const Node& document = *object_.document;
    for (const LabelMap& map : kLabelMaps)
      if (map.kind.empty() || map.kind == object_.id.kind)
        if (const Node* labels = follow(document, map)) check_map(*labels);
    if (is_policy()) check_selectors(document);
  }

 private:
  bool is_policy() const {
    return std::ranges::find(kPolicyKinds, std::string_view(object_.id.kind)) != std::end(kPolicyKinds);
  }

  void check_map(const Node& labels) {
    if (!labels.is_map()) return;
    for (const Node::Member& member : labels.map()) check_value(member.key, member.value);
  }

  void check_value(const std::string& key, const Node& value) {
    if (!value.is_number() && !value.is_bool()) return;
    const std::string text = value.is_bool()      ? (value.boolean() ? "true" : "false")
                             : value.is_integer() ? std::to_string(value.integer())
                                                  : fmt::format("{}", value.real());
    report_.add(to_string(object_.id), value.pos(),
                fmt::format("the label {} of {} is the {} {}, not a text", key, to_string(object_.id),
                            value.is_bool() ? "boolean" : "number", text),
                fmt::format("put it in quotes: `{}: \"{}\"`", key, text));
  }

  // matchLabels and values of matchExpressions, wherever they stand in a policy.
  void check_selectors(const Node& node) {
    if (node.is_array())
      for (const Node& element : node.array()) check_selectors(element);
    if (!node.is_map()) return;
    for (const Node::Member& member : node.map()) {
      if (member.key == "matchLabels") check_map(member.value);
      if (member.key == "values" && member.value.is_array())
        for (const Node& value : member.value.array()) check_value(std::string(node.text("key")), value);
      check_selectors(member.value);
    }
  }

  const kube::Object& object_;
  Report& report_;
};

// Where NP043 tells of a policy what was refused better than the API server does.
std::set<std::pair<std::uint32_t, std::uint32_t>> places_of_label_types(const kube::Object& object) {
  constexpr LintRule kRule{.id = "NP043", .title = {}, .why = {}};
  std::vector<Finding> found;
  Report report(kRule, found);
  LabelTypes(object, report).check();
  std::set<std::pair<std::uint32_t, std::uint32_t>> places;
  for (const Finding& finding : found) {
    places.emplace(finding.where.line, finding.where.column);
    for (const base::RelatedPlace& related : finding.related) places.emplace(related.where.line, related.where.column);
  }
  return places;
}

}  // namespace

void restate_duplicates(const Context& context, Report& report) {
  for (const Finding& finding : context.snapshot->findings) {
    if (!is_about(finding, kRelevantKinds)) continue;
    if (finding.rule == "object.duplicate") restate(finding, report, Severity::high);
    if (finding.rule == "object.repeated") restate(finding, report, Severity::low);
  }
}

void restate_name_labels(const Context& context, Report& report) {
  for (const Finding& finding : context.snapshot->findings)
    if (finding.rule == "namespace.name-label") restate(finding, report, Severity::low);
}

void restate_renderings(const Context& context, Report& report) {
  static constexpr std::string_view kRules[] = {"kustomize.peer-narrowed", "kustomize.selector-gained",
                                                "kustomize.stale-namespace-selector",
                                                "kustomize.reference-not-followed", "kustomize.stale-address"};
  for (const Finding& finding : context.snapshot->findings)
    if (std::ranges::find(kRules, std::string_view(finding.rule)) != std::end(kRules))
      restate(finding, report, finding.severity);
  find_leaked_labels(context, report);
}

void restate_rejections(const Context& context, Report& report) {
  std::map<std::string, std::set<std::pair<std::uint32_t, std::uint32_t>>> told;
  for (const kube::NetworkPolicy& policy : context.snapshot->network_policies)
    if (policy.object.rejected()) told[name_of(policy)] = places_of_label_types(policy.object);
  for (const Finding& finding : context.snapshot->findings) {
    if (!is_about(finding, kPolicyKinds)) continue;
    if (finding.rule == "object.doubtful") restate(finding, report, Severity::medium);
    if (finding.rule != "object.invalid") continue;
    const auto it = told.find(finding.object);
    if (it != told.end() && it->second.contains({finding.where.line, finding.where.column})) continue;
    restate(finding, report, Severity::high);
  }
}

void restate_unknown_fields(const Context& context, Report& report) {
  for (const Finding& finding : context.snapshot->findings)
    if (finding.rule == "object.unknown-field" && is_about(finding, kPolicyKinds))
      restate(finding, report, Severity::medium);
}

void find_label_types(const Context& context, Report& report) {
  for (const kube::Object& object : context.snapshot->objects) {
    if (object.origin == kube::Origin::live || !object.document) continue;  // a cluster has only texts
    LabelTypes(object, report).check();
  }
}

}  // namespace gantry::netpol::linting
