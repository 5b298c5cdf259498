#pragma once

// Where a workspace begins.

#include <filesystem>
#include <optional>
#include <string>

namespace gantry::launch {

// The folder, or the nearest above it, that has a gantry.yaml, .gantry or .git.
std::optional<std::filesystem::path> find_marked_folder(const std::filesystem::path& folder);

// The path relative to the root, or nothing when it lies elsewhere.
std::optional<std::string> path_below(const std::filesystem::path& root, const std::filesystem::path& path);

}  // namespace gantry::launch
