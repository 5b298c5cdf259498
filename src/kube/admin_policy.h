#pragma once

// The cluster administrator's policies (policy.networking.k8s.io): AdminNetworkPolicy and BaselineAdminNetworkPolicy of
// v1alpha1, ClusterNetworkPolicy of v1alpha2. Three spellings of one idea, read into one type (network policy reference, §12).

#include "base/source.h"
#include "kube/address.h"
#include "kube/labels.h"
#include "kube/object.h"
#include "kube/port.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::kube {

enum class AdminKind : std::uint8_t { admin_network_policy, baseline_admin_network_policy, cluster_network_policy };
enum class AdminTier : std::uint8_t { admin, baseline };
enum class AdminAction : std::uint8_t { allow, deny, pass };  // ClusterNetworkPolicy spells `allow` "Accept"
std::string_view to_string(AdminAction action);               // "allow"

// Pods by the labels of their namespace, and their own. hostNetwork pods are never among them.
struct AdminPods {
  LabelSelector namespaces;
  LabelSelector pods;  // everything for `namespaces: …` without pods
  friend bool operator==(const AdminPods&, const AdminPods&) = default;
};

struct AdminPeer {
  enum class Kind : std::uint8_t {
    pods,          // `namespaces` or `pods`
    nodes,         // egress only
    networks,      // egress only
    domain_names,  // egress only, and only to allow
    unknown,       // a field of a newer API: allows nothing, denies and passes everything
  };
  Kind kind = Kind::unknown;
  AdminPods pods;
  LabelSelector nodes;
  std::vector<Cidr> networks;
  std::vector<std::string> domain_names;
  base::SourcePos where;
};

struct AdminPort {
  std::optional<Protocol> protocol;  // absent with a name: that of the container's port
  std::optional<PortRange> range;    // absent without a name: every port of the protocol
  std::string name;                  // a named port of the destination
  base::SourcePos where;
};

struct AdminRule {
  std::string name;  // may be empty
  AdminAction action = AdminAction::deny;
  std::vector<AdminPeer> peers;  // never empty in what the API server accepts
  std::vector<AdminPort> ports;  // empty: every port and protocol
  base::SourcePos where;
};

struct AdminPolicy {
  Object object;
  AdminKind kind = AdminKind::admin_network_policy;
  AdminTier tier = AdminTier::admin;
  std::int64_t priority = 0;  // lower first; 0 for a BaselineAdminNetworkPolicy, which has none
  AdminPods subject;
  base::SourcePos subject_where;
  std::vector<AdminRule> ingress;  // in order: the first that matches decides
  std::vector<AdminRule> egress;

  const std::string& name() const { return object.id.name; }
};

}  // namespace gantry::kube
