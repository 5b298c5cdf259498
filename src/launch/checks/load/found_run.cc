#include "launch/checks/load/found_run.h"

#include "base/json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace gantry::launch {

using base::Result;

namespace {

Result<base::Artifact> find_artifact(const base::Evidence& evidence, std::string_view name) {
  const auto found = std::ranges::find(evidence.artifacts, name, &base::Artifact::name);
  if (found != evidence.artifacts.end()) return *found;
  return base::input_error(fmt::format("the evidence of {} has no {}", evidence.check, name), {},
                           "run the load test again: gantry run PLAN --with load --fresh");
}

}  // namespace

Result<FoundEvidence::Found> find_load_evidence(CheckContext& context) {
  std::vector<FoundEvidence::Found> all = context.found.of("load.run");
  const std::string script = context.text("script");
  if (!script.empty())
    std::erase_if(all, [&script](const FoundEvidence::Found& each) { return each.block.text("script") != script; });
  const std::string step = context.text("step");
  if (!step.empty()) std::erase_if(all, [&step](const FoundEvidence::Found& each) { return each.step != step; });
  if (all.empty())
    return base::input_error(
        fmt::format("no load.run of {}{} has evidence that holds", script.empty() ? std::string("the plan") : script,
                    step.empty() ? std::string() : " in step " + step),
        context.where(), "name the script of one in the block, and run it: --with load");
  if (all.size() > 1) {
    std::vector<std::string> texts;
    for (const FoundEvidence::Found& each : all)
      texts.push_back(fmt::format("{} in step {}", each.block.text("script"), each.step));
    return base::input_error(fmt::format("the plan has {} load tests: {}", all.size(), fmt::join(texts, ", ")),
                             context.where(), "write into the block which it is about: `script:` or `step:`");
  }
  context.inputs.note(evidence_input_name("load.run", all.front().evidence.subject), all.front().evidence.id);
  return std::move(all.front());
}

Result<base::Node> read_json_artifact(const CheckContext& context, const base::Evidence& evidence,
                                      std::string_view name) {
  const base::Artifact artifact = TRY(find_artifact(evidence, name));
  const std::string text = TRY(context.found.read(artifact));
  return base::load_json(text, name);
}

Result<MeasuredRun> find_run(CheckContext& context) {
  FoundEvidence::Found found = TRY(find_load_evidence(context));
  const base::Node summary = TRY(read_json_artifact(context, found.evidence, kSummaryFile));
  const base::Node record = TRY(read_json_artifact(context, found.evidence, kRunFile));
  MeasuredRun run;
  run.record = TRY(read_load_record(record));
  run.figures = figures_of(found.evidence, summary);
  run.evidence = std::move(found.evidence);
  return run;
}

}  // namespace gantry::launch
