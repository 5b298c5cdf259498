#pragma once

// What the policies of a snapshot, and the questions about them, can tell apart: label keys, port names, address ranges. Pods that
// agree in all of it are one endpoint class (network policy reference, §17.2).

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
  std::unordered_set<std::string> pod_keys;
  std::unordered_set<std::string> namespace_keys;
  std::vector<std::string> port_names;  // sorted, unique
  std::vector<kube::Cidr> ranges;
};

// Of the nodes themselves, and as pods report the address of theirs.
std::set<kube::IpAddress> node_addresses(const kube::Snapshot& snapshot);

Vocabulary collect_vocabulary(const kube::Snapshot& snapshot, const EndpointOptions& options);

}  // namespace gantry::netpol
