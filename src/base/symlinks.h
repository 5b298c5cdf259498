#pragma once

// Following symlinks name by name below a root, the same way on the disk and in memory.
//
// The kernel can refuse to leave a root (openat2), but it cannot say which symlink led where, nor where a path ends up, and
// it refuses links that leave the root and come back. All of that is decided here, on names alone; whoever opens the
// result makes sure that nobody has changed the names in between.

#include "base/result.h"

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::base {

// Why a path could not be followed to its end.
struct LinkFailure {
  int code =
      0;  // of errno: ENOENT, ENOTDIR, EXDEV (leaves the root), ELOOP (too many links), or what reading a link gave
  std::string at = {};      // as far as it was followed, with the name that failed
  std::string link = {};    // the symlink whose target it was in then, "" outside of any
  std::string target = {};  // what that symlink says
};

// What following needs to know about the world.
class LinkSource {
 public:
  virtual ~LinkSource() = default;
  // The target of a symlink, nothing for what is there and is none, or an errno. No name before the last is a symlink.
  virtual std::expected<std::optional<std::string>, int> read_link(const std::string& path) const = 0;
  // For a target that leaves the root, absolute or relative to the root with ".." in front: the path inside without
  // symlinks, if that is where it leads after all.
  virtual std::optional<std::string> find_way_back(const std::string& outside) const = 0;
};

// The path without symlinks, relative to the root. `path` is normal.
std::expected<std::string, LinkFailure> follow_links(std::string_view path, const LinkSource& source);

// What a person reads. Its kind is input when symlinks leave the root or go in circles, environment otherwise.
Error describe_failure(std::string_view path, const LinkFailure& failure);

}  // namespace gantry::base
