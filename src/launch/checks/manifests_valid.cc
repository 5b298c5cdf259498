// manifests.valid, top to bottom: load what is judged and what it may refer to, then ask each kind of object what it refers to,
// and last whether another path of the plan says something else about the same objects.

#include "launch/checks/checks.h"
#include "launch/checks/references/disagreements.h"
#include "launch/checks/references/references.h"
#include "launch/checks/references/world.h"
#include "launch/checks/system/fields.h"
#include "launch/checks/system/loading.h"
#include "launch/checks/system/outcome.h"

#include <fmt/format.h>

#include <array>

namespace gantry::launch {

using base::Finding;
using base::Result;

namespace {

constexpr std::array kFields = {kPathField, kRawField, kRecursiveField, kIntoField};

void judge_references(const World& world, const kube::Snapshot& judged, std::vector<Finding>& findings) {
  judge_namespaces(world, judged, findings);
  judge_pod_references(world, judged, findings);
  judge_services(world, judged, findings);
  judge_routes(world, judged, findings);
  judge_targets(world, judged, findings);
  judge_policies(world, judged, findings);
  judge_access(world, judged, findings);
}

Result<CheckOutcome> run(CheckContext& context) {
  LoadedManifests judged = TRY(load_block(context));
  if (judged.problem) return fail_by(*std::move(judged.problem));
  LoadedManifests system = TRY(load_world(context));
  if (system.problem) return fail_by(*std::move(system.problem));
  // What the path brings along exists once it is applied, whether or not the system has it.
  const World world(TRY(join_snapshots(system.snapshot(), judged.snapshot())));

  CheckOutcome outcome;
  outcome.findings = judged.snapshot()->findings;
  judge_references(world, judged.snapshot(), outcome.findings);
  TRY(judge_disagreements(context, *judged.manifests, *system.manifests, outcome.findings));

  const kube::Snapshot& snapshot = judged.snapshot();
  outcome.summary = fmt::format("{} of {} are valid, and what they refer to is there",
                                count_of(snapshot->objects.size(), "object"), describe(*judged.manifests));
  outcome.metrics = object_counts(snapshot);
  conclude(outcome);
  return outcome;
}

}  // namespace

const CheckType kManifestsValid = {
    .name = "manifests.valid",
    .summary = "the objects are valid, refer to what is there, and say the same wherever they come from",
    .fields = kFields,
    .version = 1,
    .run = run,
    .missing_engine = {}};

}  // namespace gantry::launch
