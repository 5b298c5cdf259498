#pragma once

// The files that load runs write to, some of which are none: /dev/stdout, /dev/null, a pipe that has a name.

#include "cli/named_file.h"
#include "cli/terminal.h"
#include "load/output/output.h"

#include <string>
#include <string_view>

namespace gantry::cli {

// Opens files that a person has named, to append pieces to: "-" and "" are stdout, a name that ends in ".gz" is compressed. `terminal`
// outlives what is opened.
load::OpenSink open_sinks(const Terminal& terminal);

// All of a result at once. A file has the old bytes or the new ones at any moment (base::write_file_atomic); what is no file gets them as
// they come. Errors: environment. A name is a person's.
base::Result<void> write_result(const Terminal& terminal, const std::string& name, std::string_view text);
base::Result<void> write_result(const Terminal& terminal, const NamedFile& file, std::string_view text);

}  // namespace gantry::cli
