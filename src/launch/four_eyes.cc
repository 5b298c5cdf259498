#include "launch/four_eyes.h"

#include "base/text.h"
#include "launch/git.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace gantry::launch {

using base::Result;

namespace {

constexpr std::string_view kRule = "signoff.four-eyes";
constexpr std::string_view kFix = "ask somebody who did not write it for `gantry sign`";

// Nothing when several people wrote it.
Result<std::optional<Author>> find_sole_author(const Workspace& workspace) {
  std::vector<Author> authors = TRY(base::with_context(find_authors(Git(workspace.root, {})),
                                                       "while looking who wrote what is launched (gate.four_eyes)"));
  if (authors.size() != 1) return std::nullopt;
  return std::optional(std::move(authors.front()));
}

// People sign with a name, an address, or both as git writes them.
bool is_person(const Author& author, std::string_view who) {
  const std::string said = base::to_lower_ascii(base::trim(who));
  const std::string name = base::to_lower_ascii(author.name);
  const std::string email = base::to_lower_ascii(author.email);
  return said == name || (!email.empty() && (said == email || said.ends_with(fmt::format("<{}>", email))));
}

base::Finding finding(std::string object, std::string message, std::string fix) {
  return {
      .rule = std::string(kRule),
      .severity = base::Severity::low,
      .object = std::move(object),
      .where = {},
      .message = std::move(message),
      .explanation = "gantry.yaml asks for four eyes (gate.four_eyes): an approval says that somebody else has looked",
      .fix = std::move(fix),
      .related = {}};
}

}  // namespace

void demand_four_eyes(const Workspace& workspace, std::vector<SignOff>& sign_offs,
                      std::vector<base::Finding>& findings) {
  if (std::ranges::none_of(sign_offs, [](const SignOff& said) { return said.stance == Stance::approve; })) return;
  const Result<std::optional<Author>> author = find_sole_author(workspace);
  if (!author) {
    findings.push_back(finding("sign-offs", fmt::format("no approval counts: {}", describe(author.error())),
                               "judge the workspace where git knows it, or take gate.four_eyes back"));
    std::erase_if(sign_offs, [](const SignOff& said) { return said.stance == Stance::approve; });
    return;
  }
  if (!*author) return;
  std::erase_if(sign_offs, [&](const SignOff& said) {
    if (said.stance != Stance::approve || !is_person(**author, said.who)) return false;
    findings.push_back(finding(said.subject,
                               fmt::format("{} approved {} and alone wrote what is launched", said.who, said.subject),
                               std::string(kFix)));
    return true;
  });
}

Result<void> require_other_eyes(const Workspace& workspace, std::string_view who) {
  const std::optional<Author> author = TRY(find_sole_author(workspace));
  if (!author || !is_person(*author, who)) return {};
  return base::usage_error(fmt::format("{} alone wrote what is launched, and gantry.yaml asks for four eyes", who),
                           std::string(kFix));
}

}  // namespace gantry::launch
