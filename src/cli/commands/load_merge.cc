#include "load/summary/merge.h"

#include "base/file.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/commands/load_sinks.h"
#include "cli/commands/load_together.h"
#include "cli/commands/net_input.h"
#include "load/load.h"
#include "load/options/duration.h"
#include "load/summary/data.h"
#include "muster/muster.h"
#include "report/load.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::cli {

namespace {

using base::Result;

struct MergeFlags {
  std::vector<std::string> from;
  std::int64_t count = 0;
  std::string wait = "30m";
  bool json = false;
  bool judges_nothing = false;
  bool allows_missing = false;
  bool begins_together = false;
  std::string summary_export;
  std::string summary_mode = "compact";
};

struct Parts {
  std::vector<load::PartOfRun> parts = {};
  load::MergeRules rules = {};
};

bool is_place(std::string_view from) { return from.starts_with("nats://"); }

Result<load::PartOfRun> read_part(const std::string& name, const std::string& text) {
  base::Result<base::Node> node = base::load_json(text, name);
  if (!node) node.error().help = "give what gantry load run --out summary=FILE wrote";
  return load::read_mergeable(TRY(std::move(node)), name);
}

// A part that never began leaves nothing to wait for: the run is no whole any more. But one that was stopped may be what is left of an
// earlier run, on its way out.
// One of another version will not come again either: `refusal` is why nothing can be merged then.
muster::Use look_at(const Invocation& invocation, const MergeFlags& flags, std::string_view member,
                    std::string_view text, std::optional<base::Error>& refusal) {
  const std::string name = fmt::format("member {}", member);
  const Result<load::PartOfRun> part = read_part(name, std::string(text));
  if (!part) {
    const Result<base::Node> summary = base::load_json(text, name);
    if (summary && load::is_of_another_version(*summary))
      refusal = part.error();
    else
      invocation.terminal.say(fmt::format("warning: what {} handed in is no summary, and counts as missing: {}\n", name,
                                          part.error().message));
    return muster::Use::none;
  }
  const bool has_failed = !part->outcome.has_begun && part->outcome.end != load::RunEnd::stopped;
  return has_failed && !flags.allows_missing ? muster::Use::enough : muster::Use::part;
}

Result<Parts> read_collected(const MergeFlags& flags, const muster::Collected& all, std::string_view place) {
  const auto count = static_cast<std::size_t>(flags.count);
  const std::string came = fmt::format("{} of {} summaries came to {}", all.by_member.size(), count, place);
  if (all.by_member.empty())
    return base::environment_error(came, "look at the members that are missing, or wait longer with --wait");
  Parts read{.rules = {.allows_missing = flags.allows_missing}};
  for (const auto& [member, text] : all.by_member)
    read.parts.push_back(TRY(read_part(fmt::format("member {}", member), text)));
  if (all.by_member.size() < count) read.rules.missing.push_back(came);
  for (const std::string& member : all.twice)
    read.rules.twice.push_back(fmt::format("member {} came twice: what it handed in first counts", member));
  return read;
}

Result<Parts> collect_parts(const Invocation& invocation, const MergeFlags& flags) {
  if (flags.from.size() > 1) return base::usage_error("one place has all summaries", "give it alone, or files alone");
  if (flags.count < 1) return base::usage_error("how many summaries to wait for is not said", "add --count N");
  const muster::Place place = TRY(muster::parse_place(flags.from.front()));
  const load::Duration wait = TRY(load::parse_go_duration(flags.wait));
  std::optional<base::Error> refusal;
  const muster::Collected all = TRY(muster::collect(
      place, {.count = static_cast<std::size_t>(flags.count),
              .wait = std::chrono::duration_cast<std::chrono::seconds>(wait),
              .is_stopped = [&] { return refusal || invocation.stop.stop_requested(); },
              .look = [&](auto member, auto text) { return look_at(invocation, flags, member, text, refusal); },
              .process = flags.begins_together ? draw_process() : ""}));
  if (refusal) return std::unexpected(*refusal);
  for (const std::string& member : all.strangers)
    invocation.terminal.say(fmt::format("warning: member {} of another run came too: it is left out\n", member));
  return read_collected(flags, all, fmt::format("{}/{}", place.shown(), place.name));
}

Result<Parts> read_parts(const Invocation& invocation, const MergeFlags& flags) {
  if (is_place(flags.from.front())) return collect_parts(invocation, flags);
  if (flags.begins_together)
    return base::usage_error("--start-barrier: files have begun already", "give the place on a NATS server");
  Parts read{.rules = {.allows_missing = flags.allows_missing}};
  for (const std::string& file : flags.from) {
    const std::string text = TRY(read_text(file));
    read.parts.push_back(TRY(read_part(file, text)));
  }
  return read;
}

Result<void> print_summary(const Invocation& invocation, const MergeFlags& flags, const load::RunOutcome& outcome) {
  const std::string exported = base::dump_json(load::make_summary_export(outcome), base::JsonStyle::indented) + "\n";
  if (!flags.summary_export.empty()) TRY(write_result(invocation.terminal, flags.summary_export, exported));
  if (flags.json) return invocation.terminal.print(exported);
  if (flags.summary_mode == "disabled") return {};
  report::RenderOptions options = invocation.terminal.render_options();
  options.detail = flags.summary_mode == "full" ? report::Detail::verbose : report::Detail::normal;
  return invocation.terminal.print("\n" + report::render_load_summary(outcome, options));
}

Result<int> run_merge(const Invocation& invocation, const MergeFlags& flags) {
  Parts read = TRY(read_parts(invocation, flags));
  if (flags.judges_nothing)
    for (load::PartOfRun& part : read.parts)
      for (load::JudgedMetric& metric : part.outcome.thresholds) metric.thresholds.clear();
  const load::MergedRun merged = TRY(load::merge_runs(std::move(read.parts), read.rules));
  for (const std::string& remark : merged.remarks) invocation.terminal.say(fmt::format("warning: {}\n", remark));
  const load::RunOutcome& outcome = merged.outcome;
  if (outcome.error) invocation.terminal.show(*outcome.error);
  if (merged.is_undecided)
    invocation.terminal.show({.kind = base::ErrorKind::environment,
                              .message = "thresholds are not judged: the parts are no whole run",
                              .help = "merge every part once; --allow-missing judges those that are there"});
  if (outcome.has_begun) TRY(print_summary(invocation, flags, outcome));
  if (merged.exit_code != 0) return merged.exit_code;
  return merged.is_undecided ? kUndecided : kYes;
}

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<MergeFlags>();
  app.add_option("FROM", flags->from, "Files of --out summary=FILE, or one place on a NATS server")->required();
  app.add_option("--count", flags->count, "How many summaries come to the place")->type_name("N");
  app.add_option("--wait", flags->wait, "How long to wait for them")->type_name("TIME")->capture_default_str();
  app.add_flag("--start-barrier", flags->begins_together,
               "Merge the run that begins once this is here (gantry load run --start-barrier-merge), and no other");
  app.add_flag("--json", flags->json, "Print what --summary-export writes");
  app.add_flag("--no-thresholds", flags->judges_nothing, "Do not judge thresholds");
  app.add_flag("--allow-missing", flags->allows_missing, "Judge thresholds though parts of the load are missing");
  app.add_option("--summary-export", flags->summary_export, "Write the summary as JSON to this file")
      ->type_name("FILE");
  app.add_option("--summary-mode", flags->summary_mode, "What the summary shows")
      ->check(CLI::IsMember({"compact", "full", "disabled"}))
      ->capture_default_str();
  app.callback([flags, &action] { action = result_action(flags, run_merge); });
}

}  // namespace

extern const Command kLoadMergeCommand;
const Command kLoadMergeCommand = {.name = "merge",
                                   .summary = "Put the summaries of a run that several processes shared together",
                                   .examples =
                                       "  gantry load run --part 0/2 --out summary=a.json load.js &\n"
                                       "  gantry load run --part 1/2 --out summary=b.json load.js; wait\n"
                                       "  gantry load merge a.json b.json\n"
                                       "  gantry load merge nats://127.0.0.1:4222/evening --count 2",
                                   .define = define};

}  // namespace gantry::cli
