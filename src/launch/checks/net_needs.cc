// net.needs: every flow that the manifests say the application needs is admitted, and nothing is open that none of them needs.

#include "launch/checks/checks.h"
#include "launch/checks/claims/claim_check.h"
#include "launch/checks/flows/needed_flows.h"
#include "launch/checks/system/outcome.h"
#include "launch/checks/system/plugin.h"
#include "netpol/claims.h"
#include "netpol/judgement.h"
#include "report/net.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

namespace gantry::launch {

using base::Finding;
using base::Result;
using netpol::Access;
using netpol::Confidence;
using netpol::Judgement;
using netpol::NeedScope;

namespace {

constexpr std::array<std::string_view, 4> kConfidenceWords = {"weak", "strong", "certain", "declared"};
static_assert(kConfidenceWords.size() == static_cast<std::size_t>(Confidence::declared) + 1);
constexpr Field kConfidenceField{"confidence", FieldKind::word, Need::optional,
                                 "how sure a need has to be to count: weak, strong, certain or declared. Without, weak",
                                 kConfidenceWords};

enum class Unneeded : std::uint8_t { fail, warn, ignore };
constexpr std::array<std::string_view, 3> kUnneededWords = {"fail", "warn", "ignore"};
constexpr Field kUnneededField{"unneeded", FieldKind::word, Need::optional,
                               "what an opening that nobody needs does: fail, warn or ignore. Without, fail",
                               kUnneededWords};

constexpr Field kFromField{"from", FieldKind::any, Need::optional,
                           "only needs and openings of these sources, as in a claim; one or a list"};
constexpr Field kToField{"to", FieldKind::any, Need::optional,
                         "only needs of and openings to these destinations, as in a claim; one or a list"};

constexpr std::array kFields = {
    kConfidenceField,        kUnneededField,   kFromField,      kToField,      kFlowsField,  kClusterDomainField,
    kIngressControllerField, kPrometheusField, kPodRangesField, kProfileField, kDiffersField};

// ---- What is asked

struct Question {
  std::vector<netpol::Party> from, to;
  Confidence confidence_min = Confidence::weak;
  Unneeded unneeded = Unneeded::fail;
};

Result<Question> read_question(const base::Node& block) {
  auto from = TRY(netpol::parse_parties(block, kFromField.name));
  auto to = TRY(netpol::parse_parties(block, kToField.name));
  return Question{.from = std::move(from),
                  .to = std::move(to),
                  .confidence_min = static_cast<Confidence>(find_word(block, kConfidenceField).value_or(0)),
                  .unneeded = static_cast<Unneeded>(find_word(block, kUnneededField).value_or(0))};
}

Result<void> validate(const base::Node& block) {
  TRY(read_question(block));
  return validate_need_fields(block);
}

// Classes are split so that each is wholly in scope or not at all.
Result<netpol::AnalysisOptions> analysis_options(const base::Node& block, const Question& question) {
  netpol::AnalysisOptions options = TRY(read_analysis_options(block));
  netpol::Claim named;
  named.sources = question.from;
  named.destinations = question.to;
  add_to(options.endpoints, {named});
  return options;
}

Result<NeedScope> find_scope(const Question& question, const netpol::Reachability& reach) {
  NeedScope scope{
      .confidence_min = question.confidence_min, .sources = {}, .destinations = {}, .ask_every_topic = true};
  if (!question.from.empty()) scope.sources = TRY(netpol::find_members(question.from, reach));
  if (!question.to.empty()) scope.destinations = TRY(netpol::find_members(question.to, reach));
  return scope;
}

// ---- What is answered

struct Counts {
  std::size_t needs = 0;
  std::size_t admitted = 0;
  std::size_t blocked = 0;
  std::size_t undecided = 0;
  std::size_t one_sided = 0;  // one party is not in the manifests, and nothing refuses on the other's side
  std::size_t dangling = 0;
  std::size_t openings = 0;
};

bool is_opening(const Finding& finding) {
  return finding.rule == "net.unneeded-opening" || finding.rule == "net.open-to-all";
}

Counts count(const netpol::Needs& needs, const Judgement& judgement) {
  std::vector<std::optional<Access>> worst(needs.needs.size());
  const auto note = [&](std::size_t need, Access access) {
    worst[need] = std::min(worst[need].value_or(Access::yes), access);
  };
  for (const netpol::JudgedNeed& each : judgement.needs) note(each.need, each.access);
  // Of the party that is not there nobody knows; only a refusal of the other is certain.
  for (const netpol::OneSidedNeed& each : judgement.one_sided)
    if (each.access == Access::no) note(each.need, Access::no);
  const auto having = [&](std::optional<Access> access) {
    return static_cast<std::size_t>(std::ranges::count(worst, access));
  };
  return {.needs = needs.needs.size() + needs.dangling.size(),
          .admitted = having(Access::yes),
          .blocked = having(Access::no),
          .undecided = having(Access::depends),
          .one_sided = having(std::nullopt),
          .dangling = needs.dangling.size(),
          .openings = static_cast<std::size_t>(std::ranges::count_if(judgement.findings, is_opening))};
}

std::vector<base::Metric> metrics_of(const Counts& counts) {
  return {{"needs_count", static_cast<double>(counts.needs)},
          {"needs_admitted_count", static_cast<double>(counts.admitted)},
          {"needs_blocked_count", static_cast<double>(counts.blocked)},
          {"needs_undecided_count", static_cast<double>(counts.undecided)},
          {"needs_with_unknown_party_count", static_cast<double>(counts.one_sided)},
          {"needs_dangling_count", static_cast<double>(counts.dangling)},
          {"unneeded_openings_count", static_cast<double>(counts.openings)}};
}

std::string summary_of(const Counts& counts, Unneeded unneeded) {
  std::string text = fmt::format("{} of {} admitted", counts.admitted, count_of(counts.needs, "needed flow"));
  if (counts.one_sided > 0) text += fmt::format(", {} with a party that no manifest has", counts.one_sided);
  if (unneeded == Unneeded::ignore) return text;
  return text + (counts.openings == 0 ? "; nothing else is open"
                                      : fmt::format("; {} that nobody needs", count_of(counts.openings, "opening")));
}

// A check that read no need and found no opening has proved nothing.
Result<void> check_something_is_needed(const CheckContext& context, const Counts& counts, const CheckOutcome& outcome) {
  if (counts.needs > 0 || outcome.verdict == base::Verdict::fail) return {};
  return base::input_error("the manifests tell of no needed flow here", context.where(),
                           "state the flows in \"flows\", ask about more, or make a claim (net.must, net.only)");
}

// As of every check: what is not known never becomes a pass.
void keep_unknown_undecided(CheckOutcome& outcome) {
  const auto unknown = std::ranges::find_if(outcome.findings, [](const Finding& finding) {
    return finding.rule == "net.undecided-need" && finding.severity > base::Severity::info;
  });
  if (outcome.verdict != base::Verdict::pass || unknown == outcome.findings.end()) return;
  outcome.verdict = base::Verdict::error;
  outcome.summary = unknown->message;
}

void fail_by_openings(Unneeded unneeded, CheckOutcome& outcome) {
  const auto opening = std::ranges::find_if(outcome.findings, is_opening);
  if (unneeded != Unneeded::fail || opening == outcome.findings.end() || outcome.verdict == base::Verdict::fail) return;
  outcome.verdict = base::Verdict::fail;
  outcome.summary = opening->message;
}

void attach(const report::JudgedNeeds& judged, CheckOutcome& outcome) {
  constexpr int kWidth = 120;
  outcome.artifacts.push_back(
      {.name = "needs.txt", .media_type = "text/plain", .content = report::render_needs(judged, {.width = kWidth})});
  outcome.artifacts.push_back(
      {.name = "needs.json", .media_type = "application/json", .content = report::render_needs_json(judged)});
}

Result<CheckOutcome> run(CheckContext& context) {
  const Question question = TRY(read_question(context.block));
  netpol::AnalysisOptions options = TRY(analysis_options(context.block, question));
  options.profile = TRY(read_plugin(context));
  NeededFlowsOrProblem loaded = TRY(load_needed_flows(context, options));
  if (auto* problem = std::get_if<Finding>(&loaded)) return fail_by(std::move(*problem));
  const NeededFlows& flows = std::get<NeededFlows>(loaded);
  const NeedScope scope = TRY(find_scope(question, flows.reach));
  // From here on only what was asked about.
  const netpol::Needs needs = netpol::select_needs(flows.reach, flows.needs, scope);
  Judgement judgement = netpol::judge_needs(flows.reach, flows.needs, scope);
  if (question.unneeded == Unneeded::ignore) {
    judgement.openings.clear();
    std::erase_if(judgement.findings, is_opening);
  }
  const Counts counts = count(needs, judgement);

  CheckOutcome outcome;
  outcome.summary = summary_of(counts, question.unneeded);
  outcome.metrics = metrics_of(counts);
  outcome.findings = judgement.findings;
  std::ranges::move(netpol::report_unjudged(flows.snapshot), std::back_inserter(outcome.findings));
  attach({.reach = flows.reach, .needs = needs, .judgement = judgement}, outcome);
  conclude(outcome);
  fail_by_openings(question.unneeded, outcome);
  keep_unknown_undecided(outcome);
  TRY(check_something_is_needed(context, counts, outcome));
  return outcome;
}

}  // namespace

const CheckType kNetNeeds = {.name = "net.needs",
                             .summary = "every needed flow is admitted, and nothing else is open",
                             .fields = kFields,
                             .version = 3,
                             .run = run,
                             .missing_engine = {},
                             .validate = validate};

}  // namespace gantry::launch
