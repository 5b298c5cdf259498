#include "cli/command.h"

#include "base/file.h"
#include "base/json.h"
#include "launch/launch.h"
#include "load/load.h"
#include "load/script_engine.h"
#include "load/summary/data.h"
#include "report/load.h"

#include <fmt/format.h>

#include <unistd.h>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stop_token>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX declares it nowhere

namespace gantry::cli {

namespace {

using base::Node;
using base::Result;

struct LoadRunFlags {
  std::string script;
  std::optional<std::int64_t> vus;
  std::optional<std::int64_t> iterations;
  std::optional<std::string> duration;
  std::vector<std::string> stages;
  std::vector<std::string> env;
  std::string summary_export;
  std::string summary_mode = "compact";
};

Result<std::pair<std::string, std::string>> split_pair(std::string_view text, char separator, std::string_view option) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos || at == 0)
    return base::usage_error(fmt::format("{} {}: the name or the value is missing", option, text),
                             fmt::format("write {} NAME{}VALUE", option, separator));
  return std::pair(std::string(text.substr(0, at)), std::string(text.substr(at + 1)));
}

Result<Node> overrides_of(const LoadRunFlags& flags) {
  Node options = Node::empty_map();
  if (flags.vus) options.set("vus", *flags.vus);
  if (flags.iterations) options.set("iterations", *flags.iterations);
  if (flags.duration) options.set("duration", *flags.duration);
  if (!flags.stages.empty()) {
    Node::Array stages;
    for (const std::string& text : flags.stages) {
      const auto [duration, target] = TRY(split_pair(text, ':', "--stage"));
      Node number = TRY(base::load_json(target, "--stage"));
      stages.push_back(Node::Map{{"duration", duration, {}}, {"target", std::move(number), {}}});
    }
    options.set("stages", std::move(stages));
  }
  return options;
}

Result<std::map<std::string, std::string>> environment_of(const LoadRunFlags& flags) {
  std::map<std::string, std::string> env;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view text(*entry);
    const std::size_t at = text.find('=');
    if (at != std::string_view::npos) env[std::string(text.substr(0, at))] = std::string(text.substr(at + 1));
  }
  for (const std::string& text : flags.env) {
    const std::size_t at = text.find('=');
    env[text.substr(0, at)] = at == std::string::npos ? "" : text.substr(at + 1);
  }
  return env;
}

// What handleSummary() asked for, or k6's own summary.
Result<void> deliver_summary(const Invocation& invocation, const LoadRunFlags& flags, const load::RunOutcome& outcome) {
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
  const load::ScriptEngine engine = TRY(load::load_script_engine());
  const load::RunOutcome outcome = engine.run_script(
      {.files = *files,
       .script = std::filesystem::weakly_canonical(script, ignored).lexically_relative(root).generic_string(),
       .overrides = TRY(overrides_of(flags)),
       .env = TRY(environment_of(flags)),
       .log =
           [&](load::LogLevel level, std::string_view text, std::string_view source) {
             constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warning", "error"};
             if (level == load::LogLevel::debug) return;
             invocation.terminal.say(fmt::format("level={} msg={}{}{}\n", kLevels[static_cast<std::size_t>(level)],
                                                 base::json_quote(text), source.empty() ? "" : " source=", source));
           },
       .stdout_is_tty = ::isatty(STDOUT_FILENO) == 1,
       .stderr_is_tty = invocation.terminal.is_error_terminal(),
       .stop = &stop});
  if (outcome.error) invocation.terminal.show(*outcome.error);
  const bool has_run = !outcome.scenarios.empty();
  if (has_run) TRY(deliver_summary(invocation, flags, outcome));
  return load::exit_code(outcome.end);
}

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<LoadRunFlags>();
  app.add_option("SCRIPT", flags->script, "The k6 script")->required();
  app.add_option("-u,--vus", flags->vus, "How many virtual users")->type_name("N");
  app.add_option("-d,--duration", flags->duration, "How long: 30s, 5m")->type_name("TIME");
  app.add_option("-i,--iterations", flags->iterations, "How many iterations, shared by all VUs")->type_name("N");
  app.add_option("-s,--stage", flags->stages, "A stage: 30s:10; may be repeated")
      ->type_name("TIME:N")
      ->allow_extra_args(false);
  app.add_option("-e,--env", flags->env, "A variable for __ENV; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  app.add_option("--summary-export", flags->summary_export, "Write the summary as JSON to this file")
      ->type_name("FILE");
  app.add_option("--summary-mode", flags->summary_mode, "What the summary shows")
      ->check(CLI::IsMember({"compact", "full", "disabled"}))
      ->type_name("MODE");
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
