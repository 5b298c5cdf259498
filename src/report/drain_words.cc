#include "report/drain_words.h"

#include "base/time.h"

#include <array>
#include <chrono>
#include <utility>

namespace gantry::report {

using disruption::GroupSearch;
using disruption::Invariant;
using disruption::StuckReason;
using disruption::Verdict;

namespace {

constexpr std::array<std::string_view, 7> kReasons = {"budget",   "budget-short", "overlap",    "unhealthy",
                                                      "unplaced", "lost-node",    "waits-order"};
static_assert(kReasons.size() == std::size_t{std::to_underlying(StuckReason::Kind::waits_order)} + 1);

struct VerdictLook {
  std::string_view meaning;
  Style style;
};
constexpr std::array<VerdictLook, 8> kVerdicts = {{
    {"all that must hold holds", Style::good},
    {"all that must hold holds; some evictions had to be tried again", Style::good},
    {"it only works by force, or loses data", Style::warning},
    {"a service falls below the pods that it must have", Style::bad},
    {"a service is left without a ready pod", Style::bad},
    {"a group loses its majority", Style::bad},
    {"kubectl refuses to drain", Style::bad},
    {"a drain can never end", Style::bad},
}};
static_assert(kVerdicts.size() == std::size_t{std::to_underlying(Verdict::stuck)} + 1);

}  // namespace

std::string_view name_of(StuckReason::Kind kind) { return kReasons.at(std::to_underlying(kind)); }
std::string_view name_of(Invariant::Kind kind) { return kind == Invariant::Kind::quorum ? "quorum" : "available"; }
std::string_view name_of(Invariant::Origin origin) {
  return origin == Invariant::Origin::declared ? "declared" : "inferred";
}
std::string_view name_of(GroupSearch::Coverage coverage) {
  return coverage == GroupSearch::Coverage::exhaustive ? "exhaustive" : "sampled";
}

std::string_view meaning_of(Verdict verdict) { return kVerdicts.at(std::to_underlying(verdict)).meaning; }
Style style_of(Verdict verdict) { return kVerdicts.at(std::to_underlying(verdict)).style; }
bool is_good(Verdict verdict) { return verdict <= Verdict::slow; }

std::string time_text(disruption::Instant time) {
  return base::format_duration(std::chrono::round<std::chrono::seconds>(time));
}

}  // namespace gantry::report
