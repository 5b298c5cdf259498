#pragma once

// A set of edits, tried: the edited snapshot is analysed again and compared with what was.

#include "netpol/judgement.h"
#include "netpol/proposals/edits.h"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gantry::netpol {

// Ordered: a smaller one is better.
struct TrialOutcome {
  std::size_t blocked = 0;     // needs that are not certainly admitted
  std::size_t excess = 0;      // pairs that may do what they could not, and do not need
  std::uint64_t unneeded = 0;  // ports of unneeded openings, summed
  friend auto operator<=>(const TrialOutcome&, const TrialOutcome&) = default;
};

class Trial {
 public:
  // All must outlive it.
  Trial(const Reachability& reach, const Needs& needs, const Judgement& judgement);

  struct Tried {
    Reachability reach;
    Judgement judgement;
    TrialOutcome outcome;
    std::vector<std::string> excess;  // "shop/web -> shop/db: 5432/TCP", at most kExcessShown
  };
  base::Result<Tried> run(const std::vector<TypedEdit>& edits) const;

  static constexpr std::size_t kExcessShown = 20;

 private:
  std::optional<EndpointId> counterpart(EndpointId before, const Reachability& after) const;

  const Reachability& reach_;
  const Needs& needs_;
  std::map<std::pair<EndpointId, EndpointId>, PortSet> needed_;
  std::map<std::pair<EndpointId, EndpointId>, PortSet> open_;
};

}  // namespace gantry::netpol
