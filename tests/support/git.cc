#include "support/git.h"

#include "base/subprocess.h"
#include "base/text.h"

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>
#include <utility>

namespace gantry::test {

std::string git(const std::string& directory, std::vector<std::string> arguments) {
  std::vector<std::string> argv = {"git", "-C", directory};
  for (const char* setting : {"user.name=Tester", "user.email=tester@example.org", "commit.gpgsign=false",
                              "tag.gpgsign=false", "init.defaultBranch=main", "core.hooksPath=/dev/null"})
    argv.insert(argv.end(), {"-c", setting});
  argv.insert(argv.end(), std::make_move_iterator(arguments.begin()), std::make_move_iterator(arguments.end()));
  const base::Result<base::CommandResult> result = base::run_command({.argv = std::move(argv)});
  if (!result) throw std::runtime_error(describe(result.error()));
  if (result->status != 0) throw std::runtime_error(fmt::format("git failed: {}", result->err));
  return std::string(base::trim(result->out));
}

void commit_all(const std::string& directory, std::string_view author, std::string_view message) {
  if (!std::filesystem::exists(directory + "/.git")) git(directory, {"init", "--quiet"});
  git(directory, {"add", "--all"});
  git(directory, {"commit", "--quiet", "--allow-empty", "--author", std::string(author), "-m", std::string(message)});
}

}  // namespace gantry::test
