// load.target: what load tests are about starts, answers, says which build it is, and has all that it depends on, or the workspace says
// what it does without.

#include "base/json.h"
#include "launch/checks/checks.h"
#include "launch/checks/load/local_target.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

namespace gantry::launch {

using base::Result;

namespace {

constexpr std::array kFields = {
    Field{"target", FieldKind::text, Need::optional, "of gantry.yaml's load: targets: (default: load: target:)"},
};

constexpr std::chrono::milliseconds kFreshFor = std::chrono::hours(24 * 14);     // as load.run
constexpr std::chrono::milliseconds kFreshForElsewhere = std::chrono::hours(1);  // a live read (launch reference, §6.3)

std::string summarize(const TargetRecord& target) {
  std::vector<std::string> dependencies;
  for (const Dependency& each : target.dependencies)
    dependencies.push_back(fmt::format("{} {}", each.name, each.state));
  return fmt::format("target {} answers{}{}", target.name,
                     target.version.empty() ? std::string() : fmt::format(", version {}", target.version),
                     dependencies.empty() ? std::string() : fmt::format("; {}", fmt::join(dependencies, ", ")));
}

void judge_build(const PreparedTarget& prepared, const TargetRecord& target, CheckOutcome& outcome) {
  if (!target.version.empty() || !target.digest.empty()) return;
  outcome.findings.push_back({.rule = "load.target-unknown-build",
                              .severity = base::Severity::medium,
                              .object = prepared.name,
                              .where = prepared.target.where,
                              .message = "nobody knows which build the target is",
                              .explanation = "Gantry did not start it, and its status page names no version",
                              .fix = "let its status page say `version`, or start it with `run:`",
                              .related = {}});
}

Result<CheckOutcome> run(CheckContext& context) {
  context.inputs.note("option:load", base::dump_json(context.config.load.text));
  const std::string name = context.text("target").empty() ? context.config.load.target : context.text("target");
  if (name.empty())
    return base::input_error("gantry.yaml names no target", context.where(),
                             "add one to `load: targets:` in gantry.yaml");
  const PreparedTarget prepared = TRY(prepare_target(context, name));
  RunningTarget running(prepared);
  const RunningTarget::State state = running.start(context.stop);
  if (state == RunningTarget::State::stopped) return base::environment_error("interrupted");
  if (state != RunningTarget::State::ready) return fail_to_start(prepared, running);
  const TargetRecord target = describe_target(prepared, running);
  running.end();
  CheckOutcome outcome;
  outcome.evidence_class = base::EvidenceClass::rehearsal;
  if (!prepared.is_seen) outcome.fresh_for = target.digest.empty() ? kFreshForElsewhere : kUnseenFreshFor;
  outcome.findings = find_dependencies_off(target, prepared.name, prepared.target.where);
  if (std::optional<base::Finding> unseen = find_unseen(prepared)) outcome.findings.push_back(*std::move(unseen));
  judge_build(prepared, target, outcome);
  base::sort_findings(outcome.findings);
  outcome.verdict = verdict_of(outcome.findings);
  outcome.summary = outcome.verdict == base::Verdict::pass ? summarize(target) : outcome.findings.front().message;
  outcome.artifacts.push_back(
      {"target.json", "application/json", base::dump_json(to_node(target), base::JsonStyle::indented) + "\n"});
  return outcome;
}

}  // namespace

const CheckType kLoadTarget = {.name = "load.target",
                               .summary = "the target answers, its build is known, and what it depends on is on",
                               .fields = kFields,
                               .version = 3,
                               .run = run,
                               .missing_engine = {},
                               .fresh_for = kFreshFor,
                               .with = "load"};

}  // namespace gantry::launch
