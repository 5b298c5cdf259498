#include "launch/checks/reach/other_policies.h"

#include "launch/checks/system/outcome.h"
#include "launch/checks/system/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

namespace gantry::launch {

using base::Finding;

namespace {

struct PolicyKind {
  std::string_view group;
  std::string_view kind;
};
constexpr PolicyKind kOtherKinds[] = {
    {"cilium.io", "CiliumClusterwideNetworkPolicy"},
    {"cilium.io", "CiliumNetworkPolicy"},
    {"crd.antrea.io", "ClusterNetworkPolicy"},
    {"crd.antrea.io", "NetworkPolicy"},
    {"crd.projectcalico.org", "GlobalNetworkPolicy"},
    {"crd.projectcalico.org", "NetworkPolicy"},
    {"projectcalico.org", "GlobalNetworkPolicy"},
    {"projectcalico.org", "NetworkPolicy"},
    {"projectcalico.org", "Tier"},
    {"security.istio.io", "AuthorizationPolicy"},
};

bool is_other_policy(const kube::Object& object) {
  return std::ranges::any_of(kOtherKinds, [&](const PolicyKind& each) {
    return each.group == object.id.group && each.kind == object.id.kind;
  });
}

}  // namespace

base::Result<void> refuse_admin_policies(const kube::Snapshot& snapshot) {
  if (snapshot->admin_policies.empty()) return {};
  const kube::AdminPolicy& first = snapshot->admin_policies.front();
  return base::input_error(fmt::format("cannot be decided by this version: {} is present", to_string(first.object.id)),
                           first.object.pos(), "a person has to judge the claim and sign the step");
}

void report_other_policies(const kube::Snapshot& snapshot, std::vector<Finding>& findings) {
  std::map<std::string, const kube::Object*> first_of_kind;
  for (const kube::Object& object : snapshot->others)
    if (is_other_policy(object))
      first_of_kind.emplace(fmt::format("{} ({})", object.id.kind, object.id.group), &object);
  for (const auto& [kind, object] : first_of_kind)
    findings.push_back(make_finding("net.other-policies", to_string(object->id), object->pos(),
                                    fmt::format("there are objects of kind {}, which are not judged", kind),
                                    "judge by hand what they open and close"));
}

void report_rejected_policies(const kube::Snapshot& snapshot, std::vector<Finding>& findings) {
  for (const kube::NetworkPolicy& policy : snapshot->network_policies) {
    if (!policy.object.rejected()) continue;
    const std::string name = to_string(policy.object.id);
    findings.push_back(
        make_finding("net.policy-rejected", name, policy.object.pos(),
                     fmt::format("{} would be refused by the API server, so nothing it says counts", name),
                     "mend it; manifests.valid says what is wrong with it"));
  }
}

}  // namespace gantry::launch
