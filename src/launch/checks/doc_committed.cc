// doc.committed: a document is in the commit that is judged, and is as it is there.

#include "base/text.h"
#include "launch/checks/checks.h"
#include "launch/git.h"

#include <fmt/format.h>

#include <array>

namespace gantry::launch {

using base::Result;

namespace {

constexpr std::array kFields = {
    Field{"path", FieldKind::path, Need::required, "the document"},
};

CheckOutcome fail(const CheckContext& context, std::string_view rule, std::string message, std::string why,
                  std::string fix) {
  CheckOutcome outcome;
  outcome.verdict = base::Verdict::fail;
  outcome.summary = message;
  outcome.findings.push_back({.rule = std::string(rule),
                              .severity = base::Severity::high,
                              .object = context.text("path"),
                              .where = context.where(),
                              .message = std::move(message),
                              .explanation = std::move(why),
                              .fix = std::move(fix),
                              .related = {}});
  return outcome;
}

// By what is in the file: `git diff` passes over one that the index is told to take for unchanged. As it is, or as Git would keep it, which
// may have other ends of lines.
Result<bool> is_as_committed(const Git& git, const std::string& path, std::string_view blob) {
  const std::vector<std::vector<std::string>> ways = {{"hash-object", "--no-filters", "--", path},
                                                      {"hash-object", "--", path}};
  for (const std::vector<std::string>& way : ways) {
    const base::CommandResult hash = TRY(git.run(way));
    if (hash.status == 0 && base::trim(hash.out) == blob) return true;
  }
  return false;
}

// Git takes paths relative to where it runs only with "./" before them.
Result<CheckOutcome> run(CheckContext& context) {
  const std::string path = context.text("path");
  if (TRY(context.files.kind(path)) != base::FileKind::regular)
    return fail(context, "doc.missing", fmt::format("{} is missing", path), "what is not written cannot be committed",
                fmt::format("write {}", path));
  const Git git(context.workspace_root, context.stop);
  const std::optional<std::string> head = TRY(git.head());
  if (!head)
    return fail(context, "doc.not-committed", fmt::format("{} is in no commit", path),
                "the workspace is no Git repository with a commit", "commit the workspace");
  context.inputs.note("fact:git HEAD", *head);
  const base::CommandResult blob = TRY(git.run({"rev-parse", "--verify", "--quiet", "HEAD:./" + path}));
  if (blob.status != 0)
    return fail(context, "doc.not-committed", fmt::format("{} is not in the commit that is judged", path),
                fmt::format("{} does not have it", head->substr(0, 12)),
                fmt::format("git add {0} && git commit", path));
  if (!TRY(is_as_committed(git, path, base::trim(blob.out))))
    return fail(context, "doc.uncommitted-changes", fmt::format("{} is not as it was committed", path),
                "whoever reads the release reads something else than what was judged",
                "commit it, or take the changes back");
  CheckOutcome outcome;
  outcome.verdict = base::Verdict::pass;
  outcome.summary =
      fmt::format("{} is in {} as blob {}", path, head->substr(0, 12), base::trim(blob.out).substr(0, 12));
  return outcome;
}

}  // namespace

const CheckType kDocCommitted = {.name = "doc.committed",
                                 .summary = "a document is committed and unchanged",
                                 .fields = kFields,
                                 .version = 2,
                                 .run = run,
                                 .missing_engine = {},
                                 .always_runs = true,
                                 .looks_again = true,
                                 .after_documents = true};

}  // namespace gantry::launch
