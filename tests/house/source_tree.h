#pragma once

// The text of src/, as the checks of the house read it.

#include <filesystem>
#include <map>
#include <string>

namespace gantry::house {

// File names under src/ ("base/node.h") with their content.
using SourceTree = std::map<std::string, std::string>;

// Both fail the test that runs when a file can't be read.
std::string read_file(const std::filesystem::path& path);
SourceTree load_sources(const std::filesystem::path& root);

}  // namespace gantry::house
