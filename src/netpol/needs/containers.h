#pragma once

// What the containers of a workload are given, with variables filled in as Kubernetes and shells would, and the place of each.

#include "base/node.h"
#include "kube/pod_spec.h"
#include "kube/snapshot.h"
#include "netpol/needs/settings.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::netpol {

// A variable whose value stands in a Secret: only the loader has seen it.
struct SecretVariable {
  std::string name;
  std::string secret;
  std::string key;
  base::SourcePos where;
};

struct Environment {
  std::vector<Setting> settings;  // in order; a later one of the same name has replaced the earlier
  std::vector<SecretVariable> secrets;
  // The value of a variable as far as it is known.
  const std::string* find(std::string_view name) const;

  std::map<std::string, std::string, std::less<>> values;
};

// envFrom first, then env, as the kubelet does; "$(NAME)" is replaced by what stands before it, or by the variables that
// Kubernetes makes for Services ("WEB_SERVICE_HOST"). What is unknown stays as it is.
Environment environment_of(const kube::Snapshot& snapshot, std::string_view name_space,
                           const kube::Container& container);

// "$NAME", "${NAME}" and "${NAME:-default}" with the values that the environment has, as a shell or a program's own
// configuration would; and "$(NAME)", as Kubernetes does in command and args.
std::string expand_variables(std::string_view text, const Environment& environment);

// The workloads that make pods of their own accord: those that no other controls.
std::vector<std::size_t> independent_workloads(const kube::Snapshot& snapshot);

// Every container of a pod, init containers among them.
std::vector<const kube::Container*> containers_of(const kube::PodSpec& spec);

// The document's node of a container; null when the object has no document.
const base::Node* find_container(const kube::Workload& workload, const kube::Container& container);

}  // namespace gantry::netpol
