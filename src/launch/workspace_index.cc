#include "launch/workspace_index.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

namespace gantry::launch {

using base::FileKind;

namespace {

constexpr std::array<std::string_view, 4> kSkippedNames = {".git", ".gantry", "node_modules", "build"};

// Deeper than any source tree; keeps paths short on a hostile one.
constexpr std::size_t kDepthMax = 64;

// A suggestion compares letter by letter; these keep it under a tenth of a second in the largest workspace.
constexpr std::size_t kSuggestedBytesMax = 500;
constexpr std::size_t kSuggestedNamesMax = 20'000;
constexpr std::size_t kSuggestedPathsMax = 1000;

bool is_skipped(std::string_view name) { return std::ranges::find(kSkippedNames, name) != kSkippedNames.end(); }

std::string joined(std::string_view directory, std::string_view name) {
  return directory.empty() ? std::string(name) : std::string(directory) + "/" + std::string(name);
}

bool ends_with_path(std::string_view path, std::string_view suffix) {
  if (!path.ends_with(suffix)) return false;
  return path.size() == suffix.size() || path[path.size() - suffix.size() - 1] == '/';
}

}  // namespace

WorkspaceIndex WorkspaceIndex::walk(const base::FileSystem& workspace, std::size_t entries_max) {
  WorkspaceIndex index;
  std::size_t entries = 0;
  std::vector<std::pair<std::string, std::size_t>> folders = {{"", 0}};  // still to be read, with their depth
  while (!folders.empty()) {
    const auto [folder, depth] = std::move(folders.back());
    folders.pop_back();
    // A symlink to a folder resolves to another path; following it could go in circles.
    if (!folder.empty() && workspace.resolve(folder) != folder) continue;
    const auto listed = workspace.list(folder);
    if (!listed) continue;
    for (const base::DirectoryEntry& entry : *listed) {
      if (entry.kind == FileKind::missing || is_skipped(entry.name)) continue;
      if (++entries > entries_max) {
        index.is_complete_ = false;
        return index;
      }
      std::string path = joined(folder, entry.name);
      if (entry.kind == FileKind::directory && depth < kDepthMax) folders.emplace_back(path, depth + 1);
      index.paths_[entry.name].push_back(std::move(path));
    }
  }
  return index;
}

std::vector<std::string> WorkspaceIndex::find_by_suffix(std::string_view suffix) const {
  std::vector<std::string> found;
  const auto named = paths_.find(base::base_name_of(suffix));
  if (named == paths_.end()) return found;
  std::ranges::copy_if(named->second, std::back_inserter(found),
                       [&](const std::string& path) { return ends_with_path(path, suffix); });
  std::ranges::sort(found);
  return found;
}

std::string WorkspaceIndex::find_nearest(std::string_view path) const {
  if (path.size() > kSuggestedBytesMax) return {};
  // The same name elsewhere says more than a similar name nearby.
  const std::string_view name = base::base_name_of(path);
  auto named = paths_.find(name);
  if (named == paths_.end()) {
    std::vector<std::string_view> names;
    names.reserve(std::min(paths_.size(), kSuggestedNamesMax));
    for (auto it = paths_.begin(); it != paths_.end() && names.size() < kSuggestedNamesMax; ++it)
      names.push_back(it->first);
    const std::optional<std::string_view> nearest = base::nearest_name(name, names);
    if (!nearest) return {};
    named = paths_.find(*nearest);
  }
  const auto same_name = std::span(named->second).first(std::min(named->second.size(), kSuggestedPathsMax));
  return *std::ranges::min_element(same_name, {}, [&](const std::string& candidate) {
    return std::pair(base::edit_distance(path, candidate), std::string_view(candidate));
  });
}

}  // namespace gantry::launch
