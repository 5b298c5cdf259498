#include "launch/execute.h"

#include "base/digest.h"
#include "base/folders.h"
#include "base/version.h"
#include "launch/git.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace gantry::launch {

using base::Evidence;
using base::EvidenceInput;
using base::Result;

namespace {

std::string engine_version(const CheckType& check) {
  return fmt::format("{}+{}.v{}", base::version(), check.name, check.version);
}

// What a cluster said may be otherwise soon (reference §6.3: a live read holds for an hour).
constexpr std::chrono::milliseconds kLiveFreshFor = std::chrono::hours(1);

bool is_live(base::EvidenceClass evidence_class) {
  return evidence_class == base::EvidenceClass::live_read || evidence_class == base::EvidenceClass::cluster;
}

std::string evidence_key(std::string_view binding_key, std::string_view engine,
                         const std::vector<EvidenceInput>& inputs) {
  base::DigestBuilder digest;
  digest.add("gantry.evidence-key/v1").add(binding_key).add(engine);
  for (const EvidenceInput& input : inputs) digest.add(input.name).add(input.digest);
  return digest.hex();
}

// "file:manifests/x.yaml" -> "manifests/x.yaml": the name as a person would say it.
std::string_view spoken(std::string_view input_name) {
  const std::size_t colon = input_name.find(':');
  return colon == std::string_view::npos ? input_name : input_name.substr(colon + 1);
}

// Why this evidence does not hold any more; nothing when it is fresh.
std::optional<std::string> find_staleness(const Evidence& evidence, const CheckType& check, InputDigests& digests,
                                          base::Timestamp now) {
  if (evidence.engine_version != engine_version(check)) return "another version of the check won it";
  if (evidence.fresh_until && *evidence.fresh_until <= now)
    return fmt::format("it expired on {}", base::format_rfc3339(*evidence.fresh_until));
  for (const EvidenceInput& input : evidence.inputs) {
    // Tools and facts can only be looked at by running; how long they hold is said by fresh_until.
    const std::optional<std::string> current = digests.current(input.name);
    if (current && *current != input.digest) return fmt::format("{} changed", spoken(input.name));
  }
  return std::nullopt;
}

}  // namespace

// What the store knows about one question.
struct Recalled {
  std::optional<Evidence> fresh;
  std::string stale_because;  // of the newest, when none is fresh
  std::string failed_key;     // of the newest, when it is a failure; else ""
};

