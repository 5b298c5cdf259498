#include "launch/checks/load/compared_run.h"

#include "base/json.h"
#include "launch/checks/load/found_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace gantry::launch {

using base::Node;
using base::Result;

namespace {

constexpr std::string_view kSchema = "gantry.load-baseline/v1";
// Members of the options that say how a run is judged and shown, and not what load it is.
constexpr std::array<std::string_view, 9> kNoLoad = {
    "thresholds", "summaryTrendStats", "summaryTimeUnit", "summaryMode", "noSummary",
    "noColor",    "noUsageReport",     "cloud",           "ext"};

class Differences {
 public:
  void note(std::string_view what, std::string_view before, std::string_view now) {
    if (before != now) found_.push_back(fmt::format("{}: {} then, {} now", what, shown(before), shown(now)));
  }
  void add(std::string sentence) { found_.push_back(std::move(sentence)); }
  std::vector<std::string> take() { return std::move(found_); }

 private:
  static std::string_view shown(std::string_view text) { return text.empty() ? "none" : text; }
  std::vector<std::string> found_;
};

std::string member_text(const Node& options, std::string_view name) {
  const Node* member = options.is_map() ? options.get(name) : nullptr;
  return member && !member->is_null() ? base::dump_json(*member) : std::string();
}

void compare_options(const Node& before, const Node& now, Differences& differences) {
  std::vector<std::string> names;
  for (const Node* options : {&before, &now})
    if (options->is_map())
      for (const Node::Member& member : options->map())
        if (std::ranges::find(names, member.key) == names.end()) names.push_back(member.key);
  for (const std::string& name : names)
    if (std::ranges::find(kNoLoad, name) == kNoLoad.end())
      differences.note("option " + name, member_text(before, name), member_text(now, name));
}

void compare_files(const LoadRecord& before, const LoadRecord& now, Differences& differences) {
  differences.note("the script", before.script, now.script);
  if (before.script == now.script && before.script_digest != now.script_digest)
    differences.add(
        fmt::format("{} was another: {} then, {} now", now.script, before.script_digest, now.script_digest));
  for (const auto& [path, digest] : now.files) {
    const auto then = before.files.find(path);
    if (path != now.script && (then == before.files.end() || then->second != digest))
      differences.add(fmt::format("{}, which the script reads, was {}", path,
                                  then == before.files.end() ? "not read then" : "another then"));
  }
  for (const auto& [path, digest] : before.files)
    if (path != before.script && !now.files.contains(path))
      differences.add(fmt::format("{} was read then, and is not now", path));
}

std::string dependencies_text(const TargetRecord& target) {
  std::vector<std::string> texts;
  for (const Dependency& each : target.dependencies)
    texts.push_back(fmt::format("{} {}", each.name, each.is_on ? "on" : "off"));
  std::ranges::sort(texts);
  return fmt::format("{}", fmt::join(texts, ", "));
}

void compare_targets(const TargetRecord& before, const TargetRecord& now, Differences& differences) {
  differences.note("the target", before.name, now.name);
  differences.note("its address", before.url, now.url);
  differences.note("what it depends on", dependencies_text(before), dependencies_text(now));
  differences.note("what it is declared to do without", fmt::format("{}", fmt::join(before.without, ", ")),
                   fmt::format("{}", fmt::join(now.without, ", ")));
}

}  // namespace

Result<ComparedRun> read_compared_run(const CheckContext& context, const base::Evidence& evidence) {
  const Node summary = TRY(read_json_artifact(context, evidence, kSummaryFile));
  const Node record = TRY(read_json_artifact(context, evidence, kRunFile));
  load::RunCurve curve = TRY(load::read_run_curve(summary));
  LoadRecord made = TRY(read_load_record(record));
  return ComparedRun{.evidence = evidence.id,
                     .what = fmt::format("the run of {}", base::format_rfc3339(evidence.started)),
                     .curve = std::move(curve),
                     .record = std::move(made)};
}

Result<std::string> render_baseline_file(const CheckContext& context, const base::Evidence& evidence) {
  const Node summary = TRY(read_json_artifact(context, evidence, kSummaryFile));
  const Node record = TRY(read_json_artifact(context, evidence, kRunFile));
  TRY(load::read_run_curve(summary));
  Node measured = Node::empty_map();
  for (const std::string_view name : {"scenarios", "generator", "series"})
    if (const Node* member = summary.find("gantry", name)) measured.set(std::string(name), *member);
  const Node file = Node::Map{{"schema", std::string(kSchema), {}},
                              {"evidence", evidence.id, {}},
                              {"began", base::format_rfc3339(evidence.started), {}},
                              {"run", record, {}},
                              {"gantry", std::move(measured), {}}};
  return base::dump_json(file, base::JsonStyle::indented) + "\n";
}

Result<ComparedRun> read_baseline_file(std::string_view text, const std::string& path) {
  const Node file = TRY(base::load_json(text, path));
  const Node* record = file.is_map() ? file.get("run") : nullptr;
  if (!record || file.text("schema") != kSchema)
    return base::input_error(fmt::format("{} does not say what was run against what", path), {},
                             fmt::format("delete it: `gantry run PLAN --write` writes it of a load test that passed"));
  load::RunCurve curve = TRY(base::with_context(load::read_run_curve(file), fmt::format("while reading {}", path)));
  LoadRecord made = TRY(base::with_context(read_load_record(*record), fmt::format("while reading {}", path)));
  return ComparedRun{.evidence = std::string(file.text("evidence")),
                     .what = fmt::format("{}, the run of {}", path, file.text("began")),
                     .curve = std::move(curve),
                     .record = std::move(made)};
}

std::vector<std::string> find_differences(const ComparedRun& before, const ComparedRun& now) {
  Differences differences;
  compare_files(before.record, now.record, differences);
  compare_options(before.record.options, now.record.options, differences);
  differences.note("the scenarios", fmt::format("{}", fmt::join(before.record.scenarios, "; ")),
                   fmt::format("{}", fmt::join(now.record.scenarios, "; ")));
  if (before.curve.scenarios != now.curve.scenarios)
    differences.add("the scenarios that were measured have other names or models");
  compare_targets(before.record.target, now.record.target, differences);
  differences.note("the machine that asks", before.record.machine, now.record.machine);
  if (before.curve.seconds != now.curve.seconds)
    differences.add(
        fmt::format("its intervals are {} s long, and those of the run {} s", before.curve.seconds, now.curve.seconds));
  for (const auto& [run, whose] : {std::pair(&before, "the baseline's"), std::pair(&now, "the run's")})
    if (!run->curve.bottleneck.empty())
      differences.add(fmt::format("{} latencies are Gantry's own: {}", whose, run->curve.bottleneck));
  return differences.take();
}

}  // namespace gantry::launch
