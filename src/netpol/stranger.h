#pragma once

// Somebody who could come: a pod that nobody has made, in a namespace that is there or is not. What is asked of it is a
// conjunction of conditions that hold, conditions that do not, and sets of which one holds; the search either names such a pod
// or proves that there can be none.
//
// Conditions that fail are where the cases are: each may fail by any of its requirements. They are decided like clauses of a
// satisfiability problem, those with one way left first, so that cases only multiply where labels are really independent.

#include "base/result.h"
#include "kube/network.h"
#include "netpol/label_box.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gantry::netpol {

inline constexpr std::string_view kNamespaceNameLabel = "kubernetes.io/metadata.name";

// A condition on a pod: both selectors match.
struct Wish {
  kube::LabelSelector namespaces;
  kube::LabelSelector pods;
  friend bool operator==(const Wish&, const Wish&) = default;
};
// The namespace with that name.
kube::LabelSelector namespace_named(const std::string& name);

// Where the stranger lives. Labels of a namespace that is defined are facts; those of one that is only mentioned, or that is not
// there, are whatever somebody will write. Its name is never that of another.
class Home {
 public:
  static Home existing(const kube::Namespace& name_space);
  // `names`: of all namespaces that exist.
  static Home fresh(std::shared_ptr<const LabelBox::Values> names);

  const kube::Namespace* name_space() const { return name_space_; }  // null: one that is not there

 private:
  friend class StrangerSearch;
  const kube::Namespace* name_space_ = nullptr;
  bool labels_are_facts_ = false;
  LabelBox labels_;
};

// The wishes must outlive it.
struct StrangerQuestion {
  std::vector<const Wish*> holds;
  std::vector<const Wish*> fails;
  std::vector<std::vector<const Wish*>> one_of_each;  // of each of these, at least one holds
};

struct Stranger {
  std::string name_space;
  kube::LabelSet namespace_labels;
  kube::LabelSet pod_labels;
  // "any pod labelled app=web, without tier=front in namespace shop"
  std::string text;
};

// How many wishes have been weighed, in all cases together; shared by the searches of one claim.
struct StrangerBudget {
  static constexpr std::size_t kStepsMax =
      10'000'000;  // about half a second; claims as people write them need thousands
  std::size_t steps = 0;
};

// Errors: input, when the budget is spent.
base::Result<std::optional<Stranger>> find_stranger(const Home& home, const StrangerQuestion& question,
                                                    StrangerBudget& budget);

}  // namespace gantry::netpol
