// Every check that has a name. Those without a file are of engines to come: steps may be bound to them, and stay unverified.

#include "launch/checks/checks.h"

#include <algorithm>
#include <array>

namespace gantry::launch {

namespace {

constexpr CheckType planned(std::string_view name, std::string_view summary, std::string_view engine) {
  return {.name = name, .summary = summary, .fields = {}, .version = 0, .run = nullptr, .missing_engine = engine};
}

}  // namespace

std::span<const CheckType> check_types() {
  static const std::array kTable = {
      kCapacityHolds,
      planned("checklist.audit", "every item of the checklist is decided by evidence", "the checklist audit"),
      kChecklistRead,
      kCommand,
      planned("dashboard.panel", "a dashboard has a panel that shows logs", "the log engine"),
      planned("decision", "a decision is recorded with its reasons", "the decision record"),
      planned("doc.announcement", "the announcement's claims are true", "the document audit"),
      kDocCommitted,
      planned("doc.epilogue", "the epilogue is written", "the document audit"),
      kDocExists,
      planned("doc.hydrate", "the status row equals the computed progress", "the document audit"),
      kDocSection,
      kDrainRehearse,
      kHpaFits,
      planned("live.read", "the live cluster says so", "the live reader"),
      kLoadBaseline,
      kLoadCompare,
      kLoadRun,
      kLoadTarget,
      planned("logs.coverage", "lines of every launched service can be queried", "the log engine"),
      kManifestsApply,
      kManifestsRender,
      kManifestsValid,
      kNetContained,
      kNetDiff,
      kNetEqual,
      kNetIsolated,
      kNetLint,
      kNetMust,
      kNetNeeds,
      kNetNever,
      kNetOnly,
      kNetPolicies,
      kPdbProtects,
      kReleaseTag,
      planned("scan.import", "an imported scan has no open finding", "the scan importer"),
      kSignoff,
      kUpgradeRehearse,
  };
  return kTable;
}

base::SourcePos file_pos(std::string_view path, std::uint32_t line) {
  return {.file = std::make_shared<const std::string>(path), .line = line, .column = 0};
}

base::Verdict verdict_of(const std::vector<base::Finding>& findings) {
  const bool blocks = std::ranges::any_of(
      findings, [](const base::Finding& finding) { return finding.severity >= base::Severity::high; });
  return blocks ? base::Verdict::fail : base::Verdict::pass;
}

}  // namespace gantry::launch
