#include "kube/immutable.h"
#include "base/yaml.h"

#include <gtest/gtest.h>

namespace gantry::kube {
namespace {

struct Case {
  const char* name;
  const char* kind;  // with its group: "apps/StatefulSet"
  const char* first;
  const char* second;
  const char* field;  // "": the second may replace the first
};
// Disruption reference, §11.2: T3 and T4; pkg/apis/*/validation.
constexpr Case kCases[] = {
    {"nothing differs", "apps/Deployment", "{spec: {selector: {matchLabels: {app: web}}}}",
     "{spec: {selector: {matchLabels: {app: web}}}}", ""},
    {"what may change", "apps/Deployment", "{spec: {replicas: 1}}", "{spec: {replicas: 2}}", ""},
    {"T3: a label more in the selector", "apps/Deployment", "{spec: {selector: {matchLabels: {app: web}}}}",
     "{spec: {selector: {matchLabels: {app: web, team: shop}}}}", "spec.selector"},
    {"T3: a selector of a Service may change", "/Service", "{spec: {selector: {app: web}}}",
     "{spec: {selector: {app: web, team: shop}}}", ""},
    {"T3: a selector of a budget may change", "policy/PodDisruptionBudget",
     "{spec: {selector: {matchLabels: {app: web}}}}", "{spec: {selector: {matchLabels: {app: wed}}}}", ""},
    {"T4: a label on a claim template", "apps/StatefulSet",
     "{spec: {volumeClaimTemplates: [{metadata: {name: data}}]}}",
     "{spec: {volumeClaimTemplates: [{metadata: {name: data, labels: {team: shop}}}]}}", "spec.volumeClaimTemplates"},
    {"T4: the same label on the pods alone", "apps/StatefulSet",
     "{spec: {volumeClaimTemplates: [{metadata: {name: data}}], template: {metadata: {}}}}",
     "{spec: {volumeClaimTemplates: [{metadata: {name: data}}], template: {metadata: {labels: {team: shop}}}}}", ""},
    {"null is as good as nothing", "apps/StatefulSet", "{spec: {volumeClaimTemplates: null}}", "{spec: {}}", ""},
    {"a field at the top", "rbac.authorization.k8s.io/RoleBinding", "{roleRef: {name: a}}", "{roleRef: {name: b}}",
     "roleRef"},
    {"another group's kind of that name", "example.com/StatefulSet", "{spec: {selector: {a: b}}}",
     "{spec: {selector: {a: c}}}", ""},
};

TEST(Immutable, WhatTheApiServerRefusesToChange) {
  for (const Case& c : kCases) {
    const std::string_view kind = c.kind;
    const std::size_t slash = kind.find('/');
    const ObjectId id{.group = std::string(kind.substr(0, slash)),
                      .kind = std::string(kind.substr(slash + 1)),
                      .name_space = "shop",
                      .name = "web"};
    const auto first = base::load_yaml(c.first, "first.yaml");
    const auto second = base::load_yaml(c.second, "second.yaml");
    ASSERT_TRUE(first && second) << c.name;
    EXPECT_EQ(find_immutable_difference(id, first->front(), second->front()).value_or(""), c.field) << c.name;
  }
}

}  // namespace
}  // namespace gantry::kube
