#include "base/symlinks.h"

#include "base/file.h"
#include "base/file_errors.h"

#include <fmt/format.h>

#include <cerrno>
#include <ranges>
#include <vector>

namespace gantry::base {

namespace {

constexpr int kLinksMax = 40;  // as in Linux, path_resolution(7)

// Names still to be followed, the next one last.
using Names = std::vector<std::string>;

void push_names(Names& names, std::string_view path) {
  Names reversed;
  for (const auto part : std::views::split(path, '/')) {
    const std::string_view name(part.begin(), part.end());
    if (!name.empty() && name != ".") reversed.emplace_back(name);
  }
  names.insert(names.end(), std::make_move_iterator(reversed.rbegin()), std::make_move_iterator(reversed.rend()));
}

std::string join_names(const Names& names) {
  std::string path;
  for (const std::string& name : names | std::views::reverse) path += (path.empty() ? "" : "/") + name;
  return path;
}

std::string below(const std::string& directory, const std::string& name) {
  return directory.empty() ? name : directory + "/" + name;
}

// One path being followed. A step gives an errno when it fails.
class Follower {
 public:
  Follower(std::string_view path, const LinkSource& source) : source_(source) { push_names(names_, path); }

  std::expected<std::string, LinkFailure> follow() {
    while (!names_.empty()) {
      const std::string name = std::move(names_.back());
      names_.pop_back();
      const std::expected<void, int> step = name == ".." ? climb() : enter(name);
      if (!step) {
        failure_.code = step.error();
        return std::unexpected(std::move(failure_));
      }
    }
    return done_;
  }

 private:
  // Only targets hold "..": the path itself is normal.
  std::expected<void, int> climb() {
    if (done_.empty()) return come_back(below("..", join_names(names_)));
    done_.resize(directory_of(done_).size());
    return {};
  }

  std::expected<void, int> enter(const std::string& name) {
    const std::string next = below(done_, name);
    failure_.at = next;
    const std::expected<std::optional<std::string>, int> target = source_.read_link(next);
    if (!target) return std::unexpected(target.error());
    if (!*target) {
      done_ = next;
      return {};
    }
    failure_.link = next;
    failure_.target = **target;
    if (++links_ > kLinksMax) return std::unexpected(ELOOP);
    push_names(names_, failure_.target);
    if (failure_.target.starts_with('/')) return come_back("/" + join_names(names_));
    return {};
  }

  // What is left to follow lies outside the root, unless it leads back in: then it is followed again from the root. That
  // ends, because only a link leads here and links are counted.
  std::expected<void, int> come_back(const std::string& outside) {
    const std::optional<std::string> inside = source_.find_way_back(outside);
    if (!inside) return std::unexpected(EXDEV);
    done_.clear();
    names_.clear();
    push_names(names_, *inside);
    return {};
  }

  const LinkSource& source_;  // the caller's, for the length of the call
  std::string done_;          // followed: nothing in it is a symlink
  Names names_;
  int links_ = 0;
  LinkFailure failure_;  // filled as far as it is known
};

Error missing(std::string_view path, std::string_view at) {
  const std::string_view parent = directory_of(at);  // everything before it is there
  std::string help;
  if (parent != directory_of(path)) help = fmt::format("the nearest folder that exists is {}", shown_path(parent));
  return environment_error(fmt::format("{} does not exist", shown_path(path)), std::move(help)).error();
}

}  // namespace

std::expected<std::string, LinkFailure> follow_links(std::string_view path, const LinkSource& source) {
  return Follower(path, source).follow();
}

Error describe_failure(std::string_view path, const LinkFailure& failure) {
  const std::string name = shown_path(path);
  std::string link = fmt::format("{} is a symlink to {}", shown_path(failure.link), shown_path(failure.target));
  if (failure.link != path) link = fmt::format("{}: {}", name, link);  // the link is a folder on the way
  switch (failure.code) {
    case EXDEV:
      return input_error(link + ", outside the workspace", {},
                         "put the file itself there, or a symlink that stays inside")
          .error();
    case ELOOP:
      return input_error(link + ", the last of too many symlinks", {}, "remove the symlink that leads back to itself")
          .error();
    case ENOENT:
      return failure.link.empty() ? missing(path, failure.at)
                                  : environment_error(link + ", which does not exist").error();
    case ENOTDIR:
      return environment_error(
                 fmt::format("{} does not exist: {} is not a folder", name, shown_path(directory_of(failure.at))))
          .error();
    default: return failed("open", path, failure.code).error();
  }
}

}  // namespace gantry::base
