// The board as SARIF 2.1.0, one run (docs/formats/sarif.md). Written for GitHub code scanning, which reads a part of the
// standard: every result has a rule, a message, a level and a place, and is tracked by a fingerprint that does not move with
// the lines. A step that does not hold and has no finding to show for it becomes a result of its own, so that "nobody has
// looked" is not mistaken for "nothing was found".

#include "report/board_facts.h"
#include "report/json_values.h"
#include "report/plain_text.h"
#include "report/renderers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <iterator>
#include <map>

namespace gantry::report {

namespace {

// Code scanning shows the 5,000 most severe results of a run.
constexpr std::size_t kResultsMax = 5000;

constexpr std::string_view kBaseId = "%SRCROOT%";

struct SeverityEntry {
  base::Severity severity;
  std::string_view level;              // SARIF 2.1.0, 3.27.10
  std::string_view security_severity;  // a score out of 10; code scanning: above 9 critical, 7 high, 4 medium
};
constexpr std::array<SeverityEntry, 5> kSeverities = {{{base::Severity::info, "note", "1.0"},
                                                       {base::Severity::low, "note", "3.0"},
                                                       {base::Severity::medium, "warning", "5.5"},
                                                       {base::Severity::high, "error", "8.0"},
                                                       {base::Severity::critical, "error", "9.5"}}};

const SeverityEntry& entry_of(base::Severity severity) { return kSeverities.at(static_cast<std::size_t>(severity)); }

// Rules whose findings are weaknesses that somebody could use, not only reasons to wait.
constexpr std::string_view kSecurityRules[] = {"net.", "secret.", "rbac.", "scan.", "doc.secret-"};

bool is_security_rule(std::string_view rule) {
  return std::ranges::any_of(kSecurityRules, [&](std::string_view prefix) { return rule.starts_with(prefix); });
}

// A message: inert, and without what SARIF would read as an embedded link (2.1.0, 3.11.6).
std::string message_text(std::string_view untrusted) {
  std::string text = inert_line(untrusted);
  for (std::size_t at = text.find("]("); at != std::string::npos; at = text.find("](", at)) text.insert(at + 1, " ");
  return text.empty() ? "(no text)" : text;
}

Json message(std::string_view untrusted) { return {{"text", message_text(untrusted)}}; }

// Unreserved characters and the separator stay (RFC 3986, 2.3); the colon goes too: in a first segment it ends a scheme.
std::string percent_encoded(std::string_view path) {
  std::string uri;
  for (const char c : path) {
    const bool is_alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (is_alphanumeric || std::string_view("-._~/").contains(c)) {
      uri.push_back(c);
    } else {
      uri += fmt::format("%{:02X}", static_cast<std::uint8_t>(c));
    }
  }
  return uri;
}

// Relative to the workspace, or absolute for a file outside it.
Json artifact_location(std::string_view file) {
  if (file.starts_with('/')) return {{"uri", "file://" + percent_encoded(file)}};
  return {{"uri", percent_encoded(file)}, {"uriBaseId", kBaseId}};
}

Json physical_location(const base::SourcePos& pos) {
  Json location = {{"artifactLocation", artifact_location(pos.file_name())}};
  if (pos.line != 0) location["region"]["startLine"] = pos.line;
  if (pos.line != 0 && pos.column != 0) location["region"]["startColumn"] = pos.column;
  return location;
}

// The rules of all results, in alphabetical order. What a rule means is told by its most severe finding.
class RuleTable {
 public:
  explicit RuleTable(const std::vector<CollectedFinding>& findings) {
    for (const CollectedFinding& each : findings) {
      const base::Finding*& worst = rules_[each.finding->rule];
      if (!worst || each.finding->severity > worst->severity) worst = each.finding;
    }
  }

  std::size_t index_of(const std::string& rule) const {
    return static_cast<std::size_t>(std::distance(rules_.begin(), rules_.find(rule)));
  }

  Json descriptors() const {
    Json list = Json::array();
    for (const auto& [id, finding] : rules_) list.push_back(descriptor(id, *finding));
    return list;
  }

 private:
  static Json descriptor(const std::string& id, const base::Finding& finding) {
    const std::string why = finding.explanation.empty() ? finding.message : finding.explanation;
    const std::string help = finding.fix.empty() ? why : fmt::format("{} What to do: {}", why, finding.fix);
    Json rule = {
        {"id", message_text(id)},
        {"shortDescription", message(id)},
        {"fullDescription", message(why)},
        {"help", message(help)},
        {"defaultConfiguration", {{"level", entry_of(finding.severity).level}}},
        {"properties", {{"tags", {"launch"}}}},
    };
    if (is_security_rule(id)) {
      rule["properties"]["tags"].push_back("security");
      rule["properties"]["security-severity"] = entry_of(finding.severity).security_severity;
    }
    return rule;
  }

