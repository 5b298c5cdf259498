#include "netpol/lint/selector_problems.h"

#include "netpol/lint/diagnosis.h"
#include "netpol/lint/peer_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::netpol::linting {

using base::Node;
using kube::LabelSelector;
using kube::NetworkPolicy;
using kube::Requirement;
using kube::SelectorOperator;
using kube::Workload;
using kube::WorkloadKind;

namespace {

// Labels whose values controllers choose, anew for each revision, run or object (§6).
constexpr std::string_view kGeneratedKeys[] = {"pod-template-hash", "controller-revision-hash", "controller-uid",
                                               "batch.kubernetes.io/controller-uid", "pod-template-generation"};
constexpr std::string_view kJobNameKeys[] = {"job-name", "batch.kubernetes.io/job-name"};

constexpr std::string_view kKustomizationFiles[] = {"kustomization.yaml", "kustomization.yml", "Kustomization"};

bool is_kustomization(std::string_view path) {
  return std::ranges::any_of(kKustomizationFiles, [&](std::string_view name) {
    return path == name || (path.ends_with(name) && path[path.size() - name.size() - 1] == '/');
  });
}

bool is_job(const Workload& workload) {
  return workload.kind == WorkloadKind::job || workload.kind == WorkloadKind::cron_job;
}

// The labels of the workload itself; of a CronJob those of its Jobs as well.
bool labels_match(const Workload& workload, const LabelSelector& selector) {
  if (selector.matches(workload.object.labels)) return true;
  if (workload.kind != WorkloadKind::cron_job || !workload.object.document) return false;
  const Node* labels = workload.object.document->find("spec", "jobTemplate", "metadata", "labels");
  if (!labels || !labels->is_map()) return false;
  kube::LabelSet set;
  for (const Node::Member& member : labels->map())
    if (member.value.is_string()) set.set(member.key, member.value.string());
  return selector.matches(set);
}

}  // namespace

Diagnosis::Diagnosis(const kube::Snapshot& snapshot, const Index& index) : snapshot_(snapshot), index_(index) {
  for (const base::Finding& finding : snapshot->findings)
    if (finding.rule.starts_with("kustomize."))
      reported_.emplace(finding.where.file_name(), finding.where.line, finding.where.column);
}

const Workload* Diagnosis::find_labelled_workload(std::span<const std::string> name_spaces,
                                                  const LabelSelector& selector) const {
  if (selector.selects_everything()) return nullptr;
  for (const std::string& name_space : name_spaces) {
    for (const Workload& workload : in_namespace(snapshot_->workloads, name_space)) {
      if (workload.kind != WorkloadKind::pod && labels_match(workload, selector)) return &workload;
    }
  }
  return nullptr;
}

const Requirement* Diagnosis::find_generated(std::span<const std::string> name_spaces,
                                             const LabelSelector& selector) const {
  const auto is_job_name = [&](const std::string& name) {
    return std::ranges::any_of(name_spaces, [&](const std::string& name_space) {
      return snapshot_.find_workload(WorkloadKind::job, name_space, name) != nullptr;
    });
  };
  for (const Requirement& requirement : selector.requirements()) {
    if (requirement.op != SelectorOperator::in) continue;
    if (std::ranges::find(kGeneratedKeys, requirement.key) != std::end(kGeneratedKeys)) return &requirement;
    if (std::ranges::find(kJobNameKeys, requirement.key) == std::end(kJobNameKeys)) continue;
    if (!std::ranges::all_of(requirement.values, is_job_name)) return &requirement;
  }
  return nullptr;
}

std::optional<LabelSelector> Diagnosis::without_leaked(const NetworkPolicy& policy, const Node* selector,
                                                       const LabelSelector& parsed) const {
  const Node* labels = selector ? selector->get("matchLabels") : nullptr;
  if (!labels || !labels->is_map() || is_kustomization(policy.object.pos().file_name())) return std::nullopt;
  std::vector<Requirement> kept = parsed.requirements();
  for (const Node::Member& member : labels->map()) {
    if (is_kustomization(member.value.pos().file_name()))
      std::erase_if(kept, [&](const Requirement& requirement) { return requirement.key == member.key; });
  }
  if (kept.size() == parsed.requirements().size()) return std::nullopt;
  return LabelSelector(std::move(kept));
}

bool Diagnosis::reported_by_rendering(const Node* node) const {
  if (!node || reported_.empty()) return false;
  const base::SourcePos& pos = node->pos();
  if (reported_.contains({pos.file_name(), pos.line, pos.column})) return true;
  const auto inside = [this](const Node& child) { return reported_by_rendering(&child); };
  if (node->is_array()) return std::ranges::any_of(node->array(), inside);
  if (node->is_map()) return std::ranges::any_of(node->map(), inside, &Node::Member::value);
  return false;
}

std::vector<kube::Labelled> Diagnosis::candidates(std::span<const std::string> name_spaces) const {
  std::vector<kube::Labelled> labelled;
  for (const std::string& name_space : name_spaces) {
    for (const GroupId id : index_.in_namespace(name_space))
      labelled.push_back({.name = index_[id].name, .labels = &index_[id].labels.known});
  }
  return labelled;
}

const std::string* Diagnosis::find_only_other(const std::string& name_space, const LabelSelector& selector) const {
  const std::string* found = nullptr;
  for (const GroupId id : index_.select(LabelSelector(), selector)) {
    const std::string& other = index_[id].name_space;
    if (other == name_space || (found && *found != other)) return nullptr;
    found = &other;
  }
  return found;
}

SelectorProblem describe_labelled(const NetworkPolicy& policy, const LabelSelector& selector,
                                  const Workload& workload) {
  SelectorProblem problem;
  problem.cause = is_job(workload) ? SelectorCause::job_labels : SelectorCause::workload_labels;
  problem.policy = &policy;
  problem.message = fmt::format("{} selects {}, which {} has and its pods have not", name_of(policy),
                                to_string(selector), to_string(workload.object.id));
  const LabelSelector pods = LabelSelector::from_labels(workload.pod_template.labels);
  const std::string_view path =
      workload.kind == WorkloadKind::cron_job ? "spec.jobTemplate.spec.template" : "spec.template";
  problem.fix = pods.selects_everything()
                    ? fmt::format("give the pods the label: {}.metadata.labels of {}", path, workload.name())
                    : fmt::format(
                          "select the labels of the pods, `podSelector: {}`, or add the label to "
                          "{}.metadata.labels of {}",
                          yaml(pods), path, workload.name());
  return problem;
}

SelectorProblem describe_generated(const NetworkPolicy& policy, const Requirement& requirement) {
  SelectorProblem problem;
  problem.cause = SelectorCause::job_labels;
  problem.policy = &policy;
  problem.message = fmt::format("{} selects {}, a label that a controller makes up for each revision or run",
                                name_of(policy), to_string(LabelSelector({requirement})));
  problem.fix = "give the pod template a label of its own, and select that";
  return problem;
}

std::vector<SelectorProblem> diagnose_selectors(const kube::Snapshot& snapshot, const Index& index) {
  std::vector<SelectorProblem> problems;
  const Diagnosis diagnosis(snapshot, index);
  for (const NetworkPolicy* policy : index.policies()) {
    diagnose_subject(diagnosis, *policy, problems);
    diagnose_peers(diagnosis, *policy, kube::Direction::ingress, problems);
    diagnose_peers(diagnosis, *policy, kube::Direction::egress, problems);
  }
  return problems;
}

}  // namespace gantry::netpol::linting
