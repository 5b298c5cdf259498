#pragma once

// The words behind a program's name, sorted into options and others, in every spelling that programs accept: "-n x", "-nx",
// "-n=x", "--namespace x", "--namespace=x".

#include "launch/shell_line.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

// One option that is known to a program. An option that is in no table is taken to have no value of its own.
struct OptionSpec {
  std::string_view name;  // "namespace"
  char letter = 0;        // 'n'; 0: none
  bool takes_value = false;
};

struct Option {
  std::string name;  // the long name where it is known: "namespace"
  std::optional<ShellWord> value;
};

struct Arguments {
  std::vector<ShellWord> words;  // neither options nor their values
  std::vector<Option> options;

  // The last value of an option; null when it is not given, or without one.
  const ShellWord* value(std::string_view name) const;
  std::vector<ShellWord> values(std::string_view name) const;
  bool has(std::string_view name) const;
};

Arguments parse_arguments(std::span<const ShellWord> words, std::span<const OptionSpec> specs);

}  // namespace gantry::launch
