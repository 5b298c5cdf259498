#pragma once

// One side of flows, decided: which peers the policies that apply to a group of endpoints let through, port by port (network policy
// reference, §12.2).
//
// The tiers are evaluated backwards, from what happens when nothing matches to the rule that is asked first, with sets instead of
// single flows. Each set has two bounds: who is certainly let through, and who possibly is. A rule that matches C certainly and
// P possibly, with outcome O (everybody for allow, nobody for deny, the next tier for pass), turns the bounds L' and H' of what
// follows it into
//
//   L = (C & O.L) | ((P - C) & O.L & L') | (L' - P)
//   H = (C & O.H) | ((P - C) & (O.H | H')) | (H' - P)
//
// which is exact as long as what is unknown about one rule does not hang together with what is unknown about another.

#include "netpol/compiled_policies.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace gantry::netpol {

// Disjoint port sets, each with whom it is open for; ports that are closed for everybody are left out.
struct RowPart {
  PortSet ports;
  TriSet peers;
};
using Row = std::vector<RowPart>;
PortSet ports_of(const Row& row);  // of all parts together

// A policy that applies to a group: to all of its endpoints, certainly or perhaps.
struct Applied {
  std::uint32_t policy = 0;  // index into CompiledPolicies::all()
  bool is_certain = true;
  friend auto operator<=>(const Applied&, const Applied&) = default;
};

struct GroupQuestion {
  kube::Direction direction = kube::Direction::ingress;
  std::vector<Applied> applied;  // ascending
  EndpointId member;             // any of the group: port names of ingress rules are looked up on it
  // Isolated in the other direction, by a profile that then holds no baseline in this one either.
  bool is_beyond_baseline = false;
};

// Unions, each formed once: where many policies select nearly everybody, thousands of rows are made of the same few sets.
class Unions {
 public:
  TriSet unite(std::span<const TriSet* const> sets);

 private:
  struct Union {
    std::vector<TriSet> of;
    TriSet all;
  };
  // Beyond this much rows have little in common, and remembering costs more than it saves.
  static constexpr std::size_t kRememberedMax = 100'000;

  std::unordered_multimap<std::size_t, Union> by_hash_;
};

// `unions` is for all rows that are computed one after the other.
Row compute_row(const CompiledPolicies& policies, const GroupQuestion& question, Unions& unions);

// The parts of `left`, cut down to what some part of `right` also lets through; `right` may overlap itself. Nobody else is kept.
// No peer of `left` is outside of the universe.
Row intersect(Row left, const Row& right, const EndpointSet& universe);

}  // namespace gantry::netpol
