#pragma once

// A directory of the disk that no path leads out of, whoever writes symlinks into it while we read.
//
// Fast way: openat2(RESOLVE_BENEATH), one system call, in which the kernel itself refuses to leave. Slow way, for symlinks
// that are absolute or that leave and come back, and for kernels and sandboxes without openat2: follow_links() finds the
// path without symlinks, which is then opened so that any symlink on the way is an error.

#include "base/file_descriptor.h"
#include "base/result.h"
#include "base/symlinks.h"

#include <expected>
#include <string>

namespace gantry::base {

// Safe to use from several threads at once.
class ConfinedRoot {
 public:
  enum class Openat2 { where_available, never };  // `never` exists so that tests take the slow way

  // Errors: environment (missing, not a directory, no permission).
  static Result<ConfinedRoot> open(const std::string& root, Openat2 openat2 = Openat2::where_available);

  // Opens a normal path with flags of open(2), O_CLOEXEC included. The error is an errno; EXDEV means that it leaves the
  // root. Cheap when it fails: explain() makes the text.
  std::expected<FileDescriptor, int> open_beneath(const std::string& path, int flags) const;
  std::expected<std::string, LinkFailure> resolve(const std::string& path) const;

  // The error for what open_beneath(path) has returned.
  Error explain(const std::string& path, int code) const;

 private:
  ConfinedRoot(FileDescriptor root, std::string real_path, Openat2 openat2)
      : root_(std::move(root)), real_path_(std::move(real_path)), openat2_(openat2) {}
  std::expected<FileDescriptor, int> open_without_links(const std::string& path, int flags) const;

  FileDescriptor root_;    // O_PATH
  std::string real_path_;  // absolute, without symlinks: what absolute symlinks into the root begin with
  Openat2 openat2_;
};

}  // namespace gantry::base
