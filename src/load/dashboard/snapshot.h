#pragma once

// How a run is at one moment, for machines: docs/formats/load-dashboard.md. Who listens is another matter: nothing here knows a socket.

#include "base/node.h"
#include "load/load.h"

namespace gantry::load {

// Of a run whose stock has just been taken, which is where `progress` is from; or, without scenarios in that, of one that plays none.
base::Node make_dashboard_snapshot(const RunLook& look, const RunProgress& progress);

}  // namespace gantry::load
