#pragma once

// Which of a whole's things, numbered from 0, one part of it gets (k6 reference, §6.5): places of a cycle that repeats, so that each
// part has its share of the first thing and of the last. The stripes of all parts have each number exactly once.

#include <cstdint>
#include <memory>
#include <vector>

namespace gantry::load {

class Stripe {
 public:
  Stripe() = default;  // all of them
  // `places` of each `cycle` things, ascending; at least one.
  Stripe(std::vector<std::int64_t> places, std::int64_t cycle);

  // How many of the first `whole`.
  std::int64_t scale(std::int64_t whole) const;
  // What part of them that is, 0 to 1.
  double share() const;
  // The number in the whole of the one that is `own` here.
  std::int64_t nth(std::int64_t own) const;

  friend bool operator==(const Stripe& a, const Stripe& b);

 private:
  std::shared_ptr<const std::vector<std::int64_t>> places_ = {};  // null: all
  std::int64_t cycle_ = 1;
};

}  // namespace gantry::load
