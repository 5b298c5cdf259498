#pragma once

// The K6_* variables that set one output. Private to load.

#include "load/options/duration.h"
#include "load/output/kinds.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::load {

class OutputVariables {
 public:
  // `prefix` of all names: "K6_INFLUXDB_".
  OutputVariables(const std::map<std::string, std::string>& environment, std::string_view prefix)
      : environment_(environment), prefix_(prefix) {}

  // Nothing where it is not set, or empty.
  std::optional<std::string> text(std::string_view name) const;
  std::string text(std::string_view name, std::string_view usual) const {
    return text(name).value_or(std::string(usual));
  }
  // Errors: usage: neither true nor false; no duration above 0.
  base::Result<bool> flag(std::string_view name) const;
  base::Result<Duration> duration(std::string_view name, Duration usual) const;
  // All whose names go on so, by the rest of their names.
  std::map<std::string, std::string> beginning(std::string_view name) const;
  // Errors: usage: it is set, and not there yet.
  base::Result<void> refuse(std::string_view name, std::string_view help) const;
  std::string full(std::string_view name) const { return prefix_ + std::string(name); }

 private:
  const std::map<std::string, std::string>& environment_;
  std::string prefix_;
};

}  // namespace gantry::load
