#include "cli/commands/load_settings.h"

#include "base/file.h"
#include "base/json.h"
#include "cli/environment.h"
#include "launch/launch.h"
#include "load/options/layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <system_error>

namespace gantry::cli {

namespace {

using base::Node;
using base::Result;

Result<std::string> read_file(const std::string& file) {
  const std::filesystem::path path(file);
  const auto folder = TRY(base::open_directory(path.has_parent_path() ? path.parent_path().string() : "."));
  return folder->read(path.filename().string());
}

// The file that was named, or the one in its usual place where there is one.
Result<Node> read_config(const std::string& named, const std::map<std::string, std::string>& environment) {
  std::string file = named;
  if (file.empty()) {
    const auto home = environment.find("HOME");
    if (home == environment.end()) return Node();
    file = home->second + "/.config/k6/config.json";
    if (!std::filesystem::exists(file)) return Node();
  }
  const std::string text = TRY(read_file(file));
  Node config = TRY(base::load_json(text, file));
  if (!config.is_map())
    return base::usage_error(fmt::format("{} is no object", file), "write options as a script would export them");
  return config;
}

// What no flag says, and no script: the environment, or a configuration file that it wins over, which has no options then but those of scripts.
Result<bool> take_dashboard(Node& config, const std::map<std::string, std::string>& environment) {
  const Node* const option = config.is_map() ? config.get("webDashboard") : nullptr;
  const bool is_in_file = option && option->is_bool() && option->boolean();
  if (option) config.erase("webDashboard");
  const auto variable = environment.find("K6_WEB_DASHBOARD");
  const std::string value = variable == environment.end() ? "" : variable->second;
  if (value.empty()) return is_in_file;
  if (value == "true" || value == "false") return value == "true";
  return base::usage_error(fmt::format("K6_WEB_DASHBOARD={}: that is neither true nor false", value));
}

// Flags over variables.
void merge(load::RunSettings& flags, load::RunSettings variables) {
  flags.overrides = load::merge_options(std::move(variables.overrides), flags.overrides);
  flags.judges_thresholds = flags.judges_thresholds && variables.judges_thresholds;
  flags.of_caller.merge(variables.of_caller);
  if (flags.outputs.empty()) flags.outputs = std::move(variables.outputs);
  flags.warnings.insert(flags.warnings.end(), variables.warnings.begin(), variables.warnings.end());
}

class CallersFlags {
 public:
  explicit CallersFlags(const load::RunSettings& run) : given_(run.of_caller) {}
  bool has(std::string_view name) const { return given_.contains(name); }
  std::string text(std::string_view name, std::string otherwise) const {
    const auto found = given_.find(name);
    return found == given_.end() ? std::move(otherwise) : found->second;
  }

 private:
  const std::map<std::string, std::string, std::less<>>& given_;
};

Result<LogOptions> read_log_options(const CallersFlags& given) {
  LogOptions log;
  log.format = TRY(read_log_format(given.text("log-format", "text")));
  log.output = given.text("log-output", "stderr");
  log.console_output = given.text("console-output", "");
  log.is_verbose = given.has("verbose");
  constexpr std::array<std::string_view, 3> kOutputs = {"stderr", "stdout", "none"};
  if (std::ranges::find(kOutputs, log.output) == kOutputs.end() && !log.output.starts_with("file="))
    return base::usage_error(fmt::format("--log-output {} is none", log.output),
                             "write stderr, stdout, none or file=PATH");
  return log;
}

// Whether scripts have `global`.
Result<bool> read_compatibility_mode(const CallersFlags& given, load::RunSettings& run) {
  const std::string mode = given.text("compatibility-mode", "extended");
  if (mode == "experimental_enhanced")
    run.warnings.emplace_back(
        "--compatibility-mode experimental_enhanced is extended: TypeScript goes by a file's name, .ts");
  else if (mode != "extended" && mode != "base")
    return base::usage_error(fmt::format("--compatibility-mode {} is none", mode), "write extended or base");
  return mode != "base";
}

void define_flag(CLI::App& app, const load::RunFlag& flag, LoadFlags& flags) {
  const std::string names =
      flag.letter ? fmt::format("-{},--{}", flag.letter, flag.name) : fmt::format("--{}", flag.name);
  const std::string help(flag.help);
  CLI::Option* option = nullptr;
  if (!flag.bare.empty())
    option =
        app.add_flag(fmt::format("{}{{{}}}", names, flag.bare), flags.bare_value, help)
            ->each([&flags, name = flag.name](const std::string& value) { flags.given.emplace_back(name, value); });
  else if (flag.value.empty())
    option = app.add_flag_function(
        names,
        [&flags, name = flag.name](std::int64_t times) { flags.given.emplace_back(name, times > 0 ? "" : "false"); },
        help);
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
  if (flag.use == load::FlagUse::not_yet) option->group("Not there yet");
}

}  // namespace

void LoadFlags::define(CLI::App& app) {
  app.add_option("SCRIPT", script, "The k6 script; - is stdin")->required();
  for (const load::RunFlag& flag : load::run_flags()) define_flag(app, flag, *this);
}

Result<LoadSettings> read_load_settings(const LoadFlags& flags, bool has_environment) {
  LoadSettings settings;
  const auto whole = read_environment();
  settings.environment = {whole.begin(), whole.end()};
  const std::map<std::string, std::string>& environment = settings.environment;
  for (const auto& [name, value] : flags.given) TRY(load::apply_run_flag(name, value, settings.run));
  merge(settings.run, TRY(load::read_run_variables(environment)));
  const CallersFlags given(settings.run);
  settings.defaults = TRY(read_config(given.text("config", ""), environment));
  settings.has_dashboard = TRY(take_dashboard(settings.defaults, environment));
  settings.summary_export = given.text("summary-export", "");
  settings.summary_mode = given.has("no-summary") ? "disabled" : given.text("summary-mode", "compact");
  settings.has_new_summary = given.has("new-machine-readable-summary");
  settings.is_quiet = given.has("quiet");
  settings.address = given.text("address", "");
  settings.lingers = given.has("linger");
  settings.no_color = environment.contains("NO_COLOR") || environment.contains("K6_NO_COLOR");
  settings.log = TRY(read_log_options(given));
  settings.has_global_alias = TRY(read_compatibility_mode(given, settings.run));
  settings.secrets = TRY(load::read_secret_sources(settings.run.secret_sources, read_file));
  constexpr std::array<std::string_view, 3> kModes = {"compact", "full", "disabled"};
  if (std::ranges::find(kModes, settings.summary_mode) == kModes.end())
    return base::usage_error(fmt::format("--summary-mode {} is none", settings.summary_mode),
                             "write compact, full or disabled");
  settings.variables = settings.run.env;
  if (given.text("include-system-env-vars", has_environment ? "true" : "false") == "false") return settings;
  // What a flag says wins.
  for (const auto& [name, value] : environment) settings.run.env.try_emplace(name, value);
  return settings;
}

Result<ScriptPlace> find_script(const std::string& script) {
  const std::filesystem::path path(script);
  const std::string folder = path.has_parent_path() ? path.parent_path().string() : ".";
  const std::optional<launch::WorkspaceFolder> workspace = TRY(launch::find_workspace(folder));
  std::error_code ignored;
  const std::string root = workspace ? workspace->root : std::filesystem::weakly_canonical(folder, ignored).string();
  // Absolute first: of one that is not there, nothing relative would be found below the root.
  const std::filesystem::path file = std::filesystem::weakly_canonical(std::filesystem::absolute(path), ignored);
  return ScriptPlace{root, file.lexically_relative(root).generic_string()};
}

}  // namespace gantry::cli
