#include "cli/commands/load_knee.h"

#include "load/measure/knee_search.h"
#include "load/options/duration.h"
#include "load/summary/remarks.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace gantry::cli {

namespace {

using base::Node;
using load::KneeSearch;

constexpr std::int64_t kFirstRate = 10;
// More arrivals than this without a VU, and the rate was not sustained, whatever the others' latencies were.
constexpr double kDroppedShareMax = 0.01;

// As many VUs as answers of a quarter of a second need at once, and eight times as many in reserve.
Node scenario_at(std::int64_t rate, load::Duration length) {
  const std::int64_t vus = std::clamp<std::int64_t>(rate / 4, 10, 500);
  const Node scenario = Node::Map{{"executor", "constant-arrival-rate", {}},
                                  {"rate", rate, {}},
                                  {"duration", load::format_go_duration(length), {}},
                                  {"gracefulStop", "5s", {}},
                                  {"preAllocatedVUs", vus, {}},
                                  {"maxVUs", std::min<std::int64_t>(8 * vus, 2000), {}}};
  // VUs that a script asks for and no time would replace the scenario.
  return Node::Map{{"scenarios", Node::Map{{"default", scenario, {}}}, {}}, {"vus", Node(), {}}};
}

// Why a rate was not sustained; "" where it was.
std::string why_broken(const load::RunOutcome& outcome) {
  for (const load::JudgedMetric& metric : outcome.thresholds)
    for (const load::JudgedThreshold& threshold : metric.thresholds)
      if (!threshold.judgement.is_undecided && !threshold.judgement.holds)
        return fmt::format("{} '{}' does not hold", metric.selector.text, threshold.threshold.source);
  const load::ScenarioOutcome& scenario = outcome.scenarios.front();
  const auto dropped = static_cast<double>(scenario.dropped);
  if (dropped > kDroppedShareMax * (dropped + static_cast<double>(scenario.completed)))
    return fmt::format("{} arrivals found no VU free", scenario.dropped);
  return "";
}

bool has_decided(const load::RunOutcome& outcome) {
  return std::ranges::any_of(outcome.thresholds, [](const load::JudgedMetric& metric) {
    return std::ranges::any_of(metric.thresholds, [](const auto& each) { return !each.judgement.is_undecided; });
  });
}

base::Result<int> say_knee(const Invocation& invocation, const KneeSearch& search, std::string_view rate_is) {
  const std::optional<KneeSearch::Tried> held = search.held();
  const std::optional<KneeSearch::Tried> broke = search.broke();
  if (!held) {
    TRY(invocation.terminal.print(fmt::format("no rate holds, not even {}/s\n", broke ? broke->rate : kFirstRate)));
    return load::exit_code(load::RunEnd::thresholds_crossed);
  }
  const std::string above =
      broke ? fmt::format("; {}/s broke in {} of {}", broke->rate, broke->trials - broke->held, broke->trials) : "";
  TRY(invocation.terminal.print(
      fmt::format("{} {}/s, held in {} of {} trials{}\n", rate_is, held->rate, held->held, held->trials, above)));
  return load::exit_code(load::RunEnd::passed);
}

}  // namespace

base::Result<int> find_knee(const Invocation& invocation, load::Duration length,
                            const std::function<load::RunOutcome(const Node& overrides)>& run) {
  KneeSearch search(kFirstRate);
  while (const std::optional<std::int64_t> rate = search.next()) {
    const load::RunOutcome outcome = run(scenario_at(*rate, length));
    if (outcome.end != load::RunEnd::passed && outcome.end != load::RunEnd::thresholds_crossed) {
      if (outcome.error) invocation.terminal.show(*outcome.error);
      if (search.held()) TRY(say_knee(invocation, search, "sustainable rate, as far as it was searched: at least"));
      return load::exit_code(outcome.end);
    }
    if (!has_decided(outcome))
      return base::usage_error("no threshold of the script says what a rate must hold to",
                               "give it one: thresholds: { http_req_duration: ['p(95)<500'] }");
    const std::string why = why_broken(outcome);
    TRY(invocation.terminal.print(fmt::format("{:>7}/s  {}\n", *rate, why.empty() ? "holds" : "breaks: " + why)));
    const std::optional<std::string> own = load::why_bottleneck(outcome);
    if (!why.empty() && own) {
      TRY(invocation.terminal.print(
          fmt::format("the search ends there: the generator was the bottleneck, {}\n", *own)));
      return say_knee(invocation, search, "sustainable rate: at least");
    }
    search.tell(*rate, why.empty());
  }
  return say_knee(invocation, search, "sustainable rate:");
}

}  // namespace gantry::cli
