#pragma once

// One function for each kind of executor, each in a file of its own. Private to load.

#include "load/executors/executor.h"

#include <memory>

namespace gantry::load {

std::unique_ptr<Executor> make_constant_vus(Troupe& troupe, const Scenario& scenario, SteadyTime start);
std::unique_ptr<Executor> make_ramping_vus(Troupe& troupe, const Scenario& scenario, SteadyTime start);
std::unique_ptr<Executor> make_shared_iterations(Troupe& troupe, const Scenario& scenario, SteadyTime start);
std::unique_ptr<Executor> make_per_vu_iterations(Troupe& troupe, const Scenario& scenario, SteadyTime start);
std::unique_ptr<Executor> make_arrival_rate(Troupe& troupe, const Scenario& scenario, SteadyTime start);

}  // namespace gantry::load
