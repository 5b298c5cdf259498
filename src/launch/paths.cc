#include "launch/paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>

namespace gantry::launch {

using base::FileKind;
using base::Result;
using base::SourcePos;

namespace {

// As many as a person compares; the rest is counted.
constexpr std::size_t kCandidatesShown = 10;

// Where more handles than this are missing, one wrong folder is the reason, and looking for each is slow.
constexpr std::size_t kSuggestionsMax = 20;

std::unexpected<base::Error> at(base::Error error, const SourcePos& where) {
  if (!error.where) error.where = where;
  return std::unexpected(std::move(error));
}

std::unexpected<base::Error> ambiguous(std::string_view path, std::span<const std::string> candidates,
                                       const SourcePos& where) {
  const std::size_t shown = std::min(candidates.size(), kCandidatesShown);
  std::string list = fmt::format("{}", fmt::join(candidates.first(shown), ", "));
  if (shown < candidates.size()) list += fmt::format(" and {} more", candidates.size() - shown);
  return base::input_error(fmt::format("'{}' could be any of {}", path, list), where,
                           "write the path from the workspace's root");
}

bool ends_with_path(std::string_view path, std::string_view suffix) {
  if (suffix.empty() || !path.ends_with(suffix)) return false;
  return path.size() == suffix.size() || path[path.size() - suffix.size() - 1] == '/';
}

bool is_url(std::string_view path) { return path.contains("://"); }

}  // namespace

PathResolver::PathResolver(const base::FileSystem& workspace, std::string_view plan_directory,
                           std::vector<Handle> handles)
    : workspace_(workspace), plan_directory_(plan_directory), handles_(std::move(handles)) {}

Result<ResolvedPath> PathResolver::resolve(std::string_view path, const SourcePos& where) {
  std::optional<ResolvedPath> found = TRY(find_as_written(path, where));
  if (found) return *std::move(found);
  // Only a path that could stand at the root has an end to look for; "../x" is about the plan's folder and nothing else.
  const Result<std::string> normal = base::normal_path(path);
  if (!normal) return ResolvedPath{.path = TRY(base::join_path(plan_directory_, path)), .nearest = {}};
  std::optional<ResolvedPath> by_handle = TRY(find_handle(*normal, where));
  if (by_handle && by_handle->exists()) return *std::move(by_handle);
  std::optional<ResolvedPath> by_suffix = TRY(find_suffix(*normal, where));
  if (by_suffix) return *std::move(by_suffix);
  ResolvedPath missing = by_handle ? *std::move(by_handle) : ResolvedPath{.path = *normal, .nearest = {}};
  missing.nearest = index().find_nearest(*normal);
  return missing;
}

Result<ResolvedPath> PathResolver::require(std::string_view path, const SourcePos& where) {
  ResolvedPath resolved = TRY(resolve(path, where));
  if (resolved.exists()) return resolved;
  return base::input_error(fmt::format("there is no '{}' in the workspace", path), where,
                           resolved.nearest.empty() ? "write the path from the workspace's root"
                                                    : fmt::format("did you mean '{}'?", resolved.nearest));
}

// From the root, then from the plan's folder.
Result<std::optional<ResolvedPath>> PathResolver::find_as_written(std::string_view path, const SourcePos& where) const {
  Result<std::string> from_root = base::normal_path(path);
  Result<std::string> from_plan = base::join_path(plan_directory_, path);
  if (!from_root && !from_plan) return at(std::move(from_root).error(), where);
  for (const auto& [candidate, origin] :
       {std::pair(from_root, PathOrigin::workspace_root), std::pair(from_plan, PathOrigin::plan_directory)}) {
    if (!candidate) continue;
    Result<FileKind> kind = workspace_.kind(*candidate);
    if (!kind) return at(std::move(kind).error(), where);
    if (*kind != FileKind::missing)
      return ResolvedPath{.path = *candidate, .kind = *kind, .origin = origin, .nearest = {}};
  }
  return std::nullopt;
}

// The one handle whose path ends with this one. Its file may be missing: an output is not there yet.
Result<std::optional<ResolvedPath>> PathResolver::find_handle(std::string_view path, const SourcePos& where) const {
  std::set<std::string> candidates;
  for (const Handle& handle : handles_) {
    const Result<std::string> normal = base::normal_path(handle.path);
    if (normal && !is_url(handle.path) && ends_with_path(*normal, path)) candidates.insert(*normal);
  }
  if (candidates.empty()) return std::nullopt;
  if (candidates.size() > 1) return ambiguous(path, std::vector(candidates.begin(), candidates.end()), where);
  Result<FileKind> kind = workspace_.kind(*candidates.begin());
  if (!kind) return at(std::move(kind).error(), where);
  return ResolvedPath{.path = *candidates.begin(), .kind = *kind, .origin = PathOrigin::handle, .nearest = {}};
}

Result<std::optional<ResolvedPath>> PathResolver::find_suffix(std::string_view path, const SourcePos& where) {
  if (path.empty()) return std::nullopt;
  const std::vector<std::string> found = index().find_by_suffix(path);
  if (found.size() > 1) return ambiguous(path, found, where);
  if (!found.empty() && !index().is_complete()) {
    return base::input_error(fmt::format("'{}' may be '{}', but the workspace has more than {} entries to look at",
                                         path, found.front(), kWorkspaceEntriesMax),
                             where, "write the path from the workspace's root");
  }
  if (found.empty()) return std::nullopt;
  Result<FileKind> kind = workspace_.kind(found.front());
  if (!kind) return at(std::move(kind).error(), where);
  return ResolvedPath{.path = found.front(), .kind = *kind, .origin = PathOrigin::unique_suffix, .nearest = {}};
}

WorkspaceIndex& PathResolver::index() {
  if (!index_) index_ = WorkspaceIndex::walk(workspace_);
  return *index_;
}

Result<std::vector<base::Finding>> PathResolver::check_handles(const Plan& plan) {
  std::vector<base::Finding> findings;
  for (const Handle& handle : plan.handles) {
    if (is_url(handle.path)) continue;
    const std::optional<ResolvedPath> found = TRY(base::with_context(
        find_as_written(handle.path, handle.where), fmt::format("cannot use handle '{}'", handle.name)));
    if (!found && handle.is_output) continue;
    if (!found) {
      const std::string nearest = findings.size() < kSuggestionsMax ? index().find_nearest(handle.path) : "";
      findings.push_back(
          {.rule = "plan.handle-missing",
           .severity = base::Severity::high,
           .object = handle.name,
           .where = handle.where,
           .message = fmt::format("handle '{}' names '{}', which is not there", handle.name, handle.path),
           .explanation = "steps that mean it can't be checked",
           .fix = nearest.empty() ? "correct the path, or say '# to create' behind it when the launch makes it"
                                  : fmt::format("write '{}', or say '# to create' behind it", nearest),
           .related = {}});
    } else if (handle.path.ends_with('/') && found->kind != FileKind::directory) {
      findings.push_back({.rule = "plan.handle-kind",
                          .severity = base::Severity::low,
                          .object = handle.name,
                          .where = handle.where,
                          .message = fmt::format("handle '{}' is written as a folder, and is a file", handle.name),
                          .explanation = {},
                          .fix = "remove the slash at its end",
                          .related = {}});
    }
  }
  return findings;
}

}  // namespace gantry::launch
