// Binding, top to bottom: gather the blocks of a step from the plan, from its commands and from gantry.yaml; make each one exact;
// propose a block where there is none.

#include "launch/bindings.h"

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"
#include "launch/commands.h"
#include "launch/paths.h"
#include "launch/problems.h"
#include "launch/proposals.h"
#include "launch/subjects.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::launch {

using base::Node;
using base::Result;

namespace {

// A block before it was made exact.
struct Candidate {
  Node block;
  report::BindingSource source = report::BindingSource::block;
  std::string origin;
  base::SourcePos where;
};

Node with_sorted_keys(const Node& node) {
  if (node.is_array()) {
    Node::Array elements;
    for (const Node& element : node.array()) elements.push_back(with_sorted_keys(element));
    return Node(std::move(elements), node.pos());
  }
  if (!node.is_map()) return node;
  Node::Map members;
  for (const Node::Member& member : node.map())
    members.push_back({member.key, with_sorted_keys(member.value), member.key_pos});
  std::ranges::sort(members, {}, &Node::Member::key);
  return Node(std::move(members), node.pos());
}

// What evidence is found by: equal blocks are one check, however they are written and wherever they stand.
std::string binding_key(const CheckType& check, const Node& block) {
  base::DigestBuilder digest;
  digest.add("gantry.binding/v1").add(check.name).add(base::dump_json(with_sorted_keys(block)));
  return digest.hex();
}

// The parameters in one line; the path alone where that says it all.
std::string describe_parameters(const Node& block) {
  std::string text;
  for (const Node::Member& member : block.map()) {
    if (member.key == "check" || member.key == "subject") continue;
    const std::string value = member.value.is_string() ? member.value.string() : base::dump_json(member.value);
    if (!text.empty()) text += ", ";
    text += member.key == "path" || member.key == "name" ? value : fmt::format("{} {}", member.key, value);
  }
  return text;
}

class Binder {
 public:
  Binder(const Plan& plan, const Config& config, const base::FileSystem& workspace, std::string_view plan_directory,
         ManifestCache& manifests)
      : plan_(plan), config_(config), resolver_(workspace, plan_directory, plan.handles), manifests_(manifests) {}

  Result<BoundPlan> bind();

 private:
  Result<void> check_step_names() const;
  Result<void> bind_unread_checklists();
  std::vector<Candidate> candidates_of(const PlanStep& step);
  static void add_blocks(const std::vector<GantryBlock>& blocks, std::vector<Candidate>& candidates);
  StepBindings bind_subject(std::string subject, std::vector<Candidate> candidates);
  Result<void> bind_candidate(Candidate candidate, StepBindings& bindings);
  Result<Binding> make_exact(Candidate candidate);
  std::vector<Candidate> demanded_by_kind(const Binding& binding);
  Result<Node> resolve_paths(const Candidate& candidate, const CheckType& check);

