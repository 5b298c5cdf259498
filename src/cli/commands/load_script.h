#pragma once

// The script of a load command and the files that it may read: those around it, or those of an archive.

#include "base/file.h"
#include "base/result.h"
#include "cli/command.h"
#include "cli/commands/load_settings.h"
#include "load/load.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace gantry::cli {

struct OpenedScript {
  std::unique_ptr<base::FileSystem> files;
  std::string script;     // its path in them
  std::string root = {};  // where they lie on the disk; "" for those of an archive
};

// An archive's options and variables become those of `settings`, below what flags say. Errors: as open_directory, read_archive.
base::Result<OpenedScript> open_script(const std::string& path, LoadSettings& settings);

// A script that was evaluated, and not run.
struct EvaluatedScript {
  LoadSettings settings;
  std::string script;                        // its path
  std::map<std::string, std::string> files;  // it and all that it has read, by path
  load::RunOutcome outcome;                  // its error has been shown
};
enum class Evaluated : std::uint8_t { as_a_whole, one_part };  // of a load that several processes share
base::Result<EvaluatedScript> evaluate_script(const Invocation& invocation, const LoadFlags& flags,
                                              Evaluated as = Evaluated::as_a_whole);

}  // namespace gantry::cli
