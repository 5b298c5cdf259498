#pragma once

// A check binds an engine to the plan: a name, the parameters of its block, and a function from a context to an outcome.
// One file per check in launch/checks/, registered in one table (launch/checks/table.cc).
//
//   // launch/checks/doc_exists.cc
//   constexpr Field kFields[] = {{"path", FieldKind::path, Need::required, "the document"}};
//   Result<CheckOutcome> run(CheckContext& context) { … }
//   constexpr CheckType kDocExists = {.name = "doc.exists", .fields = kFields, .version = 1, .run = run, …};
//
// A check reads files only through the context: what it has read becomes the evidence's inputs, and evidence is reused for
// exactly as long as those inputs are the same.

#include "base/evidence.h"
#include "base/file.h"
#include "base/node.h"
#include "base/progress.h"
#include "base/result.h"
#include "base/time.h"
#include "launch/config.h"
#include "launch/fields.h"
#include "launch/found_evidence.h"
#include "launch/inputs.h"
#include "launch/plan.h"
#include "launch/store.h"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::kube {
class Kubectl;
}

namespace gantry::launch {

class ManifestCache;  // launch/manifests.h
struct AppliedPath;
struct Manifests;

// What a check concluded. `error` verdicts are returned as an Error instead, with the reason.
struct CheckOutcome {
  base::Verdict verdict = base::Verdict::error;
  std::string summary;  // one line, for the board
  std::vector<base::Finding> findings;
  std::vector<base::Metric> metrics;
  struct File {
    std::string name;        // "rendered.yaml"
    std::string media_type;  // "application/yaml"
    std::string content;
  };
  std::vector<File> artifacts;
  base::EvidenceClass evidence_class = base::EvidenceClass::static_analysis;
  // How long it holds where that is shorter than what holds for its check: what it is about may change unseen.
  std::optional<std::chrono::milliseconds> fresh_for = {};
  // How bad findings are that may get worse, by fingerprint: 1 is as much as makes a difference. A waiver covers what it was given for and no
  // more than one such difference beyond.
  std::map<std::string, double, std::less<>> extents = {};
};

// Handed to one run of one check. Not shared between threads.
struct CheckContext {
  const base::Node& block;  // validated against the fields; paths resolved
  const Plan& plan;
  const Config& config;
  // Reads are recorded as inputs of the evidence.
  const RecordingFiles& files;
  InputRecorder& inputs;  // for options, tools and facts: inputs.note("option:context", …)
  ManifestCache& manifests;
  const std::vector<AppliedPath>& applied_paths;  // what the whole plan applies, in its order
  std::string workspace_root;                     // on the disk, absolute: for programs that are run in it
  std::string program_path;                       // where they are looked for, as PATH has it
  std::map<std::string, std::string, std::less<>> environment;  // of whoever runs Gantry
  kube::Kubectl* kubectl;                                       // null without --context
  std::string kube_context;                                     // "" without --context
  bool may_apply = false;                                       // --apply
  const std::vector<SignOff>& sign_offs;                        // all that were ever recorded
  const FoundEvidence& found;                                   // of the checks that run before it
  // The digest that a sign-off of the subject must carry to hold now; see gate.h.
  std::function<base::Result<std::string>(std::string_view subject)> subject_digest;
  base::Timestamp now;
  base::Progress& progress;
  std::stop_token stop;

  // Readers of the block; the fields have been validated, so a missing one is a legal absence.
  std::string text(std::string_view field) const;
  std::optional<std::int64_t> integer(std::string_view field) const;
  bool flag(std::string_view field) const;
  std::vector<std::string> texts(std::string_view field) const;
  base::SourcePos where() const { return block.pos(); }

  // The manifests of the block's `path` (kustomized when the folder is a kustomization, unless `raw: true`), or the whole
  // system of gantry.yaml's `manifests` when the block has none.
  base::Result<std::shared_ptr<const Manifests>> load_manifests();
  // The whole system, whatever the block says: what selectors, references and policies are judged against.
  base::Result<std::shared_ptr<const Manifests>> load_system();
};

// A document of the workspace as a check wants it.
struct DraftedDocument {
  std::string path;
  std::string text;
  std::vector<std::string> changes;  // for people: "the results of 2026-11-30 written"
};

// Whether a check looks at a live cluster. With `optional` its evidence is another with and without --context and --apply; with
// `required` it is not run without: nobody has looked, and the step stays unverified.
enum class ClusterUse : std::uint8_t { none, optional, required };

struct CheckType {
  std::string_view name;     // "net.only"
  std::string_view summary;  // one line: what passing means
  std::span<const Field> fields;
  // Part of the evidence key: raise it when the same inputs could give another answer.
  int version = 1;
  // Null: the engine is not part of this version, and the check stays unverified.
  base::Result<CheckOutcome> (*run)(CheckContext& context) = nullptr;
  std::string_view missing_engine;  // "the load engine"; only where run is null
  // How long evidence stays fresh besides its inputs (reference §6.3); zero: by inputs alone.
  std::chrono::milliseconds fresh_for{0};
  // Nothing is reused: the answer depends on what cannot be digested (a Git tree, a program).
  bool always_runs = false;
  // Costs nothing and changes nothing: it is asked even where stored evidence is only shown, which may be about another state.
  bool looks_again = false;
  ClusterUse cluster = ClusterUse::none;
  // What the kinds of the fields cannot say about a block. Errors: input, with position. Null: nothing.
  base::Result<void> (*validate)(const base::Node& block) = nullptr;
  // Asks what people said: runs after the checks whose evidence they signed, and is no part of what they sign.
  bool asks_people = false;
  // The check whose evidence it is about: it runs after those, and stays unverified where none of them has evidence that holds.
  std::string_view leans_on = {};
  // Looks at how the workspace's documents are kept: runs after the checks that have theirs written.
  bool after_documents = false;
  // With --write: the document that it judges, with what evidence says in it; nothing where that is so already. Written before it runs.
  base::Result<std::optional<DraftedDocument>> (*draft)(CheckContext& context) = nullptr;
  // Takes minutes, so that it runs only where a person asks for it: `gantry run --with load`. Until then its stored evidence holds, and
  // without any the step is unverified. "" for what runs at once.
  std::string_view with = {};
  // Runs only once everything else is GO, and is no demand of its own until then (reference §3: the tag comes last).
  bool after_go = false;
};

// Every check that has a name, in alphabetical order; those of engines to come included.
std::span<const CheckType> check_types();
const CheckType* find_check(std::string_view name);

// The check that a block names; its fields are known, of the right kinds, and the required ones present.
// Errors (input, with position): an unknown check or field, with the nearest right one; a wrong kind; a missing field.
base::Result<const CheckType*> validate_block(const base::Node& block);

}  // namespace gantry::launch
