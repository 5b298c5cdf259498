#include "launch/store/folder.h"

#include "base/digest.h"
#include "base/file.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

namespace gantry::launch {

using base::Result;

namespace {

using std::filesystem::file_type;

Result<void> require_type(const std::string& path, file_type wanted, std::string_view what) {
  std::error_code failure;
  const file_type type = std::filesystem::symlink_status(path, failure).type();
  if (type == wanted || type == file_type::not_found) return {};
  if (type == file_type::symlink)
    return base::environment_error(fmt::format("{} is a symlink, and evidence is kept in the workspace itself", path),
                                   "remove the link; gantry makes what it needs");
  if (type == file_type::none)
    return base::environment_error(fmt::format("{} cannot be looked at: {}", path, failure.message()),
                                   "check the permissions of the .gantry folder");
  return base::environment_error(fmt::format("{} is no {}, and gantry keeps its evidence there", path, what),
                                 "move it away; gantry makes what it needs");
}

}  // namespace

Result<void> check_store_folder(const std::string& directory) {
  TRY(require_type(directory, file_type::directory, "folder"));
  TRY(require_type(directory + "/artifacts", file_type::directory, "folder"));
  return require_type(directory + "/evidence.db", file_type::regular, "file");
}

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
  TRY(require_type(folder, file_type::directory, "folder"));
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure)
    return base::environment_error(fmt::format("{} cannot be created: {}", folder, failure.message()),
                                   "check the permissions of the .gantry folder");
  const std::string path = folder + "/" + artifact.sha256;
  if (std::filesystem::file_size(path, failure) == content.size() && !failure) return {};
  return base::write_file_atomic(path, content);
}

Result<std::string> read_artifact(const std::string& directory, const base::Artifact& artifact) {
  const std::string folder = directory + "/artifacts";
  TRY(require_type(folder, file_type::directory, "folder"));
  const std::unique_ptr<base::FileSystem> files = TRY(base::open_directory(folder));
  std::string content = TRY(
      base::with_context(files->read(artifact.sha256), fmt::format("while reading the artifact {}", artifact.name)));
  if (base::sha256_hex(content) == artifact.sha256) return content;
  return base::input_error(
      fmt::format("{}/{} is not the {} that it is named by", folder, artifact.sha256, artifact.name), {},
      "remove it, and run the check again");
}

}  // namespace gantry::launch