  const Plan& plan_;
  const Config& config_;
  PathResolver resolver_;
  ManifestCache& manifests_;
  BoundPlan bound_;
  std::vector<base::Error> problems_;
};

Result<BoundPlan> Binder::bind() {
  TRY(check_step_names());
  std::vector<base::Finding> missing = TRY(resolver_.check_handles(plan_));
  bound_.findings = std::move(missing);
  for (const PlanTrack& track : plan_.tracks)
    for (const PlanStep& step : track.steps) {
      StepBindings bindings = bind_subject(step.id, candidates_of(step));
      if (bindings.bindings.empty()) bindings.proposal = propose_block(step, plan_);
      bound_.steps.push_back(std::move(bindings));
    }
  for (const Criterion& criterion : plan_.criteria) {
    if (criterion.blocks.empty()) continue;
    std::vector<Candidate> candidates;
    add_blocks(criterion.blocks, candidates);
    StepBindings bindings = bind_subject(fmt::format("criterion {}", criterion.ordinal), std::move(candidates));
    bound_.steps.push_back(std::move(bindings));
  }
  TRY(bind_unread_checklists());
  if (!problems_.empty()) return std::unexpected(join_problems(std::move(problems_), "blocks cannot be bound"));
  return std::move(bound_);
}

// Any blocking item of any checklist is NO-GO (reference §8), whether or not a step asks for reading it.
Result<void> Binder::bind_unread_checklists() {
  StepBindings unread{.step = std::string(kChecklistSubject), .bindings = {}, .proposal = {}};
  for (const Handle& handle : plan_.handles) {
    if (!base::to_lower_ascii(handle.name).contains("checklist") || handle.is_output) continue;
    const ResolvedPath resolved = TRY(resolver_.resolve(handle.path, handle.where));
    if (resolved.kind != base::FileKind::regular) continue;
    Node block(Node::Map{}, handle.where);
    block.set("check", Node("checklist.read", handle.where));
    block.set("path", Node(resolved.path, handle.where));
    TRY(bind_candidate({block, report::BindingSource::block, {}, handle.where}, unread));
  }
  for (const StepBindings& step : bound_.steps)
    std::erase_if(unread.bindings, [&step](const Binding& binding) {
      return std::ranges::find(step.bindings, binding.key, &Binding::key) != step.bindings.end();
    });
  if (!unread.bindings.empty()) bound_.steps.push_back(std::move(unread));
  return {};
}

// gantry.yaml speaks of steps by name: a name that the plan does not have would be a demand silently dropped.
Result<void> Binder::check_step_names() const {
  std::vector<std::string_view> names;
  for (const PlanTrack& track : plan_.tracks)
    for (const PlanStep& step : track.steps) names.push_back(step.id);
  const auto require = [&](std::string_view step, const base::SourcePos& where) -> Result<void> {
    if (std::ranges::find(names, step) != names.end()) return {};
    const std::optional<std::string_view> nearest = base::nearest_name(step, names);
    return base::input_error(
        fmt::format("gantry.yaml speaks of step \"{}\", which the plan does not have", step), where,
        nearest ? fmt::format("did you mean {}?", *nearest) : fmt::format("steps: {}", fmt::join(names, ", ")));
  };
  for (const auto& [step, blocks] : config_.bindings)
    TRY(require(step, blocks.empty() ? base::SourcePos{} : blocks.front().pos()));
  for (const auto& [ordinal, steps] : config_.criteria) {
    if (ordinal > static_cast<int>(plan_.criteria.size()))
      return base::input_error(
          fmt::format("gantry.yaml speaks of criterion {}, the plan has {}", ordinal, plan_.criteria.size()),
          base::SourcePos{.file = std::make_shared<const std::string>(config_.file), .line = 0, .column = 0});
    for (const std::string& step : steps)
      TRY(require(step, {.file = std::make_shared<const std::string>(config_.file), .line = 0, .column = 0}));
  }
  return {};
}

void Binder::add_blocks(const std::vector<GantryBlock>& blocks, std::vector<Candidate>& candidates) {
  for (const GantryBlock& block : blocks) {
    if (block.content.is_array()) {
      for (const Node& element : block.content.array())
        candidates.push_back({element, report::BindingSource::block, {}, element.pos()});
    } else {
      candidates.push_back({block.content, report::BindingSource::block, {}, block.where});
    }
  }
}

std::vector<Candidate> Binder::candidates_of(const PlanStep& step) {
  std::vector<Candidate> candidates;
  add_blocks(step.blocks, candidates);
  for (const QuotedCommand& command : step.commands) {
    Recognised recognised = recognise(command);
    for (CommandBinding& binding : recognised.bindings)
      candidates.push_back({std::move(binding.block), report::BindingSource::command, command.text, command.where});
    bound_.findings.insert(bound_.findings.end(), recognised.findings.begin(), recognised.findings.end());
  }
  const auto configured = config_.bindings.find(step.id);
  if (configured != config_.bindings.end())
    for (const Node& block : configured->second)
      candidates.push_back({block, report::BindingSource::workspace, {}, block.pos()});
  return candidates;
}

// A block that cannot be bound is kept as a problem, and the next one is tried: all of them are reported at once.
StepBindings Binder::bind_subject(std::string subject, std::vector<Candidate> candidates) {
  StepBindings bindings{.step = std::move(subject), .bindings = {}, .proposal = {}};
  for (Candidate& candidate : candidates) {
    Result<void> bound = base::with_context(bind_candidate(std::move(candidate), bindings),
                                            fmt::format("cannot bind step {}", bindings.step));
    if (!bound) problems_.push_back(std::move(bound).error());
  }
  return bindings;
}

Result<void> Binder::bind_candidate(Candidate candidate, StepBindings& bindings) {
  Binding binding = TRY(make_exact(std::move(candidate)));
  const bool is_known =
      std::ranges::any_of(bindings.bindings, [&](const Binding& known) { return known.key == binding.key; });
  if (is_known) return {};
  const std::vector<Candidate> demanded = demanded_by_kind(binding);
  bindings.bindings.push_back(std::move(binding));
  for (const Candidate& each : demanded) TRY(bind_candidate(each, bindings));
  return {};
}

// What a command that applies manifests demands besides, by the kinds of objects in them (reference §2.6).
std::vector<Candidate> Binder::demanded_by_kind(const Binding& binding) {
  struct Demand {
    std::string_view kind, check;
  };
  constexpr Demand kDemands[] = {{"NetworkPolicy", "net.policies"}, {"PodDisruptionBudget", "pdb.protects"}};
  std::vector<Candidate> demanded;
  if (binding.source != report::BindingSource::command || binding.check->name != "manifests.apply") return demanded;
  InputRecorder unused;  // the checks that look at the manifests record what they read
  const Result<std::shared_ptr<const Manifests>> manifests = manifests_.load(place_of(binding.block), unused);
  if (!manifests) return demanded;
  for (const Demand& demand : kDemands) {
    const auto is_demanded = [&demand](const kube::Object& object) { return object.id.kind == demand.kind; };
    if (std::ranges::none_of((*manifests)->snapshot->objects, is_demanded)) continue;
    Node block = binding.block;
    block.set("check", Node(demand.check, binding.block.pos()));
    demanded.push_back({std::move(block), binding.source, binding.origin, binding.where});
  }
  return demanded;
}

Result<Binding> Binder::make_exact(Candidate candidate) {
  const CheckType* check = TRY(validate_block(candidate.block));
  Binding binding;
  binding.check = check;
  binding.block = TRY(resolve_paths(candidate, *check));
  binding.key = binding_key(*check, binding.block);
  binding.subject = describe_parameters(binding.block);
  binding.source = candidate.source;
  binding.origin = std::move(candidate.origin);
  binding.where = std::move(candidate.where);
  return binding;
}

// A path that leaves the workspace or is ambiguous is an error of the plan. One that is not there is kept as written: the
// check will say that it is missing, with the place that names it.
Result<Node> Binder::resolve_paths(const Candidate& candidate, const CheckType& check) {
  Node block = candidate.block;
  for (const Field& field : check.fields) {
    if (field.kind != FieldKind::path) continue;
    const Node* written = block.get(field.name);
    if (!written) continue;
    const base::SourcePos where = written->pos().file ? written->pos() : candidate.where;
    const ResolvedPath resolved = TRY(resolver_.resolve(written->string(), where));
    block.set(field.name, Node(resolved.path, where));
  }
  return block;
}

}  // namespace

std::vector<AppliedPath> applied_paths(const BoundPlan& bound) {
  std::vector<AppliedPath> applied;
  for (const StepBindings& step : bound.steps)
    for (const Binding& binding : step.bindings) {
      if (binding.check->name != "manifests.apply" || !binding.block.get("path")) continue;
      AppliedPath path{.place = place_of(binding.block), .step = step.step, .where = binding.where};
      const bool is_known =
          std::ranges::any_of(applied, [&](const AppliedPath& known) { return known.place == path.place; });
      if (!is_known) applied.push_back(std::move(path));
    }
  return applied;
}

Result<BoundPlan> bind_plan(const Plan& plan, const Config& config, const base::FileSystem& workspace,
                            std::string_view plan_directory, ManifestCache& manifests) {
  return Binder(plan, config, workspace, plan_directory, manifests).bind();
}

}  // namespace gantry::launch
