#pragma once

// The checks of a script, group by group, in the order in which they were first seen (k6 reference, §9.3 and §13.3).

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

struct ScriptGroup {
  std::string name = {};  // "" for the root
  std::string path = {};  // "::outer::inner"
  std::deque<ScriptGroup> groups = {};
  std::deque<ScriptCheck> checks = {};

  // The group of a path below this one, made where it is not there. "" is this one.
  ScriptGroup& at(std::string_view below);
  // The check of a name, made where it is not there. Stays where it is.
  ScriptCheck& check(std::string_view name);
};

}  // namespace gantry::load
