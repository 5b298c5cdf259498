#include "base/confined_root.h"

#include "base/file_errors.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <filesystem>
#include <system_error>

namespace gantry::base {

namespace {

namespace fs = std::filesystem;

// glibc has no wrapper for it.
std::expected<FileDescriptor, int> call_openat2(int directory, const std::string& path, int flags,
                                                std::uint64_t resolve) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags) | O_CLOEXEC;
  how.resolve = resolve;
  for (;;) {
    const long fd = ::syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how);
    if (fd >= 0) return FileDescriptor(static_cast<int>(fd));
    if (errno != EINTR) return std::unexpected(errno);
  }
}

std::expected<FileDescriptor, int> call_openat(int directory, const std::string& path, int flags) {
  for (;;) {
    const int fd = ::openat(directory, path.c_str(), flags | O_CLOEXEC);
    if (fd >= 0) return FileDescriptor(fd);
    if (errno != EINTR) return std::unexpected(errno);
  }
}

class DiskLinks final : public LinkSource {
 public:
  DiskLinks(int root, const std::string& real_path) : root_(root), real_path_(real_path) {}

  std::expected<std::optional<std::string>, int> read_link(const std::string& path) const override {
    std::array<char, PATH_MAX> target;
    const ssize_t size = ::readlinkat(root_, path.c_str(), target.data(), target.size());
    if (size >= 0) return std::string(target.data(), static_cast<std::size_t>(size));
    if (errno == EINVAL) return std::nullopt;  // readlink(2): it is no symlink
    return std::unexpected(errno);
  }

  std::optional<std::string> find_way_back(const std::string& outside) const override {
    std::error_code problem;
    const fs::path real = fs::weakly_canonical(fs::path(real_path_) / outside, problem);
    if (problem) return std::nullopt;
    const std::string& path = real.native();
    if (path == real_path_) return "";
    const std::string prefix = real_path_ == "/" ? "/" : real_path_ + "/";
    if (!path.starts_with(prefix)) return std::nullopt;
    return path.substr(prefix.size());
  }

 private:
  int root_;
  const std::string& real_path_;  // the ConfinedRoot's, which outlives this
};

}  // namespace

Result<ConfinedRoot> ConfinedRoot::open(const std::string& root, Openat2 openat2) {
  const std::string path = root.empty() ? "." : root;
  std::expected<FileDescriptor, int> fd = call_openat(AT_FDCWD, path, O_PATH | O_DIRECTORY);
  if (!fd && fd.error() == ENOENT) return environment_error(fmt::format("folder {} does not exist", shown_path(path)));
  if (!fd && fd.error() == ENOTDIR) return not_a_folder(path);
  if (!fd) return failed("open", path, fd.error());
  std::error_code problem;
  const fs::path real_path = fs::canonical(path, problem);
  if (problem) return failed("open", path, problem.value());
  // ENOSYS before Linux 5.6, EPERM in sandboxes that do not know the call.
  const bool available =
      openat2 == Openat2::where_available && call_openat2(fd->fd(), ".", O_PATH, RESOLVE_BENEATH).has_value();
  return ConfinedRoot(*std::move(fd), real_path.native(), available ? Openat2::where_available : Openat2::never);
}

std::expected<FileDescriptor, int> ConfinedRoot::open_beneath(const std::string& path, int flags) const {
  if (openat2_ == Openat2::where_available) {
    std::expected<FileDescriptor, int> fd =
        call_openat2(root_.fd(), path.empty() ? "." : path, flags, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
    // EXDEV: a symlink leaves the root, though it may come back. EAGAIN: something on the way was being renamed.
    if (fd || (fd.error() != EXDEV && fd.error() != EAGAIN)) return fd;
  }
  const std::expected<std::string, LinkFailure> resolved = resolve(path);
  if (!resolved) return std::unexpected(resolved.error().code);
  return open_without_links(*resolved, flags);
}

std::expected<std::string, LinkFailure> ConfinedRoot::resolve(const std::string& path) const {
  return follow_links(path, DiskLinks(root_.fd(), real_path_));
}

// An error here that the names did not show means that somebody has put a symlink there in the meantime.
std::expected<FileDescriptor, int> ConfinedRoot::open_without_links(const std::string& path, int flags) const {
  if (openat2_ == Openat2::where_available) {
    return call_openat2(root_.fd(), path.empty() ? "." : path, flags, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  }
  FileDescriptor directory;
  int at = root_.fd();
  std::string_view rest = path;
  for (std::size_t slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/')) {
    std::expected<FileDescriptor, int> next =
        call_openat(at, std::string(rest.substr(0, slash)), O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (!next) return next;
    directory = *std::move(next);
    at = directory.fd();
    rest.remove_prefix(slash + 1);
  }
  return call_openat(at, rest.empty() ? "." : std::string(rest), flags | O_NOFOLLOW);
}

Error ConfinedRoot::explain(const std::string& path, int code) const {
  const std::expected<std::string, LinkFailure> resolved = resolve(path);
  if (!resolved) return describe_failure(path, resolved.error());
  if (code == ENOTDIR) return not_a_folder(path).error();
  if (code == ENXIO) return not_a_regular_file(path).error();  // open(2): a socket
  return failed("open", path, code).error();
}

}  // namespace gantry::base
