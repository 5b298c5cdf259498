#pragma once

// Commands that steps quote, and the checks that decide the same thing (reference §2.6). Everything here is pure: no command is
// executed, no file is looked at.
//
//   recognise({"kubectl apply -k manifests/nats/", where})
//     -> manifests.render {path}, manifests.valid {path}, manifests.apply {path}

#include "base/finding.h"
#include "base/node.h"
#include "launch/plan.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

struct CommandBinding {
  base::Node
      block;  // as a gantry block would have it: a map with `check` and its parameters, at the command's position
  std::string note;  // what the command alone would not have shown; may be empty
};

struct Recognised {
  std::vector<CommandBinding> bindings;
  // plan.command-not-understood: a command, or a part of one, that leads to no check. The step is a person's unless other
  // commands or blocks bind it.
  std::vector<base::Finding> findings;
};

// Every simple command of the line, in order.
Recognised recognise(const QuotedCommand& command);

// Whether inline code is a command rather than a name, a path or a value: a program that people run, and something behind it.
bool looks_like_command(std::string_view code);

// The word that ends the here-document which the line starts ("<<EOF"); "" when it starts none.
std::string find_here_document(std::string_view line);

}  // namespace gantry::launch
