#pragma once

// Who may do what: service accounts, roles and bindings.

#include "base/source.h"
#include "kube/object.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gantry::kube {

struct ServiceAccount {
  Object object;
  std::optional<bool> automount_token;
  std::vector<std::string> image_pull_secrets;
  std::vector<std::string> secrets;
};

struct AccessRule {
  std::vector<std::string> api_groups;
  std::vector<std::string> resources;
  std::vector<std::string> resource_names;
  std::vector<std::string> non_resource_urls;
  std::vector<std::string> verbs;
  base::SourcePos where;
};

// A Role, or a ClusterRole when object.id.kind says so.
struct Role {
  Object object;
  std::vector<AccessRule> rules;
  bool aggregated = false;  // the control plane fills in the rules
};

struct AccessSubject {
  std::string kind;  // "ServiceAccount", "User", "Group"
  std::string name_space;
  std::string name;
  base::SourcePos where;
};

// A RoleBinding, or a ClusterRoleBinding when object.id.kind says so.
struct RoleBinding {
  Object object;
  std::string role_kind;  // "Role" or "ClusterRole"
  std::string role_name;
  base::SourcePos role_where;
  std::vector<AccessSubject> subjects;
};

}  // namespace gantry::kube
