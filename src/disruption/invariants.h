#pragma once

// What must hold while nodes drain: a group keeps its majority, a service keeps enough ready pods. Declared by people, or
// inferred from what runs (disruption reference, §9), always with a reason.
//
//   for (const Invariant& invariant : TRY(collect_invariants(snapshot, {.quorums = {{.pods = "nats", .of = 3, .needs = 2}}}))) …

#include "base/result.h"
#include "base/source.h"
#include "kube/snapshot.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::disruption {

// `quorum: {pods: nats, of: 3, needs: 2}`. `pods` names a workload: "nats", "shop/nats" or "StatefulSet shop/nats".
struct QuorumClaim {
  std::string pods = {};
  std::int64_t of = 0;     // 0: as many as the workload has replicas
  std::int64_t needs = 0;  // 0: a majority
  std::optional<base::SourcePos> where = {};
};

// `available: {service: kgent-api, min: 1}`. Names a Service ("kgent-api", "shop/kgent-api") or a workload ("Deployment
// shop/kgent-api"); the Service wins where both have the name. `min: 0`: somebody decided that it may be down while nodes drain.
struct AvailabilityClaim {
  std::string service = {};
  std::int64_t min = 1;
  std::optional<base::SourcePos> where = {};
};

// Whether a member that is Ready has caught up and votes. The disruption budget counts on it (§9.2, condition 3; §9.3).
struct ReadinessTruth {
  enum class Answer : std::uint8_t { tells, too_early, unknown };
  Answer answer = Answer::unknown;
  std::string reason = {};
  // A liveness probe that asks for the whole cluster's health: survivors of a lost quorum are killed as well.
  bool liveness_kills_survivors = false;
  std::string liveness_reason = {};
  base::SourcePos where = {};  // of the probe, or of the container without one
};

// How many copies of its data the service keeps; the group may keep its majority while a stream with one copy is down.
struct DataReplicas {
  std::optional<std::int64_t> copies = {};  // absent: nothing says so, and one is assumed (§9.5)
  std::string reason = {};
  base::SourcePos where = {};
};

struct Invariant {
  enum class Kind : std::uint8_t { quorum, available };
  enum class Origin : std::uint8_t { declared, inferred };
  Kind kind = Kind::quorum;
  Origin origin = Origin::declared;
  std::string subject = {};  // "StatefulSet shop/nats", "Service shop/kgent-api"
  std::string name_space = {};
  std::string system = {};  // of quorums: "NATS JetStream"; "" when declared about something unknown
  std::int64_t of = 0;      // members, or pods at the start
  std::int64_t needs = 0;   // of them, at every instant
  std::string reason = {};  // why this holds, in a sentence
  base::SourcePos where = {};
  // The pods it counts: of this workload, or selected by this Service; indices into the snapshot.
  std::optional<std::size_t> workload = {};
  std::optional<std::size_t> service = {};
  // Of quorums.
  ReadinessTruth readiness = {};
  DataReplicas data = {};
};
std::string to_string(const Invariant& invariant);  // "2 of 3 pods of StatefulSet shop/nats (NATS JetStream)"

struct InvariantOptions {
  std::vector<QuorumClaim> quorums = {};
  std::vector<AvailabilityClaim> available = {};
  bool infer = true;
};

// Declared ones first, as given; then inferred quorums; then one ready pod for every Service that selects pods. What is declared
// about a workload or Service replaces what would be inferred about it.
// Errors: input, with the claim's position: an unknown or ambiguous name, needs above of, of that contradicts the replicas, two
// claims about one thing that contradict each other.
base::Result<std::vector<Invariant>> collect_invariants(const kube::Snapshot& snapshot,
                                                        const InvariantOptions& options);

// How many pods a workload has at its quietest: its autoscaler's minReplicas, else what is written, else 1 (§11.1, B1).
std::int64_t lowest_replicas(const kube::Snapshot& snapshot, const kube::Workload& workload);
// At its busiest: its autoscaler's maxReplicas, else the same.
std::int64_t highest_replicas(const kube::Snapshot& snapshot, const kube::Workload& workload);
// Where a rehearsal begins: a live workload at the scale that it has now, which is what the disruption controller counts by;
// one that is only written at its quietest.
std::int64_t starting_replicas(const kube::Snapshot& snapshot, const kube::Workload& workload);

}  // namespace gantry::disruption
