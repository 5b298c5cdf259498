#include "cli/command.h"

#include "base/json.h"
#include "base/subprocess.h"
#include "load/script_engine.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <memory>

namespace gantry::cli {

namespace {

// A program that Gantry can use, and what is not possible without it.
struct Tool {
  std::string_view name;
  std::string_view version_flag;
  std::string_view without;
};

constexpr std::array kTools = {
    Tool{"kubectl", "version --client", "--context: verifying against a live cluster, applying manifests"},
    Tool{"git", "--version", "release.tag: whether the release may be tagged"},
};

// What runs scripts. It is a library of ours, so that it has no path.
constexpr Tool kV8 = {"V8", "", "load run: running k6 scripts"};

struct Diagnosis {
  const Tool* tool = nullptr;
  bool is_found = false;
  std::string path;     // of a program
  std::string version;  // first line of what it prints
};

std::string first_line(std::string_view text) { return std::string(text.substr(0, text.find('\n'))); }

Diagnosis diagnose(const Tool& tool) {
  const char* path_variable = std::getenv("PATH");
  Diagnosis diagnosis{.tool = &tool, .is_found = false, .path = {}, .version = {}};
  diagnosis.path = base::find_program(tool.name, path_variable ? path_variable : "").value_or("");
  diagnosis.is_found = !diagnosis.path.empty();
  if (!diagnosis.is_found) return diagnosis;
  std::vector<std::string> argv = {diagnosis.path};
  std::string_view flags = tool.version_flag;
  for (std::size_t space = flags.find(' '); !flags.empty(); space = flags.find(' ')) {
    argv.emplace_back(flags.substr(0, space));
    flags = space == std::string_view::npos ? std::string_view() : flags.substr(space + 1);
  }
  const base::Result<base::CommandResult> result = base::run_command(
      {.argv = argv, .directory = {}, .input = {}, .environment = {}, .time_max = std::chrono::seconds(10)});
  diagnosis.version = result ? first_line(result->out) : "does not answer: " + result.error().message;
  return diagnosis;
}

Diagnosis diagnose_v8() {
  const base::Result<load::ScriptEngine> engine = load::load_script_engine();
  return {.tool = &kV8, .is_found = engine.has_value(), .path = {}, .version = engine ? engine->v8_version : ""};
}

std::string as_text(const std::vector<Diagnosis>& all) {
  std::string text = "what this machine offers\n";
  for (const Diagnosis& diagnosis : all) {
    if (!diagnosis.is_found) {
      text += fmt::format("  ✗ {:<8} not found; without it there is no {}\n", diagnosis.tool->name,
                          diagnosis.tool->without);
    } else {
      const std::string place = diagnosis.path.empty() ? "" : fmt::format("  ({})", diagnosis.path);
      text += fmt::format("  ✓ {:<8} {}{}\n", diagnosis.tool->name, diagnosis.version, place);
    }
  }
  return text;
}

std::string as_json(const std::vector<Diagnosis>& all) {
  base::Node tools = base::Node::empty_array();
  for (const Diagnosis& diagnosis : all) {
    base::Node tool = base::Node::empty_map();
    tool.set("name", base::Node(diagnosis.tool->name));
    tool.set("found", base::Node(diagnosis.is_found));
    tool.set("path", base::Node(diagnosis.path));
    tool.set("version", base::Node(diagnosis.version));
    tool.set("without_it_no", base::Node(diagnosis.tool->without));
    tools.array().push_back(std::move(tool));
  }
  base::Node document = base::Node::empty_map();
  document.set("schema", base::Node("gantry.doctor/v1"));
  document.set("tools", std::move(tools));
  return base::dump_json(document, base::JsonStyle::indented) + "\n";
}

void define(CLI::App& app, Action& action) {
  auto json = std::make_shared<bool>(false);
  app.add_flag("--json", *json, "Print as JSON");
  app.callback([json, &action] {
    action = [json](const Invocation& invocation) {
      std::vector<Diagnosis> all;
      for (const Tool& tool : kTools) all.push_back(diagnose(tool));
      all.push_back(diagnose_v8());
      return finish(invocation, *json ? as_json(all) : as_text(all), kYes);
    };
  });
}

}  // namespace

const Command kDoctorCommand = {.name = "doctor",
                                .summary = "Show what this machine offers, and what is not possible without it",
                                .examples = "  gantry doctor",
                                .define = define};

}  // namespace gantry::cli