namespace {

Result<Recalled> recall(const Binding& binding, EvidenceStore& store, InputDigests& digests, base::Timestamp now) {
  Recalled recalled;
  std::vector<Evidence> candidates = TRY(store.find_by_binding(binding.key));
  if (!candidates.empty() && candidates.front().verdict == base::Verdict::fail)
    recalled.failed_key = candidates.front().key;
  for (Evidence& candidate : candidates) {
    std::optional<std::string> stale = find_staleness(candidate, *binding.check, digests, now);
    if (!stale) {
      recalled.fresh = std::move(candidate);
      recalled.stale_because.clear();
      return recalled;
    }
    if (recalled.stale_because.empty()) recalled.stale_because = std::move(*stale);
  }
  return recalled;
}

std::string missing_engine_text(const CheckType& check) {
  return fmt::format("needs {}, which this version does not have", check.missing_engine);
}

std::string not_asked_for_text(const CheckType& check, std::string_view stale_because) {
  return stale_because.empty()
             ? fmt::format("takes its time, and runs only when it is asked for: --with {}", check.with)
             : fmt::format("its evidence is stale ({}); it runs again only with --with {}", stale_because, check.with);
}

constexpr std::string_view kNeedsCluster = "only a live cluster can tell: run it with --context NAME";

// A check that could not decide leaves a record too, so that the board can say why; it is never reused.
void record_error(Evidence& evidence, const base::Error& error) {
  evidence.verdict = base::Verdict::error;
  evidence.summary = error.message;
  std::string context;
  for (const std::string& level : error.context) context += (context.empty() ? "" : "; ") + level;
  evidence.findings = {base::Finding{.rule = "check.undecided",
                                     .severity = base::Severity::high,
                                     .object = evidence.subject,
                                     .where = error.where.value_or(base::SourcePos{}),
                                     .message = error.message,
                                     .explanation = std::move(context),
                                     .fix = error.help,
                                     .related = {}}};
}

Evidence make_evidence(const Binding& binding, const InputRecorder& recorder, base::Timestamp started,
                       base::Timestamp finished, Result<CheckOutcome> outcome) {
  Evidence evidence;
  evidence.check = std::string(binding.check->name);
  evidence.subject = binding.subject;
  evidence.engine_version = engine_version(*binding.check);
  evidence.inputs = recorder.inputs();
  evidence.key = evidence_key(binding.key, evidence.engine_version, evidence.inputs);
  evidence.started = started;
  evidence.finished = finished;
  if (binding.check->fresh_for.count() > 0) evidence.fresh_until = finished + binding.check->fresh_for;
  if (!outcome) {
    record_error(evidence, outcome.error());
    return evidence;
  }
  evidence.verdict = outcome->verdict;
  evidence.summary = std::move(outcome->summary);
  evidence.findings = std::move(outcome->findings);
  evidence.extents = std::move(outcome->extents);
  evidence.metrics = std::move(outcome->metrics);
  evidence.evidence_class = outcome->evidence_class;
  if (outcome->fresh_for)
    evidence.fresh_until =
        std::min(evidence.fresh_until.value_or(base::Timestamp::max()), finished + *outcome->fresh_for);
  if (is_live(evidence.evidence_class) && !evidence.fresh_until) evidence.fresh_until = finished + kLiveFreshFor;
  base::sort_findings(evidence.findings);
  return evidence;
}

// The session must outlive the function that is returned.
std::function<Result<std::string>(std::string_view)> subject_digests(const Session& session, base::Timestamp now) {
  return [&session, now](std::string_view subject) { return subject_digest(session.gate_inputs(now), subject); };
}

// The order of checks: those that lean on others' evidence after those, then those about documents that are written by now; those that
// ask people last, since people sign what was found.
int rank_of(const CheckType& check) {
  if (check.asks_people) return 3;
  if (check.after_documents) return 2;
  return check.leans_on.empty() ? 0 : 1;
}

// Each decided check is an input of those that lean on it.
void settle(Session& session, const Binding& binding, CheckState state) {
  session.digests->remember(evidence_input_name(binding.check->name, binding.subject),
                            state.evidence ? state.evidence->id : "absent");
  session.checks.insert_or_assign(binding.key, std::move(state));
}

// Why a check that leans on another's evidence has nothing to look at; "" where it has.
std::string why_no_ground(const CheckType& check, const FoundEvidence& found) {
  if (check.leans_on.empty() || !found.of(check.leans_on).empty()) return {};
  return fmt::format("waits for {}, of which no evidence holds", check.leans_on);
}

// For a check that has files alone: no cluster, nothing is applied, nobody stops it. All arguments must outlive the context.
CheckContext make_context(Session& session, const Binding& binding, const RecordingFiles& files,
                          InputRecorder& recorder, const std::vector<AppliedPath>& applied, const FoundEvidence& found,
                          base::Timestamp now, base::Progress& progress) {
  return {.block = binding.block,
          .plan = session.plan,
          .config = session.config,
          .files = files,
          .inputs = recorder,
          .manifests = *session.manifests,
          .applied_paths = applied,
          .workspace_root = session.workspace.root,
          .program_path = {},
          .environment = session.workspace.environment,
          .kubectl = nullptr,
          .kube_context = {},
          .may_apply = false,
          .sign_offs = session.sign_offs,
          .found = found,
          .subject_digest = subject_digests(session, now),
          .now = now,
          .progress = progress,
          .stop = {}};
}

}  // namespace

Executor::Executor(Session& session, EvidenceStore& store, const RunOptions& options)
    : session_(session),
      store_(store),
      options_(options),
      applied_paths_(applied_paths(session.bound)),
      found_(session, store) {
  if (!options.kube_context.empty()) {
    kubectl_ = kube::make_kubectl({.context = options.kube_context});
    session.environment = "cluster " + options.kube_context;
  }
  session.digests->remember("option:context", options.kube_context);
  session.digests->remember("option:apply", options.apply == Apply::really ? "yes" : "no");
  session.digests->remember("option:applied-paths", to_string(applied_paths_));
}

Executor::~Executor() = default;

bool Executor::is_asked_for(const CheckType& check) const {
  return check.with.empty() || std::ranges::find(options_.with, check.with) != options_.with.end();
}

bool Executor::is_selected(std::string_view step) const {
  return options_.only.empty() || std::ranges::any_of(options_.only, [step](const std::string& only) {
           return step == only || (step.starts_with(only) && step.size() > only.size() && step[only.size()] == '.');
         });
}

