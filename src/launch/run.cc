// A run, top to bottom: read the plan, bind its steps, run what has no fresh evidence, judge, write the documents.

#include "launch/launch.h"

#include "base/digest.h"
#include "base/version.h"
#include "launch/documents.h"
#include "launch/execute.h"
#include "launch/gate.h"
#include "launch/session.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::launch {

using base::Result;
using report::Board;

namespace {

// Everything is settled but the steps that wait for exactly that.
bool only_after_go_is_open(const Board& board, const Session& session) {
  return !board.blockers.empty() && std::ranges::all_of(board.blockers, [&session](const report::Blocker& blocker) {
    const auto step = std::ranges::find(session.bound.steps, blocker.subject, &StepBindings::step);
    return step != session.bound.steps.end() && is_after_go(*step) && blocker.state == report::State::unverified;
  });
}

// A misspelt step would otherwise be a run of nothing.
Result<void> require_known(const std::vector<std::string>& only, const Plan& plan) {
  std::vector<std::string_view> known;
  for (const PlanTrack& track : plan.tracks) {
    known.push_back(track.id);
    for (const PlanStep& step : track.steps) known.push_back(step.id);
  }
  for (const std::string& each : only)
    if (std::ranges::find(known, each) == known.end())
      return base::usage_error(fmt::format("the plan has no track or step \"{}\"", each),
                               fmt::format("it has {}", fmt::join(known, ", ")));
  return {};
}

}  // namespace

Result<Board> run_plan(const Workspace& workspace, const RunOptions& options) {
  const base::Timestamp started = options.clock.now();
  Session session = TRY(open_session(workspace));
  TRY(require_known(options.only, session.plan));
  const std::unique_ptr<EvidenceStore> store = TRY(open_store(session.store_directory(), StoreAccess::read_write));
  TRY(session.read_statements(*store));

  // Each check runs once, however many steps it decides. From here on every binding has a state.
  Executor executor(session, *store, options);
  TRY(executor.run(Stage::before_go));
  Board board = judge(session.gate_inputs(options.clock.now()));
  if (only_after_go_is_open(board, session)) {
    TRY(executor.run(Stage::after_go));
    board = judge(session.gate_inputs(options.clock.now()));
  }

  // Documents show what was found; they never decide anything.
  std::int64_t retries_written = 0;
  board.changed_files = executor.written();
  if (options.writes == Writes::documents) {
    retries_written = TRY(store->unwritten_retries(workspace.plan_name)) + executor.retries();
    const std::vector<std::string> changes = TRY(write_documents(session, board, retries_written));
    board.changed_files.insert(board.changed_files.end(), changes.begin(), changes.end());
  }
  board.checks_run = executor.checks_run();
  board.checks_reused = executor.checks_reused();
  TRY(store->add(RunRecord{.plan_file = workspace.plan_name,
                           .plan_digest = base::sha256_hex(session.plan.text()),
                           .gantry_version = std::string(base::version()),
                           .environment = session.environment,
                           .decision = std::string(to_string(board.decision)),
                           .started = started,
                           .finished = options.clock.now(),
                           .retries = executor.retries(),
                           .retries_written = retries_written}));
  return board;
}

Result<Board> judge_plan(const Workspace& workspace, const base::Clock& clock) {
  Session session = TRY(open_session(workspace));
  const std::unique_ptr<EvidenceStore> store = TRY(open_store(session.store_directory(), StoreAccess::read_only));
  TRY(session.read_statements(*store));
  TRY(recall_evidence(session, *store, clock.now()));
  return judge(session.gate_inputs(clock.now()));
}

Result<Board> describe_plan(const Workspace& workspace, const base::Clock& clock) {
  const Session session = TRY(open_session(workspace));
  return judge(session.gate_inputs(clock.now()));
}

}  // namespace gantry::launch
