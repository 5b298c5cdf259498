#pragma once

// Where a file is to be written, and who says so; and what a person names to be read.
//
// What a person names, in a flag or in the environment, is theirs: any file that they may write. But the files of a workspace are not
// always theirs: a symlink that came with a repository must not turn "report.json" into somebody's ~/.profile. So a symlink that lies in
// the workspace leads no further than the workspace.
//
// What a script names has to be in the workspace anyhow, or below a folder that a person has allowed, and no hidden file: .git/hooks,
// .envrc and their like are run by others.

#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::cli {

struct NamedFile {
  std::string path = {};               // without symlinks, but for what is in /dev and /proc
  std::string root = {};               // that it must not leave; "" for none
  std::optional<int> descriptor = {};  // of ours, where the name is one's: /dev/stdout, /dev/fd/3
};

// Errors: environment: a symlink leads out of the workspace, too many symlinks.
base::Result<NamedFile> find_named_file(const std::string& name);

// Where a script may write besides the workspace of the working folder.
struct ScriptsFolders {
  std::string own = {};                 // the workspace that it lies in; "" for none
  std::vector<std::string> given = {};  // by a person, who means hidden files too
};
// Errors: as above; input: it lies elsewhere, or is hidden.
base::Result<NamedFile> find_scripts_file(const std::string& name, const ScriptsFolders& folders);

// The whole of it, wherever symlinks lead to. Errors: environment (missing, no file, no permission), input (too large).
base::Result<std::string> read_named_file(const std::string& name);

// All of it at once: a reader sees the old bytes or the new ones (base::write_file_atomic). Errors: as that, and those of finding it.
base::Result<void> write_named_file(const std::string& name, std::string_view content);
base::Result<void> write_file(const NamedFile& file, std::string_view content);

}  // namespace gantry::cli
