#include "base/file.h"
#include "base/file_errors.h"
#include "base/symlinks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

namespace gantry::base {

namespace {

using Files = std::map<std::string, std::string, std::less<>>;

constexpr std::string_view kLinkMark{"\0link:", 6};

// The first file below a directory, or the end.
Files::const_iterator first_below(const Files& files, std::string_view directory) {
  const std::string prefix = directory.empty() ? std::string() : std::string(directory) + "/";
  const auto first = files.lower_bound(prefix);
  return first != files.end() && first->first.starts_with(prefix) ? first : files.end();
}

// Whether a name on the way to `path` is a file: "a" in "a/b".
bool runs_through_file(const Files& files, std::string_view path) {
  for (std::string_view parent = directory_of(path); !parent.empty(); parent = directory_of(parent)) {
    if (files.contains(parent)) return true;
  }
  return false;
}

class MemoryLinks final : public LinkSource {
 public:
  explicit MemoryLinks(const Files& files) : files_(files) {}

  std::expected<std::optional<std::string>, int> read_link(const std::string& path) const override {
    const auto file = files_.find(path);
    if (file != files_.end()) {
      if (!file->second.starts_with(kLinkMark)) return std::nullopt;
      return file->second.substr(kLinkMark.size());
    }
    if (first_below(files_, path) != files_.end()) return std::nullopt;
    return std::unexpected(runs_through_file(files_, path) ? ENOTDIR : ENOENT);
  }

  std::optional<std::string> find_way_back(const std::string&) const override {
    return std::nullopt;
  }  // nothing is outside

 private:
  const Files& files_;
};

}  // namespace

void MemoryFileSystem::symlink(std::string path, std::string_view target) {
  files_[std::move(path)] = fmt::format("{}{}", kLinkMark, target);
}

Result<std::string> MemoryFileSystem::resolve(std::string_view path) const {
  const std::string normal = TRY(normal_path(path));
  std::expected<std::string, LinkFailure> resolved = follow_links(normal, MemoryLinks(files_));
  if (!resolved) return std::unexpected(describe_failure(normal, resolved.error()));
  return *std::move(resolved);
}

Result<std::string> MemoryFileSystem::read(std::string_view path, std::uint64_t bytes_max) const {
  const std::string resolved = TRY(resolve(path));
  const auto file = files_.find(resolved);
  if (file == files_.end()) return is_folder(path);
  if (file->second.size() > bytes_max) return too_large(path, bytes_max);
  return file->second;
}

Result<std::vector<DirectoryEntry>> MemoryFileSystem::list(std::string_view path) const {
  const std::string resolved = TRY(resolve(path));
  if (files_.contains(resolved)) return not_a_folder(path);
  const std::size_t prefix_size = resolved.empty() ? 0 : resolved.size() + 1;
  std::vector<DirectoryEntry> entries;
  for (auto file = first_below(files_, resolved); file != files_.end();) {
    const std::string& key = file->first;
    if (prefix_size > 0 && (!key.starts_with(resolved) || key[prefix_size - 1] != '/')) break;
    const std::string_view rest = std::string_view(key).substr(prefix_size);
    const std::string name(rest.substr(0, rest.find('/')));
    const Result<FileKind> entry_kind = kind(key.substr(0, prefix_size + name.size()));
    entries.push_back({name, entry_kind.value_or(FileKind::other)});
    // The next file that does not lie below this entry: '0' is the character after '/'.
    file = name.size() == rest.size() ? std::next(file)
                                      : files_.lower_bound(key.substr(0, prefix_size + name.size()) + '0');
  }
  std::ranges::sort(entries);
  return entries;
}

Result<FileKind> MemoryFileSystem::kind(std::string_view path) const {
  const std::string normal = TRY(normal_path(path));
  const std::expected<std::string, LinkFailure> resolved = follow_links(normal, MemoryLinks(files_));
  if (resolved) return files_.contains(*resolved) ? FileKind::regular : FileKind::directory;
  if (resolved.error().code == ENOENT || resolved.error().code == ENOTDIR) return FileKind::missing;
  return std::unexpected(describe_failure(normal, resolved.error()));
}

}  // namespace gantry::base
