#pragma once

// How far a run is that several processes play, from what each says of its part.

#include "base/node.h"
#include "base/result.h"
#include "load/load.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace gantry::load {

base::Node to_node(const RunProgress& progress);

class WholeProgress {
 public:
  // `scenarios` are those of the whole load.
  WholeProgress(std::size_t processes, std::vector<Scenario> scenarios)
      : scenarios_(std::move(scenarios)), parts_(processes) {}
  WholeProgress(const WholeProgress&) = delete;
  WholeProgress& operator=(const WholeProgress&) = delete;

  // Errors: input: what to_node() does not make.
  base::Result<void> hear(std::size_t process, const base::Node& said);
  // It says no more: what it said last counts, or nothing.
  void leave(std::size_t process);
  // Whether each has said something since the sums were asked for.
  bool is_new() const;
  // The sums; nothing until each of the processes has said something. Refers to the scenarios here.
  std::optional<RunProgress> so_far();

 private:
  struct ScenarioPart {
    std::string name = {};
    std::chrono::nanoseconds elapsed{0};
    std::size_t vus_active = 0;
    std::uint64_t completed = 0;
    bool is_over = false;
  };
  struct Part {
    RunProgress figures = {};  // without scenarios
    std::vector<ScenarioPart> scenarios = {};
    bool is_new = true;
    bool is_last = false;
  };
  ScenarioProgress sum_of(const Scenario& scenario) const;

  std::vector<Scenario> scenarios_;
  std::vector<std::optional<Part>> parts_;
};

}  // namespace gantry::load
