#pragma once

// gantry load run --processes N: one run that N processes of this program play, each its equal part of the load, as --part I/N does. This one
// starts them (load_process.cc), lets them begin together, shows how far they are, and puts together what they found: to whoever looks, a run
// of one process.

#include "base/result.h"
#include "cli/command.h"
#include "cli/commands/load_settings.h"

#include <CLI/CLI.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace gantry::cli {

struct ProcessesFlags {
  std::string count = "1";

  void define(CLI::App& app);
  // Errors: usage: no number, too many.
  base::Result<std::size_t> read() const;
};

// Whatever flags say that does not go with several processes, besides those of the script.
struct SharedRun {
  const LoadFlags& flags;
  std::size_t processes = 1;
  std::vector<std::string> may_write = {};  // as RunFlags has them
};
// The exit code. Errors: usage: what only one process can do; environment: none can be started.
base::Result<int> run_processes(const Invocation& invocation, LoadSettings& settings, const SharedRun& run);

}  // namespace gantry::cli
