#pragma once

// Is a quorum safe? Four causes, each with its own answer, since each is mended elsewhere (disruption reference, §9.2): the
// budget, the placement, whether readiness tells the truth, and how many copies of the data there are.
//
//   const QuorumVerdict verdict = TRY(judge_quorum(cluster, InvariantIndex(0)));
//   verdict.placement.text    // "no node can hold more than 1 of 3 members; 2 while a node is drained"

#include "base/result.h"
#include "base/source.h"
#include "disruption/cluster.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::disruption {

enum class Holds : std::uint8_t { yes, no, unknown };
std::string_view to_string(Holds holds);  // "yes", "no", "unknown"

struct QuorumCause {
  Holds holds = Holds::unknown;
  std::string text = {};
  base::SourcePos where = {};
};

struct QuorumVerdict {
  InvariantIndex invariant;
  std::int64_t tolerates = 0;  // members that may be away at once
  QuorumCause budget = {};     // evictions alone never take more than that, at any scale
  QuorumCause placement = {};  // no node can hold more than that, wherever the scheduler may legally put members
  QuorumCause readiness = {};  // Ready means caught up, and no liveness probe kills survivors
  QuorumCause data = {};       // there are copies enough to lose one member

  // The worst members that one node, and one zone, can come to hold; absent for groups of more than kSearchMembersMax.
  std::optional<std::int64_t> most_on_node = {};
  std::optional<std::int64_t> most_on_node_draining = {};  // with one node cordoned
  std::optional<std::int64_t> most_in_zone = {};

  bool safe() const {
    return budget.holds == Holds::yes && placement.holds == Holds::yes && readiness.holds == Holds::yes &&
           data.holds == Holds::yes;
  }
};

// Errors: usage, for an invariant that is no quorum.
base::Result<QuorumVerdict> judge_quorum(const Cluster& cluster, InvariantIndex invariant);

}  // namespace gantry::disruption
