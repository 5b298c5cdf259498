// A rehearsal for people, top to bottom: what became of each node and why, the timeline, what had to hold, the budgets, what was
// searched, what was taken as given; the verdict last.

#include "report/drain.h"
#include "report/drain_chart.h"
#include "report/drain_lanes.h"
#include "report/drain_words.h"
#include "report/page.h"
#include "report/terminal_findings.h"
#include "report/terminal_parts.h"

#include "base/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <limits>
#include <span>
#include <utility>

namespace gantry::report {

using disruption::GroupSearch;
using disruption::Instant;
using disruption::Invariant;
using disruption::NodeOutcome;
using disruption::Rehearsal;
using disruption::Verdict;

namespace {

// A screen holds no more; --verbose and --json have all.
constexpr std::size_t kNodesMax = 12;
constexpr std::size_t kLanesMax = 24;
constexpr std::size_t kUnplacedMax = 6;
constexpr std::size_t kStepsMax = 20;
constexpr std::size_t kFindingsMax = 12;

class RehearsalPage {
 public:
  RehearsalPage(const RehearsalReport& report, const RenderOptions& options)
      : report_(report),
        rehearsal_(report.rehearsal),
        verbose_(options.detail == Detail::verbose),
        page_(options.width, options.colour) {}

  std::string write() {
    page_.row(0, {{.text = rehearsal_.what, .style = Style::strong, .lines_max = 3}});
    page_.blank();
    write_nodes();
    write_timeline();
    write_unplaced();
    write_invariants();
    write_budgets();
    write_searches();
    write_findings();
    write_assumptions();
    write_verdict();
    return page_.text();
  }

 private:
  std::size_t most(std::size_t normal) const { return verbose_ ? std::numeric_limits<std::size_t>::max() : normal; }
  const std::string& node_name(disruption::NodeIndex node) const {
    return rehearsal_.cluster.nodes()[node.value()].name();
  }
  void write_nodes();
  void write_node(const NodeOutcome& node, std::size_t name_width);
  void write_timeline();
  void write_unplaced();
  void write_invariants();
  void write_quorum(const disruption::QuorumVerdict& verdict);
  void write_budgets();
  void write_searches();
  void write_group(const GroupSearch& group);
  void write_example(std::string_view what, const disruption::CounterExample& example);
  void write_findings();
  void write_assumptions();
  void write_verdict();
  void write_left_out_line(std::size_t count, std::string_view what);

