#include "launch/gate.h"

#include "launch/subjects.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace gantry::launch {
namespace {

using base::Evidence;
using base::Finding;
using base::Severity;
using base::Verdict;
using report::Decision;
using report::State;

constexpr CheckType kStatic = {
    .name = "manifests.valid", .summary = {}, .fields = {}, .version = 1, .run = nullptr, .missing_engine = {}};
constexpr CheckType kTag = {.name = "release.tag",
                            .summary = {},
                            .fields = {},
                            .version = 1,
                            .run = nullptr,
                            .missing_engine = {},
                            .after_go = true};
constexpr CheckType kSignoffCheck = {.name = "signoff",
                                     .summary = {},
                                     .fields = {},
                                     .version = 1,
                                     .run = nullptr,
                                     .missing_engine = {},
                                     .asks_people = true};

const base::Timestamp kNow = *base::parse_rfc3339("2026-01-10T12:00:00Z");
constexpr std::chrono::hours kDay{24};

// Two tracks of two and one steps, two criteria.
constexpr std::string_view kPlan =
    "# Launch\n\n"
    "### Track A: Verify (60%)\n1. First\n2. Second\n\n"
    "### Track B: Decide (40%)\n1. Third\n\n"
    "## Exit Criteria\n\n- [ ] Things verified\n- [x] Policies applied\n\n"
    "⟿[QA]\n";

Finding finding(std::string rule, Severity severity = Severity::high) {
  return {.rule = std::move(rule),
          .severity = severity,
          .object = "x",
          .where = {},
          .message = "m",
          .explanation = {},
          .fix = "mend it",
          .related = {}};
}

Evidence evidence(Verdict verdict, std::vector<Finding> findings = {}) {
  Evidence record;
  record.key = "key";
  record.check = "manifests.valid";
  record.verdict = verdict;
  record.summary = "summary";
  record.findings = std::move(findings);
  return record;
}

// A little launch whose parts each test bends.
struct Launch {
  Plan plan = *Plan::parse(std::string(kPlan), "plan.md");
  Config config;
  std::vector<StepBindings> bindings;
  std::map<std::string, CheckState> checks;
  std::vector<Waiver> waivers;
  std::vector<SignOff> sign_offs;
  std::vector<Finding> findings;

  Launch() {
    config.criteria[1] = {"A.1", "A.2"};
    config.criteria[2] = {"A.1"};
    for (const std::string_view step : {"A.1", "A.2", "B.1"})
      bindings.push_back({.step = std::string(step), .bindings = {}, .proposal = {}});
    bind("A.1", kStatic);
    bind("A.2", kStatic);
    prove("A.1", evidence(Verdict::pass));
    prove("A.2", evidence(Verdict::pass));
    checks.at("A.1").evidence->evidence_class = base::EvidenceClass::cluster;
    sign("B.1", Stance::approve);
  }

