#include "launch/checks/load/plan_targets.h"

#include "base/file.h"
#include "base/text.h"
#include "launch/checks/load/baseline_figures.h"
#include "launch/checks/load/expectation.h"
#include "launch/markdown_inline.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::launch {

namespace {

struct Comparator {
  std::string_view words;
  std::string_view sign;
};
// The longer one first where one begins another.
constexpr std::array kComparators = {
    Comparator{"<=", "<="},
    Comparator{">=", ">="},
    Comparator{"≤", "<="},
    Comparator{"≥", ">="},
    Comparator{"<", "<"},
    Comparator{">", ">"},
    Comparator{"below", "<"},
    Comparator{"under", "<"},
    Comparator{"within", "<="},
    Comparator{"at most", "<="},
    Comparator{"above", ">"},
    Comparator{"at least", ">="},
    Comparator{"no more than", "<="},
    Comparator{"no less than", ">="},
    Comparator{"less than", "<"},
    Comparator{"more than", ">"},
    Comparator{"not exceed", "<="},
};
// "p95 latency must stay below": the figure is before them.
constexpr std::array<std::string_view, 20> kFillers = {"must",  "should", "shall",   "will", "has", "have",  "to",
                                                       "be",    "stay",   "stays",   "is",   "are", "keep",  "kept",
                                                       "stand", "remain", "remains", "not",  "all", "always"};
constexpr std::array<std::string_view, 5> kRateUnits = {"req/s", "requests/s", "rps", "requests per second", "req/sec"};
// What makes a rate behind it a demand. "it served 478 req/s" is a report.
constexpr std::array<std::string_view, 10> kDemands = {"target",  "at least", ">=",    "≥",       "> ",
                                                       "sustain", "minimum",  "hold ", "handle ", "withstand"};

// As expectations call a figure: those that they know.
std::string expected_name(const Figure& figure) {
  switch (figure.quantity) {
    case Quantity::rate: return "rate";
    case Quantity::share: return "errors";
    case Quantity::latency: return figure.metric.substr(std::string_view("latency_ms_").size());
    case Quantity::count:
    case Quantity::span: return {};
  }
  return {};
}

// The figure that the text ends with: of "… and p95" the last word, of "error rate" the last two.
std::optional<Figure> last_figure(std::string_view text) {
  text = base::trim(text);
  for (;;) {
    const std::size_t blank = text.rfind(' ');
    if (blank == std::string_view::npos || std::ranges::find(kFillers, text.substr(blank + 1)) == kFillers.end()) break;
    text = base::trim(text.substr(0, blank));
  }
  const std::size_t one = text.rfind(' ');
  const std::size_t two = one == std::string_view::npos || one == 0 ? one : text.rfind(' ', one - 1);
  for (const std::size_t at : {two, one}) {
    std::string_view words = at == std::string_view::npos ? text : text.substr(at + 1);
    while (words.starts_with('(')) words.remove_prefix(1);
    if (std::optional<Figure> figure = find_figure(words)) return figure;
  }
  return std::nullopt;
}

// "500ms", "1%" as expectations have it; "" where it is no number with a fitting unit.
std::string bound_at(std::string_view text, Quantity quantity) {
  const std::optional<WrittenNumber> number = read_number(text, quantity);
  if (!number || number->offset > 1) return {};
  const std::string_view unit = quantity == Quantity::latency ? "ms" : quantity == Quantity::share ? "%" : "";
  return fmt::format("{}{}", number->value, unit);
}

void add(std::string expectation, std::vector<std::string>& targets) {
  const bool is_known = std::ranges::find(targets, expectation) != targets.end();
  if (!is_known && parse_expectation(expectation)) targets.push_back(std::move(expectation));
}

// "p95 < 500ms"
void find_bounds(std::string_view text, std::vector<std::string>& targets) {
  for (std::size_t at = 0; at < text.size(); ++at)
    for (const auto& [words, sign] : kComparators) {
      if (!text.substr(at).starts_with(words)) continue;
      const std::optional<Figure> figure = last_figure(text.substr(0, at));
      const std::string name = figure ? expected_name(*figure) : std::string();
      const std::string bound = figure ? bound_at(text.substr(at + words.size()), figure->quantity) : std::string();
      if (!name.empty() && !bound.empty()) add(fmt::format("{} {} {}", name, sign, bound), targets);
      at += words.size() - 1;
      break;
    }
}

// "100 req/s target", "target: 100 req/s", "a target of 100 req/s", "at least 100 req/s", "sustain >= 5k req/s"
void find_rates(std::string_view text, std::vector<std::string>& targets) {
  constexpr std::size_t kNear = 12;  // "target of " and a bracket
  for (const std::string_view unit : kRateUnits)
    for (std::size_t at = text.find(unit); at != std::string_view::npos; at = text.find(unit, at + 1)) {
      std::size_t last = text.find_last_not_of(' ', at == 0 ? 0 : at - 1);
      if (last != std::string_view::npos && last > 0 && text[last] == 'k') --last;
      if (last == std::string_view::npos || text[last] < '0' || text[last] > '9') continue;
      const std::size_t before = text.find_last_not_of("0123456789.,", last);
      const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
      const std::size_t from = begin > kNear ? begin - kNear : 0;
      const std::string_view ahead = text.substr(at + unit.size(), kNear);
      const std::string_view behind = text.substr(from, begin - from);
      const bool is_demand = std::ranges::any_of(kDemands, [behind](auto word) { return behind.contains(word); });
      if (!ahead.contains("target") && !is_demand) continue;
      const std::string bound = bound_at(text.substr(begin), Quantity::rate);
      if (!bound.empty()) add("rate >= " + bound, targets);
    }
}

bool binds(const Config& config, std::string_view step, std::string_view script) {
  const auto bound = config.bindings.find(step);
  return bound != config.bindings.end() && std::ranges::any_of(bound->second, [script](const base::Node& block) {
           return block.is_map() && block.text("check") == "load.run" && block.text("script") == script;
         });
}

void add_all(std::string_view text, const std::string& origin, const base::SourcePos& where,
             std::vector<PlanTarget>& targets) {
  for (std::string& expectation : find_targets(text))
    if (std::ranges::find(targets, expectation, &PlanTarget::expectation) == targets.end())
      targets.push_back({std::move(expectation), origin, where});
}

}  // namespace

