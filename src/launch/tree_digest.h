#pragma once

// What a program is made of that is not one file: the sources that an interpreter reads.

#include "base/file.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace gantry::launch {

// Of all files at or below a path of the workspace ("." is all of it), by their paths and bytes: "sha256:…"; kAbsent where there is nothing. Left out is what
// programs write beside their sources, what a lock file names exactly, and what is Git's or ours: __pycache__, node_modules, .git, .gantry.
// Symlinks to folders are not followed. Errors: input: more files than anybody's sources have, or one that cannot be read.
base::Result<std::string> digest_tree(const base::FileSystem& files, std::string_view named);

}  // namespace gantry::launch
