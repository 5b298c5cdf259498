#include "cli/named_file.h"

#include "base/file.h"
#include "launch/launch.h"

#include <fmt/format.h>

#include <unistd.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <filesystem>
#include <memory>
#include <system_error>

namespace gantry::cli {

namespace {

namespace fs = std::filesystem;
using base::Result;

constexpr int kLinksMax = 40;  // as Linux has it

bool is_below(const fs::path& path, const fs::path& root) {
  const auto [end, ignored] = std::ranges::mismatch(root, path);
  return end == root.end();
}

// "/dev/fd/3", "/proc/self/fd/3" and "/dev/stdout" are what this process has open. To open it once more would be to begin anew with it.
std::optional<int> find_descriptor(const fs::path& path) {
  constexpr std::array<std::string_view, 3> kStreams = {"/dev/stdin", "/dev/stdout", "/dev/stderr"};
  const std::string text = path.string();
  const auto* const stream = std::ranges::find(kStreams, text);
  if (stream != kStreams.end()) return static_cast<int>(stream - kStreams.begin());
  for (const std::string& folder : {std::string("/dev/fd/"), std::string("/proc/self/fd/"),
                                    std::string("/proc/thread-self/fd/"), fmt::format("/proc/{}/fd/", ::getpid())}) {
    if (!text.starts_with(folder)) continue;
    const std::string_view digits = std::string_view(text).substr(folder.size());
    int number = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error == std::errc() && end == digits.data() + digits.size() && number >= 0) return number;
  }
  return std::nullopt;
}

// Of the kernel, whose links are none that could be followed by name.
bool is_kernels(const fs::path& path) { return is_below(path, "/dev") || is_below(path, "/proc"); }

struct Way {
  fs::path end = {};
  std::optional<fs::path> link = {};  // in the workspace, the first that was followed
};

// Symlink by symlink, also where what they lead to is not there yet.
Result<Way> follow(const std::string& name, const fs::path& workspace) {
  if (name.empty() || name.contains('\0')) return base::usage_error(fmt::format("\"{}\" does not name a file", name));
  const auto too_many = [&] { return base::environment_error(fmt::format("{} is behind too many symlinks", name)); };
  std::error_code none;
  const fs::path whole = fs::current_path(none) / name;
  Way way{.end = "/"};
  std::deque<fs::path> ahead(whole.begin(), whole.end());
  for (int links = 0; !ahead.empty();) {
    const fs::path step = ahead.front();
    ahead.pop_front();
    if (step.empty() || step == "." || step == "/") continue;
    if (step == "..") {
      way.end = way.end.parent_path();
      continue;
    }
    const fs::path next = way.end / step;
    const fs::path target = is_kernels(next) ? fs::path() : fs::read_symlink(next, none);
    if (target.empty()) {
      way.end = next;
      continue;
    }
    if (++links > kLinksMax) return too_many();
    if (!way.link && is_below(next, workspace)) way.link = next;
    if (target.is_absolute()) way.end = "/";
    ahead.insert(ahead.begin(), target.begin(), target.end());
  }
  return way;
}

// That of the working folder, or the folder itself.
Result<fs::path> find_own_workspace() {
  const std::optional<launch::WorkspaceFolder> workspace = TRY(launch::find_workspace("."));
  std::error_code none;
  return workspace ? fs::weakly_canonical(workspace->root, none) : fs::current_path(none);
}

bool is_hidden(const fs::path& path) {
  return std::ranges::any_of(path, [](const fs::path& part) { return part.string().starts_with('.'); });
}

std::unexpected<base::Error> leads_out(const std::string& name, const Way& way, const fs::path& workspace) {
  return base::environment_error(fmt::format("{} would be {}, outside of {}: {} is a symlink that leads there", name,
                                             way.end.string(), workspace.string(), way.link->string()),
                                 "name that file itself, if it is the one you mean");
}

}  // namespace

Result<NamedFile> find_named_file(const std::string& name) {
  if (name.ends_with('/')) return base::usage_error(fmt::format("\"{}\" does not name a file", name));
  const fs::path workspace = TRY(find_own_workspace());
  const Way way = TRY(follow(name, workspace));
  const bool is_inside = is_below(way.end, workspace);
  if (way.link && !is_inside) return leads_out(name, way, workspace);
  return NamedFile{way.end.string(), is_inside ? workspace.string() : "", find_descriptor(way.end)};
}

Result<NamedFile> find_scripts_file(const std::string& name, const ScriptsFolders& folders) {
  const fs::path workspace = TRY(find_own_workspace());
  const Way way = TRY(follow(name, workspace));
  const std::optional<int> stream = find_descriptor(way.end);
  if (!way.link && (stream == STDOUT_FILENO || stream == STDERR_FILENO || way.end == "/dev/null"))
    return NamedFile{way.end.string(), "", stream};
  for (const std::string& folder : folders.given)
    if (const fs::path root = TRY(follow(folder, workspace)).end; is_below(way.end, root))
      return NamedFile{way.end.string(), root.string()};
  const fs::path own = folders.own.empty() ? workspace : TRY(follow(folders.own, workspace)).end;
  for (const fs::path& root : {workspace, own}) {
    if (!is_below(way.end, root)) continue;
    if (!is_hidden(way.end.lexically_relative(root))) return NamedFile{way.end.string(), root.string()};
    return base::input_error(fmt::format("the script may not write {}, which is hidden", name), std::nullopt,
                             "let it write a file that can be seen, or allow its folder with --may-write");
  }
  if (way.link) return leads_out(name, way, workspace);
  return base::input_error(fmt::format("the script may not write {}, outside of {}", name, workspace.string()),
                           std::nullopt,
                           fmt::format("allow its folder with --may-write {}", way.end.parent_path().string()));
}

Result<void> write_file(const NamedFile& file, std::string_view content) {
  if (file.root.empty()) return base::write_file_atomic(file.path, content);
  return base::write_file_below(file.root, fs::path(file.path).lexically_relative(file.root).string(), content);
}

Result<std::string> read_named_file(const std::string& name) {
  std::error_code error;
  const fs::path path = fs::canonical(name, error);
  if (error)
    return base::environment_error(fmt::format("{} cannot be read: {}", name, error.message()),
                                   "name a file that is there, and that you may read");
  const std::unique_ptr<base::FileSystem> folder = TRY(base::open_directory(path.parent_path().string()));
  return folder->read(path.filename().string());
}

Result<void> write_named_file(const std::string& name, std::string_view content) {
  return write_file(TRY(find_named_file(name)), content);
}

}  // namespace gantry::cli
