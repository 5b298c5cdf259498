#include "launch/tree_digest.h"

#include "base/digest.h"
#include "launch/inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace gantry::launch {

using base::DirectoryEntry;
using base::FileKind;
using base::Result;

namespace {

constexpr std::array<std::string_view, 4> kSkippedNames = {"__pycache__", "node_modules", ".git", ".gantry"};
// A large service has a tenth of it; read anew for each board, they must stay readable in a blink.
constexpr std::size_t kFilesMax = 20'000;

bool is_skipped(std::string_view name) { return std::ranges::find(kSkippedNames, name) != kSkippedNames.end(); }

// In an order that depends on the names alone.
Result<std::vector<std::string>> find_files(const base::FileSystem& files, std::string_view top) {
  std::vector<std::string> found;
  std::vector<std::string> folders = {std::string(top)};
  while (!folders.empty()) {
    const std::string folder = std::move(folders.back());
    folders.pop_back();
    // A symlink to a folder resolves to another path; following it could go in circles.
    if (folder != top && TRY(files.resolve(folder)) != folder) continue;
    const std::vector<DirectoryEntry> entries = TRY(files.list(folder));
    for (const DirectoryEntry& entry : entries) {
      if (is_skipped(entry.name)) continue;
      std::string path = folder.empty() ? entry.name : fmt::format("{}/{}", folder, entry.name);
      if (entry.kind == FileKind::directory) folders.push_back(std::move(path));
      if (entry.kind == FileKind::regular) found.push_back(std::move(path));
      if (found.size() + folders.size() > kFilesMax)
        return base::input_error(fmt::format("there are more than {} files below {}", kFilesMax, top), {},
                                 "name the folders that hold what runs");
    }
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace

Result<std::string> digest_tree(const base::FileSystem& files, std::string_view named) {
  const std::string_view path = named == "." ? std::string_view() : named;
  const FileKind kind = TRY(files.kind(path));
  if (kind == FileKind::missing) return std::string(kAbsent);
  std::vector<std::string> found = {std::string(path)};
  if (kind == FileKind::directory) found = TRY(find_files(files, path));
  base::DigestBuilder digest;
  for (const std::string& file : found) {
    const std::string bytes = TRY(files.read(file));
    digest.add(file).add(base::sha256_hex(bytes));
  }
  return "sha256:" + digest.hex();
}

}  // namespace gantry::launch
