// The board as JUnit XML, for CI systems that show test results (docs/formats/junit.md). One suite for the launch itself, one
// per track, one for the exit criteria. What nobody has verified is a failure here: a pipeline must not look green because
// nothing was looked at.

#include "report/board_facts.h"
#include "report/plain_text.h"
#include "report/renderers.h"
#include "report/xml.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <span>

namespace gantry::report {

namespace {

using std::chrono::milliseconds;

// A test report is read in a narrow pane; the rest is in the JSON.
constexpr std::size_t kFindingsMax = 50;

enum class Outcome { success, failure, error, skipped };

struct Case {
  std::string name;
  base::SourcePos where;
  milliseconds time{0};
  std::vector<std::pair<std::string, std::string>> properties;  // name and value
  Outcome outcome = Outcome::success;
  std::string type;  // of a failure or error
  std::string message;
  std::vector<std::string> body;
};

struct Suite {
  std::string name;
  std::vector<Case> cases;
};

Outcome outcome_of(State state) {
  switch (state) {
    case State::passed:
    case State::signed_off: return Outcome::success;
    case State::failed:
    case State::unverified: return Outcome::failure;
    case State::undecided: return Outcome::error;
    case State::waived:
    case State::not_required: return Outcome::skipped;
  }
  std::unreachable();
}

// "waived until 2026-12-24, accepted by Dana (security): why", where a waiver names the subject itself.
std::string message_of(const Board& board, State state, std::string_view subject, const std::string& summary) {
  const auto waiver = std::ranges::find(board.waivers, subject, &WaiverRow::subject);
  if (state == State::waived && waiver != board.waivers.end()) {
    return fmt::format("waived until {}, accepted by {}: {}", base::format_date(waiver->expires), waiver->accepted_by,
                       waiver->why);
  }
  return fmt::format("{}{}{}", to_string(state), summary.empty() ? "" : ": ", summary);
}

void add_finding_lines(std::vector<std::string>& body, const base::Finding& finding) {
  const std::string place = base::to_string(finding.where);
  body.push_back(fmt::format("{}: {} [{}]", base::to_string(finding.severity), finding.message, finding.rule));
  if (!place.empty()) body.push_back("  at " + place);
  if (!finding.fix.empty()) body.push_back("  fix: " + finding.fix);
}

std::vector<std::string> body_of(const StepRow& step) {
  std::vector<std::string> body;
  std::vector<base::Finding> findings;
  for (const BoundCheck& check : step.checks) {
    body.push_back(fmt::format("{} {} {}: {}", glyph(check.state), check.check, check.subject, check.summary));
    if (!check.stale_because.empty()) body.push_back("  stale: " + check.stale_because);
    if (check.evidence)
      findings.insert(findings.end(), check.evidence->findings.begin(), check.evidence->findings.end());
  }
  base::sort_findings(findings);
  const std::size_t shown = std::min(findings.size(), kFindingsMax);
  for (const base::Finding& finding : std::span(findings).first(shown)) add_finding_lines(body, finding);
  if (shown < findings.size()) body.push_back(fmt::format("and {} more findings", findings.size() - shown));
  return body;
}

Case case_of(const Board& board, const StepRow& step) {
  Case result;
  result.name = step.id + " " + plain_markdown(step.text);
  result.where = step.where;
  result.outcome = outcome_of(step.state);
  result.type = to_string(step.state);
  result.message = message_of(board, step.state, step.id, step.summary);
  result.body = body_of(step);
  for (const BoundCheck& check : step.checks) {
    if (!check.evidence) continue;
    if (!check.reused) result.time += check.evidence->finished - check.evidence->started;
    result.properties.emplace_back("evidence." + check.check, check.evidence->id);
  }
  return result;
}

Case case_of(const Board& board, const CriterionRow& criterion) {
  const std::string subject = fmt::format("criterion {}", criterion.ordinal);
  Case result;
  result.name = fmt::format("{} {}", criterion.ordinal, plain_markdown(criterion.text));
  result.where = criterion.where;
  result.properties = {{"ticked", criterion.ticked ? "true" : "false"},
                       {"decided-by", fmt::format("{}", fmt::join(criterion.decided_by, " "))}};
  result.outcome = outcome_of(criterion.state);
  result.type = to_string(criterion.state);
  result.message = message_of(board, criterion.state, subject, criterion.summary);
  return result;
}

Case case_of(const base::Finding& finding, const WaiverRow* waiver) {
  Case result;
  result.name = fmt::format("{} {}", finding.rule, finding.object.empty() ? finding.message : finding.object);
  result.where = finding.where;
  result.properties = {{"fingerprint", finding.fingerprint()}};
  result.type = base::to_string(finding.severity);
  result.message = finding.message;
  add_finding_lines(result.body, finding);
  // The gate's default: from `high` on a finding blocks the launch.
  if (finding.severity >= base::Severity::high) result.outcome = waiver ? Outcome::skipped : Outcome::failure;
  return result;
}

Case case_of_decision(const Board& board) {
  Case result;
  result.name = "launch decision";
  result.type = to_string(board.decision);
  result.message = verdict_sentence(board);
  if (board.decision == Decision::no_go) result.outcome = Outcome::failure;
  if (board.decision == Decision::undecided) result.outcome = Outcome::error;
  for (const Blocker& blocker : board.blockers) {
    result.body.push_back(fmt::format("{} {}: {}", blocker.subject, to_string(blocker.state), blocker.reason));
    if (!blocker.next_step.empty()) result.body.push_back("  next: " + blocker.next_step);
  }
  return result;
}

std::vector<Suite> collect_suites(const Board& board) {
  std::vector<Suite> suites;
  Suite& launch = suites.emplace_back("Launch", std::vector{case_of_decision(board)});
  const WaiverIndex waivers(board);
  for (const base::Finding& finding : board.plan_findings)
    launch.cases.push_back(case_of(finding, waivers.find(finding, kPlanSubject)));
  for (const TrackRow& track : board.tracks) {
    Suite& suite = suites.emplace_back(track.id + " " + plain_markdown(track.title), std::vector<Case>());
    for (const StepRow& step : track.steps) suite.cases.push_back(case_of(board, step));
  }
  Suite& criteria = suites.emplace_back("Exit criteria", std::vector<Case>());
  for (const CriterionRow& criterion : board.criteria) criteria.cases.push_back(case_of(board, criterion));
  return suites;
}

std::string seconds(milliseconds time) { return fmt::format("{:.3f}", std::chrono::duration<double>(time).count()); }

// The attributes that count, for one suite or for all.
void add_totals(XmlWriter::Attributes& attributes, std::span<const Suite> suites) {
  std::size_t tests = 0;
  milliseconds time{0};
  const auto count = [&](Outcome outcome) {
    std::size_t sum = 0;
    for (const Suite& suite : suites)
      sum += static_cast<std::size_t>(std::ranges::count(suite.cases, outcome, &Case::outcome));
    return fmt::format("{}", sum);
  };
  for (const Suite& suite : suites) {
    tests += suite.cases.size();
    for (const Case& each : suite.cases) time += each.time;
  }
  attributes.emplace_back("tests", fmt::format("{}", tests));
  attributes.emplace_back("failures", count(Outcome::failure));
  attributes.emplace_back("errors", count(Outcome::error));
  attributes.emplace_back("skipped", count(Outcome::skipped));
  attributes.emplace_back("time", seconds(time));
}

void write_case(XmlWriter& xml, const Suite& suite, const Case& each) {
  XmlWriter::Attributes attributes = {{"name", each.name}, {"classname", suite.name}, {"time", seconds(each.time)}};
  if (each.where.file) attributes.emplace_back("file", *each.where.file);
  if (each.where.line != 0) attributes.emplace_back("line", fmt::format("{}", each.where.line));
  if (each.outcome == Outcome::success && each.properties.empty() && each.body.empty()) {
    xml.leaf("testcase", attributes);
    return;
  }
  xml.open("testcase", attributes);
  if (!each.properties.empty()) {
    xml.open("properties");
    for (const auto& [name, value] : each.properties) xml.leaf("property", {{"name", name}, {"value", value}});
    xml.close();
  }
  switch (each.outcome) {
    case Outcome::success:
      if (!each.body.empty()) xml.leaf("system-out", {}, each.body);
      break;
    case Outcome::failure: xml.leaf("failure", {{"message", each.message}, {"type", each.type}}, each.body); break;
    case Outcome::error: xml.leaf("error", {{"message", each.message}, {"type", each.type}}, each.body); break;
    case Outcome::skipped: xml.leaf("skipped", {{"message", each.message}}, each.body); break;
  }
  xml.close();
}

// Without a zone, as the format has it; ours is UTC.
std::string junit_time(base::Timestamp time) { return base::format_rfc3339(time).substr(0, 19); }

}  // namespace

std::string render_junit(const Board& board, const RenderOptions&) {
  const std::vector<Suite> suites = collect_suites(board);
  XmlWriter xml;
  XmlWriter::Attributes totals = {{"name", "gantry " + board.title}};
  add_totals(totals, suites);
  xml.open("testsuites", totals);
  for (const Suite& suite : suites) {
    XmlWriter::Attributes attributes = {{"name", suite.name}};
    add_totals(attributes, std::span(&suite, 1));
    attributes.emplace_back("timestamp", junit_time(board.judged_at));
    xml.open("testsuite", attributes);
    xml.open("properties");
    xml.leaf("property", {{"name", "plan"}, {"value", board.plan_file}});
    xml.leaf("property", {{"name", "environment"}, {"value", board.environment}});
    xml.leaf("property", {{"name", "gantry"}, {"value", board.gantry_version}});
    xml.close();
    for (const Case& each : suite.cases) write_case(xml, suite, each);
    xml.close();
  }
  xml.close();
  return xml.text();
}

}  // namespace gantry::report