std::vector<Executor::Job> Executor::schedule(Stage stage) const {
  std::vector<Job> jobs;
  std::map<std::string_view, std::size_t> job_of_key;
  for (const StepBindings& step : session_.bound.steps)
    for (const Binding& binding : step.bindings) {
      if (binding.check->after_go != (stage == Stage::after_go)) continue;
      const auto [known, is_new] = job_of_key.emplace(binding.key, jobs.size());
      if (is_new) jobs.push_back({&binding, false});
      jobs[known->second].is_selected |= is_selected(step.step);
    }
  std::ranges::stable_sort(jobs, {}, [](const Job& job) { return rank_of(*job.binding->check); });
  return jobs;
}

Result<void> Executor::run(Stage stage) {
  const std::vector<Job> jobs = schedule(stage);
  options_.progress.begin("checks", jobs.size());
  std::uint64_t done = 0;
  for (const Job& job : jobs) {
    if (options_.stop.stop_requested())
      return base::environment_error("interrupted", "what was found so far is kept; run again to go on from there");
    options_.progress.note(fmt::format("{} {}", job.binding->check->name, job.binding->subject));
    settle(session_, *job.binding, TRY(decide(job)));
    options_.progress.advance(++done);
  }
  options_.progress.end();
  return {};
}

Result<CheckState> Executor::decide(const Job& job) {
  const Binding& binding = *job.binding;
  if (!binding.check->run)
    return CheckState{
        .evidence = {}, .reused = false, .why_unverified = missing_engine_text(*binding.check), .stale_because = {}};
  Recalled recalled = TRY(recall(binding, store_, *session_.digests, options_.clock.now()));
  // A document that does not say it yet is written, and looked at again.
  const bool is_to_write = options_.writes == Writes::documents && binding.check->draft && recalled.fresh &&
                           recalled.fresh->verdict != base::Verdict::pass;
  const bool may_reuse = !binding.check->always_runs && options_.reuse == Reuse::fresh_evidence && !is_to_write;
  const bool is_decided = recalled.fresh && recalled.fresh->verdict != base::Verdict::error;
  const bool is_asked_for = this->is_asked_for(*binding.check);
  // What is not asked for keeps its word, also that it could not tell; but for what nobody can tell from inputs.
  if ((is_decided && (may_reuse || (!job.is_selected && !binding.check->always_runs))) ||
      (recalled.fresh && !is_asked_for)) {
    ++checks_reused_;
    return CheckState{.evidence = std::move(recalled.fresh), .reused = true, .why_unverified = {}, .stale_because = {}};
  }
  if (!job.is_selected)
    return CheckState{.evidence = {},
                      .reused = false,
                      .why_unverified = "not part of this run, and there is no fresh evidence",
                      .stale_because = recalled.stale_because};
  if (!is_asked_for)
    return CheckState{.evidence = {},
                      .reused = false,
                      .why_unverified = not_asked_for_text(*binding.check, recalled.stale_because),
                      .stale_because = recalled.stale_because};
  if (binding.check->cluster == ClusterUse::required && !kubectl_)
    return CheckState{.evidence = {},
                      .reused = false,
                      .why_unverified = std::string(kNeedsCluster),
                      .stale_because = std::move(recalled.stale_because)};
  if (std::string why = why_no_ground(*binding.check, found_); !why.empty())
    return CheckState{.evidence = {},
                      .reused = false,
                      .why_unverified = std::move(why),
                      .stale_because = std::move(recalled.stale_because)};
  return execute(binding, recalled);
}

// Somebody's document: written whole and at once, and only where it says something else.
Result<void> Executor::write_draft(const CheckType& check, CheckContext& context) {
  const std::optional<DraftedDocument> document = TRY(check.draft(context));
  if (!document) return {};
  TRY(base::with_context(base::make_folders_below(session_.workspace.root, document->path),
                         fmt::format("cannot make the folder of {}", document->path)));
  TRY(base::with_context(base::write_file_below(session_.workspace.root, document->path, document->text),
                         fmt::format("cannot write {}", document->path)));
  for (const std::string& change : document->changes) written_.push_back(fmt::format("{}: {}", document->path, change));
  return {};
}

void Executor::note_options(const CheckType& check, InputRecorder& recorder) const {
  if (check.cluster == ClusterUse::none) return;
  recorder.note("option:context", options_.kube_context);
  recorder.note("option:apply", options_.apply == Apply::really ? "yes" : "no");
}

const std::optional<base::SourceTree>& Executor::source_tree() {
  if (!source_tree_) source_tree_ = find_source_tree(Git(session_.workspace.root, options_.stop));
  return *source_tree_;
}

