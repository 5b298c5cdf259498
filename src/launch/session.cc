#include "launch/session.h"

#include "base/json.h"
#include "launch/checks/load/plan_targets.h"
#include "launch/four_eyes.h"
#include "launch/roots.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

namespace gantry::launch {

namespace fs = std::filesystem;
using base::Result;

namespace {

Result<std::string> read_plan(const Workspace& workspace) {
  // The plan may lie outside the workspace that it launches, so it is read by its own folder.
  const fs::path path(workspace.plan_path);
  const std::unique_ptr<base::FileSystem> folder = TRY(base::open_directory(path.parent_path().string()));
  return base::with_context(folder->read(path.filename().string(), kPlanBytesMax),
                            fmt::format("cannot read the launch plan {}", workspace.plan_name));
}

}  // namespace

Result<Workspace> open_workspace(const std::string& plan_path, const std::optional<std::string>& root) {
  std::error_code failure;
  const fs::path plan = fs::weakly_canonical(fs::absolute(plan_path, failure), failure);
  if (failure || !fs::exists(plan, failure))
    return base::usage_error(fmt::format("there is no plan {}", plan_path),
                             "name the Markdown file of the launch plan");
  if (fs::is_directory(plan, failure))
    return base::usage_error(fmt::format("{} is a folder", plan_path), "name the Markdown file of the launch plan");
  Workspace workspace;
  workspace.plan_path = plan.string();
  const fs::path chosen = root ? fs::weakly_canonical(fs::absolute(*root, failure), failure)
                               : find_marked_folder(plan.parent_path()).value_or(plan.parent_path());
  if (!fs::is_directory(chosen, failure))
    return base::usage_error(fmt::format("the workspace {} is no folder", root.value_or(chosen.string())),
                             "name the folder that is launched");
  workspace.root = chosen.string();
  workspace.plan_name = path_below(chosen, plan).value_or(plan_path);
  workspace.files = TRY(base::open_directory(workspace.root));
  return workspace;
}

Result<Session> open_session(const Workspace& workspace) {
  std::string text = TRY(read_plan(workspace));
  Plan plan = TRY(Plan::parse(std::move(text), workspace.plan_name));
  Config config = TRY(load_config(*workspace.files));
  const std::string plan_directory = path_below(workspace.root, workspace.plan_path)
                                         ? std::string(base::directory_of(workspace.plan_name))
                                         : std::string();
  auto digests = std::make_unique<InputDigests>(*workspace.files, workspace.environment);
  // What gantry.yaml gives to all blocks of a kind: evidence that was won with other words is stale.
  digests->remember("option:drain", base::dump_json(config.drain));
  digests->remember("option:load", base::dump_json(config.load.text));
  digests->remember(std::string(kPlanTargets), targets_text(plan));
  auto manifests = std::make_unique<ManifestCache>(*workspace.files, *digests);
  BoundPlan bound = TRY(bind_plan(plan, config, *workspace.files, plan_directory, *manifests));
  return Session{.workspace = workspace,
                 .plan = std::move(plan),
                 .config = std::move(config),
                 .digests = std::move(digests),
                 .manifests = std::move(manifests),
                 .bound = std::move(bound),
                 .waivers = {},
                 .sign_offs = {},
                 .checks = {},
                 .findings = {}};
}

Result<void> Session::read_statements(EvidenceStore& store) {
  waivers = TRY(store.waivers());
  sign_offs = TRY(store.sign_offs());
  if (config.gate.four_eyes) demand_four_eyes(workspace, sign_offs, findings);
  return {};
}

GateInputs Session::gate_inputs(base::Timestamp now) const {
  std::vector<base::Finding> all = plan.findings;
  all.insert(all.end(), bound.findings.begin(), bound.findings.end());
  all.insert(all.end(), findings.begin(), findings.end());
  return {.plan = plan,
          .config = config,
          .bindings = bound.steps,
          .checks = checks,
          .waivers = waivers,
          .sign_offs = sign_offs,
          .findings = std::move(all),
          .now = now,
          .environment = environment};
}

}  // namespace gantry::launch
