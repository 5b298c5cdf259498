#include "launch/checks/checks.h"

#include "launch/git.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::launch {

using base::Finding;
using base::Result;

namespace {

constexpr std::array kFields = {
    Field{"name", FieldKind::text, Need::required, "the tag, e.g. saas-v1.0.0"},
};

Finding finding(std::string rule, const CheckContext& context, std::string message, std::string explanation,
                std::string fix) {
  return {.rule = std::move(rule),
          .severity = base::Severity::high,
          .object = context.text("name"),
          .where = context.where(),
          .message = std::move(message),
          .explanation = std::move(explanation),
          .fix = std::move(fix),
          .related = {}};
}

// A verdict is about a tree: what is not committed was judged, but would not be in the tag (reference: launch, §4.5).
Result<void> check_clean_tree(const CheckContext& context, const Git& git, CheckOutcome& outcome) {
  const std::string changes = TRY(git.changes());
  if (changes.empty()) return {};
  const auto files = std::ranges::count(changes, '\n') + 1;
  outcome.findings.push_back(
      finding("release.dirty-tree", context, fmt::format("{} file(s) of the workspace are not committed", files),
              "the tag would name a tree that was never judged", "commit or remove them, then run again"));
  return {};
}

Result<void> check_name(const CheckContext& context, const Git& git, CheckOutcome& outcome) {
  const std::string name = context.text("name");
  const base::CommandResult format = TRY(git.run({"check-ref-format", "refs/tags/" + name}));
  if (format.status != 0 || name.starts_with('-')) {
    outcome.findings.push_back(finding("release.tag-name", context,
                                       fmt::format("\"{}\" is not a tag that git accepts", name), {},
                                       "choose another name"));
    return {};
  }
  const base::CommandResult existing = TRY(git.run({"rev-parse", "--verify", "--quiet", "refs/tags/" + name}));
  if (existing.status == 0)
    outcome.findings.push_back(finding("release.tag-exists", context, fmt::format("the tag {} is there already", name),
                                       "a release has one name, and a tag is never moved",
                                       "choose the next version, or remove a tag that was a mistake"));
  return {};
}

Result<CheckOutcome> run(CheckContext& context) {
  const Git git(context.workspace_root, context.stop);
  const std::optional<std::string> head = TRY(git.head());
  CheckOutcome outcome;
  if (!head) {
    outcome.findings.push_back(finding("release.no-commit", context, "the workspace is no Git repository with a commit",
                                       "a tag names a commit", "commit the workspace first"));
  } else {
    context.inputs.note("fact:git HEAD", *head);
    TRY(check_clean_tree(context, git, outcome));
    TRY(check_name(context, git, outcome));
  }
  outcome.verdict = verdict_of(outcome.findings);
  outcome.summary = outcome.findings.empty()
                        ? fmt::format("{} may be tagged on {}", context.text("name"), head->substr(0, 12))
                        : outcome.findings.front().message;
  return outcome;
}

}  // namespace

const CheckType kReleaseTag = {.name = "release.tag",
                               .summary = "the tag may be made: a clean tree, a free name, and a GO",
                               .fields = kFields,
                               .version = 1,
                               .run = run,
                               .missing_engine = {},
                               .always_runs = true,
                               .after_go = true};

}  // namespace gantry::launch
