// Reads the production checklist as people keep it (reference: launch, §5.1): sections with item tables, a summary of what
// blocks, approvals. It counts and looks for contradictions inside the document; whether an item is true is the audit's.

#include "launch/checks/checks.h"

#include "base/text.h"
#include "launch/checklist.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::launch {

using base::Finding;
using base::Result;
using base::Severity;

namespace {

constexpr std::array kFields = {
    Field{"path", FieldKind::path, Need::required, "the checklist"},
};

Finding finding(std::string rule, Severity severity, const ChecklistItem& item, std::string message, std::string fix) {
  return {.rule = std::move(rule),
          .severity = severity,
          .object = item.text,
          .where = item.where,
          .message = std::move(message),
          .explanation = {},
          .fix = std::move(fix),
          .related = {}};
}

void judge_items(const Checklist& checklist, CheckOutcome& outcome) {
  for (const ChecklistItem& item : checklist.items) {
    if (item.status == ItemStatus::blocking)
      outcome.findings.push_back(finding("checklist.blocking", Severity::high, item,
                                         fmt::format("\"{}\" is marked as blocking the launch", item.text),
                                         "resolve it, and mark it [x]"));
    if (item.status == ItemStatus::deferred && base::trim(item.notes).empty())
      outcome.findings.push_back(
          finding("checklist.deferred-without-reason", Severity::medium, item,
                  fmt::format("\"{}\" is not applicable or deferred, and no reason is noted", item.text),
                  "write the reason into its notes, or accept the risk with `gantry waive`"));
    if (item.status == ItemStatus::unknown)
      outcome.findings.push_back(finding("checklist.box", Severity::medium, item,
                                         fmt::format("the box of \"{}\" has an unknown mark", item.text),
                                         "use [x], [ ], [!] or [-]"));
  }
}

Result<CheckOutcome> run(CheckContext& context) {
  const std::string path = context.text("path");
  CheckOutcome outcome;
  if (TRY(context.files.kind(path)) != base::FileKind::regular) {
    outcome.verdict = base::Verdict::fail;
    outcome.summary = fmt::format("{} is missing", path);
    outcome.findings.push_back({.rule = "doc.missing",
                                .severity = Severity::high,
                                .object = path,
                                .where = context.where(),
                                .message = outcome.summary,
                                .explanation = {},
                                .fix = fmt::format("write {}", path),
                                .related = {}});
    return outcome;
  }
  const std::string text = TRY(context.files.read(path));
  const Checklist checklist = parse_checklist(text, path);
  judge_items(checklist, outcome);
  outcome.findings.insert(outcome.findings.end(), checklist.findings.begin(), checklist.findings.end());
  const auto count = [&checklist](ItemStatus status) {
    return std::ranges::count(checklist.items, status, &ChecklistItem::status);
  };
  outcome.metrics = {{"items_count", static_cast<double>(checklist.items.size())},
                     {"complete_count", static_cast<double>(count(ItemStatus::complete))},
                     {"pending_count", static_cast<double>(count(ItemStatus::pending))},
                     {"blocking_count", static_cast<double>(count(ItemStatus::blocking))},
                     {"deferred_count", static_cast<double>(count(ItemStatus::deferred))}};
  for (const std::string& section : checklist.sections) {
    const auto of_section = std::ranges::count(checklist.items, section, &ChecklistItem::section);
    outcome.metrics.push_back({fmt::format("items_count {}", section), static_cast<double>(of_section)});
  }
  outcome.verdict = checklist.items.empty() ? base::Verdict::fail : verdict_of(outcome.findings);
  outcome.summary = fmt::format("{} items in {} sections: {} complete, {} pending, {} blocking, {} deferred",
                                checklist.items.size(), checklist.sections.size(), count(ItemStatus::complete),
                                count(ItemStatus::pending), count(ItemStatus::blocking), count(ItemStatus::deferred));
  return outcome;
}

}  // namespace

const CheckType kChecklistRead = {.name = "checklist.read",
                                  .summary = "the production checklist parses, and nothing in it blocks",
                                  .fields = kFields,
                                  .version = 1,
                                  .run = run,
                                  .missing_engine = {}};

}  // namespace gantry::launch
