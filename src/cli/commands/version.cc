#include "base/version.h"

#include "base/json.h"
#include "cli/command.h"

#include <fmt/format.h>
#include <gantry_build.h>   // written by CMakeLists.txt
#include <gantry_commit.h>  // the same

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace gantry::cli {

namespace {

using base::Node;

// "fmt 9.1.0"
std::pair<std::string_view, std::string_view> split(std::string_view library) {
  const std::size_t at = library.rfind(' ');
  return {library.substr(0, at), library.substr(at + 1)};
}

std::string as_text() {
  std::string text = fmt::format("gantry {}\n", base::version());
  if (!build::kCommit.empty()) text += fmt::format("  commit      {}\n", build::kCommit);
  text += fmt::format("  built       by {}, as {}\n  with\n", build::kCompiler, build::kType);
  for (const std::string_view library : build::kLibraries) {
    const auto [name, version] = split(library);
    text += fmt::format("    {:<13} {}\n", name, version);
  }
  return text;
}

std::string as_json() {
  Node libraries = Node::empty_map();
  for (const std::string_view library : build::kLibraries) {
    const auto [name, version] = split(library);
    libraries.set(std::string(name), version);
  }
  const Node document =
      Node::Map{{"schema", "gantry.version/v1", {}},
                {"version", base::version(), {}},
                {"commit", build::kCommit.empty() ? Node() : Node(build::kCommit), {}},
                {"build", Node::Map{{"compiler", build::kCompiler, {}}, {"type", build::kType, {}}}, {}},
                {"libraries", std::move(libraries), {}}};
  return base::dump_json(document, base::JsonStyle::indented) + "\n";
}

void define(CLI::App& app, Action& action) {
  auto json = std::make_shared<bool>(false);
  app.add_flag("--json", *json, "Print as JSON");
  app.callback([json, &action] {
    action = [json](const Invocation& invocation) { return finish(invocation, *json ? as_json() : as_text(), kYes); };
  });
}

}  // namespace

const Command kVersionCommand = {.name = "version",
                                 .summary = "Show which Gantry this is, and what it was built from",
                                 .examples = "  gantry version\n  gantry version --json",
                                 .define = define};

}  // namespace gantry::cli
