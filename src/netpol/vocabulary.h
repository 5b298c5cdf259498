#pragma once

// What the policies of a snapshot, and the questions about them, can tell apart: label keys, port names, address
// ranges. Pods that agree in all of it are one endpoint class (network policy reference, §17.2).

#include "kube/address.h"
#include "kube/labels.h"
#include "kube/port.h"
#include "kube/snapshot.h"
#include "netpol/endpoints.h"

#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace gantry::netpol {

struct Vocabulary {
  // Whether endpoints that are split by it are told apart as far as this policy does.
  bool covers(const kube::NetworkPolicy& policy) const;

  std::unordered_set<std::string> pod_keys;
  std::unordered_set<std::string> namespace_keys;
  std::vector<std::string> port_names;  // sorted, unique
  std::vector<kube::Cidr> ranges;       // sorted, unique
};

// Of the nodes themselves, and as pods report the address of theirs.
std::set<kube::IpAddress> node_addresses(const kube::Snapshot& snapshot);

Vocabulary collect_vocabulary(const kube::Snapshot& snapshot, const EndpointOptions& options);

}  // namespace gantry::netpol
