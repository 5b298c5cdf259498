#pragma once

// Looks for the highest rate that a target sustains: doubles the rate until it breaks, halves the distance between what held and what
// broke, and then tries both again, since near the knee chance decides. Pure: whoever asks runs the load.
//
//   KneeSearch search(10);
//   while (const std::optional<std::int64_t> rate = search.next()) search.tell(*rate, holds_at(*rate));
//   search.held()->rate …

#include <cstdint>
#include <map>
#include <optional>

namespace gantry::load {

class KneeSearch {
 public:
  static constexpr double kPrecision = 0.05;           // between what held and what broke, as part of it
  static constexpr int kTrials = 3;                    // of each of these two
  static constexpr int kTrialsMax = 60;                // in all: a target that changes its mind ends the search
  static constexpr std::int64_t kRateMax = 1'000'000;  // a second: more than one machine can send

  // Rates are whole iterations a second, ≥ 1.
  explicit KneeSearch(std::int64_t first) : first_(first) {}

  // The rate to try next; nothing once it is found.
  std::optional<std::int64_t> next() const;
  void tell(std::int64_t rate, bool holds);

  struct Tried {
    std::int64_t rate = 0;
    int held = 0;
    int trials = 0;
  };
  // The highest that held in most trials, below all that did not; nothing where none did. And the lowest that did not.
  std::optional<Tried> held() const;
  std::optional<Tried> broke() const;

 private:
  struct Trials {
    int held = 0;
    int all = 0;
    bool holds() const { return 2 * held > all; }
  };
  std::int64_t first_;
  std::map<std::int64_t, Trials> tried_ = {};
  int trials_ = 0;
};

}  // namespace gantry::load
