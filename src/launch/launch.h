#pragma once

// The room that knows all engines: it reads the launch plan, binds its steps to checks, runs them, keeps the evidence, and
// answers GO or NO-GO.
//
//   Workspace workspace = TRY(open_workspace(plan_path, {}));
//   const report::Board board = TRY(run_plan(workspace, {.clock = clock, .progress = progress}));
//
// Nothing here prints, reads the clock on its own, or changes a file outside `.gantry/` unless `write` is asked for.

#include "base/file.h"
#include "base/node.h"
#include "base/progress.h"
#include "base/result.h"
#include "base/time.h"
#include "netpol/profiles.h"
#include "report/report.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

// A plan and the repository it launches.
struct Workspace {
  std::string root;       // absolute, on the disk
  std::string plan_path;  // on the disk
  std::string plan_name;  // for messages: relative to the root where it lies below it
  std::shared_ptr<const base::FileSystem> files;
  // Of whoever runs Gantry. Programs that are started for a test see little of it, and evidence holds as long as what they see is the same.
  std::map<std::string, std::string, std::less<>> environment = {};
};

// The root is `root` when given, else the nearest folder at or above the plan that has a gantry.yaml, .gantry or .git, else the
// plan's folder. Errors: environment (no such plan or folder, no permission).
base::Result<Workspace> open_workspace(const std::string& plan_path, const std::optional<std::string>& root);

// A folder to work in without a plan.
struct WorkspaceFolder {
  std::string root;  // absolute, on the disk
  std::shared_ptr<const base::FileSystem> files;
};

// The nearest folder at or above `path` (a file or folder, on the disk) that has a gantry.yaml, .gantry or .git. Nothing when there
// is none. Errors: environment.
base::Result<std::optional<WorkspaceFolder>> find_workspace(const std::string& path);
// What its gantry.yaml names as the `manifests` of the whole system, relative to the root; "" when it names none. Errors: as
// gantry.yaml's.
base::Result<std::string> manifests_of(const WorkspaceFolder& folder);
// Its `drain:`, what every rehearsal of drains takes as given; null when it has none.
base::Result<base::Node> drain_of(const WorkspaceFolder& folder);
// Its `network:`, which network plugin flows are judged by.
base::Result<netpol::PluginChoice> network_of(const WorkspaceFolder& folder);

// A block of a plan or of gantry.yaml that claims something about reachability.
struct ClaimBlock {
  std::string step;  // "A.4"
  std::string kind;  // "only", of the check net.only
  base::Node block;
};
// In the order of the plan. Errors: as those of reading the plan.
base::Result<std::vector<ClaimBlock>> find_claim_blocks(const Workspace& workspace);

// Whether fresh evidence is reused, or every check runs again.
enum class Reuse { fresh_evidence, nothing };
enum class Writes { store_only, documents };  // --write
enum class Apply { dry_run, really };         // --apply

struct RunOptions {
  const base::Clock& clock;
  base::Progress& progress;
  std::stop_token stop;
  Reuse reuse = Reuse::fresh_evidence;
  Writes writes = Writes::store_only;
  Apply apply = Apply::dry_run;
  std::string kube_context;  // "": files alone
  // What takes long and runs only when it is asked for ("load"); the rest of it keeps its stored evidence.
  std::vector<std::string> with = {};
  std::string program_path = {};  // where programs of gantry.yaml's targets are looked for, as PATH has it
  std::vector<std::string>
      only;  // tracks ("A") or steps ("A.4") to run; empty: all. The rest keeps its stored evidence.
};

// Runs the tracks and judges. Errors are those that leave no board: the plan, gantry.yaml or the store cannot be read.
base::Result<report::Board> run_plan(const Workspace& workspace, const RunOptions& options);

// The board from stored evidence; runs nothing and writes nothing.
base::Result<report::Board> judge_plan(const Workspace& workspace, const base::Clock& clock);

// What each step is bound to; every state is unverified.
base::Result<report::Board> describe_plan(const Workspace& workspace, const base::Clock& clock);

struct SignRequest {
  std::string subject;  // "C.1", "criterion 4", "launch"
  std::string who, role, note;
  bool rejects = false;
  // At most 14 days (reference §7.1). Not given: until the first of the evidence that is signed ends, and at most that.
  std::optional<std::chrono::milliseconds> valid_for = {};
};
// What was recorded, in one sentence. Errors: unknown subject; role or name missing.
base::Result<std::string> sign(const Workspace& workspace, const SignRequest& request, const base::Clock& clock);

struct WaiveRequest {
  std::string subject;                // "A.4", "criterion 4", "plan" for findings about the plan itself
  std::vector<std::string> findings;  // rules or fingerprints; empty: all that the subject has now
  std::string why, impact, control, accepted_by, role, issue;
  std::chrono::milliseconds valid_for = std::chrono::hours(24 * 30);
};
base::Result<std::string> waive(const Workspace& workspace, const WaiveRequest& request, const base::Clock& clock);

}  // namespace gantry::launch
