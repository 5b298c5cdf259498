#include "report/sarif_run.h"

#include "netpol/lint.h"
#include "report/plain_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <map>
#include <span>
#include <utility>

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
constexpr std::string_view kSecurityRules[] = {"net.", "NP", "secret.", "rbac.", "scan.", "doc.secret-"};

bool is_security_rule(std::string_view rule) {
  return std::ranges::any_of(kSecurityRules, [&](std::string_view prefix) { return rule.starts_with(prefix); });
}

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

// Lints have a title; other rules have names that say it.
std::string_view title_of(std::string_view id) {
  const std::span<const netpol::LintRule> lints = netpol::lint_rules();
  const auto lint = std::ranges::find(lints, id, &netpol::LintRule::id);
  return lint == lints.end() ? id : lint->title;
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
        {"id", sarif_text(id)},
        {"shortDescription", sarif_message(title_of(id))},
        {"fullDescription", sarif_message(why)},
        {"help", sarif_message(help)},
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
                    {"message", sarif_message(place.note)}});
  }
  return list;
}

Json suppression(const WaiverRow& waiver) {
  const std::string justification =
      fmt::format("{} (accepted by {}, until {})", waiver.why, waiver.accepted_by, base::format_date(waiver.expires));
  return {{"kind", "external"}, {"status", "accepted"}, {"justification", sarif_text(justification)}};
}

Json result_of(const CollectedFinding& collected, const RuleTable& rules) {
  const base::Finding& finding = *collected.finding;
  const std::string fingerprint = finding.fingerprint();
  const std::string text =
      finding.fix.empty() ? finding.message : fmt::format("{}. Fix: {}", finding.message, finding.fix);
  Json result = {
      {"ruleId", sarif_text(finding.rule)},
      {"ruleIndex", rules.index_of(finding.rule)},
      {"level", entry_of(finding.severity).level},
      {"message", sarif_message(text)},
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

}  // namespace

std::string sarif_text(std::string_view untrusted) {
  std::string text = inert_line(untrusted);
  for (std::size_t at = text.find("]("); at != std::string::npos; at = text.find("](", at)) text.insert(at + 1, " ");
  return text.empty() ? "(no text)" : text;
}

Json sarif_message(std::string_view untrusted) { return {{"text", sarif_text(untrusted)}}; }

std::string slug_of(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 100)) {
    const bool is_kept =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '_';
    if (is_kept || (!out.empty() && out.back() != '-')) out.push_back(is_kept ? c : '-');
  }
  return out.empty() ? std::string("-") : out;
}

std::string dump_sarif(std::vector<CollectedFinding> findings, SarifRun run) {
  const std::size_t dropped = limit_results(findings);
  const RuleTable rules(findings);
  Json results = Json::array();
  for (const CollectedFinding& each : findings) results.push_back(result_of(each, rules));
  if (dropped != 0) {
    run.invocation["toolExecutionNotifications"].push_back(
        {{"level", "warning"},
         {"message",
          sarif_message(fmt::format("{} less severe results were left out: a run holds {}", dropped, kResultsMax))}});
  }
  Json driver = {{"name", "Gantry"}, {"version", sarif_text(run.gantry_version)}, {"rules", rules.descriptors()}};
  Json document = {
      {"tool", {{"driver", std::move(driver)}}},
      {"automationDetails", {{"id", run.category}}},
      {"invocations", {std::move(run.invocation)}},
      {"originalUriBaseIds",
       {{kBaseId, {{"description", sarif_message("the workspace: the root of the repository that is launched")}}}}},
      {"columnKind", "unicodeCodePoints"},
      {"results", std::move(results)},
  };
  return dump_document({
      {"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
      {"version", "2.1.0"},
      {"runs", {std::move(document)}},
  });
}

}  // namespace gantry::report