  void bind(std::string_view step, const CheckType& check) {
    const auto found = std::ranges::find(bindings, step, &StepBindings::step);
    found->bindings.push_back({.check = &check,
                               .block = {},
                               .key = std::string(step),
                               .subject = "subject",
                               .source = report::BindingSource::block,
                               .origin = {},
                               .where = {}});
  }
  void prove(const std::string& step, Evidence record) {
    checks[step] = {.evidence = std::move(record), .reused = false, .why_unverified = {}, .stale_because = {}};
  }
  void sign(const std::string& subject, Stance stance, std::chrono::hours valid_for = kDay, std::string who = "Ada") {
    sign_offs.push_back({.id = 0,
                         .subject = subject,
                         .digest = *subject_digest(inputs(), subject),
                         .stance = stance,
                         .who = std::move(who),
                         .role = "operations",
                         .note = {},
                         .signed_at = kNow,
                         .expires = kNow + valid_for});
  }
  void waive(const std::string& subject, std::vector<std::string> fingerprints, std::chrono::hours valid_for = kDay) {
    waivers.push_back({.id = 0,
                       .subject = subject,
                       .digest = scope_digest(inputs(), subject),
                       .fingerprints = std::move(fingerprints),
                       .why = "w",
                       .impact = "i",
                       .control = {},
                       .accepted_by = "Ada",
                       .role = "operations",
                       .issue = {},
                       .created = kNow - kDay,
                       .expires = kNow + valid_for});
  }
  GateInputs inputs() const {
    return {.plan = plan,
            .config = config,
            .bindings = bindings,
            .checks = checks,
            .waivers = waivers,
            .sign_offs = sign_offs,
            .findings = findings,
            .now = kNow,
            .environment = "files alone"};
  }
  report::Board judged() const { return judge(inputs()); }
  State step(std::string_view id) const {
    const report::Board board = judged();
    for (const report::TrackRow& track : board.tracks)
      for (const report::StepRow& row : track.steps)
        if (row.id == id) return row.state;
    return State::not_required;
  }
};

// A step with two checks that failed says what the first has to say, unless only the second blocks every launch.
TEST(Gate, LetsWhatBlocksEveryLaunchSpeakForTheStep) {
  const struct {
    Severity first, second;
    std::string_view summary;
  } cases[] = {
      {Severity::medium, Severity::medium, "first"},
      {Severity::medium, Severity::high, "second"},
      {Severity::high, Severity::critical, "first"},
      {Severity::high, Severity::low, "first"},
  };
  for (const auto& c : cases) {
    Launch launch;
    launch.bind("A.2", kStatic);
    launch.bindings[1].bindings[1].key = "another";
    launch.prove("A.2", evidence(Verdict::fail, {finding("a", c.first)}));
    launch.prove("another", evidence(Verdict::fail, {finding("b", c.second)}));
    launch.checks.at("A.2").evidence->summary = "first";
    launch.checks.at("another").evidence->summary = "second";
    const report::StepRow row = judge(launch.inputs()).tracks[0].steps[1];
    EXPECT_EQ(row.state, State::failed);
    EXPECT_EQ(row.summary, c.summary) << base::to_string(c.first) << ", " << base::to_string(c.second);
  }
}

// A waiver was given for something that was so bad; what has become much worse since is another risk.
TEST(Gate, LetsAWaiverCoverWhatItWasGivenFor) {
  const struct {
    std::string_view name;
    std::optional<double> extent, accepted;
    State state;
  } cases[] = {
      {"as bad", 1.5, 1.5, State::waived},
      {"less", 1.1, 1.5, State::waived},
      {"more, by no difference", 2.5, 1.5, State::waived},
      {"more", 2.6, 1.5, State::failed},
      {"accepted without an extent", 1.5, std::nullopt, State::failed},
      {"without an extent", std::nullopt, std::nullopt, State::waived},
      {"no longer with an extent", std::nullopt, 1.5, State::waived},
  };
  for (const auto& c : cases) {
    Launch launch;
    const Finding found = finding("load.compare-worse");
    Evidence record = evidence(Verdict::fail, {found});
    if (c.extent) record.extents.emplace(found.fingerprint(), *c.extent);
    launch.prove("A.2", std::move(record));
    launch.waive("A.2", {found.fingerprint()});
    if (c.accepted) launch.waivers.back().extents.emplace(found.fingerprint(), *c.accepted);
    const report::Board board = launch.judged();
    const report::StepRow& row = board.tracks[0].steps[1];
    EXPECT_EQ(row.state, c.state) << c.name;
    EXPECT_EQ(row.summary.contains("worse than what Ada accepted"), c.state == State::failed) << c.name << row.summary;
    EXPECT_EQ(board.waivers.front().fingerprints.size(), c.state == State::waived ? 1U : 0U) << c.name;
  }
  // What the launch was signed with is part of what was signed.
  Launch launch;
  launch.waive("A.2", {"f"});
  const std::string before = *subject_digest(launch.inputs(), "launch");
  launch.waivers.back().extents.emplace("f", 1.5);
  EXPECT_NE(before, *subject_digest(launch.inputs(), "launch"));
}

TEST(Gate, EverythingSettledIsGo) {
  const report::Board board = Launch().judged();
  EXPECT_EQ(board.decision, Decision::go);
  EXPECT_TRUE(board.blockers.empty());
  EXPECT_EQ(board.progress_percent, 100);
}

struct Case {
  std::string_view name;
  void (*bend)(Launch&);
  Decision decision;
  std::string_view blocker;  // the subject of the first blocker
};

// The rows of the reference's gate (launch, §8), each as the smallest launch that shows it.
const Case kCases[] = {
    {"rule 2: a check that could not decide is undecided",
     [](Launch& launch) { launch.prove("A.1", evidence(Verdict::error)); }, Decision::undecided, "A.1"},
    {"rule 2 outranks a failure elsewhere",
     [](Launch& launch) {
       launch.prove("A.1", evidence(Verdict::error));
       launch.prove("A.2", evidence(Verdict::fail));
     },
     Decision::undecided, "A.2"},
    {"rule 3: a halt marker",
     [](Launch& launch) { launch.plan = *Plan::parse(std::string(kPlan) + "\n⟂[BLOCKED:legal]\n", "plan.md"); },
     Decision::no_go, "plan"},
    {"rule 3: no marker at all is a halt without a reason, which no waiver lifts",
     [](Launch& launch) {
       std::string text(kPlan);
       launch.plan = *Plan::parse(text.erase(text.find("⟿")), "plan.md");
       launch.waive("plan", {launch.judged().plan_findings.front().fingerprint()});
     },
     Decision::no_go, "plan"},
    {"rule 3: a rejected step", [](Launch& launch) { launch.sign("B.1", Stance::reject, kDay, "Bob"); },
     Decision::no_go, "B.1"},
    {"rule 3: a rejected launch", [](Launch& launch) { launch.sign("launch", Stance::reject); }, Decision::no_go,
     "launch"},
    {"rule 4: a failed check", [](Launch& launch) { launch.prove("A.2", evidence(Verdict::fail, {finding("r")})); },
     Decision::no_go, "A.2"},
    {"rule 4: nothing has looked", [](Launch& launch) { launch.checks.erase("A.2"); }, Decision::no_go, "A.2"},
    {"rule 4: an unsigned human step", [](Launch& launch) { launch.sign_offs.clear(); }, Decision::no_go, "B.1"},
    {"rule 4: an expired sign-off",
     [](Launch& launch) {
       launch.sign_offs.clear();
       launch.sign("B.1", Stance::approve, std::chrono::hours(0));
     },
     Decision::no_go, "B.1"},
    {"rule 4: a criterion that says applied needs a live cluster",
     [](Launch& launch) { launch.checks.at("A.1").evidence->evidence_class = base::EvidenceClass::static_analysis; },
     Decision::no_go, "criterion 2"},
    {"rule 4: nor does a signature or a waiver of another deciding step lift that",
     [](Launch& launch) {
       launch.checks.at("A.1").evidence->evidence_class = base::EvidenceClass::static_analysis;
       launch.config.criteria[2] = {"A.1", "B.1"};
     },
     Decision::no_go, "criterion 2"},
    {"rule 4: a signature alone is no live evidence",
     [](Launch& launch) {
       launch.config.criteria.erase(2);
       launch.sign("criterion 2", Stance::approve);
     },
     Decision::no_go, "criterion 2"},
    {"rule 4: a waiver of the criterion itself accepts that",
     [](Launch& launch) {
       launch.checks.at("A.1").evidence->evidence_class = base::EvidenceClass::static_analysis;
       launch.waive("criterion 2", {});
     },
     Decision::go, ""},
    {"rule 4: a criterion that nothing decides", [](Launch& launch) { launch.config.criteria.erase(1); },
     Decision::no_go, "criterion 1"},
    {"rule 4: a criterion whose own block fails, whatever its steps say",
     [](Launch& launch) {
       launch.bindings.push_back({.step = "criterion 1", .bindings = {}, .proposal = {}});
       launch.bind("criterion 1", kStatic);
       launch.prove("criterion 1", evidence(Verdict::fail, {finding("r")}));
     },
     Decision::no_go, "criterion 1"},
    {"rule 5: a tick that evidence contradicts",
     [](Launch& launch) { launch.prove("A.1", evidence(Verdict::fail, {finding("r")})); }, Decision::no_go,
     "criterion 2"},
    {"rule 6: a blocking finding of a check that passed",
     [](Launch& launch) { launch.prove("A.2", evidence(Verdict::pass, {finding("r")})); }, Decision::no_go, "A.2"},
    {"rule 6: a finding below the policy's severity does not block",
     [](Launch& launch) { launch.prove("A.2", evidence(Verdict::pass, {finding("r", Severity::medium)})); },
     Decision::go, ""},
    {"rule 6: a blocking finding about the plan itself",
     [](Launch& launch) { launch.findings.push_back(finding("plan.handle-missing")); }, Decision::no_go, "x"},
    {"rule 7: a role that has not signed", [](Launch& launch) { launch.config.gate.required_roles = {"security"}; },
     Decision::no_go, "launch"},
    {"rule 7: a role that has signed",
     [](Launch& launch) {
       launch.config.gate.required_roles = {"operations"};
       launch.sign("launch", Stance::approve);
     },
     Decision::go, ""},
    {"rule 8: more waivers than the policy permits",
     [](Launch& launch) {
       launch.config.gate.waivers_max = 0;
       launch.waive("A.1", {"f"});
     },
     Decision::no_go, "waivers"},
    {"rule 8: waivers that together remove a track",
     [](Launch& launch) {
       launch.checks.clear();
       launch.waive("A.1", {});
       launch.waive("A.2", {});
     },
     Decision::no_go, "track A"},
};

class GateRules : public testing::TestWithParam<Case> {};

TEST_P(GateRules, Decide) {
  Launch launch;
  GetParam().bend(launch);
  const report::Board board = launch.judged();
  EXPECT_EQ(to_string(board.decision), to_string(GetParam().decision)) << GetParam().name;
  EXPECT_EQ(board.blockers.empty() ? "" : board.blockers.front().subject, GetParam().blocker) << GetParam().name;
}

INSTANTIATE_TEST_SUITE_P(Reference, GateRules, testing::ValuesIn(kCases));

TEST(Gate, AWaiverCoversTheFindingsItNamesAndNoOther) {
  Launch launch;
  launch.prove("A.2", evidence(Verdict::fail, {finding("known")}));
  launch.waive("A.2", {finding("known").fingerprint()});
  EXPECT_EQ(launch.step("A.2"), State::waived);
  launch.prove("A.2", evidence(Verdict::fail, {finding("known"), finding("new")}));
  EXPECT_EQ(launch.step("A.2"), State::failed);
}

TEST(Gate, AWaiverOfThePlanCoversTheFindingsItNamesAndNoOther) {
  Launch launch;
  launch.findings = {finding("plan.handle-missing")};
  launch.waive("plan", {finding("plan.handle-missing").fingerprint()});
  EXPECT_EQ(to_string(launch.judged().decision), to_string(Decision::go));
  launch.findings.push_back(finding("plan.mojibake"));
  EXPECT_EQ(to_string(launch.judged().decision), to_string(Decision::no_go));
  launch.waivers.front().subject = "A.1";  // a step's waiver says nothing about the plan
  launch.findings.pop_back();
  EXPECT_EQ(to_string(launch.judged().decision), to_string(Decision::no_go));
}

TEST(Gate, AWaiverNeverTurnsErrorIntoWaived) {
  Launch launch;
  launch.prove("A.2", evidence(Verdict::error, {finding("check.undecided")}));
  launch.waive("A.2", {});
  launch.waive("A.2", {finding("check.undecided").fingerprint()});
  EXPECT_EQ(launch.step("A.2"), State::undecided);
}

// "criterion 1" is another one when somebody writes a new first criterion.
TEST(Gate, AWaiverEndsWhenItsSubjectIsWordedOtherwise) {
  constexpr std::string_view kLapsed = "Ada's waiver no longer holds: what it was about has changed since";
  Launch launch;
  launch.checks.erase("A.2");
  launch.waive("A.2", {});
  launch.prove("A.1", evidence(Verdict::fail, {finding("known")}));
  launch.waive("A.1", {finding("known").fingerprint()});
  launch.config.criteria.clear();
  launch.waive("criterion 1", {});
  ASSERT_EQ(launch.step("A.1"), State::waived);
  ASSERT_EQ(launch.step("A.2"), State::waived);
  ASSERT_EQ(launch.judged().criteria.front().state, State::waived);
  std::string text(kPlan);
  text.replace(text.find("First"), 5, "Another first");
  text.replace(text.find("Second"), 6, "Another second");
  text.replace(text.find("- [ ] Things"), 5, "- [ ] One more\n- [ ]");
  launch.plan = *Plan::parse(text, "plan.md");
  const report::Board board = launch.judged();
  EXPECT_EQ(launch.step("A.1"), State::failed);
  EXPECT_EQ(launch.step("A.2"), State::unverified);
  EXPECT_EQ(board.criteria.front().state, State::unverified);
  EXPECT_TRUE(board.waivers.empty());
  EXPECT_NE(board.tracks.front().steps[1].summary.find(kLapsed), std::string::npos);
  EXPECT_NE(board.criteria.front().summary.find(kLapsed), std::string::npos);
}

// Recorded before waivers knew what they were about: findings are recognised again, a whole subject is not.
TEST(Gate, AWaiverWithoutADigestCoversFindingsOnly) {
  Launch launch;
  launch.checks.erase("A.2");
  launch.waive("A.2", {});
  launch.prove("A.1", evidence(Verdict::fail, {finding("known")}));
  launch.waive("A.1", {finding("known").fingerprint()});
  for (Waiver& waiver : launch.waivers) waiver.digest.clear();
  EXPECT_EQ(launch.step("A.1"), State::waived);
  EXPECT_EQ(launch.step("A.2"), State::unverified);
}

// Accepting that a criterion is not verified is no word about a failure that comes later.
TEST(Gate, AWaiverOfAWholeSubjectCoversNoFailure) {
  Launch launch;
  launch.checks.erase("A.1");
  launch.waive("criterion 1", {});
  EXPECT_EQ(launch.judged().criteria.front().state, State::waived);
  launch.prove("A.1", evidence(Verdict::fail, {finding("r")}));
  EXPECT_EQ(launch.judged().criteria.front().state, State::failed);
}

// Reference §7.2: a missing required sign-off may not be waived, neither by its finding nor as something that is not verified.
TEST(Gate, AWaiverNeverReplacesASignOff) {
  Launch launch;
  launch.bind("B.1", kSignoffCheck);
  launch.waive("B.1", {});
  launch.waive("B.1", {finding("signoff.missing").fingerprint()});
  EXPECT_EQ(launch.step("B.1"), State::unverified);
  launch.prove("B.1", evidence(Verdict::fail, {finding("signoff.missing")}));
  EXPECT_EQ(launch.step("B.1"), State::failed);
  // Nor where it stands under a criterion.
  Launch other;
  other.config.criteria.erase(1);
  other.bindings.push_back({.step = "criterion 1", .bindings = {}, .proposal = {}});
  other.bind("criterion 1", kSignoffCheck);
  other.waive("criterion 1", {});
  EXPECT_EQ(other.judged().criteria.front().state, State::unverified);
}

TEST(Gate, AnExpiredWaiverCoversNothing) {
  Launch launch;
  launch.prove("A.2", evidence(Verdict::fail, {finding("known")}));
  launch.waive("A.2", {finding("known").fingerprint()}, std::chrono::hours(0));
  EXPECT_EQ(launch.step("A.2"), State::failed);
}

TEST(Gate, ASignOffIsOfTheSubjectAsItWas) {
  Launch launch;
  ASSERT_EQ(launch.step("B.1"), State::signed_off);
  launch.plan = *Plan::parse(
      "# Launch\n\n### Track A: Verify\n1. First\n2. Second\n\n### Track B: Decide\n1. Third, and more\n", "plan.md");
  EXPECT_EQ(launch.step("B.1"), State::unverified);
}

TEST(Gate, AnApprovalDoesNotLiftAnotherPersonsRejection) {
  Launch launch;
  launch.sign("B.1", Stance::reject, kDay, "Bob");
  launch.sign("B.1", Stance::approve, kDay, "Ada");
  EXPECT_EQ(launch.step("B.1"), State::failed);
  launch.sign("B.1", Stance::approve, kDay, "Bob");
  EXPECT_EQ(launch.step("B.1"), State::signed_off);
}

TEST(Gate, EveryRejectionIsLiftedByItsOwnAuthor) {
  for (const std::string subject : {"B.1", "launch"}) {
    SCOPED_TRACE(subject);
    Launch launch;
    launch.sign(subject, Stance::reject, kDay, "Bob");
    launch.sign(subject, Stance::reject, kDay, "Cid");
    launch.sign(subject, Stance::approve, kDay, "Cid");
    EXPECT_EQ(launch.judged().decision, Decision::no_go) << "Bob has not changed his mind";
    launch.sign(subject, Stance::approve, kDay, "Bob");
    EXPECT_EQ(launch.judged().decision, Decision::go);
    launch.sign(subject, Stance::reject, kDay, "Bob");
    EXPECT_EQ(launch.judged().decision, Decision::no_go);
  }
}

// A role's approval holds for as long as whoever gave it does not reject.
TEST(Gate, ALaterRejectionTakesTheApprovalBack) {
  Launch launch;
  launch.config.gate.required_roles = {"operations"};
  launch.sign("launch", Stance::approve);
  launch.sign("launch", Stance::reject);
  const report::Board board = launch.judged();
  EXPECT_EQ(board.blockers.size(), 2U);
}

TEST(Gate, ASignatureDoesNotReplaceEvidence) {
  Launch launch;
  launch.checks.erase("A.2");
  launch.sign("A.2", Stance::approve);
  EXPECT_EQ(launch.step("A.2"), State::unverified);
}

TEST(Gate, TheTagWaitsForTheRestAndThenCounts) {
  Launch launch;
  std::ranges::find(launch.bindings, "B.1", &StepBindings::step)->bindings.clear();
  launch.sign_offs.clear();
  launch.bind("B.1", kTag);
  // Alone it is what is left.
  report::Board board = launch.judged();
  ASSERT_EQ(board.blockers.size(), 1U);
  EXPECT_EQ(board.blockers.front().subject, "B.1");
  // Beside something else it is no demand.
  launch.checks.erase("A.2");
  board = launch.judged();
  EXPECT_TRUE(
      std::ranges::none_of(board.blockers, [](const report::Blocker& blocker) { return blocker.subject == "B.1"; }));
  // Once it has failed, it stands in the way like anything.
  launch.prove("A.2", evidence(Verdict::pass));
  launch.prove("B.1", evidence(Verdict::fail, {finding("release.dirty-tree")}));
  EXPECT_EQ(launch.judged().decision, Decision::no_go);
}

TEST(Gate, AContradictedTickIsAFinding) {
  Launch launch;
  launch.prove("A.1", evidence(Verdict::fail, {finding("r")}));
  const report::Board board = launch.judged();
  EXPECT_TRUE(std::ranges::any_of(board.plan_findings,
                                  [](const Finding& found) { return found.rule == "doc.tick-contradicted"; }));
}

// Three-valued logic must not depend on the order in which evidence arrived.
TEST(Gate, TheOrderOfInputsDoesNotMatter) {
  Launch launch;
  launch.prove("A.2", evidence(Verdict::fail, {finding("a"), finding("b")}));
  launch.waive("A.2", {finding("a").fingerprint()});
  launch.waive("A.2", {finding("b").fingerprint()});
  launch.waive("A.1", {"f"});
  launch.sign("criterion 1", Stance::approve);
  const report::Board expected = launch.judged();
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::ranges::shuffle(launch.waivers, random);
    std::ranges::shuffle(launch.bindings, random);
    const report::Board board = launch.judged();
    EXPECT_EQ(board.decision, expected.decision);
    ASSERT_EQ(board.blockers.size(), expected.blockers.size());
    for (std::size_t i = 0; i < board.blockers.size(); ++i)
      EXPECT_EQ(board.blockers[i].subject, expected.blockers[i].subject);
  }
}

TEST(Gate, SigningSomethingUnknownNamesTheSubjects) {
  const Launch launch;
  const base::Result<std::string> digest = subject_digest(launch.inputs(), "Z.9");
  ASSERT_FALSE(digest);
  EXPECT_EQ(digest.error().kind, base::ErrorKind::usage);
  EXPECT_NE(digest.error().help.find("A.1, A.2, B.1"), std::string::npos);
}

}  // namespace
}  // namespace gantry::launch
