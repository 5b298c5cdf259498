#pragma once

// The folder of the evidence store on the disk: .gantry/, and the artifacts in it.

#include "base/evidence.h"
#include "base/result.h"

#include <string>

namespace gantry::launch {

// The folder, its artifacts and its database are where they seem to be. A symlink among them would lead what is written out of the
// workspace, so none is followed. What is not there yet is fine.
base::Result<void> check_store_folder(const std::string& directory);

// Makes the folder, with a .gitignore of its own: evidence is exported on purpose, never committed by accident.
base::Result<void> create_store_folder(const std::string& directory);

// Writes artifacts/<sha256>, flushed to the disk. Named by content: what is there already is the same.
base::Result<void> write_artifact(const std::string& directory, const base::Artifact& artifact,
                                  const std::string& content);
// Errors: environment (it is gone), input (what is there is not what it is named by).
base::Result<std::string> read_artifact(const std::string& directory, const base::Artifact& artifact);

}  // namespace gantry::launch
