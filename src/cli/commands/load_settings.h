#pragma once

// What the flags of a load command, the K6_* variables and a configuration file come to.

#include "cli/command.h"
#include "cli/commands/load_log.h"
#include "cli/named_file.h"
#include "load/options/run_flags.h"
#include "load/options/secrets.h"

#include <CLI/CLI.hpp>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::cli {

struct LoadFlags {
  std::string script;
  std::vector<std::pair<std::string_view, std::string>> given;  // name of load::run_flags(), value
  std::string bare_value = {};                                  // of a flag that may have one; it is among those given

  // Declares SCRIPT and the flags of k6 run. Each is remembered as it was given; what it means is load::apply_run_flag's.
  void define(CLI::App& app);
};

struct LoadSettings {
  load::RunSettings run;
  std::map<std::string, std::string> environment;
  std::map<std::string, std::string> variables = {};  // of run.env, those of flags and of an archive
  base::Node defaults;                                // of the configuration file
  load::SecretSources secrets;
  bool has_global_alias = true;
  std::string summary_export;
  std::string summary_mode = "compact";
  bool has_new_summary = false;
  bool is_quiet = false;
  std::string address = {};  // of the REST API; "" for none
  bool lingers = false;
  bool has_dashboard = false;  // though no --out says so
  bool no_color = false;
  ScriptsFolders scripts_folders = {};
  LogOptions log;
};

// Flags win over variables, those over the file. Errors: usage.
// `has_environment`: whether __ENV has the environment's variables where no flag says it.
base::Result<LoadSettings> read_load_settings(const LoadFlags& flags, bool has_environment = true);

// The script's folder, or the workspace that it lies in; and its path there.
struct ScriptPlace {
  std::string root;
  std::string script;
};
base::Result<ScriptPlace> find_script(const std::string& script);

}  // namespace gantry::cli
