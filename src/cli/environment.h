#pragma once

// The environment of whoever runs Gantry: read here, and handed down.

#include <functional>
#include <map>
#include <string>

namespace gantry::cli {

// Of a variable that is there twice, the first.
std::map<std::string, std::string, std::less<>> read_environment();

}  // namespace gantry::cli
