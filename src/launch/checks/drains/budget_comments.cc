#include "launch/checks/drains/budget_comments.h"

#include "base/text.h"
#include "launch/checks/system/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::launch {

namespace {

constexpr std::array<std::string_view, 8> kPromises = {"protect", "guard",     "surviv", "prevent",
                                                       "ensure",  "guarantee", "safe",   "against"};
// What does not ask a budget.
constexpr std::array<std::string_view, 12> kEvents = {
    "rollout",   "rolling update", "rolling restart", "rolling deploy", "delete",   "node failure",
    "node loss", "loss of a node", "lost node",       "crash",          "oom kill", "hardware"};
// A sentence with one of these says rather what a budget does not do.
constexpr std::array<std::string_view, 8> kDenials = {" not ", "n't ", "never",   " no ",
                                                      "only ", "nor ", "neither", "alone"};

bool has_any(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return text.contains(word); });
}

struct Comment {
  std::string text;
  std::uint32_t line = 0;
};

// Comments on lines of their own, those that follow each other as one; of the document around that line.
std::vector<Comment> comments_around(std::string_view file, std::uint32_t line) {
  std::vector<Comment> comments;
  bool goes_on = false;
  std::uint32_t number = 0;
  for (const std::string_view raw : base::split(file, '\n')) {
    ++number;
    if (raw.starts_with("---")) {
      if (number > line) break;
      comments.clear();
    }
    const std::string_view text = base::trim(raw);
    if (!text.starts_with('#')) {
      goes_on = false;
      continue;
    }
    if (!std::exchange(goes_on, true)) comments.push_back({.text = {}, .line = number});
    comments.back().text += fmt::format(" {}", base::trim(text.substr(1)));
  }
  return comments;
}

}  // namespace

std::optional<std::string> find_overclaim(std::string_view comment) {
  for (std::size_t at = 0; at < comment.size();) {
    const std::size_t end = std::min(comment.find_first_of(".;", at), comment.size());
    const std::string_view sentence = base::trim(comment.substr(at, end - at));
    const std::string lower = fmt::format(" {} ", base::to_lower_ascii(sentence));
    if (has_any(lower, kPromises) && has_any(lower, kEvents) && !has_any(lower, kDenials)) return std::string(sentence);
    at = end + 1;
  }
  return std::nullopt;
}

void judge_comments(const CheckContext& context, const kube::PodDisruptionBudget& budget,
                    std::vector<base::Finding>& findings) {
  const base::SourcePos& where = budget.object.pos();
  if (!where.file) return;
  // What was rendered or read elsewhere has no comments to look at.
  const base::Result<std::string> file = context.files.read(*where.file);
  if (!file) return;
  const std::string name = to_string(budget.object.id);
  for (const Comment& comment : comments_around(*file, where.line))
    if (const std::optional<std::string> claim = find_overclaim(comment.text))
      findings.push_back(
          make_finding("pdb.claims-too-much", name, {.file = where.file, .line = comment.line, .column = 1},
                       fmt::format("the comment beside {} promises more than a budget keeps: \"{}\"", name, *claim),
                       "say that it binds evictions, and set what binds the rest: the rollout's maxUnavailable, a "
                       "spread over nodes"));
}

}  // namespace gantry::launch
