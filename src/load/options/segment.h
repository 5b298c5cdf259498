#pragma once

// One part of a run that several processes share: executionSegment and executionSegmentSequence (k6 reference, §6.5). Each process
// knows from these two alone which VUs and iterations are its own.
//
//   const Deal deal = TRY(read_deal(options));
//   scenarios = deal_scenarios(std::move(scenarios), deal);

#include "base/node.h"
#include "base/result.h"
#include "load/executors/stripe.h"
#include "load/options/scenario.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {

// In lowest terms, the denominator positive.
struct Fraction {
  std::int64_t numerator = 0;
  std::int64_t denominator = 1;
  friend bool operator==(const Fraction&, const Fraction&) = default;
};

// 0 ≤ from < to ≤ 1.
struct Segment {
  Fraction from = {0, 1};
  Fraction to = {1, 1};
  friend bool operator==(const Segment&, const Segment&) = default;
};

// "1/4:50%", "0.2:2/3"; without a colon from 0. Errors: input: no numbers, not inside 0:1, a denominator above 10^9.
base::Result<Segment> parse_segment(std::string_view text);
// "0,1/3,2/3,1": each part ends where the next begins. Errors: as above; fewer than two points.
base::Result<std::vector<Segment>> parse_segment_sequence(std::string_view text);
std::string to_string(const Segment& segment);
std::string to_string(const std::vector<Segment>& sequence);

// The whole in parts, and which of them is ours.
class Deal {
 public:
  Deal() = default;  // one part
  // The segment is one of the sequence's; what lies before and behind that is dealt too. Errors: input: it is not; parts so odd that
  // they repeat only after more than a million things.
  static base::Result<Deal> create(const Segment& ours, std::vector<Segment> sequence);

  const Stripe& stripe() const { return stripes_[ours_]; }
  // The deal in which each part has as much as it has of `value` things: so that a part which has a tenth more VUs has a tenth more
  // iterations. Nothing where ours would have none.
  std::optional<Deal> among(std::int64_t value) const;

 private:
  Deal(std::vector<std::int64_t> weights, std::size_t ours);

  std::vector<std::int64_t> weights_ = {1};  // of all parts, without a common divisor
  std::vector<Stripe> stripes_ = {Stripe()};
  std::size_t ours_ = 0;
  std::int64_t cycle_ = 1;  // the sum of the weights
};

// What is odd about parts that are to be a whole, in sentences.
struct Gaps {
  std::vector<std::string> missing = {};
  std::vector<std::string> twice = {};
};
Gaps find_gaps(std::vector<Segment> parts);

// executionSegment and executionSegmentSequence of an options object; the whole where there is neither. Errors: input: as above.
base::Result<Deal> read_deal(const base::Node& options);
// The same two in lowest terms, as k6 shows them.
base::Node normalize_segments(base::Node options);

// What of each scenario is ours. Those of which nothing is are left out.
std::vector<Scenario> deal_scenarios(std::vector<Scenario> scenarios, const Deal& deal);

}  // namespace gantry::load
