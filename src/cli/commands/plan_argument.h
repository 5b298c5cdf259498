#pragma once

// The plan and workspace that most commands take.

#include "base/result.h"
#include "cli/environment.h"
#include "launch/launch.h"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>

namespace gantry::cli {

struct PlanArgument {
  std::string plan;
  std::optional<std::string> workspace;

  void define(CLI::App& app) {
    app.add_option("PLAN", plan, "The launch plan (Markdown)")->required();
    app.add_option("--workspace", workspace,
                   "The repository that is launched (default: the nearest folder at or above the plan with "
                   "gantry.yaml, .gantry or .git)")
        ->type_name("DIR");
  }
  base::Result<launch::Workspace> open() const {
    base::Result<launch::Workspace> opened = launch::open_workspace(plan, workspace);
    if (opened) opened->environment = read_environment();
    return opened;
  }
};

}  // namespace gantry::cli
