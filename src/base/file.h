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
  std::string name;
  FileKind kind = FileKind::other;  // of what a symlink points to
  friend auto operator<=>(const DirectoryEntry&, const DirectoryEntry&) = default;
};

// Safe to read from several threads at once.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  // The whole file. Errors: environment (missing, no permission, other I/O), input (larger than bytes_max; path or a
  // symlink on the way leaves the root).
  virtual Result<std::string> read(std::string_view path, std::uint64_t bytes_max = kFileBytesMax) const = 0;
  // Sorted by name. Errors as above.
  virtual Result<std::vector<DirectoryEntry>> list(std::string_view path) const = 0;
  // What is there; `missing` is no error, leaving the root is.
  virtual Result<FileKind> kind(std::string_view path) const = 0;
  // The path with every symlink resolved, still relative to the root. Errors when missing or when it leaves the root.
  virtual Result<std::string> resolve(std::string_view path) const = 0;
};

// The disk below `root` (absolute, or relative to the working directory), which must be a directory.
// Confined: a path that leaves the root, by ".." or through a symlink, is an input error that names both ends.
Result<std::unique_ptr<FileSystem>> open_directory(const std::string& root);

// Files in memory; directories exist where a file lies below them. Symlinks: a path mapped to "\0link:" + target.
class MemoryFileSystem final : public FileSystem {
 public:
  MemoryFileSystem() = default;
  explicit MemoryFileSystem(std::map<std::string, std::string, std::less<>> files) : files_(std::move(files)) {}
  void write(std::string path, std::string content) { files_[std::move(path)] = std::move(content); }

  Result<std::string> read(std::string_view path, std::uint64_t bytes_max = kFileBytesMax) const override;
  Result<std::vector<DirectoryEntry>> list(std::string_view path) const override;
  Result<FileKind> kind(std::string_view path) const override;
  Result<std::string> resolve(std::string_view path) const override;

 private:
  std::map<std::string, std::string, std::less<>> files_;
};

// "a/./b/../c/" -> "a/c"; "" for the root. An error when it is absolute or climbs above the root.
Result<std::string> normal_path(std::string_view path);
// `path` as written in a document that lies in `directory`.
Result<std::string> join_path(std::string_view directory, std::string_view path);
std::string_view directory_of(std::string_view path);  // "a/b.yaml" -> "a"; "b.yaml" -> ""
std::string_view base_name_of(std::string_view path);  // "a/b.yaml" -> "b.yaml"

// Replaces a file in one step: writes a temporary file beside it, flushes it to the disk, renames it, flushes the
// directory. A reader, or the next start after a crash, sees the old bytes or the new ones. Keeps the old file's
// permissions. Removes its temporary file on failure. `path` is of the real disk.
Result<void> write_file_atomic(const std::string& path, std::string_view content);

}  // namespace gantry::base
