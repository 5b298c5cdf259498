// Every row and rule of the network policy reference, sections 2 to 12, as scenarios with a written answer and its reason
// (tests/netpol/scenarios). Each flow is asked of the engine in all ways that people have (explain, query, claims) and of the
// twin, which is believed elsewhere: here it is tested itself.

#include "netpol/scenario.h"
#include "netpol/twin.h"
#include "support/golden.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace gantry::netpol {
namespace {

using kube::Direction;

// ---- Reasons, in few words ----

std::string join_places(const std::vector<RulePlace>& places) {
  std::vector<std::string> texts;
  for (const RulePlace& place : places) texts.push_back(to_string(place));
  return fmt::format("{}", fmt::join(texts, " and "));
}

std::string reason(const SideExplanation& side) {
  if (side.access == Access::depends && !side.admitting.empty() && !side.denying.empty())
    return fmt::format("{} and {}", join_places(side.admitting), join_places(side.denying));
  if (!side.denying.empty() && side.access != Access::yes) return join_places(side.denying);
  if (side.access == Access::no && !side.refusals.empty())
    return fmt::format("{} lacks {}", to_string(side.refusals.front().place), to_string(side.refusals.front().missed));
  if (side.admitting.empty()) return std::string(to_string(side.decided_by));
  return join_places(side.admitting);
}

// The sides that decided: "ingress: NetworkPolicy shop/one ingress[0].from[0]".
std::string reason(const Explanation& why) {
  std::vector<std::string> parts;
  for (const SideExplanation* side : {&why.egress, &why.ingress}) {
    const bool says_something = side->decided_by != DecidedBy::nothing && side->decided_by != DecidedBy::not_policed;
    if (why.access == Access::yes ? says_something : side->access == why.access)
      parts.push_back(fmt::format("{}: {}", to_string(side->direction), reason(*side)));
  }
  if (!parts.empty()) return fmt::format("{}", fmt::join(parts, "; "));
  const bool is_policed =
      why.egress.decided_by != DecidedBy::not_policed && why.ingress.decided_by != DecidedBy::not_policed;
  return is_policed ? "nothing isolates" : "not policed";
}

std::string topics(const std::vector<ProfileTopic>& topics) {
  std::vector<std::string_view> names;
  for (const ProfileTopic topic : topics) names.push_back(to_string(topic));
  return fmt::format("{}", fmt::join(names, ", "));
}

// Every place is one of the scenario's own policies.
void expect_places(const Explanation& why, const Scenario& scenario) {
  std::vector<RulePlace> places;
  for (const SideExplanation* side : {&why.egress, &why.ingress}) {
    places.insert(places.end(), side->admitting.begin(), side->admitting.end());
    places.insert(places.end(), side->denying.begin(), side->denying.end());
    for (const Refusal& refusal : side->refusals) places.push_back(refusal.place);
  }
  for (const RulePlace& place : places) {
    ASSERT_TRUE(place.where.file != nullptr) << to_string(place);
    EXPECT_EQ(*place.where.file, *scenario.written.pos().file) << to_string(place);
    EXPECT_GE(place.where.line, scenario.written.pos().line) << to_string(place);
  }
}

// ---- Flows ----

struct End {
  TwinEnd twin;
  EndpointId id{0};
};

struct Asked {
  const Scenario& scenario;
  AskedFlow flow;
  AnalysisOptions options;
  kube::Snapshot snapshot;
  Reachability reach;
  TwinWorld world;
  End source = {};
  End destination = {};

