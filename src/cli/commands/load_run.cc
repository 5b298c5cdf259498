#include "cli/command.h"

#include "base/file.h"
#include "base/json.h"
#include "launch/launch.h"
#include "load/load.h"
#include "load/options/run_flags.h"
#include "load/script_engine.h"
#include "load/summary/data.h"
#include "report/load.h"

#include <fmt/format.h>

#include <unistd.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stop_token>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX declares it nowhere

namespace gantry::cli {

namespace {

using base::Result;

struct LoadRunFlags {
  std::string script;
  std::vector<std::pair<std::string_view, std::string>> given;  // name of load::run_flags(), value
};

// What the flags come to, in words that the rest needs.
struct Settings {
  load::RunSettings run;
  std::string summary_export;
  std::string summary_mode = "compact";
  std::string console_output;
  bool is_quiet = false;
  bool is_verbose = false;
};

Result<Settings> read_settings(const LoadRunFlags& flags) {
  Settings settings;
  for (const auto& [name, value] : flags.given) TRY(load::apply_run_flag(name, value, settings.run));
  const auto& given = settings.run.of_caller;
  const auto text = [&given](std::string_view name, std::string otherwise) {
    const auto found = given.find(name);
    return found == given.end() ? std::move(otherwise) : found->second;
  };
  settings.summary_export = text("summary-export", "");
  settings.summary_mode = given.contains("no-summary") ? "disabled" : text("summary-mode", "compact");
  settings.console_output = text("console-output", "");
  settings.is_quiet = given.contains("quiet");
  settings.is_verbose = given.contains("verbose");
  constexpr std::array<std::string_view, 3> kModes = {"compact", "full", "disabled"};
  if (std::ranges::find(kModes, settings.summary_mode) == kModes.end())
    return base::usage_error(fmt::format("--summary-mode {} is none", settings.summary_mode),
                             "write compact, full or disabled");
  if (text("include-system-env-vars", "true") == "false") return settings;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view variable(*entry);
    const std::size_t at = variable.find('=');
    // What a flag says wins.
    if (at != std::string_view::npos)
      settings.run.env.try_emplace(std::string(variable.substr(0, at)), variable.substr(at + 1));
  }
  return settings;
}

// What the run says while it lasts, and what its script prints.
class RunLog {
 public:
  RunLog(const Terminal& terminal, const Settings& settings) : terminal_(terminal), settings_(settings) {}

  void say(load::LogLevel level, std::string_view text, std::string_view source) {
    constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warning", "error"};
    if (level == load::LogLevel::debug && !settings_.is_verbose) return;
    const std::string line = fmt::format("level={} msg={}{}{}\n", kLevels[static_cast<std::size_t>(level)],
                                         base::json_quote(text), source.empty() ? "" : " source=", source);
    if (source == "console" && !settings_.console_output.empty())
      console_ += line;
    else
      terminal_.say(line);
  }

  Result<void> finish() const {
    if (settings_.console_output.empty()) return {};
    return base::write_file_atomic(settings_.console_output, console_);
  }

 private:
  const Terminal& terminal_;
  const Settings& settings_;
  std::string console_;
};

void show_progress(base::Progress& line, const load::RunProgress& progress) {
  const auto seconds = [](std::chrono::nanoseconds time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time);
  };
  line.begin("running", static_cast<std::uint64_t>(seconds(progress.planned).count()));
  line.note(fmt::format("{}/{} VUs, {:.0f} iterations, {:.0f} requests", progress.vus_active, progress.vus,
                        progress.iterations, progress.requests));
  line.advance(static_cast<std::uint64_t>(seconds(progress.elapsed).count()));
}

// What handleSummary() asked for, or k6's own summary.
Result<void> deliver_summary(const Invocation& invocation, const Settings& flags, const load::RunOutcome& outcome) {
  if (!flags.summary_export.empty())
    TRY(base::write_file_atomic(flags.summary_export,
                                base::dump_json(load::make_summary_export(outcome), base::JsonStyle::indented) + "\n"));
  if (flags.summary_mode == "disabled") return {};
  if (!outcome.summary_files) {
    report::RenderOptions options = invocation.terminal.render_options();
    options.detail = flags.summary_mode == "full" ? report::Detail::verbose : report::Detail::normal;
    return invocation.terminal.print("\n" + report::render_load_summary(outcome, options));
  }
  for (const auto& [file, text] : *outcome.summary_files) {
    if (file == "stdout")
      TRY(invocation.terminal.print(text));
    else if (file == "stderr")
      invocation.terminal.say(text);
    else if (const Result<void> written = base::write_file_atomic(file, text); !written)
      invocation.terminal.show(written.error());  // k6: logged, the exit code stays
  }
  return {};
}

