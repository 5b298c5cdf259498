#pragma once

// The commands below `gantry scale`, and the options that they share.

#include "cli/command.h"

#include "base/node.h"
#include "base/result.h"

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace gantry::cli {

extern const Command kScaleSizeCommand;
extern const Command kScaleSimulateCommand;

// An option that is a key of the block: `--start-up 40s` is pod: {start_up: 40s}.
struct BlockOption {
  std::string_view option;
  std::string_view map;  // "pod"; "" for the block itself
  std::string_view key;
  bool is_number = false;
  std::string_view type;  // "MS"
  std::string_view help;
};

// The block of a check, from a file and from options; an option counts more.
struct BlockFlags {
  std::string file;
  std::map<std::string, std::string, std::less<>> values;  // by option

  void define(CLI::App& app, std::span<const BlockOption> options, std::string_view check);
  bool has(std::string_view option) const;
  // Errors: usage: an option that is no number; input: the file.
  base::Result<base::Node> block(std::span<const BlockOption> options) const;
};

// The same result; an error that does not say what to do says this.
template <typename T>
base::Result<T> with_help(base::Result<T> result, std::string_view help) {
  if (!result && result.error().help.empty()) result.error().help = help;
  return result;
}
// "-" is standard input.
base::Result<std::string> read_input(const std::string& file, std::string_view help);

// 1 when something found is of high severity or worse.
int exit_code_of(const std::vector<base::Finding>& findings);

}  // namespace gantry::cli
