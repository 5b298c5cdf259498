#pragma once

// Who answers to a name: the Services, pods and addresses of a snapshot, as the DNS of the cluster and the Services' endpoints
// would lead a client there (network policy reference, §8 and §14.2).

#include "kube/labels.h"
#include "kube/network.h"
#include "kube/port.h"
#include "kube/snapshot.h"
#include "netpol/needs.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::netpol {

// Somebody who listens, and where.
struct Listener {
  NeedParty party;
  kube::Protocol protocol = kube::Protocol::tcp;
  std::vector<kube::Port> ports;  // on the pods; empty: nobody knows
};

struct Resolution {
  std::vector<Listener> listeners;
  std::optional<ServiceRoute> route;
  bool port_is_guessed = false;  // all ports of the Service, since none is known
  bool is_service = false;
  bool is_missing = false;  // the name can only be a Service's, and there is none
  // Why nobody listens; "" when somebody does, or nobody can say.
  std::string problem;
  std::string nearest;  // a name that could have been meant
};

class Directory {
 public:
  Directory(const kube::Snapshot& snapshot, std::string cluster_domain);

  // What a client in the namespace reaches under a name or address. Without a port: every port that the Service has, or the
  // likely one when it has that.
  struct Question {
    std::string_view name_space;
    std::string_view host;
    std::optional<kube::Port> port;
    std::optional<kube::Port> likely_port;
    kube::Protocol protocol = kube::Protocol::tcp;
  };
  Resolution resolve(const Question& question) const;

  // A Service port by number or name, as routes and webhooks refer to it; none: all of its ports.
  Resolution resolve_service(std::string_view name_space, std::string_view name,
                             const std::optional<kube::PortRef>& port) const;

  const kube::Service* find_service(std::string_view name_space, std::string_view name) const;
  // The workloads that a Service selects; those that another controls are left out, since their controller counts.
  const std::vector<std::size_t>& workloads_behind(const kube::Service& service) const;
  std::vector<std::size_t> workloads_matching(std::string_view name_space, const kube::LabelSelector& selector) const;
  // Where one Service port ends up.
  Resolution listeners_of(const kube::Service& service, const kube::ServicePort& port) const;
  // The numbers of a container port by number or name.
  std::vector<kube::Port> ports_of(std::size_t workload, const kube::PortRef& port, kube::Protocol protocol) const;

  // Of the pods of a workload: as far as selectors see all of them alike.
  const kube::LabelKnowledge& labels_of(std::size_t workload) const { return labels_[workload]; }

  const kube::Snapshot& snapshot() const { return snapshot_; }
  bool is_namespace(std::string_view name) const;

 private:
  // A host name taken apart: the Service, its namespace, and whether the name can be nothing else.
  struct ServiceName {
    std::string name_space;
    std::string name;
    bool certainly = false;
  };
  std::optional<ServiceName> service_named(std::string_view name_space, std::string_view host) const;
  Resolution resolve_address(const Question& question) const;
  Resolution resolve_named(const ServiceName& name, const Question& question, int aliases) const;
  Resolution resolve_alias(const kube::Service& service, const Question& question, int aliases) const;
  Resolution resolve_port(const kube::Service& service, const Question& question) const;
  Resolution resolve_headless(const kube::Service& service, const Question& question) const;
  Resolution resolve_written_endpoints(const kube::Service& service, const kube::ServicePort* port) const;
  Resolution resolve_within(const Question& question, int aliases) const;
  Resolution missing_service(const ServiceName& name) const;
  void add_address(const kube::IpAddress& address, kube::Protocol protocol, std::optional<kube::Port> port,
                   Resolution& resolution) const;

  kube::Snapshot snapshot_;
  std::string cluster_domain_;
  std::map<kube::IpAddress, NeedParty> parties_by_address_;
  std::map<kube::IpAddress, const kube::Service*> services_by_address_;
  std::vector<kube::LabelKnowledge> labels_;        // of the pods of each workload
  std::vector<std::vector<std::size_t>> selected_;  // for each Service, the workloads behind it
};

}  // namespace gantry::netpol
