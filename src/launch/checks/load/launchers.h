#pragma once

// Programs that run what they find elsewhere: interpreters, package managers, containers. Their own bytes say nothing of what is tested, so that
// evidence of it would hold while that is long another.

#include <string>

namespace gantry::launch {

// By its name, or the name of what it is a link to, or because it is a script. `path` is of the disk.
bool is_launcher(const std::string& path);

}  // namespace gantry::launch
