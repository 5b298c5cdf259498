#pragma once

// The checks of a script, in the order in which they were first seen (k6 reference, §9.3 and §13).

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace gantry::load {

struct ScriptCheck {
  std::string name = {};
  std::uint64_t passes = 0;
  std::uint64_t fails = 0;

  void count(bool holds) { ++(holds ? passes : fails); }
};

using ScriptCheckList = std::deque<ScriptCheck>;
// The check of a name, made where it is not there. Stays where it is.
ScriptCheck& check_of(ScriptCheckList& checks, std::string_view name);

// "::outer::inner"; "" for one without a name in the root, which is the root.
std::string path_of_group(std::string_view outer, std::string_view name);

struct ScriptGroup {
  std::string name = {};  // "" for the root
  std::string path = {};
  std::deque<ScriptGroup> groups = {};
  ScriptCheckList checks = {};

  // The group of a path below this one, made where it is not there. What stands before the first "::" is none, so that "" is this one.
  ScriptGroup& at(std::string_view below);
};

// As summaries show them, twice.
struct ScriptChecks {
  ScriptCheckList by_name = {};  // of all groups together
  // By the tags group and check of their samples; a sample without is in no group. Those of group_duration count too, so that there are groups
  // without a check.
  ScriptGroup groups = {};
};

}  // namespace gantry::load