  TwinFlow twin_flow(kube::IpFamily family) const {
    return {.source = source.twin,
            .destination = destination.twin,
            .family = family,
            .protocol = flow.protocol,
            .port = flow.port};
  }
  Flow engine_flow(kube::IpFamily family) const {
    return {.source = source.id,
            .destination = destination.id,
            .protocol = flow.protocol,
            .port = flow.port,
            .family = family};
  }
  bool is_loopback() const { return source.twin.pod != nullptr && source.twin.pod == destination.twin.pod; }
  std::vector<kube::IpFamily> families() const {
    std::vector<kube::IpFamily> families;
    for (const kube::IpFamily family : {kube::IpFamily::v4, kube::IpFamily::v6})
      if (speaks(source, family) && speaks(destination, family)) families.push_back(family);
    return families;
  }
  bool speaks(const End& end, kube::IpFamily family) const {
    if (end.twin.pod == nullptr) return end.twin.address.family == family;
    const auto is_of = [family](const kube::IpAddress& address) { return address.family == family; };
    return std::ranges::any_of(end.twin.pod->addresses, is_of);
  }
};

End find_end(const Asked& asked, const std::string& text) {
  const Endpoints& endpoints = asked.reach.endpoints();
  if (const std::optional<kube::IpAddress> address = kube::IpAddress::parse(text))
    return {{.pod = nullptr, .address = *address}, *endpoints.region_of(*address)};
  for (std::size_t i = 0; i < asked.world.pods.size(); ++i) {
    const TwinPod& pod = asked.world.pods[i];
    if (i < asked.snapshot->pods.size()) {
      if (pod.name_space + "/" + pod.name != text) continue;
      return {{.pod = &pod, .address = {}}, *endpoints.class_of(i)};
    }
    for (std::uint32_t id = 0; pod.name == text && id < endpoints.pod_class_count(); ++id)
      if (endpoints[EndpointId(id)].name == text) return {{.pod = &pod, .address = {}}, EndpointId(id)};
  }
  ADD_FAILURE() << "no pod " << text;
  return {};
}

// Topics whose other answer turns the twin's verdict.
std::vector<ProfileTopic> topics_of_twin(const Asked& asked, Access verdict) {
  std::vector<ProfileTopic> turning;
  for (unsigned i = 0; i <= static_cast<unsigned>(ProfileTopic::admin_tiers); ++i) {
    const auto topic = static_cast<ProfileTopic>(i);
    TwinWorld other = asked.world;
    other.profile = asked.options.profile.flipped(topic);
    if (complete(other, asked.twin_flow(asked.flow.family)).value_or(verdict) != verdict) turning.push_back(topic);
  }
  return turning;
}

void expect_answer_of_query(const Asked& asked, const Question& question, Access worst, Access best) {
  const base::Result<Answer> answered = answer(asked.reach, question);
  ASSERT_TRUE(answered) << base::describe(answered.error());
  EXPECT_EQ(to_string(answered->access), to_string(worst == best ? worst : Access::depends)) << "query";
  EXPECT_EQ(answered->note.empty(), answered->access != Access::depends && answered->depends_on.empty());
}

// Who can choose the family needs one that is open, and has one that is not closed.
ClaimVerdict verdict_for(ClaimKind kind, Access access) {
  if (access == Access::depends) return ClaimVerdict::depends;
  return (access == Access::yes) == (kind == ClaimKind::must) ? ClaimVerdict::proved : ClaimVerdict::refuted;
}

// "must" and "never" say of a flow what its verdict says.
void expect_claims(const Asked& asked, const Question& question, Access best) {
  const bool is_about_pods = question.destination.workload && (question.source.workload || question.source.range);
  if (asked.is_loopback() || !is_about_pods) return;
  for (const ClaimKind kind : {ClaimKind::must, ClaimKind::never}) {
    const Claim claim{.kind = kind,
                      .world = World::closed,
                      .name = {},
                      .destinations = {question.destination},
                      .ports = {{.protocol = asked.flow.protocol, .port = asked.flow.port, .where = {}}},
                      .sources = {question.source},
                      .needed = {},
                      .pod_ranges = {},
                      .where = asked.scenario.written.pos()};
    const base::Result<ClaimResult> result = judge_claim(asked.reach, claim);
    // A claim about a port that a pod does not declare, though it declares others, is a mistake.
    if (!result && result.error().message.contains("declares port")) continue;
    ASSERT_TRUE(result) << base::describe(result.error());
    EXPECT_EQ(to_string(result->verdict), to_string(verdict_for(kind, best)))
        << to_string(claim) << ": " << result->summary;
  }
}

std::string judge_flow(const Asked& asked, const Question& question) {
  const Scenario& scenario = asked.scenario;
  const std::string expected = scenario.text("expected");
  const Explanation why = asked.reach.explain(asked.engine_flow(asked.flow.family));
  EXPECT_EQ(to_string(why.access), expected) << why.sentence;
  EXPECT_EQ(reason(why), scenario.text("by")) << why.sentence;
  EXPECT_EQ(topics(why.depends_on), fmt::format("{}", fmt::join(scenario.list("depends-on"), ", ")));
  expect_places(why, scenario);

  Access worst = Access::yes;
  Access best = Access::no;
  for (const kube::IpFamily family : asked.families()) {
    const std::optional<Access> completed = complete(asked.world, asked.twin_flow(family));
    EXPECT_TRUE(completed);
    if (!completed) return {};
    if (!asked.is_loopback()) {
      EXPECT_EQ(to_string(judge(asked.world, asked.twin_flow(family)).access), to_string(*completed)) << "the twin";
    }
    EXPECT_EQ(to_string(asked.reach.access(asked.engine_flow(family))), to_string(*completed)) << "the engine";
    if (family == asked.flow.family) {
      EXPECT_EQ(to_string(*completed), expected) << "the twin, completing";
      EXPECT_EQ(topics(topics_of_twin(asked, *completed)), topics(why.depends_on)) << "the twin, turned";
    }
    worst = std::min(worst, *completed);
    best = std::max(best, *completed);
  }
  expect_answer_of_query(asked, question, worst, best);
  expect_claims(asked, question, best);
  const std::string depends = why.depends_on.empty() ? "the same everywhere" : "depends on " + topics(why.depends_on);
  return fmt::format("{}: {}\n  {}\n  {}\n", scenario.text("flow"), to_string(why.access), why.sentence, depends);
}

std::string ask_flow(const Scenario& scenario, const kube::Snapshot& snapshot) {
  const AskedFlow flow = AskedFlow::parse(scenario.text("flow"));
  const base::Result<Question> question = parse_question(flow.source, flow.destination_and_port);
  EXPECT_TRUE(question);
  if (!question) return {};
  AnalysisOptions options = scenario.options;
  add_to(options.endpoints, {*question});
  const base::Result<Reachability> reach = analyse(snapshot, options);
  EXPECT_TRUE(reach);
  if (!reach) return {};
  if (scenario.has("error")) {
    const base::Result<Answer> answered = answer(*reach, *question);
    EXPECT_FALSE(answered);
    return answered ? std::string() : fmt::format("{}: {}\n", scenario.text("flow"), answered.error().message);
  }
  Asked asked{.scenario = scenario,
              .flow = flow,
              .options = options,
              .snapshot = snapshot,
              .reach = *reach,
              .world = make_twin_world(snapshot, options)};
  asked.source = find_end(asked, flow.source);
  asked.destination = find_end(asked, flow.destination);
  if (scenario.has("as-read")) {
    options.without_rejected = false;
    const base::Result<Reachability> as_read = analyse(snapshot, options);
    EXPECT_TRUE(as_read);
    if (!as_read) return {};
    EXPECT_EQ(to_string(as_read->access(asked.engine_flow(flow.family))), scenario.text("as-read"));
    EXPECT_EQ(to_string(*complete(make_twin_world(snapshot, options), asked.twin_flow(flow.family))),
              scenario.text("as-read"))
        << "the twin";
  }
  return judge_flow(asked, *question);
}

// ---- Claims ----

std::string show(const base::Finding& finding) {
  return fmt::format("  {} {} {}: {}\n", finding.rule, to_string(finding.severity), finding.object, finding.message);
}

base::Result<ClaimResult> judge(const Scenario& scenario, const kube::Snapshot& snapshot, const Claim& claim) {
  AnalysisOptions options = scenario.options;
  add_to(options.endpoints, {claim});
  if (!is_about_sets(claim.kind)) return judge_claim(TRY(analyse(snapshot, options)), claim);
  const kube::Snapshot others = TRY(kube::build_snapshot(scenario.others));
  return judge_sets({.system = snapshot, .policies = snapshot, .others = others}, claim, options);
}

std::string ask_claim(const Scenario& scenario, const kube::Snapshot& snapshot) {
  const base::Node list = base::Node(base::Node::Array{*scenario.written.get("claim")}, scenario.written.pos());
  const base::Result<std::vector<Claim>> claims = parse_claims(list);
  EXPECT_TRUE(claims) << base::describe(claims.error());
  if (!claims) return {};
  const Claim& claim = claims->front();
  const base::Result<ClaimResult> result = judge(scenario, snapshot, claim);
  if (scenario.has("error")) {
    EXPECT_FALSE(result);
    return result ? std::string() : fmt::format("{}: {}\n", to_string(claim), result.error().message);
  }
  EXPECT_TRUE(result) << base::describe(result.error());
  if (!result) return {};
  EXPECT_EQ(to_string(result->verdict), scenario.text("expected")) << result->summary;
  EXPECT_EQ(result->summary, scenario.text("by"));
  EXPECT_EQ(topics(result->depends_on), fmt::format("{}", fmt::join(scenario.list("depends-on"), ", ")));
  std::string text = fmt::format("{}: {}\n  {}\n", to_string(claim), to_string(result->verdict), result->summary);
  for (const base::Finding& finding : result->findings) text += show(finding);
  return text;
}

// ---- Needs ----

std::string ports_of(const Need& need) {
  std::vector<unsigned> ports;
  for (const kube::Port port : need.ports) ports.push_back(port.value());
  return fmt::format("{}/{}", fmt::join(ports, ","), kube::to_string(need.protocol));
}

// What is needed, apart from DNS, and whether it is open: "shop/web -> data/db 5432/TCP: yes".
std::vector<std::string> judged_needs(const Reachability& reach, const Needs& needs, const Judgement& judgement) {
  std::vector<std::string> lines;
  const auto flow_of = [&](const Need& need, const std::string& ports) {
    return fmt::format("{} -> {} {}", to_string(need.source, reach.snapshot()),
                       to_string(need.destination, reach.snapshot()), ports);
  };
  const auto is_dns = [](const Need& need) { return need.evidence.front().origin == NeedOrigin::dns; };
  for (const JudgedNeed& judged : judgement.needs) {
    const Need& need = needs.needs[judged.need];
    const std::string port = fmt::format("{}/{}", judged.port.value(), kube::to_string(need.protocol));
    const std::string turns = judged.depends_on.empty() ? "" : ", depends on " + topics(judged.depends_on);
    if (!is_dns(need)) lines.push_back(fmt::format("{}: {}{}", flow_of(need, port), to_string(judged.access), turns));
  }
  for (const OneSidedNeed& judged : judgement.one_sided) {
    const Need& need = needs.needs[judged.need];
    if (!is_dns(need))
      lines.push_back(fmt::format("{}: {}, {} only", flow_of(need, ports_of(need)), to_string(judged.access),
                                  to_string(judged.side)));
  }
  for (const DanglingNeed& need : needs.dangling)
    lines.push_back(fmt::format("{} -> {}: {}", to_string(need.source, reach.snapshot()), need.host, need.reason));
  return lines;
}

// ---- Findings ----

std::vector<base::Finding> findings_of(const Reachability& reach, const Needs& needs, const Judgement& judgement) {
  std::vector<base::Finding> findings = lint(reach, needs);
  const auto add = [&](const std::vector<base::Finding>& more) {
    findings.insert(findings.end(), more.begin(), more.end());
  };
  add(judgement.findings);
  add(report_other_policies(reach.snapshot()));
  add(reach.snapshot()->findings);
  return findings;
}

// All of a rule that the scenario names.
std::string expect_findings(const Scenario& scenario, const std::vector<base::Finding>& findings) {
  std::string text;
  const auto has = [&](const std::string& rule) {
    return std::ranges::any_of(findings, [&](const base::Finding& finding) { return finding.rule == rule; });
  };
  for (const std::string& rule : scenario.list("finds")) {
    EXPECT_TRUE(has(rule)) << rule;
    for (const base::Finding& finding : findings)
      if (finding.rule == rule) text += show(finding);
  }
  for (const std::string& rule : scenario.list("finds-not")) EXPECT_FALSE(has(rule)) << rule;
  for (const std::string& message : scenario.list("refused")) {
    const auto says = [&](const base::Finding& finding) { return finding.message.contains(message); };
    EXPECT_TRUE(std::ranges::any_of(findings, says)) << message;
    EXPECT_TRUE(has("NP038") || has("NP039"));
  }
  return text;
}

std::string ask_needs(const Scenario& scenario, const kube::Snapshot& snapshot) {
  const base::Result<Reachability> reach = analyse(snapshot, scenario.options);
  EXPECT_TRUE(reach);
  if (!reach) return {};
  const Needs needs = infer_needs(snapshot);
  const Judgement judgement = judge_needs(*reach, needs);
  if (scenario.has("needs")) {
    EXPECT_EQ(fmt::format("{}", fmt::join(judged_needs(*reach, needs, judgement), "\n")),
              fmt::format("{}", fmt::join(scenario.list("needs"), "\n")));
  }
  std::string text;
  for (const std::string& line : judged_needs(*reach, needs, judgement)) text += fmt::format("  need {}\n", line);
  return (scenario.has("needs") ? text : "") + expect_findings(scenario, findings_of(*reach, needs, judgement));
}

// ---- All of them ----

std::string ask(const Scenario& scenario) {
  SCOPED_TRACE(scenario.name + ", " + scenario.where);
  const base::Result<kube::Snapshot> snapshot = kube::build_snapshot(scenario.documents);
  EXPECT_TRUE(snapshot) << base::describe(snapshot.error());
  if (!snapshot) return {};
  std::string text = fmt::format("== {}\n", scenario.name);
  if (scenario.has("flow")) text += ask_flow(scenario, *snapshot);
  if (scenario.has("claim")) text += ask_claim(scenario, *snapshot);
  return text + ask_needs(scenario, *snapshot);
}

class Scenarios : public testing::TestWithParam<std::string> {};

TEST_P(Scenarios, AreAsTheReferenceSays) {
  std::string text;
  for (const Scenario& scenario : read_scenarios(GetParam())) text += ask(scenario);
  EXPECT_TRUE(test::matches_golden(text, fmt::format("netpol/scenarios/{}.expected.txt", GetParam())));
}

INSTANTIATE_TEST_SUITE_P(Reference, Scenarios, testing::ValuesIn(scenario_files()),
                         [](const testing::TestParamInfo<std::string>& file) {
                           std::string name = "Section" + file.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

// The index knows every scenario, and no row is without one.
TEST(ScenarioIndex, ListsThemByRow) {
  std::map<std::string, std::string> by_row;
  std::set<std::string> names;
  for (const std::string& file : scenario_files())
    for (const Scenario& scenario : read_scenarios(file)) {
      EXPECT_TRUE(names.insert(scenario.name).second) << scenario.where << " has another's name";
      EXPECT_FALSE(scenario.rows.empty()) << scenario.where;
      for (const std::string& row : scenario.rows) {
        std::string& list = by_row[row];
        list += fmt::format("{}`{}`", list.empty() ? "" : ", ", scenario.name);
      }
    }
  for (const std::string& line : index_rows()) {
    const std::string row = line.substr(2, line.find(' ', 2) - 2);
    EXPECT_TRUE(by_row.contains(row)) << row << " has no scenario";
    EXPECT_TRUE(line.ends_with(fmt::format("| {} |", by_row[row]))) << line << "\nshould list\n" << by_row[row];
    by_row.erase(row);
  }
  for (const auto& [row, scenarios] : by_row) ADD_FAILURE() << "the index lacks row " << row << ": " << scenarios;
}

}  // namespace
}  // namespace gantry::netpol
