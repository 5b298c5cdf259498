#pragma once

// From a path as a document writes it to a file of the workspace. Documents shorten paths: the plan says
// "manifests/nats/pdb.yaml", the file lies at "impl/claude/infra/k8s/manifests/nats/pdb.yaml" (shared reference: launch, §2.6).

#include "base/file.h"
#include "base/finding.h"
#include "base/result.h"
#include "launch/plan.h"
#include "launch/workspace_index.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

// Where a path was found, in the order in which they are tried.
enum class PathOrigin { workspace_root, plan_directory, handle, unique_suffix, nowhere };

struct ResolvedPath {
  std::string path;  // relative to the workspace, normalised; as written when it was found nowhere
  base::FileKind kind = base::FileKind::missing;
  PathOrigin origin = PathOrigin::nowhere;
  std::string nearest;  // for a missing path: the one that was most likely meant; may be empty

  bool exists() const { return kind != base::FileKind::missing; }
};

// Not for several threads: the workspace is walked once, when a path is first looked for by its end.
class PathResolver {
 public:
  // `workspace` must outlive this. `plan_directory` is relative to the workspace.
  PathResolver(const base::FileSystem& workspace, std::string_view plan_directory, std::vector<Handle> handles);

  // A path that is found nowhere is no error here: a check will say what is missing, or the launch will make it.
  // Errors (input, at `where`): several files fit; the path or a symlink on its way leaves the workspace.
  base::Result<ResolvedPath> resolve(std::string_view path, const base::SourcePos& where);
  // As resolve; a path that is found nowhere is an error that names the nearest one.
  base::Result<ResolvedPath> require(std::string_view path, const base::SourcePos& where);

  // plan.handle-missing (high) for a handle whose file is not there and that is no output; plan.handle-kind for a file that
  // is written as a folder. Errors (input): a handle leaves the workspace.
  base::Result<std::vector<base::Finding>> check_handles(const Plan& plan);

 private:
  base::Result<std::optional<ResolvedPath>> find_as_written(std::string_view path, const base::SourcePos& where) const;
  base::Result<std::optional<ResolvedPath>> find_handle(std::string_view path, const base::SourcePos& where) const;
  base::Result<std::optional<ResolvedPath>> find_suffix(std::string_view path, const base::SourcePos& where);
  WorkspaceIndex& index();

  const base::FileSystem& workspace_;
  std::string plan_directory_;
  std::vector<Handle> handles_;
  std::optional<WorkspaceIndex> index_;
};

}  // namespace gantry::launch
