#pragma once

// The names of everything in a workspace, for finding a file by the end of its path.

#include "base/file.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

// A workspace is a repository; a larger one is searched by full paths only.
inline constexpr std::size_t kWorkspaceEntriesMax = 200'000;

// A value: the workspace as it was when it was walked.
class WorkspaceIndex {
 public:
  // Folders that hold no sources (.git, .gantry, node_modules, build) are skipped, and so are symlinked folders, whose
  // files are found where they are, and folders that can't be read.
  static WorkspaceIndex walk(const base::FileSystem& workspace, std::size_t entries_max = kWorkspaceEntriesMax);

  // Every path that is `suffix` or ends with "/" + suffix, sorted. `suffix` is normalised.
  std::vector<std::string> find_by_suffix(std::string_view suffix) const;
  // The path that somebody who wrote `path` most likely meant; "" when none is near.
  std::string find_nearest(std::string_view path) const;
  // False when there was more than the limit: what was found may not be all.
  bool is_complete() const { return is_complete_; }

 private:
  // By last name: a suffix starts there.
  std::map<std::string, std::vector<std::string>, std::less<>> paths_;
  bool is_complete_ = true;
};

}  // namespace gantry::launch
