#pragma once

// The kinds that come with Kubernetes, and those of a few projects whose objects engines read. Private to kube.

#include "kube/object.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace gantry::kube {

// What the API server takes as the name of an object of the kind.
enum class NameRule : std::uint8_t { dns_subdomain, dns_label, dns1035_label, path_segment };

struct BuiltinKind {
  std::string_view group;
  std::string_view kind;
  Scope scope;
  NameRule names;
};

// Null for custom resources and for what is no kind at all.
const BuiltinKind* find_builtin_kind(std::string_view group, std::string_view kind);

// Whether Kubernetes itself owns the group ("apps", "rbac.authorization.k8s.io"): a kind in it that is not known is a
// mistake rather than a custom resource.
bool is_builtin_group(std::string_view group);

// The kinds of one group, for "did you mean".
std::vector<std::string_view> builtin_kinds_of(std::string_view group);

// An API version that current API servers do not serve any more.
struct RemovedVersion {
  std::string_view group;
  std::string_view version;
  std::string_view kind;
  std::string_view removed_in;  // "1.22"
  std::string_view use;         // "networking.k8s.io/v1"
};
const RemovedVersion* find_removed_version(std::string_view group, std::string_view version, std::string_view kind);

}  // namespace gantry::kube
