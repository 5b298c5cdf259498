#pragma once

// Files, behind a seam: the real disk below one root, or a map in memory for tests and fuzzing. Engines read through it,
// so that what a check has read can be recorded, and so that no path leaves the workspace.
//
// Paths are relative to the root, with '/' between names, normalised by normal_path(). "" and "." are the root.

#include "base/result.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::base {

// 64 MiB: far above any manifest or launch document, far below what would hurt the machine.
inline constexpr std::uint64_t kFileBytesMax = 64ULL << 20;

enum class FileKind { missing, regular, directory, other };

struct DirectoryEntry {
  std::string name = {};
  FileKind kind = FileKind::other;  // of what a symlink points to: `missing` for nothing, `other` outside the root
  friend auto operator<=>(const DirectoryEntry&, const DirectoryEntry&) = default;
};

// Safe to read from several threads at once.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  // The whole file. Never blocks on a FIFO or device: what is no regular file is an error. Errors: environment (missing, a
  // folder, no permission, other I/O), input (larger than bytes_max; path or a symlink on the way leaves the root).
  virtual Result<std::string> read(std::string_view path, std::uint64_t bytes_max = kFileBytesMax) const = 0;
  // Sorted by name, without "." and "..". Errors as above; input also for more than 100,000 entries.
  virtual Result<std::vector<DirectoryEntry>> list(std::string_view path) const = 0;
  // What is there, through symlinks; `missing` is no error, leaving the root is.
  virtual Result<FileKind> kind(std::string_view path) const = 0;
  // The path with every symlink resolved, still relative to the root. Errors when missing or when it leaves the root.
  virtual Result<std::string> resolve(std::string_view path) const = 0;
};

// The disk below `root` (absolute, or relative to the working directory), which must be a directory. It is opened once:
// renaming it later does not lead elsewhere. Confined, also against somebody who changes symlinks meanwhile: a path that
// leaves the root, by ".." or through a symlink, is an input error that names both ends. A symlink may lead around outside
// (be absolute, for one) as long as it ends inside.
Result<std::unique_ptr<FileSystem>> open_directory(const std::string& root);

// Files in memory, by normal path; directories exist where a file lies below them.
class MemoryFileSystem final : public FileSystem {
 public:
  MemoryFileSystem() = default;
  explicit MemoryFileSystem(std::map<std::string, std::string, std::less<>> files) : files_(std::move(files)) {}
  void write(std::string path, std::string content) { files_[std::move(path)] = std::move(content); }
  // `target` is relative to the directory that `path` lies in.
  void symlink(std::string path, std::string_view target);

  Result<std::string> read(std::string_view path, std::uint64_t bytes_max = kFileBytesMax) const override;
  Result<std::vector<DirectoryEntry>> list(std::string_view path) const override;
  Result<FileKind> kind(std::string_view path) const override;
  Result<std::string> resolve(std::string_view path) const override;

 private:
  std::map<std::string, std::string, std::less<>> files_;  // a symlink is "\0link:" and its target
};

// "a/./b/../c/" -> "a/c"; "" for the root. By names alone, so ".." takes away the name before it even if that is a
// symlink. Input errors: it is absolute, climbs above the root, or holds a NUL byte.
Result<std::string> normal_path(std::string_view path);
// `path` as written in a document that lies in `directory`. Errors as above.
Result<std::string> join_path(std::string_view directory, std::string_view path);
std::string_view directory_of(std::string_view path);  // "a/b.yaml" -> "a"; "b.yaml" -> ""
std::string_view base_name_of(std::string_view path);  // "a/b.yaml" -> "b.yaml"

// Replaces a file in one step: writes a temporary file in the same directory, flushes it to the disk, renames it, flushes
// the directory. A reader, or the next start after a crash, sees the old bytes or the new ones; a new file has no name
// until it is complete. Keeps the old file's permissions, and its owner where the system lets us; leaves no temporary file
// on failure. The directory must exist. `path` is of the real disk; when it is a symlink, nothing is written.
// The temporary file is in `staging`, a folder, where that is given and on the same disk: a kill at the wrong moment leaves it there
// and not beside the file.
// Errors: environment (no permission, read-only file, disk full, not a regular file, other I/O), usage (names no file).
Result<void> write_file_atomic(const std::string& path, std::string_view content, const std::string& staging = {});
// The same for a path below a root, confined like open_directory(root); a symlink that stays inside is followed.
Result<void> write_file_below(const std::string& root, std::string_view path, std::string_view content);

}  // namespace gantry::base
