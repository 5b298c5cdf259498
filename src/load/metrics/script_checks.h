#pragma once

// The checks of a script, in the order in which they were first seen (k6 reference, §9.3 and §13).

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace gantry::load {

// Elements with a name, in the order in which they were first asked for. They stay where they are; and one is found as quickly among very
// many, since a script may make names up.
template <typename Element>
class ByName {
 public:
  // The one of a name; made by make() where it is not there.
  template <typename Make>
  Element& find_or_make(std::string_view name, Make make) {
    if (const auto known = places_.find(name); known != places_.end()) return elements_[known->second];
    Element& made = elements_.emplace_back(make());
    places_.emplace(name, elements_.size() - 1);
    return made;
  }
  auto begin() const { return elements_.begin(); }
  auto end() const { return elements_.end(); }
  std::size_t size() const { return elements_.size(); }
  bool empty() const { return elements_.empty(); }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::deque<Element> elements_ = {};
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> places_ = {};
};

struct ScriptCheck {
  std::string name = {};
  std::uint64_t passes = 0;
  std::uint64_t fails = 0;

  void count(bool holds) { ++(holds ? passes : fails); }
};

using ScriptCheckList = ByName<ScriptCheck>;
// The check of a name, made where it is not there.
ScriptCheck& check_of(ScriptCheckList& checks, std::string_view name);

// "::outer::inner"; "" for one without a name in the root, which is the root.
std::string path_of_group(std::string_view outer, std::string_view name);

struct ScriptGroup {
  std::string name = {};  // "" for the root
  std::string path = {};
  ByName<ScriptGroup> groups = {};
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
