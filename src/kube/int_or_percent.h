#pragma once

// A count that may be written as a share of another: `minAvailable: 2`, `maxUnavailable: 25%`.

#include "base/node.h"
#include "base/result.h"

#include <cstdint>
#include <string>

namespace gantry::kube {

// Kubernetes rounds the same text differently in different places: a budget's percentages and maxSurge up, a Deployment's
// maxUnavailable down (disruption reference, §2.2 and §6.1).
enum class Rounding { up, down };

struct IntOrPercent {
  enum class Kind : std::uint8_t { count, percent };

  Kind kind = Kind::count;
  std::int64_t value = 0;  // never negative

  // A whole number, or a string of digits with '%'. Errors: input, with position: another type, a number in quotes without
  // '%', below zero.
  static base::Result<IntOrPercent> parse(const base::Node& node);
  static IntOrPercent count(std::int64_t value) { return {Kind::count, value}; }
  static IntOrPercent percent(std::int64_t value) { return {Kind::percent, value}; }

  bool is_percent() const { return kind == Kind::percent; }
  // Of `total`, which is not negative. A count is itself, whatever the total.
  std::int64_t resolve(std::int64_t total, Rounding rounding) const;

  friend bool operator==(const IntOrPercent&, const IntOrPercent&) = default;
};

std::string to_string(const IntOrPercent& value);  // "2", "25%"

}  // namespace gantry::kube
