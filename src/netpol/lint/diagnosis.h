#pragma once

// What the diagnoses of subjects and of peers share. Private to the selector problems.

#include "kube/selector_hint.h"
#include "netpol/lint/selector_problems.h"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::netpol::linting {

class Diagnosis {
 public:
  Diagnosis(const kube::Snapshot& snapshot, const Index& index);

  const Index& index() const { return index_; }
  const kube::Snapshot& snapshot() const { return snapshot_; }

  // A workload of the namespaces that has the labels itself, and whose pods do not. Null when there is none such.
  const kube::Workload* find_labelled_workload(std::span<const std::string> name_spaces,
                                               const kube::LabelSelector& selector) const;
  // A requirement on a label that controllers make up anew for each revision or run. Null when there is none.
  const kube::Requirement* find_generated(std::span<const std::string> name_spaces,
                                          const kube::LabelSelector& selector) const;
  // The selector without what a kustomization's labels added to it; nothing when they added nothing.
  std::optional<kube::LabelSelector> without_leaked(const kube::NetworkPolicy& policy, const base::Node* selector,
                                                    const kube::LabelSelector& parsed) const;
  // Whether rendering has reported something inside that part of a document.
  bool reported_by_rendering(const base::Node* node) const;
  // The names and labels of the pods there, for hints.
  std::vector<kube::Labelled> candidates(std::span<const std::string> name_spaces) const;
  // The only namespace, other than the given one, whose pods the selector matches; null when none or several are.
  const std::string* find_only_other(const std::string& name_space, const kube::LabelSelector& selector) const;

 private:
  const kube::Snapshot& snapshot_;
  const Index& index_;
  std::set<std::tuple<std::string_view, std::uint32_t, std::uint32_t>> reported_;
};

// One workload whose own labels match though its pods' do not: NP015, or NP032 for Jobs and CronJobs.
SelectorProblem describe_labelled(const kube::NetworkPolicy& policy, const kube::LabelSelector& selector,
                                  const kube::Workload& workload);
SelectorProblem describe_generated(const kube::NetworkPolicy& policy, const kube::Requirement& requirement);

void diagnose_subject(const Diagnosis& diagnosis, const kube::NetworkPolicy& policy,
                      std::vector<SelectorProblem>& problems);
void diagnose_peers(const Diagnosis& diagnosis, const kube::NetworkPolicy& policy, kube::Direction direction,
                    std::vector<SelectorProblem>& problems);

}  // namespace gantry::netpol::linting
