#include "base/confined_root.h"
#include "base/file.h"
#include "base/file_errors.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>
#include <system_error>

// The new bytes go into a file without a name (O_TMPFILE), so that a process killed while writing leaves nothing behind.
// Only complete and flushed does it get a name, and rename() puts it in the old file's place. linkat() can't replace a
// name, so between the two calls a complete file with a temporary name exists; that is all a kill can leave.
// File systems without O_TMPFILE (NFS, older overlays) get a named file from the start.
// Temporary names are given in a staging folder, which is the file's own unless the caller has a better one.

namespace gantry::base {

namespace {

using Done = std::expected<void, int>;  // or an errno

Done check(long returned) {
  if (returned < 0) return std::unexpected(errno);
  return {};
}

// Not guessable, so nobody can put a symlink there first; O_EXCL and linkat() refuse what exists all the same.
std::string random_name() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number) number = static_cast<std::uint64_t>(::getpid());
  return fmt::format(".gantry-{:016x}.tmp", number);
}

// A file that has not taken its place yet, and goes away unless it does. Until then it is in the folder `staging`.
class PendingFile {
 public:
  static std::expected<PendingFile, int> create(int staging) {
    // Naming it later goes through /proc, which a sandbox may lack.
    if (::access("/proc/self/fd", X_OK) == 0) {
      FileDescriptor unnamed(::openat(staging, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666));
      if (unnamed) return PendingFile(staging, std::move(unnamed), {});
    }
    std::string name = random_name();
    FileDescriptor named(::openat(staging, name.c_str(), O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0666));
    if (!named) return std::unexpected(errno);
    return PendingFile(staging, std::move(named), std::move(name));
  }

  PendingFile(PendingFile&& other) noexcept
      : staging_(other.staging_), file_(std::move(other.file_)), name_(std::exchange(other.name_, {})) {}
  PendingFile& operator=(PendingFile&&) = delete;
  ~PendingFile() {
    if (!name_.empty()) ::unlinkat(staging_, name_.c_str(), 0);
  }

  int fd() const { return file_.fd(); }

  // Replaces what has that name in `directory`.
  Done take_place(int directory, const std::string& name) {
    if (name_.empty()) {
      std::string link = random_name();
      const std::string self = fmt::format("/proc/self/fd/{}", file_.fd());
      Done linked = check(::linkat(AT_FDCWD, self.c_str(), staging_, link.c_str(), AT_SYMLINK_FOLLOW));
      if (!linked) return linked;
      name_ = std::move(link);
    }
    if (Done renamed = check(::renameat(staging_, name_.c_str(), directory, name.c_str())); !renamed) return renamed;
    name_.clear();
    return {};
  }

 private:
  PendingFile(int staging, FileDescriptor file, std::string name)
      : staging_(staging), file_(std::move(file)), name_(std::move(name)) {}

  int staging_;  // the caller's
  FileDescriptor file_;
  std::string name_;  // "" while it has none
};

