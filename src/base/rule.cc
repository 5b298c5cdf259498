#include "base/rule.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace gantry::base {

const Rule& find_rule(std::span<const Rule> rules, std::string_view id) {
  const auto known = std::ranges::find(rules, id, &Rule::id);
  assert(known != rules.end());
  return *known;
}

Finding make_finding(const Rule& rule, std::string object, SourcePos where, std::string message, std::string fix) {
  return {.rule = std::string(rule.id),
          .severity = rule.severity,
          .object = std::move(object),
          .where = std::move(where),
          .message = std::move(message),
          .explanation = std::string(rule.explanation),
          .fix = std::move(fix),
          .related = {}};
}

}  // namespace gantry::base
