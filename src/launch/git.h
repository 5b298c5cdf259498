#pragma once

// What git says about the workspace, asked through the git program. Nothing is changed, git's own index included, and a hook of the
// repository's configuration is not run.

#include "base/evidence.h"
#include "base/result.h"
#include "base/subprocess.h"

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace gantry::launch {

class Git {
 public:
  // `directory` is a folder on the disk.
  Git(std::string directory, std::stop_token stop) : directory_(std::move(directory)), stop_(std::move(stop)) {}

  // A status other than 0 is no error. Errors: environment (no git, time over, stop requested).
  base::Result<base::CommandResult> run(std::vector<std::string> arguments) const;

  // The commit that is checked out; nothing where there is no repository, or none yet.
  base::Result<std::optional<std::string>> head() const;
  // The paths below the directory that are not as the commit has them: "" when it is clean.
  base::Result<std::string> changes() const;

 private:
  std::string directory_;
  std::stop_token stop_;
};

// What the workspace is a state of; nothing where git does not know it (no git, no repository, no commit).
std::optional<base::SourceTree> find_source_tree(const Git& git);

struct Author {
  std::string name, email;
};
// Whoever wrote the commits since the last tag, or all where there is none, co-authors named in trailers included; each once, by
// address. Errors: environment (no repository, git failed).
base::Result<std::vector<Author>> find_authors(const Git& git);

}  // namespace gantry::launch
