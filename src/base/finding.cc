#include "base/finding.h"

#include "base/digest.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace gantry::base {

namespace {

constexpr std::array<std::string_view, 5> kSeverities = {"info", "low", "medium", "high", "critical"};
static_assert(kSeverities.size() == static_cast<std::size_t>(Severity::critical) + 1);

// What decides the place in a report. Column and message come last, so that the order never depends on chance.
auto report_order(const Finding& f) {
  return std::tuple(-static_cast<int>(f.severity), f.where.file_name(), f.where.line, std::string_view(f.rule),
                    std::string_view(f.object), f.where.column, std::string_view(f.message));
}

}  // namespace

std::string_view to_string(Severity severity) { return kSeverities.at(static_cast<std::size_t>(severity)); }

std::optional<Severity> find_severity(std::string_view text) {
  const auto found = std::ranges::find(kSeverities, text);
  if (found == kSeverities.end()) return std::nullopt;
  return static_cast<Severity>(found - kSeverities.begin());
}

std::string Finding::fingerprint() const { return DigestBuilder().add(rule).add(object).add(message).hex(); }

void sort_findings(std::vector<Finding>& findings) {
  std::ranges::stable_sort(findings,
                           [](const Finding& a, const Finding& b) { return report_order(a) < report_order(b); });
}

}  // namespace gantry::base
