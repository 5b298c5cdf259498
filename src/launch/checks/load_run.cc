// load.run: a k6 script runs, its thresholds and what the plan expects hold, and the figures are its target's own.

#include "base/cpu_time.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"
#include "launch/checks/checks.h"
#include "launch/checks/load/local_target.h"
#include "launch/checks/load/memory_watch.h"
#include "launch/checks/load/plan_targets.h"
#include "launch/checks/load/run_record.h"
#include "launch/checks/load/verdict.h"
#include "load/options/redacted.h"
#include "load/options/run_flags.h"
#include "load/script_engine.h"
#include "load/summary/data.h"
#include "load/summary/measured.h"
#include "report/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>

namespace gantry::launch {

using base::Result;

namespace {

constexpr std::array kFields = {
    Field{"script", FieldKind::path, Need::required, "the k6 script"},
    Field{"flags", FieldKind::text_list, Need::optional, "flags of k6 run, which win over the script: --vus=50"},
    Field{"env", FieldKind::label_map, Need::optional, "variables of the script's __ENV; it sees no others"},
    Field{"target", FieldKind::text, Need::optional,
          "a program of gantry.yaml's load: targets:, which is started for the run"},
    Field{"expect", FieldKind::text_list, Need::optional, "rate >= 100, p95 < 500ms, errors < 1%"},
};

// Of what the script prints: enough to see what it was about.
constexpr std::size_t kLogBytesMax = 64 << 10;
// A load test on what is released holds for two weeks (launch reference, §6.3).
constexpr std::chrono::milliseconds kFreshFor = std::chrono::hours(24 * 14);

Result<std::vector<Expectation>> read_expectations(const CheckContext& context) {
  std::vector<Expectation> expectations;
  const bool has_own = context.block.get("expect") != nullptr;
  for (const std::string& text : has_own ? context.texts("expect") : context.config.load.expect) {
    Result<Expectation> expectation = parse_expectation(text);
    if (!expectation) {
      expectation.error().where = has_own ? context.where() : context.config.load.text.pos();
      return std::unexpected(std::move(expectation).error());
    }
    expectations.push_back(*std::move(expectation));
  }
  // What the plan's own words ask is asked in any case; in other words it may be there already.
  for (const PlanTarget& target : plan_targets(context.plan, context.config, context.text("script"))) {
    Expectation asked = TRY(parse_expectation(target.expectation));
    const bool is_known = std::ranges::any_of(expectations, [&asked](const Expectation& each) {
      return each.metric == asked.metric && each.threshold.aggregation == asked.threshold.aggregation &&
             each.threshold.percent == asked.threshold.percent &&
             each.threshold.comparison == asked.threshold.comparison && each.threshold.bound == asked.threshold.bound;
    });
    if (!is_known) expectations.push_back(std::move(asked));
  }
  return expectations;
}

Result<load::RunSettings> read_settings(const CheckContext& context) {
  load::RunSettings settings;
  for (const std::string& flag : context.texts("flags"))
    TRY(base::with_context(load::apply_run_flag(flag, settings), fmt::format("while reading the flag {}", flag)));
  if (const base::Node* env = context.block.get("env"))
    for (const base::Node::Member& variable : env->map()) settings.env[variable.key] = variable.value.string();
  return settings;
}

// The script plays, and says how far it is.
struct Played {
  load::RunOutcome outcome;
  std::string log;
};

// What it played against, and what was seen of that meanwhile.
struct Opposite {
  TargetRecord target = {};
  Place place = {};
  std::vector<std::string> others = {};
  MemoryCurve memory = {};
  std::chrono::microseconds cpu{0};
  bool is_seen = false;  // what runs is an input of the evidence
};

std::string progress_text(const load::RunProgress& progress) {
  const auto seconds = [](std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); };
  return fmt::format("load.run {:.0f}s of {:.0f}s, {} VUs, {:.0f} requests", seconds(progress.elapsed),
                     seconds(progress.planned), progress.vus_active, progress.requests);
}

Result<Played> play(const CheckContext& context, const load::RunSettings& settings) {
  const load::ScriptEngine engine = TRY(load::load_script_engine());
  Played played;
  std::atomic<bool> stop = false;
  const std::stop_callback on_stop(context.stop, [&stop] { stop = true; });
  for (const std::string& warning : settings.warnings) played.log += warning + "\n";
  const auto keep = [&played](load::LogLevel, std::string_view message, std::string_view) {
    if (played.log.size() < kLogBytesMax) played.log.append(message.substr(0, kLogBytesMax)).append("\n");
  };
  played.outcome = engine.run_script(
      {.files = context.files,
       .script = context.text("script"),
       .root = context.workspace_root,
       .overrides = settings.overrides,
       .env = settings.env,
       .log = keep,
       .progress = [&](const load::RunProgress& progress) { context.progress.note(progress_text(progress)); },
       .stop = &stop});
  return played;
}

void keep_artifacts(const Played& played, CheckOutcome& outcome) {
  const load::RunOutcome& run = played.outcome;
  base::Node summary = load::make_summary_data(run, {});
  summary.set("gantry", load::make_measured(run));
  outcome.artifacts.push_back(
      {"summary.json", "application/json", base::dump_json(summary, base::JsonStyle::indented) + "\n"});
  outcome.artifacts.push_back({"summary.txt", "text/plain", report::render_load_summary(run, {})});
  outcome.artifacts.push_back({"options.json", "application/json",
                               base::dump_json(load::redact_options(run.options), base::JsonStyle::indented) + "\n"});
  if (!played.log.empty()) outcome.artifacts.push_back({"script.log", "text/plain", played.log});
  // What the script itself wants written: a check writes nothing into the workspace, and no script passes its own text off as ours.
  if (run.summary_files)
    for (const auto& [file, text] : *run.summary_files)
      outcome.artifacts.push_back({fmt::format("script/{}", base::base_name_of(file)), "text/plain", text});
}

// A run that came to its end, whatever its thresholds say; anything else found out nothing about the target.
Result<void> require_end(const load::RunOutcome& outcome) {
  using enum load::RunEnd;
  if (outcome.end == passed || outcome.end == thresholds_crossed || outcome.end == test_failed) return {};
  base::Error error = outcome.error.value_or(base::Error{.message = "the script did not run"});
  return base::with_context(Result<void>(std::unexpected(std::move(error))), "while running the load script");
}

void look_at_end(const PreparedTarget& prepared, const RunningTarget& running, CheckOutcome& outcome) {
  const PreparedProgram* culprit = running.culprit();
  if (!culprit) return;
  const base::CommandResult left = running.result().value_or(base::CommandResult{});
  // It may have been the machine's doing; whoever runs it again will see.
  if (outcome.verdict != base::Verdict::fail) outcome.verdict = base::Verdict::error;
  outcome.summary = fmt::format("{} ended during the run, with status {}: what was measured is not about it",
                                culprit->name, left.status);
  outcome.artifacts.push_back({"target.log", "text/plain", left.err});
  outcome.findings.push_back({.rule = "load.target-ended",
                              .severity = base::Severity::critical,
                              .object = prepared.name,
                              .where = prepared.target.where,
                              .message = fmt::format("the {} ended while it was tested", culprit->name),
                              .explanation = fmt::format("with status {}", left.status),
                              .fix = "find out from target.log what ended it, and run it again",
                              .related = {}});
}

std::string target_name(const CheckContext& context) {
  const std::string own = context.text("target");
  return own.empty() ? context.config.load.target : own;
}

// The script, and all that it imports and opens.
std::map<std::string, std::string, std::less<>> read_files(const CheckContext& context) {
  constexpr std::string_view kFile = "file:";
  std::map<std::string, std::string, std::less<>> files;
  for (const base::EvidenceInput& input : context.inputs.inputs())
    if (input.name.starts_with(kFile)) files.emplace(input.name.substr(kFile.size()), input.digest);
  return files;
}

Result<LoadRecord> make_record(const CheckContext& context, const Played& played, const TargetRecord& target,
                               Judged judged) {
  const std::string script = context.text("script");
  std::string command = "gantry load run";
  for (const std::string& flag : context.texts("flags")) command += " " + flag;
  const std::string text = TRY(context.files.read(script));
  return LoadRecord{.script = script,
                    .script_digest = "sha256:" + base::sha256_hex(text),
                    .files = read_files(context),
                    .machine = describe_machine(),
                    .asked = {played.outcome.measurement.places.begin(), played.outcome.measurement.places.end()},
                    .command = fmt::format("{} {}", command, script),
                    .target = target,
                    .thresholds = std::move(judged.thresholds),
                    .expectations = std::move(judged.expectations),
                    .scenarios = describe_scenarios(played.outcome),
                    .options = load::redact_options(played.outcome.options)};
}

Result<CheckOutcome> conclude_run(const CheckContext& context, const Played& played,
                                  std::vector<Expectation> expectations, const Opposite& opposite) {
  TRY(require_end(played.outcome));
  CheckOutcome outcome;
  outcome.evidence_class = base::EvidenceClass::rehearsal;
  Judged judged = judge_load_test({.script = context.text("script"),
                                   .outcome = played.outcome,
                                   .measured = measure(played.outcome, opposite.cpu),
                                   .expectations = std::move(expectations),
                                   .target = opposite.target,
                                   .place = opposite.place,
                                   .others = opposite.others,
                                   .memory = opposite.memory},
                                  outcome);
  if (!opposite.is_seen) outcome.fresh_for = kUnseenFreshFor;
  keep_artifacts(played, outcome);
  const LoadRecord record = TRY(make_record(context, played, opposite.target, std::move(judged)));
  outcome.artifacts.push_back(
      {std::string(kRunFile), "application/json", base::dump_json(to_node(record), base::JsonStyle::indented) + "\n"});
  return outcome;
}

// Whatever answers where the script asks.
Result<CheckOutcome> run_as_it_is(CheckContext& context, const load::RunSettings& settings,
                                  std::vector<Expectation> expectations) {
  const Played played = TRY(play(context, settings));
  return conclude_run(context, played, std::move(expectations), {});
}

Result<CheckOutcome> run_on_target(CheckContext& context, std::string_view name, load::RunSettings settings,
                                   std::vector<Expectation> expectations) {
  const PreparedTarget prepared = TRY(prepare_target(context, name));
  const auto [given, is_new] = settings.env.try_emplace(prepared.target.variable, prepared.target.url);
  if (!is_new && given->second != prepared.target.url)
    return base::input_error(fmt::format("{} is {}, and the target {} is at {}: its figures would be of something else",
                                         given->first, given->second, name, prepared.target.url),
                             context.where(), fmt::format("leave {} out, or the target", given->first));
  context.progress.note(fmt::format("load.run starts target {}", name));
  const std::chrono::microseconds before = base::cpu_time(base::CpuOf::children);
  RunningTarget running(prepared);
  const RunningTarget::State state = running.start(context.stop);
  if (state == RunningTarget::State::stopped) return base::environment_error("interrupted");
  if (state != RunningTarget::State::ready) return fail_to_start(prepared, running);
  Opposite opposite{.target = describe_target(prepared, running),
                    .place = prepared.place,
                    .others = prepared.target.others,
                    .is_seen = prepared.is_seen};
  MemoryWatch watch(prepared.place, prepared.target.metrics);
  const Played played = TRY(play(context, settings));
  opposite.memory = watch.stop();
  opposite.target.dependencies = worse_of(opposite.target.dependencies, running.look());
  running.end();
  opposite.cpu = base::cpu_time(base::CpuOf::children) - before;
  CheckOutcome outcome = TRY(conclude_run(context, played, std::move(expectations), opposite));
  look_at_end(prepared, running, outcome);
  if (std::optional<base::Finding> unseen = find_unseen(prepared)) outcome.findings.push_back(*std::move(unseen));
  return outcome;
}

Result<CheckOutcome> run(CheckContext& context) {
  context.inputs.note(std::string(kPlanTargets), targets_text(context.plan));
  context.inputs.note("option:load", base::dump_json(context.config.load.text));
  std::vector<Expectation> expectations = TRY(read_expectations(context));
  load::RunSettings settings = TRY(read_settings(context));
  const std::string target = target_name(context);
  if (target.empty()) return run_as_it_is(context, settings, std::move(expectations));
  return run_on_target(context, target, std::move(settings), std::move(expectations));
}

Result<void> validate(const base::Node& block) {
  const base::Node* expect = block.get("expect");
  for (const std::string& text : text_list(expect)) {
    Result<Expectation> expectation = parse_expectation(text);
    if (expectation) continue;
    expectation.error().where = expect->pos();
    return std::unexpected(std::move(expectation).error());
  }
  return {};
}

}  // namespace

const CheckType kLoadRun = {.name = "load.run",
                            .summary = "a load script runs, its thresholds and what is expected hold",
                            .fields = kFields,
                            .version = 5,
                            .run = run,
                            .missing_engine = {},
                            .fresh_for = kFreshFor,
                            .validate = validate,
                            .with = "load"};

}  // namespace gantry::launch
