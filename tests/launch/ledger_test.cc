#include "launch/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gantry::launch {
namespace {

using Status = PhaseStatus;

// The table of the launch reference, §2.3, and what is not in it.
struct Case {
  const char* what;
  const char* phase;
  Status from, to;
  PhaseFacts facts;
  const char* refusal;  // "" when it is allowed
};

PhaseFacts with(PhaseFacts facts, auto change) {
  change(facts);
  return facts;
}

TEST(Ledger, AllowsExactlyTheTransitionsOfTheReference) {
  const PhaseFacts accepted{.reason = "no screens", .accepted_risk = "low", .fallback = "manual"};
  const Case cases[] = {
      {"the first phase starts", "PLAN", Status::not_started, Status::in_progress, {}, ""},
      {"after a complete phase",
       "RESEARCH",
       Status::not_started,
       Status::in_progress,
       {.previous = Status::complete},
       ""},
      {"after a touched phase",
       "RESEARCH",
       Status::not_started,
       Status::in_progress,
       {.previous = Status::touched},
       ""},
      {"after one that is not done",
       "RESEARCH",
       Status::not_started,
       Status::in_progress,
       {.previous = Status::in_progress},
       "RESEARCH may not start: the phase before it is in_progress"},
      {"after one that has not begun",
       "QA",
       Status::not_started,
       Status::in_progress,
       {.previous = Status::not_started},
       "QA may not start: the phase before it is not_started"},

      {"touched with a record", "QA", Status::in_progress, Status::touched, {.has_record_of_work = true}, ""},
      {"touched without", "QA", Status::in_progress, Status::touched, {}, "QA is not touched without a record of work"},

      {"complete with its artefact",
       "IMPLEMENT",
       Status::in_progress,
       Status::complete,
       {.has_minimal_artefact = true},
       ""},
      {"complete from anywhere",
       "IMPLEMENT",
       Status::not_started,
       Status::complete,
       {.has_minimal_artefact = true},
       ""},
      {"complete without",
       "IMPLEMENT",
       Status::in_progress,
       Status::complete,
       {},
       "IMPLEMENT is not complete without manifests that render and are valid"},
      {"complete without fresh evidence",
       "TEST",
       Status::touched,
       Status::complete,
       {},
       "TEST is not complete without fresh evidence of load and rehearsal checks"},

      {"skipped, accepted", "DEVELOP", Status::not_started, Status::skipped, accepted, ""},
      {"skipped without a reason",
       "DEVELOP",
       Status::not_started,
       Status::skipped,
       {},
       "DEVELOP may not be skipped without a recorded reason"},
      {"skipped without a risk",
       "DEVELOP",
       Status::not_started,
       Status::skipped,
       {.reason = "r"},
       "DEVELOP may not be skipped without a recorded accepted risk"},
      {"skipped without a fallback",
       "DEVELOP",
       Status::not_started,
       Status::skipped,
       {.reason = "r", .accepted_risk = "a"},
       "DEVELOP may not be skipped without a recorded fallback"},
      {"IMPLEMENT is never skipped", "IMPLEMENT", Status::not_started, Status::skipped, accepted,
       "IMPLEMENT may not be skipped"},
      {"TEST that a criterion needs", "TEST", Status::not_started, Status::skipped,
       with(accepted, [](PhaseFacts& f) { f.has_dependent_criterion = true; }),
       "TEST may not be skipped while an exit criterion depends on it"},
      {"QA that a criterion needs", "QA", Status::touched, Status::skipped,
       with(accepted, [](PhaseFacts& f) { f.has_dependent_criterion = true; }),
       "QA may not be skipped while an exit criterion depends on it"},
      {"TEST that no criterion needs", "TEST", Status::not_started, Status::skipped, accepted, ""},

      {"deferred to a place", "MEASURE", Status::not_started, Status::deferred,
       with(accepted, [](PhaseFacts& f) { f.picked_up_in = "phase 8"; }), ""},
      {"deferred to nowhere", "MEASURE", Status::not_started, Status::deferred, accepted,
       "MEASURE may not be deferred without saying where it is picked up"},

      {"completion taken back", "QA", Status::complete, Status::in_progress, {.reason = "policy changed"}, ""},
      {"completion taken back silently",
       "QA",
       Status::complete,
       Status::in_progress,
       {},
       "QA may not be taken back from complete without a recorded reason"},

      {"no change", "QA", Status::touched, Status::touched, {}, ""},
      {"back to nothing", "QA", Status::complete, Status::not_started, accepted,
       "QA does not go from complete to not_started"},
      {"touched without progress",
       "QA",
       Status::not_started,
       Status::touched,
       {.has_record_of_work = true},
       "QA does not go from not_started to touched"},
      {"an unknown phase",
       "LUNCH",
       Status::not_started,
       Status::in_progress,
       {},
       "'LUNCH' is none of the eleven phases"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(refuse_transition(c.phase, c.from, c.to, c.facts).value_or(""), c.refusal) << c.what;
  }
}

TEST(Ledger, RunMovesOnlyTheLaterPhases) {
  std::vector<std::string_view> moved;
  for (const std::string_view phase : kPhases) {
    if (run_moves_phase(phase)) moved.push_back(phase);
  }
  EXPECT_THAT(moved, testing::ElementsAre("IMPLEMENT", "QA", "TEST", "EDUCATE", "MEASURE", "REFLECT"));
  EXPECT_FALSE(run_moves_phase("DETACH"));
}

TEST(Ledger, EveryPhaseHasAMinimalArtefact) {
  for (const std::string_view phase : kPhases) EXPECT_NE(minimal_artefact(phase), "") << phase;
  EXPECT_EQ(minimal_artefact("LUNCH"), "");
}

TEST(Ledger, ThePreviousPhaseIsTheNearestThatIsNotSkipped) {
  const base::Result<Plan> plan = Plan::parse(
      "ledger: {PLAN:complete, RESEARCH:touched, DEVELOP:skipped, STRATEGIZE:skipped}\n\n### Track A: T\n1. s\n",
      "p.md");
  ASSERT_TRUE(plan);
  EXPECT_EQ(previous_status(*plan, "PLAN"), std::nullopt);
  EXPECT_EQ(previous_status(*plan, "RESEARCH"), Status::complete);
  EXPECT_EQ(previous_status(*plan, "CROSS-SYNERGIZE"), Status::touched);
  EXPECT_EQ(previous_status(*plan, "IMPLEMENT"), Status::not_started);  // not listed
  EXPECT_EQ(previous_status(*plan, "LUNCH"), std::nullopt);
}

}  // namespace
}  // namespace gantry::launch
