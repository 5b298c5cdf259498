#include "launch/commands.h"
#include "launch/plan.h"

#include <cstdint>
#include <cstdlib>

// The input is a plan. Whatever it is: it is an error with a place, or a plan that is its own text; every edit changes only
// its span, does what it says, and changes nothing the second time.

namespace {

using gantry::base::Result;
using gantry::launch::Criterion;
using gantry::launch::LedgerEntry;
using gantry::launch::MarkerKind;
using gantry::launch::PhaseStatus;
using gantry::launch::Plan;
using gantry::launch::PlanEdits;
using gantry::launch::Span;
using gantry::launch::Tick;

void require(bool holds) {
  if (!holds) std::abort();
}

Plan parse_again(const PlanEdits& edits) {
  Result<Plan> plan = Plan::parse(edits.apply(), "plan.md");
  require(plan.has_value());
  return *std::move(plan);
}

void require_only_span_changed(const Plan& plan, const std::string& after, Span span) {
  const std::string_view before = plan.text();
  require(span.end() <= before.size());
  require(std::string_view(after).starts_with(before.substr(0, span.offset)));
  require(std::string_view(after).substr(span.offset).ends_with(before.substr(span.end())));
}

void check_ticks(const Plan& plan) {
  PlanEdits all(plan);
  for (const Criterion& criterion : plan.criteria) {
    PlanEdits one(plan);
    require(one.set_tick(criterion.ordinal, Tick::on).has_value() == criterion.tick.has_value());
    if (!criterion.tick) continue;
    require_only_span_changed(plan, one.apply(), *criterion.tick);
    require(all.set_tick(criterion.ordinal, Tick::on).has_value());
  }
  const Plan ticked = parse_again(all);
  require(ticked.criteria.size() == plan.criteria.size());
  for (const Criterion& criterion : ticked.criteria) require(criterion.ticked || !criterion.tick);
}

void check_phases(const Plan& plan) {
  for (const LedgerEntry& entry : plan.ledger) {
    PlanEdits edits(plan);
    if (!edits.set_phase(entry.phase, PhaseStatus::deferred)) continue;  // listed twice
    require_only_span_changed(plan, edits.apply(), entry.span);
    const Plan changed = parse_again(edits);
    require(changed.phase_status(entry.phase) == PhaseStatus::deferred);
    PlanEdits again(changed);
    require(again.set_phase(entry.phase, PhaseStatus::deferred) && again.empty());
  }
}

void check_marker(const Plan& plan) {
  PlanEdits edits(plan);
  if (!edits.set_marker(MarkerKind::halt, "QA:blocked")) return;  // the plan ends inside code
  const Plan changed = parse_again(edits);
  require(!changed.markers.empty() && changed.markers.back().target == "QA:blocked");
  PlanEdits again(changed);
  require(again.set_marker(MarkerKind::halt, "QA:blocked") && again.empty());
}

void check_entropy(const Plan& plan) {
  PlanEdits edits(plan);
  if (!edits.spend_entropy({.units = 1, .digits = 2})) return;  // nothing remains
  const Plan changed = parse_again(edits);
  require(changed.entropy && changed.entropy->remaining);
  const auto expected = subtract(plan.entropy->remaining->value, {.units = 1, .digits = 2});
  require(std::is_eq(compare(changed.entropy->remaining->value, expected)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const Result<Plan> plan = Plan::parse(text, "plan.md");
  if (!plan) {
    require(plan.error().where.has_value() && !plan.error().message.empty());
    return 0;
  }
  require(plan->text() == text);
  require(PlanEdits(*plan).apply() == text);
  check_ticks(*plan);
  check_phases(*plan);
  check_marker(*plan);
  check_entropy(*plan);
  for (const auto& track : plan->tracks) {
    for (const auto& step : track.steps) {
      for (const auto& command : step.commands) gantry::launch::recognise(command);
    }
  }
  return 0;
}