  std::map<std::string, const base::Finding*> rules_;
};

Json related_locations(const base::Finding& finding) {
  Json list = Json::array();
  for (const base::RelatedPlace& place : finding.related) {
    if (!place.where.file) continue;
    list.push_back({{"id", list.size() + 1},
                    {"physicalLocation", physical_location(place.where)},
                    {"message", message(place.note)}});
  }
  return list;
}

Json suppression(const WaiverRow& waiver) {
  const std::string justification =
      fmt::format("{} (accepted by {}, until {})", waiver.why, waiver.accepted_by, base::format_date(waiver.expires));
  return {{"kind", "external"}, {"status", "accepted"}, {"justification", message_text(justification)}};
}

Json result_of(const CollectedFinding& collected, const RuleTable& rules) {
  const base::Finding& finding = *collected.finding;
  const std::string fingerprint = finding.fingerprint();
  const std::string text =
      finding.fix.empty() ? finding.message : fmt::format("{}. Fix: {}", finding.message, finding.fix);
  Json result = {
      {"ruleId", message_text(finding.rule)},
      {"ruleIndex", rules.index_of(finding.rule)},
      {"level", entry_of(finding.severity).level},
      {"message", message(text)},
      {"locations", {{{"physicalLocation", physical_location(collected.where)}}}},
      // The first is the one that code scanning follows an alert by; the second is what waivers bind to.
      {"partialFingerprints", {{"primaryLocationLineHash", fingerprint + ":1"}, {"gantryFinding/v1", fingerprint}}},
      {"properties",
       {{"severity", base::to_string(finding.severity)},
        {"object", inert_line(finding.object)},
        {"steps", collected.steps}}},
  };
  if (Json related = related_locations(finding); !related.empty()) result["relatedLocations"] = std::move(related);
  if (collected.waiver) result["suppressions"] = {suppression(*collected.waiver)};
  return result;
}

// What stands in for the finding that a step does not have.
base::Finding finding_of(const StepRow& step) {
  base::Finding finding;
  finding.rule = fmt::format("launch.step-{}", to_string(step.state));
  finding.severity = step.state == State::unverified ? base::Severity::medium : base::Severity::high;
  finding.object = step.id;
  finding.where = step.where;
  finding.message =
      fmt::format("step {} is {}{}{}", step.id, to_string(step.state), step.summary.empty() ? "" : ": ", step.summary);
  finding.explanation = "A launch is a GO only when every step of its plan holds.";
  return finding;
}

// Adds one for each step that does not hold and has no finding. The deque keeps them where the pointers point.
void add_step_findings(const Board& board, std::deque<base::Finding>& owned, std::vector<CollectedFinding>& findings) {
  for (const TrackRow& track : board.tracks) {
    for (const StepRow& step : track.steps) {
      const bool has_finding = std::ranges::any_of(
          step.checks, [](const BoundCheck& check) { return check.evidence && !check.evidence->findings.empty(); });
      if (holds(step.state) || step.state == State::not_required || has_finding) continue;
      owned.push_back(finding_of(step));
      findings.push_back({&owned.back(), {step.id}, step.where, nullptr});
    }
  }
}

// Leaves the most severe, unwaived before waived; how many were dropped.
std::size_t limit_results(std::vector<CollectedFinding>& findings) {
  if (findings.size() <= kResultsMax) return 0;
  std::ranges::stable_sort(findings, {}, [](const CollectedFinding& each) {
    return std::pair(each.waiver != nullptr, -static_cast<int>(each.finding->severity));
  });
  const std::size_t dropped = findings.size() - kResultsMax;
  findings.resize(kResultsMax);
  return dropped;
}

struct DecisionEntry {
  Decision decision;
  bool successful;  // the tool could do its work; what it found is another matter (SARIF 2.1.0, 3.20.14)
  int exit_code;
};
constexpr std::array<DecisionEntry, 3> kDecisions = {
    {{Decision::go, true, 0}, {Decision::no_go, true, 1}, {Decision::undecided, false, 3}}};

Json invocation(const Board& board, std::size_t dropped) {
  const DecisionEntry& decision = kDecisions.at(static_cast<std::size_t>(board.decision));
  Json notifications = Json::array();
  notifications.push_back(
      {{"level", "note"},
       {"message", message(fmt::format("{}: {}", to_string(board.decision), verdict_sentence(board)))}});
  if (dropped != 0) {
    notifications.push_back({{"level", "warning"},
                             {"message", message(fmt::format("{} less severe results were left out: a run holds {}",
                                                             dropped, kResultsMax))}});
  }
  return {
      {"executionSuccessful", decision.successful},
      {"exitCode", decision.exit_code},
      {"endTimeUtc", base::format_rfc3339(board.judged_at)},
      {"toolExecutionNotifications", std::move(notifications)},
  };
}

// "gantry/saas-phase7/files-alone/": code scanning keeps apart the alerts of different plans and environments by it.
std::string automation_id(const Board& board) {
  const auto slug = [](std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, 100)) {
      const bool is_kept =
          (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '_';
      if (is_kept || (!out.empty() && out.back() != '-')) out.push_back(is_kept ? c : '-');
    }
    return out.empty() ? std::string("-") : out;
  };
  return fmt::format("gantry/{}/{}/", slug(board.plan_file), slug(board.environment));
}

}  // namespace

std::string render_sarif(const Board& board, const RenderOptions&) {
  std::vector<CollectedFinding> findings = collect_findings(board);
  std::deque<base::Finding> owned;
  add_step_findings(board, owned, findings);
  const std::size_t dropped = limit_results(findings);
  const RuleTable rules(findings);
  Json results = Json::array();
  for (const CollectedFinding& each : findings) results.push_back(result_of(each, rules));

  Json driver = {{"name", "Gantry"}, {"version", message_text(board.gantry_version)}, {"rules", rules.descriptors()}};
  Json run = {
      {"tool", {{"driver", std::move(driver)}}},
      {"automationDetails", {{"id", automation_id(board)}}},
      {"invocations", {invocation(board, dropped)}},
      {"originalUriBaseIds",
       {{kBaseId, {{"description", message("the workspace: the root of the repository that is launched")}}}}},
      {"columnKind", "unicodeCodePoints"},
      {"results", std::move(results)},
  };
  return dump_document({
      {"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
      {"version", "2.1.0"},
      {"runs", {std::move(run)}},
  });
}

}  // namespace gantry::report
