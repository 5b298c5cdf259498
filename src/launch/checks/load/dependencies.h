#pragma once

// What a target says of what it depends on. Figures that were taken while its message bus was off are not about the system that is
// launched, however good they look.

#include "base/finding.h"
#include "base/node.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

struct Dependency {
  std::string name;   // "nats"
  std::string state;  // in the target's words: "disconnected"
  bool is_on = false;
  friend bool operator==(const Dependency&, const Dependency&) = default;
};

// Of a status page: a map or a list of components, each a word, a yes or no, or a map with one, under "components", "dependencies",
// "checks" and the like, or at the top.
// Only words that say so ("healthy", "up", "connected") mean that one is on. None where the page does not tell.
std::vector<Dependency> read_dependencies(const base::Node& page);

// Of two looks at the same target the worse one of each.
std::vector<Dependency> worse_of(std::vector<Dependency> before, const std::vector<Dependency>& after);

// What was tested.
struct TargetRecord {
  std::string name = {};     // of gantry.yaml; "" where the script asked whoever was there
  std::string url = {};      // as gantry.yaml has it
  std::string program = {};  // its name
  std::string digest = {};   // of the program: "sha256:…"
  std::string version = {};  // as it says itself
  std::vector<Dependency> dependencies = {};
  std::vector<std::string> without = {};
  std::string status_fault =
      {};  // why the page that gantry.yaml names as its status tells nothing; "" where it does, or none is named
  friend bool operator==(const TargetRecord&, const TargetRecord&) = default;
};

// A finding for information where the target does not tell, and one for each dependency that was off: of high severity where nobody said that it would be, else for information. Figures without
// what the target depends on are about something else than what is launched.
std::vector<base::Finding> find_dependencies_off(const TargetRecord& target, const std::string& object,
                                                 const base::SourcePos& where);

}  // namespace gantry::launch
