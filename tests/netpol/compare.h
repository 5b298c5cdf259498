#pragma once

// Engine and twin side by side over one cluster.

#include "netpol/random_cluster.h"
#include "netpol/reachability.h"
#include "netpol/twin.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gantry::netpol {

// What was compared. `open`: flows for which the input does not decide; `vague`: those of them that the engine left
// open and that somebody who tries every completion could have decided.
struct Compared {
  std::size_t clusters = 0;
  std::size_t flows = 0;
  std::size_t allowed = 0;
  std::size_t open = 0;
  std::size_t vague = 0;
  std::size_t skipped = 0;  // too many completions

  Compared& operator+=(const Compared& other);
};

// Which questions are asked of the engine.
struct Questions {
  std::size_t flows_max = 2'000;    // drawn at random when there are more
  std::size_t explained_every = 0;  // each so many-th flow is explained as well; 0: none
  bool openings = false;            // sources_of and destinations_of, expanded
  bool profiles = false;            // decide().depends_on, against the twin under each other answer
  bool facts = false;               // isolating, selected_by, resolve
};

// The first disagreement, for people; nothing when engine and twin agree. `seed` chooses the flows.
std::optional<std::string> find_disagreement(const kube::Snapshot& snapshot, const AnalysisOptions& options,
                                             const Questions& questions, std::uint32_t seed, Compared& compared);
// The same from documents.
std::optional<std::string> find_disagreement(std::vector<base::Node> documents, const AnalysisOptions& options,
                                             const Questions& questions, std::uint32_t seed, Compared& compared);

// How many random clusters of a theme, until so many flows are compared. The message, empty when all agree, holds the
// seed, the smallest documents on which they differ, and the difference.
struct Campaign {
  ClusterTheme theme = {};
  Questions questions = {};
  bool random_profile = false;  // each topic turned round in some clusters; else the default
  bool without_rejected = true;
  std::size_t flows = 100'000;
};
std::string run_campaign(const Campaign& campaign, std::uint32_t seed, Compared& compared);

// GANTRY_SEED of the environment, else the fixed default: each run asks the same.
std::uint32_t test_seed();

}  // namespace gantry::netpol
