#pragma once

// Which statuses a script expects (k6 reference, §10.6): http.expectedStatuses() and what it is given to.

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

namespace gantry::load {

struct StatusRange {
  int min = 0;
  int max = 0;  // included
};
// Null where the script does not want to know.
using ExpectedStatuses = std::shared_ptr<const std::vector<StatusRange>>;

// k6's own opinion.
inline ExpectedStatuses usual_statuses() {
  static const auto usual = std::make_shared<const std::vector<StatusRange>>(std::vector<StatusRange>{{200, 399}});
  return usual;
}

inline std::optional<bool> is_expected(const ExpectedStatuses& expected, int status) {
  if (!expected) return std::nullopt;
  return std::ranges::any_of(*expected,
                             [status](const StatusRange& each) { return each.min <= status && status <= each.max; });
}

}  // namespace gantry::load
