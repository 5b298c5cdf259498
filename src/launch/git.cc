#include "launch/git.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace gantry::launch {

using base::CommandResult;
using base::Result;

namespace {

constexpr std::chrono::seconds kTimeMax{20};

// "Ada Lovelace <ada@example.org>"; a text without an address is a name.
Author parse_author(std::string_view text) {
  const std::size_t open = text.find('<');
  const std::size_t close = text.find('>', open == std::string_view::npos ? 0 : open);
  if (open == std::string_view::npos || close == std::string_view::npos)
    return {.name = std::string(base::trim(text)), .email = {}};
  return {.name = std::string(base::trim(text.substr(0, open))),
          .email = std::string(base::trim(text.substr(open + 1, close - open - 1)))};
}

bool is_same(const Author& a, const Author& b) {
  const bool has_addresses = !a.email.empty() && !b.email.empty();
  return has_addresses ? base::to_lower_ascii(a.email) == base::to_lower_ascii(b.email)
                       : base::to_lower_ascii(a.name) == base::to_lower_ascii(b.name);
}

Result<std::string> output_of(const Git& git, std::vector<std::string> arguments) {
  const std::string command = arguments.front();
  CommandResult result = TRY(git.run(std::move(arguments)));
  if (result.status == 0) return std::string(base::trim(result.out));
  return base::environment_error(fmt::format("git {} failed: {}", command, base::trim(result.err)),
                                 "run it by hand in the workspace");
}

}  // namespace

Result<CommandResult> Git::run(std::vector<std::string> arguments) const {
  std::vector<std::string> argv = {"git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-C", directory_};
  argv.insert(argv.end(), std::make_move_iterator(arguments.begin()), std::make_move_iterator(arguments.end()));
  return base::run_command(
      {.argv = std::move(argv), .directory = {}, .input = {}, .environment = {}, .time_max = kTimeMax}, stop_);
}

Result<std::optional<std::string>> Git::head() const {
  const CommandResult result = TRY(run({"rev-parse", "--verify", "--quiet", "HEAD"}));
  if (result.status != 0) return std::nullopt;
  return std::optional(std::string(base::trim(result.out)));
}

Result<std::string> Git::changes() const {
  return output_of(*this, {"status", "--porcelain", "--untracked-files=normal", "--", "."});
}

std::optional<base::SourceTree> find_source_tree(const Git& git) {
  const Result<CommandResult> named = git.run({"rev-parse", "HEAD", "HEAD^{tree}"});
  if (!named || named->status != 0) return std::nullopt;
  const std::vector<std::string_view> lines = base::split(base::trim(named->out), '\n');
  const Result<std::string> changes = git.changes();
  if (lines.size() < 2 || !changes) return std::nullopt;
  return base::SourceTree{
      .commit = std::string(lines[0]), .tree = std::string(lines[1]), .is_dirty = !changes->empty()};
}

Result<std::vector<Author>> find_authors(const Git& git) {
  const CommandResult tag = TRY(git.run({"describe", "--tags", "--abbrev=0"}));
  const std::string range = tag.status == 0 ? fmt::format("{}..HEAD", base::trim(tag.out)) : "HEAD";
  const std::string log =
      TRY(output_of(git, {"log", "--format=%an <%ae>%n%(trailers:key=Co-authored-by,valueonly)", range, "--", "."}));
  std::vector<Author> authors;
  for (const std::string_view line : base::split(log, '\n')) {
    if (base::trim(line).empty()) continue;
    Author author = parse_author(line);
    if (std::ranges::none_of(authors, [&author](const Author& known) { return is_same(known, author); }))
      authors.push_back(std::move(author));
  }
  return authors;
}

}  // namespace gantry::launch
