#pragma once

// Statements about reachability that are proved or refuted (network policy reference, §16).
//
//   only      nobody but the sources reaches the ports of the destinations
//   never     none of the sources reaches them
//   must      every source reaches them
//   isolated  nobody at all reaches the destinations (in the direction): no rule admits anyone
//
// `equal` and `contained` compare two policy sets and stand in diff.h.
//
// Closed world: over the endpoints that the snapshot has. Open world: over every namespace and pod that could ever be created,
// which is what "only" means to people; a refutation then names the labels of one that would break it.

#include "base/finding.h"
#include "base/node.h"
#include "base/result.h"
#include "netpol/reachability.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::netpol {

enum class ClaimKind : std::uint8_t { only, never, must, isolated };
std::string_view to_string(ClaimKind kind);
enum class World : std::uint8_t { closed, open };

// Pods by name or by labels, or a range of addresses.
struct Party {
  // One of: `workload` ("shop/web", a workload or pod), `range`, or selectors.
  std::optional<std::string> workload;
  std::optional<kube::Cidr> range;
  std::optional<std::string> name_space;             // exactly this namespace
  std::optional<kube::LabelSelector> namespaces;     // absent with pods: every namespace
  std::optional<kube::LabelSelector> pods;           // absent: every pod
  base::SourcePos where;
  // "namespace/workload", "namespace/pod", an address or CIDR, or "labels(ns: a=b, pod: c=d)". Errors: input.
  static base::Result<Party> parse(std::string_view text);
};
std::string to_string(const Party& party);

struct ClaimPort {
  kube::Protocol protocol = kube::Protocol::tcp;
  std::optional<kube::PortRef> port;  // absent: every port of the protocol
  base::SourcePos where;
};
std::string to_string(const ClaimPort& port);  // "4222/TCP", "client/TCP"

struct Claim {
  ClaimKind kind = ClaimKind::only;
  World world = World::open;
  std::string name;  // for people; may be empty
  std::vector<Party> destinations;
  std::vector<ClaimPort> ports;  // empty: every port
  std::vector<Party> sources;
  std::vector<Party> needed;  // with `only`: those who must as well
  kube::Direction direction = kube::Direction::ingress;  // of `isolated`
  base::SourcePos where;
};

// A claim as a plan's block or a claims file writes it (docs/formats/net-claims.md). Errors: input, with position and the
// nearest right key.
base::Result<Claim> parse_claim(const base::Node& node, ClaimKind kind);
// A file of claims: a list of maps with `claim: only|never|must|isolated`. Errors: input.
base::Result<std::vector<Claim>> parse_claims(const base::Node& document);

// What must be told apart so that the claims can be judged: ranges and selectors that they name. Call it before analyse().
void add_to(EndpointOptions& options, const std::vector<Claim>& claims);

enum class ClaimVerdict : std::uint8_t { proved, refuted, depends };
std::string_view to_string(ClaimVerdict verdict);

struct Counterexample {
  std::string source;       // "kgents-triad/redis", "a pod labelled app=web in a namespace labelled team=x"
  std::string destination;
  kube::Protocol protocol = kube::Protocol::tcp;
  kube::Port port{1};
  Access access = Access::yes;
  World world = World::closed;        // closed: somebody who is there; open: somebody who could come
  kube::LabelSet namespace_labels;    // of a stranger of the open world
  kube::LabelSet pod_labels;
  std::optional<Explanation> why;     // for those who are there
  std::vector<RulePlace> rules;       // that admit, or the isolating ones' nearest
};

struct ClaimResult {
  ClaimVerdict verdict = ClaimVerdict::proved;
  std::string summary;  // one line
  std::vector<Counterexample> counterexamples;  // one for each pair of workloads, at most kCounterexamplesMax
  std::vector<base::Finding> findings;
  std::size_t flows_decided = 0;
};

inline constexpr std::size_t kCounterexamplesMax = 100;

// Errors: input, at the claim, with the nearest right name, when it names a namespace, workload, label or port that nothing
// has: a claim about nothing would hold.
base::Result<ClaimResult> judge_claim(const Reachability& reach, const Claim& claim);

}  // namespace gantry::netpol
