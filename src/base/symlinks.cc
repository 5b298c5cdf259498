#include "base/symlinks.h"

#include "base/file.h"
#include "base/file_errors.h"

#include <fmt/format.h>

#include <cerrno>
#include <iterator>
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
      while (!inside_.empty() && names_.size() < inside_.back().names_after) inside_.pop_back();
      const std::expected<void, int> step = name == ".." ? climb() : enter(name);
      if (!step) return std::unexpected(failure(step.error()));
    }
    return done_;
  }

 private:
  // A symlink whose target is being followed.
  struct OpenLink {
    std::string link;
    std::string target;
    std::size_t names_after = 0;  // how many names stood behind the link: they do not belong to its target
  };

  // Only targets hold "..": the path itself is normal.
  std::expected<void, int> climb() {
    if (done_.empty()) return come_back(below("..", take_rest_of_target()));
    done_.resize(directory_of(done_).size());
    return {};
  }

  std::expected<void, int> enter(const std::string& name) {
    at_ = below(done_, name);
    std::expected<std::optional<std::string>, int> target = source_.read_link(at_);
    if (!target) return std::unexpected(target.error());
    if (!*target) {
      done_ = at_;
      return {};
    }
    inside_.push_back({.link = at_, .target = **target, .names_after = names_.size()});
    if (++links_ > kLinksMax) return std::unexpected(ELOOP);
    if (target->value().starts_with('/')) return come_back(**target);
    push_names(names_, **target);
    return {};
  }

  std::string take_rest_of_target() {
    const std::size_t kept = inside_.back().names_after;
    std::string rest;
    for (; names_.size() > kept; names_.pop_back()) rest = below(rest, names_.back());
    return rest;
  }

  // The target of a link lies outside the root, unless it leads back in: then it is followed again from the root. That
  // ends, because what comes back has no symlinks but those that somebody has just made, and they are counted.
  std::expected<void, int> come_back(const std::string& outside) {
    const std::optional<std::string> inside = source_.find_way_back(outside);
    if (!inside) return std::unexpected(EXDEV);
    done_.clear();
    push_names(names_, *inside);
    return {};
  }

  LinkFailure failure(int code) const {
    if (inside_.empty()) return {.code = code, .at = at_};
    return {.code = code, .at = at_, .link = inside_.back().link, .target = inside_.back().target};
  }

  const LinkSource& source_;  // the caller's, for the length of the call
  std::string done_;          // followed: nothing in it is a symlink
  std::string at_;            // the last name looked at
  Names names_;
  std::vector<OpenLink> inside_;  // each within the target of the one before
  int links_ = 0;
};

Error missing(std::string_view path, std::string_view at) {
  const std::string_view parent = directory_of(at);  // everything before it is there
  std::string help;
  if (parent != directory_of(path)) help = fmt::format("the nearest folder that exists is {}", shown_path(parent));
  return environment_error(fmt::format("{} does not exist", shown_path(path)), std::move(help)).error();
}

// "m/x is a symlink to y", with the path in front when the link is another one on its way.
std::string link_text(std::string_view path, const LinkFailure& failure) {
  const std::string text = fmt::format("{} is a symlink to {}", shown_path(failure.link), shown_path(failure.target));
  return failure.link == path ? text : fmt::format("{}: {}", shown_path(path), text);
}

}  // namespace

std::expected<std::string, LinkFailure> follow_links(std::string_view path, const LinkSource& source) {
  return Follower(path, source).follow();
}

Error describe_failure(std::string_view path, const LinkFailure& failure) {
  switch (failure.code) {
    case EXDEV:
      return input_error(link_text(path, failure) + ", outside the workspace", {},
                         "put the file itself there, or a symlink that stays inside")
          .error();
    case ELOOP:
      return input_error(link_text(path, failure) + ", the last of too many symlinks", {},
                         "remove the symlink that leads back to itself")
          .error();
    case ENOENT:
      if (failure.link.empty()) return missing(path, failure.at);
      return environment_error(link_text(path, failure) + ", which does not exist").error();
    case ENOTDIR: {
      const std::string_view file = directory_of(failure.at);
      return environment_error(fmt::format("{} does not exist: {} is not a folder", shown_path(path), shown_path(file)))
          .error();
    }
    default: return failed("open", path, failure.code).error();
  }
}

}  // namespace gantry::base
