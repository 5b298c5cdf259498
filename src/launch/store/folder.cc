#include "launch/store/folder.h"

#include "base/file.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

namespace gantry::launch {

using base::Result;

Result<void> create_store_folder(const std::string& directory) {
  std::error_code failure;
  std::filesystem::create_directories(directory, failure);
  if (failure)
    return base::environment_error(
        fmt::format("{} cannot be created: {}", directory, failure.message()),
        "gantry keeps its evidence there: make the workspace writable, or copy it to a place that is");
  const std::string ignore = directory + "/.gitignore";
  if (std::filesystem::exists(ignore, failure)) return {};
  return base::write_file_atomic(ignore, "*\n");
}

Result<void> write_artifact(const std::string& directory, const base::Artifact& artifact, const std::string& content) {
  const std::string folder = directory + "/artifacts";
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure)
    return base::environment_error(fmt::format("{} cannot be created: {}", folder, failure.message()),
                                   "check the permissions of the .gantry folder");
  const std::string path = folder + "/" + artifact.sha256;
  if (std::filesystem::file_size(path, failure) == content.size() && !failure) return {};
  return base::write_file_atomic(path, content);
}

}  // namespace gantry::launch