  const RehearsalReport& report_;
  const Rehearsal& rehearsal_;
  bool verbose_;
  Page page_;
};

Cell mark_of(bool good) { return {.text = good ? "✓" : "✗", .width = 1, .style = good ? Style::good : Style::bad}; }

std::string count_text(std::int64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

void RehearsalPage::write_left_out_line(std::size_t count, std::string_view what) {
  if (count > 0)
    page_.row(2, {{.text = fmt::format("… and {} more {}: --verbose or --json", count, what), .style = Style::faint}});
}

void RehearsalPage::write_nodes() {
  std::size_t name_width = 4;
  for (const NodeOutcome& node : rehearsal_.nodes)
    name_width = std::max(name_width, base::display_width(node_name(node.node)));
  name_width = std::min(name_width, page_.width() / 3);
  std::size_t shown = 0;
  std::size_t left_out = 0;
  for (const NodeOutcome& node : rehearsal_.nodes) {
    const bool is_calm = is_good(node.verdict);
    if (is_calm && shown >= most(kNodesMax)) {
      ++left_out;
      continue;
    }
    ++shown;
    write_node(node, name_width);
  }
  write_left_out_line(left_out, "nodes that drain");
  if (!rehearsal_.nodes.empty()) page_.blank();
}

void RehearsalPage::write_node(const NodeOutcome& node, std::size_t name_width) {
  std::string text = count_text(node.evictions, "pod evicted", "pods evicted");
  if (node.refusals > 0) text += fmt::format(", {}", count_text(node.refusals, "try refused", "tries refused"));
  text += fmt::format("; {} to {}", time_text(node.begin), time_text(node.end));
  if (node.timed_out) text += "; beyond --timeout";
  page_.row(0, {mark_of(is_good(node.verdict)),
                {.text = node_name(node.node), .width = name_width, .style = Style::strong},
                {.text = std::string(to_string(node.verdict)), .width = 12, .style = style_of(node.verdict)},
                {.text = text, .lines_max = 2}});
  for (const disruption::RefusedPod& refused : node.refused)
    page_.row(
        2, {{.text = fmt::format(
                 "{} is refused ({}); {} lifts it{}", rehearsal_.pod(refused.pod).name,
                 to_string(refused.decision.filter), refused.decision.flag,
                 refused.decision.destroys.empty() ? "" : fmt::format(", and destroys {}", refused.decision.destroys)),
             .lines_max = 3}});
  for (const disruption::StuckReason& reason : node.why_stuck)
    page_.row(2, {{.text = "because " + reason.text, .lines_max = 4}});
  for (const std::string& destroyed : node.destroyed)
    page_.row(2, {{.text = "destroys " + destroyed, .style = Style::warning, .lines_max = 2}});
  for (const disruption::InvariantIndex index : node.broken)
    page_.row(2, {{.text = "breaks " + to_string(rehearsal_.cluster.invariants()[index.value()]), .lines_max = 2}});
  const bool asks = verbose_ || !is_good(node.verdict);
  if (asks && !node.command.empty()) page_.row(2, {{.text = node.command, .style = Style::accent, .lines_max = 3}});
}

void RehearsalPage::write_timeline() {
  const Lanes lanes = lay_lanes(rehearsal_, most(kNodesMax), most(kLanesMax));
  // A refusal takes no time.
  if (rehearsal_.end.count() == 0 && lanes.pods.empty()) return;
  write_heading(page_, "Timeline");
  write_chart(page_, rehearsal_, lanes);
  write_left_out_line(lanes.nodes_left_out, "nodes");
  write_left_out_line(lanes.pods_left_out, "pods");
  if (rehearsal_.events_cut)
    page_.row(2, {{.text = "More happened than is kept: the timeline ends early, the verdict does not.",
                   .style = Style::warning,
                   .lines_max = 2}});
  page_.blank();
}

void RehearsalPage::write_unplaced() {
  if (rehearsal_.unplaced.empty()) return;
  write_heading(page_, "Pods without a node at the end");
  const std::size_t shown = std::min(rehearsal_.unplaced.size(), most(kUnplacedMax));
  for (const disruption::Unplaced& each : std::span(rehearsal_.unplaced).first(shown)) {
    std::vector<std::string> reasons;
    for (const disruption::NodeObstacle& at : each.obstacles)
      reasons.push_back(fmt::format("{}: {}{}{}", node_name(at.node), to_string(at.obstacle.kind),
                                    at.obstacle.resource.empty() ? "" : " for ", at.obstacle.resource));
    page_.row(2, {{.text = fmt::format("{} ({})", rehearsal_.pod(each.pod).name, fmt::join(reasons, "; ")),
                   .lines_max = verbose_ ? 20U : 3U}});
  }
  write_left_out_line(rehearsal_.unplaced.size() - shown, "pods");
  page_.blank();
}

// The four things on which a group's majority hangs, each on its own: each is mended elsewhere (disruption reference, §9.2).
void RehearsalPage::write_quorum(const disruption::QuorumVerdict& verdict) {
  using Cause = std::pair<std::string_view, const disruption::QuorumCause&>;
  for (const auto& [name, cause] : {Cause("budget", verdict.budget), Cause("placement", verdict.placement),
                                    Cause("readiness", verdict.readiness), Cause("data", verdict.data)}) {
    const bool holds = cause.holds == disruption::Holds::yes;
    const Cell mark = cause.holds == disruption::Holds::unknown ? Cell{.text = "?", .width = 1, .style = Style::warning}
                                                                : mark_of(holds);
    page_.row(4, {mark,
                  {.text = std::string(name), .width = 9, .style = Style::faint},
                  {.text = cause.text, .style = holds ? Style::faint : Style::plain, .lines_max = 4}});
  }
}

void RehearsalPage::write_invariants() {
  if (rehearsal_.invariants.empty()) return;
  write_heading(page_, "What must hold");
  for (std::size_t i = 0; i < rehearsal_.invariants.size(); ++i) {
    const Invariant& invariant = rehearsal_.cluster.invariants()[i];
    const disruption::InvariantOutcome& outcome = rehearsal_.invariants[i];
    std::string what = fmt::format("{}: at least {}", to_string(invariant), outcome.lowest);
    if (outcome.broken)
      what += fmt::format(" from {}, too few for {}", time_text(outcome.lowest_at), time_text(outcome.below));
    if (outcome.broken_before) what += "; it did not hold before";
    page_.row(2, {mark_of(!outcome.broken), {.text = what, .lines_max = 3}});
    if (verbose_ || outcome.broken)
      page_.row(4, {{.text = fmt::format("{}: {}", name_of(invariant.origin), invariant.reason),
                     .style = Style::faint,
                     .lines_max = 2}});
    for (const disruption::QuorumVerdict& verdict : report_.quorums)
      if (verdict.invariant.value() == i) write_quorum(verdict);
  }
  page_.blank();
}

void RehearsalPage::write_budgets() {
  const std::vector<disruption::ClusterBudget> budgets = rehearsal_.cluster.budgets();
  if (budgets.empty()) return;
  write_heading(page_, "Budgets");
  for (std::size_t i = 0; i < budgets.size(); ++i) {
    const disruption::BudgetNumbers& numbers = budgets[i].numbers;
    const disruption::BudgetOutcome& outcome = rehearsal_.budgets[i];
    if (numbers.sync_failed) {
      page_.row(2, {{.text = fmt::format("{} cannot be counted, since an owner of its pods has no scale: it allows 0",
                                         budgets[i].name),
                     .lines_max = 2}});
      continue;
    }
    page_.row(2, {{.text = fmt::format("{} needs {} of {}, allows {}; {}", budgets[i].name, numbers.desired,
                                       numbers.expected, numbers.allowed,
                                       outcome.refusals > 0
                                           ? count_text(outcome.refusals, "eviction refused", "evictions refused")
                                           : std::string("never refused")),
                   .lines_max = 2}});
  }
  page_.blank();
}

void RehearsalPage::write_example(std::string_view what, const disruption::CounterExample& example) {
  page_.row(4, {{.text = fmt::format("{}{}:", what, example.shortest ? ", by the shortest way" : ""),
                 .style = Style::bad,
                 .lines_max = 2}});
  const std::size_t shown = std::min(example.steps.size(), most(kStepsMax));
  for (std::size_t i = 0; i < shown; ++i)
    page_.row(6, {{.text = fmt::format("{}.", i + 1), .width = 3, .align = Align::right},
                  {.text = to_string(example.steps[i], rehearsal_.cluster), .lines_max = 2},
                  {.text = fmt::format("{} left", example.steps[i].level), .width = 8, .style = Style::faint}});
  write_left_out_line(example.steps.size() - shown, "steps");
}

void RehearsalPage::write_group(const GroupSearch& group) {
  const Invariant& invariant = rehearsal_.cluster.invariants()[group.invariant.value()];
  page_.row(2, {mark_of(!group.broken && !group.stuck),
                {.text = fmt::format("{} in every course of events ({})", to_string(invariant), group.scope()),
                 .lines_max = 3}});
  if (group.broken) write_example("it falls below", *group.broken);
  if (group.stuck) write_example("a drain never ends", *group.stuck);
}

void RehearsalPage::write_searches() {
  if (!report_.orders && report_.groups.empty()) return;
  write_heading(page_, "Searched");
  if (const disruption::OrderSearch* orders = report_.orders) {
    const bool all = orders->coverage == disruption::OrderSearch::Coverage::exhaustive;
    page_.row(2,
              {{.text = fmt::format("{} of nodes that {} ({}){}",
                                    count_text(static_cast<std::int64_t>(orders->orders), "order", "orders"),
                                    orders->orders == 1 ? "differs" : "differ",
                                    all ? std::string("all of them") : fmt::format("a sample, seed {}", orders->seed),
                                    orders->orders > 1 ? "; shown is the first of the worst" : ""),
                .lines_max = 2}});
    if (orders->orders > 1 && orders->worst_order.size() <= kNodesMax)
      page_.row(
          4,
          {{.text = fmt::format("{}", fmt::join(orders->worst_order, ", ")), .style = Style::faint, .lines_max = 2}});
  }
  for (const GroupSearch& group : report_.groups) write_group(group);
  page_.blank();
}

// The worst first; hygiene only on request.
void RehearsalPage::write_findings() {
  std::vector<base::Finding> shown;
  for (const base::Finding& finding : report_.findings)
    if (verbose_ || finding.severity >= base::Severity::medium) shown.push_back(finding);
  std::ranges::stable_sort(shown, std::greater<>(), &base::Finding::severity);
  const std::size_t left_out = shown.size() - std::min(shown.size(), most(kFindingsMax));
  if (shown.empty()) return;
  shown.resize(shown.size() - left_out);
  write_heading(page_, "Mistakes in budgets and workloads");
  write_every_finding(page_, 2, shown, verbose_ ? Detail::verbose : Detail::normal);
  write_left_out_line(left_out, "mistakes");
  page_.blank();
}

void RehearsalPage::write_assumptions() {
  write_heading(page_, "Taken as given");
  for (const std::string& each : rehearsal_.cluster.assumptions())
    page_.row(2, {{.text = each, .style = Style::faint, .lines_max = 3}});
  if (report_.smallest)
    page_.row(2, {{.text = report_.smallest->nodes
                               ? (*report_.smallest->nodes == 1
                                      ? std::string("one such node is enough")
                                      : fmt::format("{} such nodes are the fewest that do", *report_.smallest->nodes))
                               : std::string("no number of such nodes up to 6 does"),
                   .style = Style::faint,
                   .lines_max = 2}});
  page_.blank();
}

void RehearsalPage::write_verdict() {
  const Verdict verdict = verdict_of(report_);
  std::string word(to_string(verdict));
  std::ranges::transform(word, word.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const Style style = is_good(verdict)                   ? Style::banner_good
                      : verdict == Verdict::unsafe_flags ? Style::banner_warning
                                                         : Style::banner_bad;
  page_.banner(word, style, std::string(meaning_of(verdict)));
}

}  // namespace

Verdict verdict_of(const RehearsalReport& report) {
  Verdict verdict = report.rehearsal.verdict;
  for (const GroupSearch& group : report.groups) {
    const Invariant& invariant = report.rehearsal.cluster.invariants()[group.invariant.value()];
    if (group.broken)
      verdict = std::max(verdict, invariant.kind == Invariant::Kind::quorum ? Verdict::quorum_lost : Verdict::degraded);
    if (group.stuck) verdict = std::max(verdict, Verdict::stuck);
  }
  return verdict;
}

std::string render_rehearsal(const RehearsalReport& report, const RenderOptions& options) {
  return RehearsalPage(report, options).write();
}

}  // namespace gantry::report