Result<int> run_load(const Invocation& invocation, const LoadRunFlags& flags) {
  const std::filesystem::path script(flags.script);
  const std::string folder = script.has_parent_path() ? script.parent_path().string() : ".";
  const std::optional<launch::WorkspaceFolder> workspace = TRY(launch::find_workspace(folder));
  std::error_code ignored;
  const std::string root = workspace ? workspace->root : std::filesystem::weakly_canonical(folder, ignored).string();
  const std::unique_ptr<base::FileSystem> files = TRY(base::open_directory(root));
  std::atomic<bool> stop = false;
  const std::stop_callback on_stop(invocation.stop, [&] { stop = true; });
  const Settings settings = TRY(read_settings(flags));
  RunLog log(invocation.terminal, settings);
  for (const std::string& warning : settings.run.warnings) log.say(load::LogLevel::warning, warning, "");
  ProgressLine progress(invocation.terminal);
  const load::ScriptEngine engine = TRY(load::load_script_engine());
  const load::RunOutcome outcome = engine.run_script(
      {.files = *files,
       .script = std::filesystem::weakly_canonical(script, ignored).lexically_relative(root).generic_string(),
       .overrides = settings.run.overrides,
       .env = settings.run.env,
       .log =
           [&](load::LogLevel level, std::string_view text, std::string_view source) {
             progress.end();
             log.say(level, text, source);
           },
       .progress =
           [&](const load::RunProgress& so_far) {
             if (!settings.is_quiet) show_progress(progress, so_far);
           },
       .judges_thresholds = settings.run.judges_thresholds,
       .stdout_is_tty = ::isatty(STDOUT_FILENO) == 1,
       .stderr_is_tty = invocation.terminal.is_error_terminal(),
       .stop = &stop});
  progress.end();
  TRY(log.finish());
  if (outcome.error) invocation.terminal.show(*outcome.error);
  const bool has_run = !outcome.scenarios.empty();
  if (has_run) TRY(deliver_summary(invocation, settings, outcome));
  return load::exit_code(outcome.end);
}

// Each is remembered as it was given; what it means is load::apply_run_flag's.
void define_flag(CLI::App& app, const load::RunFlag& flag, LoadRunFlags& flags) {
  const std::string names =
      flag.letter ? fmt::format("-{},--{}", flag.letter, flag.name) : fmt::format("--{}", flag.name);
  const std::string help(flag.help);
  CLI::Option* option = nullptr;
  if (flag.value.empty())
    option = app.add_flag_function(
        names, [&flags, name = flag.name](std::int64_t) { flags.given.emplace_back(name, ""); }, help);
  else
    option = app.add_option_function<std::vector<std::string>>(
                    names,
                    [&flags, name = flag.name](const std::vector<std::string>& values) {
                      for (const std::string& value : values) flags.given.emplace_back(name, value);
                    },
                    help)
                 ->type_name(std::string(flag.value))
                 ->allow_extra_args(false);
  if (flag.use == load::FlagUse::no_effect) option->group("Accepted, without effect");
  if (flag.use == load::FlagUse::not_yet || flag.use == load::FlagUse::refused) option->group("Not there yet");
}

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<LoadRunFlags>();
  app.add_option("SCRIPT", flags->script, "The k6 script")->required();
  for (const load::RunFlag& flag : load::run_flags()) define_flag(app, flag, *flags);
  app.callback([flags, &action] { action = result_action(flags, run_load); });
}

}  // namespace

extern const Command kLoadRunCommand;
const Command kLoadRunCommand = {
    .name = "run",
    .summary = "Run a k6 script",
    .examples =
        "  gantry load run tests/load/saas-health.js\n"
        "  gantry load run -u 50 -d 5m -e API=http://127.0.0.1:8000 tests/load/saas-health.js",
    .define = define};

}  // namespace gantry::cli
