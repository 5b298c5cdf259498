#include "base/file.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::base {

namespace {

// The message of an error about a path as somebody wrote it.
std::unexpected<Error> bad_path(std::string_view path, std::string_view problem) {
  constexpr std::size_t kShown = 200;  // a longer one fills the screen and says no more
  const std::string_view dots = path.size() > kShown ? "…" : "";
  return input_error(fmt::format("path \"{}{}\" {}", path.substr(0, kShown), dots, problem), {},
                     "name a path inside the workspace, relative to it");
}

}  // namespace

Result<std::string> normal_path(std::string_view path) {
  if (path.starts_with('/')) return bad_path(path, "is absolute");
  // The operating system would read only what stands before it.
  if (path.contains('\0')) return bad_path(path, "holds a NUL byte");
  std::string normal;
  normal.reserve(path.size());
  for (std::string_view rest = path; !rest.empty();) {
    const std::string_view name = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
    if (name.empty() || name == ".") continue;
    if (name != "..") {
      if (!normal.empty()) normal += '/';
      normal += name;
    } else if (normal.empty()) {
      return bad_path(path, "leads out of the workspace");
    } else {
      normal.resize(directory_of(normal).size());
    }
  }
  return normal;
}

Result<std::string> join_path(std::string_view directory, std::string_view path) {
  if (path.starts_with('/')) return bad_path(path, "is absolute");
  return directory.empty() ? normal_path(path) : normal_path(fmt::format("{}/{}", directory, path));
}

std::string_view directory_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view base_name_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace gantry::base