std::vector<std::string> find_targets(std::string_view markdown) {
  const std::string text = text_identity(markdown);
  std::vector<std::string> targets;
  find_bounds(text, targets);
  find_rates(text, targets);
  return targets;
}

std::string targets_text(const Plan& plan) {
  std::string text;
  const auto add_text = [&text](std::string_view whose, std::string_view words) {
    for (const std::string& target : find_targets(words)) text += fmt::format("{}: {}; ", whose, target);
  };
  for (const PlanTrack& track : plan.tracks)
    for (const PlanStep& step : track.steps) add_text(step.id, step.text);
  for (const Criterion& criterion : plan.criteria) add_text(fmt::format("{}", criterion.ordinal), criterion.text);
  return text;
}

std::vector<PlanTarget> plan_targets(const Plan& plan, const Config& config, std::string_view script) {
  std::vector<PlanTarget> targets;
  std::vector<std::string_view> steps;
  for (const PlanTrack& track : plan.tracks)
    for (const PlanStep& step : track.steps)
      if (step.text.contains(base::base_name_of(script)) || binds(config, step.id, script)) {
        steps.push_back(step.id);
        add_all(step.text, "step " + step.id, step.where, targets);
      }
  for (const Criterion& criterion : plan.criteria) {
    const auto decided_by = config.criteria.find(criterion.ordinal);
    const bool is_decided = decided_by != config.criteria.end() &&
                            std::ranges::any_of(decided_by->second, [&steps](const std::string& step) {
                              return std::ranges::find(steps, step) != steps.end();
                            });
    if (is_decided) add_all(criterion.text, fmt::format("criterion {}", criterion.ordinal), criterion.where, targets);
  }
  return targets;
}

}  // namespace gantry::launch