Result<CheckState> Executor::execute(const Binding& binding, const Recalled& recalled) {
  InputRecorder recorder;
  note_options(*binding.check, recorder);
  const RecordingFiles files(*session_.workspace.files, *session_.digests, recorder);
  const base::Timestamp started = options_.clock.now();
  CheckContext context =
      make_context(session_, binding, files, recorder, applied_paths_, found_, started, options_.progress);
  context.kubectl = kubectl_.get();
  context.kube_context = options_.kube_context;
  context.may_apply = options_.apply == Apply::really;
  context.stop = options_.stop;
  context.program_path = options_.program_path;
  const Result<void> drafted = options_.writes == Writes::documents && binding.check->draft
                                   ? write_draft(*binding.check, context)
                                   : Result<void>();
  Result<CheckOutcome> outcome =
      drafted ? binding.check->run(context) : Result<CheckOutcome>(std::unexpected(drafted.error()));
  ++checks_run_;
  // A check that was interrupted has found out nothing.
  if (options_.stop.stop_requested())
    return base::environment_error("interrupted", "what was found so far is kept; run again to go on from there");
  std::vector<std::pair<base::Artifact, std::string>> contents;
  if (outcome)
    for (CheckOutcome::File& file : outcome->artifacts)
      contents.emplace_back(base::Artifact{file.name, base::sha256_hex(file.content), file.media_type},
                            std::move(file.content));
  Evidence evidence = make_evidence(binding, recorder, started, options_.clock.now(), std::move(outcome));
  evidence.source = source_tree();
  if (!recalled.failed_key.empty() && recalled.failed_key != evidence.key && !binding.check->always_runs) ++retries_;
  return CheckState{.evidence = TRY(store_.add(binding.key, std::move(evidence), contents)),
                    .reused = false,
                    .why_unverified = {},
                    .stale_because = recalled.stale_because};
}

namespace {

// An approval that was stored as passed may have ended or been taken back since, and a commit may be another one, so it is asked for
// again; nothing is stored.
CheckState ask_again(Session& session, EvidenceStore& store, const Binding& binding, base::Timestamp now) {
  InputRecorder recorder;
  const RecordingFiles files(*session.workspace.files, *session.digests, recorder);
  const std::vector<AppliedPath> applied = applied_paths(session.bound);
  const SessionEvidence found(session, store);
  base::NoProgress progress;
  CheckContext context = make_context(session, binding, files, recorder, applied, found, now, progress);
  Result<CheckOutcome> outcome = binding.check->run(context);
  return {.evidence = make_evidence(binding, recorder, now, now, std::move(outcome)),
          .reused = false,
          .why_unverified = {},
          .stale_because = {}};
}

Result<CheckState> recall_state(const Binding& binding, Session& session, EvidenceStore& store, base::Timestamp now) {
  CheckState state;
  if (!binding.check->run) {
    state.why_unverified = missing_engine_text(*binding.check);
    return state;
  }
  Recalled recalled = TRY(recall(binding, store, *session.digests, now));
  state.reused = recalled.fresh.has_value();
  state.evidence = std::move(recalled.fresh);
  state.stale_because = std::move(recalled.stale_because);
  if (state.evidence) return state;
  if (std::string why = why_no_ground(*binding.check, SessionEvidence(session, store)); !why.empty()) {
    state.why_unverified = std::move(why);
    return state;
  }
  if (!binding.check->with.empty()) {
    state.why_unverified = not_asked_for_text(*binding.check, state.stale_because);
    return state;
  }
  const bool needs_cluster = binding.check->cluster == ClusterUse::required;
  state.why_unverified = !state.stale_because.empty()
                             ? fmt::format("its evidence is stale: {}", state.stale_because)
                             : std::string(needs_cluster ? kNeedsCluster : "nothing has looked yet: `gantry run`");
  return state;
}

}  // namespace

Result<void> recall_evidence(Session& session, EvidenceStore& store, base::Timestamp now) {
  session.digests->remember("option:applied-paths", to_string(applied_paths(session.bound)));
  std::vector<const Binding*> bindings;
  for (const StepBindings& step : session.bound.steps)
    for (const Binding& binding : step.bindings) bindings.push_back(&binding);
  // What was approved is what the other checks found, and what a document says is judged by what they found.
  std::ranges::stable_sort(bindings, {}, [](const Binding* binding) { return rank_of(*binding->check); });
  for (const Binding* binding : bindings) {
    if (session.checks.contains(binding->key)) continue;
    settle(session, *binding,
           binding->check->asks_people || binding->check->looks_again
               ? ask_again(session, store, *binding, now)
               : TRY(recall_state(*binding, session, store, now)));
  }
  return {};
}

}  // namespace gantry::launch
