#include "cli/command.h"

#include "base/file.h"
#include "base/time.h"
#include "cli/commands/load_dashboard.h"
#include "cli/commands/load_deliver.h"
#include "cli/commands/load_knee.h"
#include "cli/commands/load_pages.h"
#include "cli/commands/load_processes.h"
#include "cli/commands/load_rest.h"
#include "cli/commands/load_script.h"
#include "cli/commands/load_settings.h"
#include "cli/commands/load_sinks.h"
#include "cli/commands/load_together.h"
#include "cli/commands/load_view.h"
#include "cli/interrupts.h"
#include "cli/named_file.h"
#include "load/load.h"
#include "load/options/duration.h"
#include "load/options/layers.h"
#include "load/output/output.h"
#include "load/script/files_read.h"
#include "load/script_engine.h"

#include <fmt/format.h>

#include <unistd.h>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace gantry::cli {

namespace {

using base::Result;

std::function<void(load::RunLook&)> who_looks(LoadRest* rest, LoadDashboard* dashboard) {
  if (!rest && !dashboard) return {};
  // The API may be asked to call setup(), which takes its time.
  return [=](load::RunLook& seen) {
    if (dashboard) dashboard->look(seen);
    if (rest) rest->look(seen);
  };
}

struct RunFlags {
  LoadFlags k6;
  TogetherFlags together;
  ProcessesFlags processes;
  bool finds_knee = false;
  std::vector<std::string> may_write;  // folders
};

// How long each trial of --find-knee lasts: --duration, or long enough for a percentile.
Result<load::Duration> trial_length(const load::RunSettings& settings) {
  constexpr std::chrono::seconds kUsual{10};
  const std::string_view given = settings.overrides.text("duration");
  return given.empty() ? Result<load::Duration>(kUsual) : load::parse_go_duration(given);
}

using Outputs = std::vector<std::unique_ptr<load::SampleOutput>>;

Result<Outputs> open_outputs(const Invocation& invocation, const LoadSettings& settings) {
  Outputs outputs;
  const load::OutputFiles files{.open = open_sinks(invocation.terminal), .read = read_named_file};
  for (const std::string& what : settings.run.outputs)
    outputs.push_back(TRY(load::make_output(what, settings.environment, files)));
  return outputs;
}

void wait_for_interrupt(const Terminal& terminal, const std::stop_token& stop) {
  if (!stop.stop_requested())
    terminal.say(
        "the run is over, and --linger waits for Ctrl-C; with --address the REST API would answer meanwhile\n");
  while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

// Lingers where that was asked for. The exit code.
int end_over_api(const Invocation& invocation, LoadRest* rest, const LoadSettings& settings,
                 load::RunOutcome& outcome) {
  const bool was_stopped = rest && rest->was_stopped();
  if (rest && settings.lingers) rest->linger(outcome, invocation.stop);
  if (!rest && settings.lingers) wait_for_interrupt(invocation.terminal, invocation.stop);
  return outcome.end == load::RunEnd::stopped && was_stopped ? kStoppedOverApi : load::exit_code(outcome.end);
}

// From the script to the exit code.
Result<int> play(const Invocation& invocation, const RunFlags& all_flags, LoadSettings& settings,
                 const OpenedScript& opened, Together& together) {
  std::atomic<bool> stop = false;
  const std::stop_callback on_stop(invocation.stop, [&] { stop = true; });
  const base::SystemClock clock;
  const load::FilesRead read(*opened.files, load::FilesRead::Keeps::digests);
  const auto& files = together.is_shared() ? static_cast<const base::FileSystem&>(read) : *opened.files;
  const LoadPages pages = TRY(take_load_pages(settings));
  LoadLog log(invocation.terminal, settings.log);
  for (const std::string& warning : settings.run.warnings) log.say(load::LogLevel::warning, warning, "");
  const Outputs outputs = TRY(open_outputs(invocation, settings));
  std::vector<load::SampleOutput*> given_to;
  for (const auto& output : outputs) given_to.push_back(output.get());
  std::unique_ptr<LoadRest> rest;
  if (!settings.address.empty()) {
    base::Result<std::unique_ptr<LoadRest>> started = LoadRest::start(settings.address, stop);
    if (!started) {
      invocation.terminal.show(started.error());
      together.deliver(started.error(), kAddressUnusable, invocation);
      return kAddressUnusable;
    }
    rest = *std::move(started);
  }
  const std::unique_ptr<LoadDashboard> dashboard =
      TRY(open_dashboard(invocation.terminal, settings, pages.dashboard, opened.script));
  LoadView view(invocation.terminal, settings.is_quiet ? LoadView::Shows::nothing : LoadView::Shows::everything,
                opened.script);
  const load::ScriptEngine engine = TRY(load::load_script_engine());
  load::RunRequest request{.files = files,
                           .script = opened.script,
                           .root = opened.root,
                           .overrides = settings.run.overrides,
                           .defaults = settings.defaults,
                           .env = settings.run.env,
                           .network = settings.environment,
                           .has_global_alias = settings.has_global_alias,
                           .secrets = settings.secrets,
                           .log =
                               [&](load::LogLevel level, std::string_view text, std::string_view source) {
                                 view.clear();
                                 log.say(level, text, source);
                               },
                           .progress = [&](const load::RunProgress& progress) { view.show(progress); },
                           .judges_thresholds = settings.run.judges_thresholds,
                           .judges_only_aborting = together.has_summaries(),
                           .has_summary = settings.summary_mode != "disabled",
                           .outputs = given_to,
                           .stdout_is_tty = ::isatty(STDOUT_FILENO) == 1,
                           .stderr_is_tty = invocation.terminal.is_error_terminal(),
                           .no_color = settings.no_color,
                           .has_new_summary = settings.has_new_summary,
                           .is_held = together.hold(read),
                           .look = who_looks(rest.get(), dashboard.get()),
                           .can_resume = rest != nullptr,
                           .clock = &clock,
                           .stop = &stop};
  if (log.has_console())
    request.console = [&log](load::LogLevel level, std::string_view text, std::string_view) { log.print(level, text); };
  if (all_flags.finds_knee)
    return find_knee(invocation, TRY(trial_length(settings.run)), [&](const base::Node& scenarios) {
      request.overrides = load::merge_options(settings.run.overrides, scenarios);
      request.has_summary = false;
      load::RunOutcome trial = engine.run_script(request);
      view.clear();
      return trial;
    });
  load::RunOutcome outcome = engine.run_script(request);
  view.clear();
  if (dashboard) dashboard->finish(outcome);
  if (const Result<void> written = log.finish(); !written) invocation.terminal.show(written.error());
  if (outcome.error) invocation.terminal.show(*outcome.error);
  if (outcome.has_begun) write_pages(invocation, pages.files, outcome, {.script = opened.script, .ended = clock.now()});
  TRY(deliver_outcome(invocation, settings, log, outcome,
                      [&] { return together.deliver(outcome, read.all(), invocation); }));
  return end_over_api(invocation, rest.get(), settings, outcome);
}

// What the others of these flags are about is one process.
Result<std::size_t> read_processes(const RunFlags& flags) {
  const std::size_t processes = TRY(flags.processes.read());
  if (processes == 1) return processes;
  const bool is_part = !flags.together.part.empty() || !flags.together.barrier.empty();
  if (is_part)
    return base::usage_error(
        "--part and --start-barrier are for processes that are started one by one, --processes starts "
        "its own",
        "leave the one or the other out");
  if (flags.finds_knee) return base::usage_error("--find-knee is many runs of one process", "leave --processes out");
  return processes;
}

Result<int> run_load(const Invocation& invocation, const RunFlags& flags) {
  explain_interrupts("interrupted: ending the iterations; teardown and the summary follow (again to quit at once)",
                     load::exit_code(load::RunEnd::stopped));
  LoadSettings settings = TRY(read_load_settings(flags.k6));
  if (const std::size_t processes = TRY(read_processes(flags)); processes > 1)
    return run_processes(invocation, settings,
                         {.flags = flags.k6, .processes = processes, .may_write = flags.may_write});
  Together together = TRY(Together::create(flags.together, settings));
  if (flags.finds_knee && together.is_shared())
    return base::usage_error("--find-knee is many runs, and none of them begins together or is merged",
                             "leave --start-barrier and --out summary=… out");
  const auto run = [&]() -> Result<int> {
    const OpenedScript opened = TRY(open_script(flags.k6.script, settings));
    together.set_script(opened.script, settings.variables);
    settings.scripts_folders = {opened.root, flags.may_write};
    return play(invocation, flags, settings, opened, together);
  };
  Result<int> code = run();
  if (code) return code;
  // Whoever merges the parts would wait for this one. Told before it is handed in, which may take minutes where nobody merges.
  const int status = fail(invocation, code.error());
  together.deliver(code.error(), exit_code(code.error().kind), invocation);
  return status;
}

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<RunFlags>();
  flags->k6.define(app);
  flags->together.define(app);
  flags->processes.define(app);
  app.add_flag("--find-knee", flags->finds_knee,
               "Find the highest rate of arrivals that the thresholds hold at; each trial lasts --duration (10s)");
  app.add_option("--may-write", flags->may_write,
                 "A folder that handleSummary() may write to, besides the workspace; may be repeated")
      ->type_name("FOLDER")
      ->allow_extra_args(false);
  app.callback([flags, &action] { action = result_action(flags, run_load); });
}

}  // namespace

extern const Command kLoadRunCommand;
const Command kLoadRunCommand = {
    .name = "run",
    .summary = "Run a k6 script",
    .examples =
        "  gantry load run tests/load/saas-health.js\n"
        "  gantry load run -u 50 -d 5m -e API=http://127.0.0.1:8000 tests/load/saas-health.js\n"
        "  gantry load run --out html=report.html --out json=samples.json.gz tests/load/saas-health.js\n"
        "  gantry load run --processes 4 tests/load/saas-health.js\n"
        "  gantry load run --part 0/3 --start-barrier nats://nats:4222/evening --out summary=0.json "
        "tests/load/saas-health.js",
    .define = define};

}  // namespace gantry::cli
