#include "base/file_errors.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace gantry::base {

namespace {

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::uint64_t kMiB = 1ULL << 20;
  return bytes != 0 && bytes % kMiB == 0 ? fmt::format("{} MiB", bytes / kMiB) : fmt::format("{} bytes", bytes);
}

}  // namespace

std::string shown_path(std::string_view path) {
  constexpr std::size_t kShown = 200;  // more fills the screen and says nothing new
  if (path.empty()) return ".";
  return path.size() <= kShown ? std::string(path) : fmt::format("{}…", path.substr(0, kShown));
}

std::unexpected<Error> failed(std::string_view doing, std::string_view path, int code) {
  if (code == EACCES || code == EPERM) {
    return environment_error(fmt::format("no permission to {} {}", doing, shown_path(path)),
                             "give it to the user who runs Gantry");
  }
  return environment_error(
      fmt::format("cannot {} {}: {}", doing, shown_path(path), std::generic_category().message(code)),
      code == ENOSPC || code == EDQUOT ? "make room on that disk, then run it again"
      : code == EFBIG                  ? "raise the limit on file sizes (ulimit -f), then run it again"
                                       : "");
}

std::unexpected<Error> too_large(std::string_view path, std::uint64_t bytes_max) {
  return input_error(fmt::format("{} is larger than {}", shown_path(path), bytes_text(bytes_max)), {},
                     "name a smaller file, or split it");
}

std::unexpected<Error> is_folder(std::string_view path) {
  return environment_error(fmt::format("{} is a folder, not a file", shown_path(path)), "put a plain file there");
}

std::unexpected<Error> not_a_folder(std::string_view path) {
  return environment_error(fmt::format("{} is not a folder", shown_path(path)), "put a folder there");
}

std::unexpected<Error> not_a_regular_file(std::string_view path) {
  return environment_error(fmt::format("{} is not a regular file", shown_path(path)), "put a plain file there");
}

}  // namespace gantry::base