Done write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t count = ::write(fd, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(errno);
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

// A file system may be unable to flush a directory and says EINVAL (fsync(2)); there is nothing else to be done then.
Done flush_directory(int directory) {
  Done flushed = check(::fsync(directory));
  if (!flushed && flushed.error() == EINVAL) return {};
  return flushed;
}

// Only root can keep somebody else's file theirs; set-id bits are not for documents and are not kept.
Done keep_ownership_and_mode(int fd, const struct stat& old) {
  if (::fchown(fd, old.st_uid, old.st_gid) != 0 && errno != EPERM) return std::unexpected(errno);
  return check(::fchmod(fd, old.st_mode & 0777));
}

struct Target {
  int directory = -1;
  std::string name = {};
  std::string path = {};  // for messages
};

// What the new file replaces; nothing when the name is free.
Result<std::optional<struct stat>> look_at_target(const Target& target) {
  const auto& [directory, name, path] = target;
  struct stat old {};
  if (::fstatat(directory, name.c_str(), &old, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return std::nullopt;
    return failed("write", path, errno);
  }
  if (S_ISLNK(old.st_mode)) {
    return environment_error(fmt::format("{} is a symlink, which writing would replace by a file", path));
  }
  if (!S_ISREG(old.st_mode)) return not_a_regular_file(path);
  // rename() asks only the directory, but whoever has made a file read-only does not want it changed.
  if (::faccessat(directory, name.c_str(), W_OK, AT_EACCESS) != 0) return failed("write", path, errno);
  return old;
}

Done replace(const Target& target, int staging, const std::optional<struct stat>& old, std::string_view content) {
  std::expected<PendingFile, int> file = PendingFile::create(staging);
  if (!file) return std::unexpected(file.error());
  // Before there is anything to read in it.
  Done kept = old ? keep_ownership_and_mode(file->fd(), *old) : Done();
  if (!kept) return kept;
  if (Done written = write_all(file->fd(), content); !written) return written;
  if (Done flushed = check(::fsync(file->fd())); !flushed) return flushed;
  if (Done placed = file->take_place(target.directory, target.name); !placed) return placed;
  return flush_directory(target.directory);
}

Result<void> write_target(const Target& target, int staging, std::string_view content) {
  const std::optional<struct stat> old = TRY(look_at_target(target));
  Done done = replace(target, staging, old, content);
  if (!done && done.error() == EXDEV) done = replace(target, target.directory, old, content);  // staged on another disk
  if (!done) return failed("write", target.path, done.error());
  return {};
}

// Where a file of that name is or would be, without symlinks.
Result<std::string> find_target(const ConfinedRoot& root, const std::string& path) {
  const std::expected<std::string, LinkFailure> parent = root.resolve(std::string(directory_of(path)));
  if (!parent) return std::unexpected(describe_failure(path, parent.error()));
  const std::string name(base_name_of(path));
  std::string target = parent->empty() ? name : *parent + "/" + name;
  std::expected<std::string, LinkFailure> resolved = root.resolve(target);
  if (resolved) return *std::move(resolved);
  const bool is_free = resolved.error().code == ENOENT && resolved.error().link.empty();
  if (!is_free) return std::unexpected(describe_failure(path, resolved.error()));
  return target;
}

constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;  // not O_PATH: it is flushed

}  // namespace

Result<void> write_file_atomic(const std::string& path, std::string_view content, const std::string& staging) {
  const std::string name(base_name_of(path));
  if (name.empty() || name == "." || name == "..") return usage_error(fmt::format("\"{}\" does not name a file", path));
  if (path.contains('\0')) return usage_error("a file name holds a NUL byte");
  const std::string parent = name.size() == path.size() ? "." : path.substr(0, path.size() - name.size());
  const FileDescriptor directory(::open(parent.c_str(), kDirectoryFlags));
  if (!directory) return failed("write", path, errno);
  const FileDescriptor scratch(staging.empty() ? -1 : ::open(staging.c_str(), kDirectoryFlags));
  return write_target({directory.fd(), name, path}, scratch ? scratch.fd() : directory.fd(), content);
}

Result<void> write_file_below(const std::string& root, std::string_view path, std::string_view content) {
  const std::string normal = TRY(normal_path(path));
  if (normal.empty()) return usage_error(fmt::format("\"{}\" does not name a file", path));
  const ConfinedRoot confined = TRY(ConfinedRoot::open(root));
  const std::string target = TRY(find_target(confined, normal));
  const std::string parent(directory_of(target));
  const std::expected<FileDescriptor, int> directory = confined.open_beneath(parent, kDirectoryFlags);
  if (!directory) return std::unexpected(confined.explain(parent, directory.error()));
  return write_target({directory->fd(), std::string(base_name_of(target)), normal}, directory->fd(), content);
}

}  // namespace gantry::base
