#include "base/folders.h"

#include "base/confined_root.h"
#include "base/file.h"
#include "base/file_errors.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

namespace gantry::base {

namespace {

constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

// `path` has a folder that is there; no symlink of its last name is followed.
Result<void> make_folder(const ConfinedRoot& root, const std::string& path) {
  const std::string parent(directory_of(path));
  const std::expected<FileDescriptor, int> directory = root.open_beneath(parent, kDirectoryFlags);
  if (!directory) return std::unexpected(root.explain(parent, directory.error()));
  if (::mkdirat(directory->fd(), std::string(base_name_of(path)).c_str(), 0777) != 0 && errno != EEXIST)
    return failed("make the folder", path, errno);
  return {};
}

}  // namespace

Result<void> make_folders_below(const std::string& root, std::string_view path) {
  const std::string normal = TRY(normal_path(path));
  const ConfinedRoot confined = TRY(ConfinedRoot::open(root));
  for (std::size_t end = normal.find('/'); end != std::string::npos; end = normal.find('/', end + 1))
    TRY(make_folder(confined, normal.substr(0, end)));
  return {};
}

}  // namespace gantry::base
