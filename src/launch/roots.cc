#include "launch/roots.h"

#include "launch/config.h"
#include "launch/launch.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

namespace gantry::launch {

namespace fs = std::filesystem;
using base::Result;

namespace {

// What marks the root of a workspace, nearest first.
constexpr std::array<std::string_view, 3> kRootMarks = {"gantry.yaml", ".gantry", ".git"};

bool has_mark(const fs::path& folder) {
  std::error_code failure;
  return std::ranges::any_of(kRootMarks, [&](std::string_view mark) { return fs::exists(folder / mark, failure); });
}

}  // namespace

std::optional<fs::path> find_marked_folder(const fs::path& start) {
  for (fs::path folder = start; !folder.empty(); folder = folder.parent_path()) {
    if (has_mark(folder)) return folder;
    if (folder == folder.parent_path()) break;
  }
  return std::nullopt;
}

std::optional<std::string> path_below(const fs::path& root, const fs::path& path) {
  const std::string relative = path.lexically_relative(root).generic_string();
  if (relative.empty() || relative == ".." || relative.starts_with("../")) return std::nullopt;
  return relative;
}

Result<std::optional<WorkspaceFolder>> find_workspace(const std::string& path) {
  std::error_code failure;
  const fs::path start = fs::weakly_canonical(fs::absolute(path, failure), failure);
  if (failure) return base::environment_error(path + " cannot be found: " + failure.message(), "name a file or folder");
  const std::optional<fs::path> root =
      find_marked_folder(fs::is_directory(start, failure) ? start : start.parent_path());
  if (!root) return std::nullopt;
  auto files = TRY(base::open_directory(root->string()));
  return WorkspaceFolder{.root = root->string(), .files = std::move(files)};
}

Result<std::string> manifests_of(const WorkspaceFolder& folder) { return TRY(load_config(*folder.files)).manifests; }

Result<netpol::PluginChoice> network_of(const WorkspaceFolder& folder) {
  const Config config = TRY(load_config(*folder.files));
  return config.network.is_map() ? netpol::parse_plugin(config.network) : netpol::PluginChoice();
}

Result<base::Node> drain_of(const WorkspaceFolder& folder) { return TRY(load_config(*folder.files)).drain; }

}  // namespace gantry::launch
