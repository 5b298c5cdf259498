#include "base/disk_file_system.h"

#include "base/file_errors.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace gantry::base {

namespace {

// Far above any real folder; a million names would only fill memory.
constexpr std::size_t kEntriesMax = 100'000;

FileKind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return FileKind::regular;
  if (S_ISDIR(mode)) return FileKind::directory;
  return FileKind::other;
}

std::unexpected<Error> too_many_entries(std::string_view path) {
  return input_error(fmt::format("folder {} has more than {} entries", shown_path(path), kEntriesMax));
}

// What stat told is a hint for the first allocation only: the file may grow while it is read, and files of /proc say 0.
Result<std::string> read_to_end(int fd, const std::string& path, std::uint64_t expected_bytes,
                                std::uint64_t bytes_max) {
  std::string content;
  std::size_t size = 0;
  for (;;) {
    // One byte more than expected, so that the end shows without growing.
    const std::size_t room = size == 0 ? expected_bytes + 1 : 2 * size;
    content.resize_and_overwrite(room, [](char*, std::size_t count) { return count; });
    while (size < content.size()) {
      const ssize_t count = ::read(fd, content.data() + size, content.size() - size);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return failed("read", path, errno);
      if (count == 0) {
        content.resize(size);
        return content;
      }
      size += static_cast<std::size_t>(count);
      if (size > bytes_max) return too_large(path, bytes_max);
    }
  }
}

class DiskFileSystem final : public FileSystem {
 public:
  explicit DiskFileSystem(ConfinedRoot root) : root_(std::move(root)) {}

  Result<std::string> read(std::string_view path, std::uint64_t bytes_max) const override {
    const std::string normal = TRY(normal_path(path));
    // O_NONBLOCK: opening a FIFO that nobody writes to would wait for ever. It means nothing to a regular file.
    const std::expected<FileDescriptor, int> file = root_.open_beneath(normal, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!file) return std::unexpected(root_.explain(normal, file.error()));
    struct stat info {};
    if (::fstat(file->fd(), &info) != 0) return failed("read", normal, errno);
    if (S_ISDIR(info.st_mode)) return is_folder(normal);
    if (!S_ISREG(info.st_mode)) return not_a_regular_file(normal);
    const auto size = static_cast<std::uint64_t>(info.st_size);
    if (size > bytes_max) return too_large(normal, bytes_max);
    return read_to_end(file->fd(), normal, size, bytes_max);
  }

  Result<std::vector<DirectoryEntry>> list(std::string_view path) const override {
    const std::string normal = TRY(normal_path(path));
    std::expected<FileDescriptor, int> directory = root_.open_beneath(normal, O_RDONLY | O_DIRECTORY);
    if (!directory) return std::unexpected(root_.explain(normal, directory.error()));
    const Stream stream(::fdopendir(directory->fd()));
    if (!stream) return failed("list", normal, errno);
    directory->release();  // the stream owns it now
    std::vector<DirectoryEntry> entries;
    for (;;) {
      errno = 0;  // readdir(3): the only way to tell an error from the end
      const dirent* entry = ::readdir(stream.get());
      if (entry == nullptr) break;
      const std::string_view name = static_cast<const char*>(entry->d_name);
      if (name == "." || name == "..") continue;
      if (entries.size() == kEntriesMax) return too_many_entries(normal);
      entries.push_back({std::string(name), kind_of_entry(normal, *entry)});
    }
    if (errno != 0) return failed("list", normal, errno);
    std::ranges::sort(entries);
    return entries;
  }

  Result<FileKind> kind(std::string_view path) const override {
    const std::string normal = TRY(normal_path(path));
    const std::expected<FileKind, int> found = find_kind(normal);
    if (!found) return std::unexpected(root_.explain(normal, found.error()));
    return *found;
  }

  Result<std::string> resolve(std::string_view path) const override {
    const std::string normal = TRY(normal_path(path));
    std::expected<std::string, LinkFailure> resolved = root_.resolve(normal);
    if (!resolved) return std::unexpected(describe_failure(normal, resolved.error()));
    return *std::move(resolved);
  }

 private:
  struct CloseStream {
    void operator()(DIR* stream) const { ::closedir(stream); }
  };
  using Stream = std::unique_ptr<DIR, CloseStream>;

  std::expected<FileKind, int> find_kind(const std::string& path) const {
    const std::expected<FileDescriptor, int> file = root_.open_beneath(path, O_PATH);
    if (!file && (file.error() == ENOENT || file.error() == ENOTDIR)) return FileKind::missing;
    if (!file) return std::unexpected(file.error());
    struct stat info {};
    if (::fstat(file->fd(), &info) != 0) return std::unexpected(errno);
    return kind_of(info.st_mode);
  }

  // The directory says it for nearly all; only symlinks, and file systems that do not tell, need a look.
  FileKind kind_of_entry(const std::string& directory, const dirent& entry) const {
    if (entry.d_type == DT_REG) return FileKind::regular;
    if (entry.d_type == DT_DIR) return FileKind::directory;
    if (entry.d_type != DT_LNK && entry.d_type != DT_UNKNOWN) return FileKind::other;
    const std::string name = static_cast<const char*>(entry.d_name);
    return find_kind(directory.empty() ? name : directory + "/" + name).value_or(FileKind::other);
  }

  ConfinedRoot root_;
};

}  // namespace

std::unique_ptr<FileSystem> make_disk_file_system(ConfinedRoot root) {
  return std::make_unique<DiskFileSystem>(std::move(root));
}

Result<std::unique_ptr<FileSystem>> open_directory(const std::string& root) {
  return make_disk_file_system(TRY(ConfinedRoot::open(root)));
}

}  // namespace gantry::base
