#pragma once

// Small random clusters, as documents: what a person could write, so that reading and defaulting are part of the game.
// The same seed makes the same cluster on every machine.

#include "base/node.h"
#include "kube/snapshot.h"
#include "netpol/endpoints.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <random>
#include <string>
#include <vector>

namespace gantry::netpol {

// The same numbers on every machine: the standard's distributions differ between libraries, its engines do not.
class Dice {
 public:
  explicit Dice(std::uint32_t seed) : random_(seed) {}
  std::size_t below(std::size_t limit) { return random_() % limit; }
  std::size_t between(std::size_t first, std::size_t last) { return first + below(last - first + 1); }
  bool percent(std::size_t chance) { return below(100) < chance; }
  template <typename T>
  const auto& pick(const T& from) {
    return from[below(std::size(from))];
  }

 private:
  std::mt19937 random_;
};

// What the clusters of one test are about. Chances are in percent.
struct ClusterTheme {
  std::size_t pods_max = 12;
  std::size_t namespaces_max = 4;
  std::size_t policies_max = 6;
  std::size_t named_ports = 20;      // of a rule's ports
  std::size_t end_ports = 15;        // of a rule's ports
  std::size_t other_protocols = 25;  // UDP and SCTP, of ports
  std::size_t ip_blocks = 20;        // of peers
  std::size_t dual_stack = 30;       // of clusters
  std::size_t host_network = 0;      // of pods
  std::size_t nodes_max = 0;         // Node objects, on which pods are placed
  std::size_t sidecars = 10;         // of pods
  std::size_t admin_policies_max = 0;
  std::size_t equal_priorities = 0;  // of admin policies: priority from a tiny range
  std::size_t ended = 5;             // of pods
  // What is not known:
  std::size_t derived = 0;           // of pods: a Deployment or StatefulSet instead of a live pod
  std::size_t without_address = 0;   // of pods
  std::size_t mentioned = 0;         // of namespaces: not defined
  std::size_t domain_names = 0;      // of admin egress peers
  std::size_t hypothetical_max = 0;  // pods that do not exist
  std::size_t rejected = 0;          // of policies: something in it that the API server refuses
};

struct RandomCluster {
  std::vector<base::Node> documents;
  EndpointOptions options;
};

RandomCluster make_random_cluster(std::uint32_t seed, const ClusterTheme& theme);

// Smaller documents that still have what `has_it` looks for: whole documents, then list elements and members are
// dropped, as long as any can go. `tries_max` bounds the questions.
std::vector<base::Node> shrink(std::vector<base::Node> documents,
                               const std::function<bool(const std::vector<base::Node>&)>& has_it,
                               std::size_t tries_max = 2'000);

// All of it as one YAML text, for a failure's message.
std::string to_yaml(const std::vector<base::Node>& documents);

}  // namespace gantry::netpol
