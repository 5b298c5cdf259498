#pragma once

// The files that outputs of a load run write to.

#include "cli/terminal.h"
#include "load/output/output.h"

namespace gantry::cli {

// Opens files to append pieces to: "-" and "" are stdout, a name that ends in ".gz" is compressed. `terminal` outlives what is opened.
load::OpenSink open_sinks(const Terminal& terminal);

}  // namespace gantry::cli
