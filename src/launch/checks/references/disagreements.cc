#include "launch/checks/references/disagreements.h"

#include "kube/immutable.h"
#include "launch/checks/system/rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

namespace gantry::launch {

using base::Finding;
using base::Node;
using base::Result;
using kube::Object;

namespace {

// Fields that one message names; who looks at the two places sees the rest.
constexpr std::size_t kFieldsMax = 6;

void collect(const Node& a, const Node& b, const std::string& path, std::size_t max, std::vector<std::string>& fields) {
  if (fields.size() >= max || a == b) return;
  if (!a.is_map() || !b.is_map()) {
    fields.push_back(path);
    return;
  }
  std::set<std::string_view> keys;
  for (const Node* map : {&a, &b})
    for (const Node::Member& member : map->map()) keys.insert(member.key);
  for (const std::string_view key : keys) {
    const std::string below = path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
    const Node* left = a.get(key);
    const Node* right = b.get(key);
    if (left && right) {
      collect(*left, *right, below, max, fields);
    } else if (fields.size() < max) {
      fields.push_back(below);
    }
  }
}

std::string command_of(const AppliedPath& path) { return fmt::format("kubectl apply {}", to_string(path.place)); }

// A path that the plan applies, loaded: its form is settled.
struct Applied {
  AppliedPath path;
  std::shared_ptr<const Manifests> manifests;
};

Result<std::vector<Applied>> load_applied(CheckContext& context) {
  context.inputs.note("option:applied-paths", to_string(context.applied_paths));
  std::vector<Applied> all;
  for (const AppliedPath& path : context.applied_paths) {
    const Result<std::shared_ptr<const Manifests>> loaded = context.manifests.load(path.place, context.inputs);
    if (!loaded) continue;
    all.push_back({.path = path, .manifests = *loaded});
    all.back().path.place = (*loaded)->place;
  }
  return all;
}

struct Other {
  std::string name;    // "`kubectl apply -f nats/pdb.yaml` of step A.2"
  std::string effect;  // what comes of it
  std::string fix;
  bool applied_before = false;  // the object is there as this one says when the judged one is applied
};

Finding describe_refused(const Object& object, std::string_view field, const Other& words) {
  return make_finding(
      "manifests.immutable", to_string(object.id), object.pos(),
      fmt::format("{} differs from what {} gives, in {}, which can't change", to_string(object.id), words.name, field),
      "apply it from one place, the same way each time; where the change is meant, delete the object first "
      "(--cascade=orphan keeps its pods)");
}

Finding describe_disagreement(const Object& object, const Object& twin, const Other& words) {
  const std::vector<std::string> fields = differing_fields(*twin.document, *object.document, kFieldsMax);
  Finding finding = make_finding(
      "manifests.disagree", to_string(object.id), object.pos(),
      fmt::format("{} differs from what {} gives, in {}", to_string(object.id), words.name, fmt::join(fields, ", ")),
      words.fix);
  finding.explanation += " " + words.effect;
  return finding;
}

void compare(const Manifests& path, const Manifests& other, const Other& words, std::vector<Finding>& findings) {
  for (const Object& object : path.snapshot->objects) {
    const Object* twin = other.snapshot.find(object.id);
    if (!twin || !twin->document || !object.document || *twin->document == *object.document) continue;
    const std::optional<std::string> fixed =
        words.applied_before ? kube::find_immutable_difference(object.id, *twin->document, *object.document)
                             : std::nullopt;
    Finding finding = fixed ? describe_refused(object, *fixed, words) : describe_disagreement(object, *twin, words);
    finding.related.push_back({twin->pos(), "the other one"});
    findings.push_back(std::move(finding));
  }
}

}  // namespace

std::vector<std::string> differing_fields(const Node& a, const Node& b, std::size_t max) {
  std::vector<std::string> fields;
  collect(a, b, "", max, fields);
  return fields;
}

Result<void> judge_disagreements(CheckContext& context, const Manifests& path, const Manifests& system,
                                 std::vector<Finding>& findings) {
  const std::vector<Applied> applied = TRY(load_applied(context));
  const auto same_place_as = [](const Manifests& place) {
    return [&place](const Applied& each) { return each.manifests->place == place.place; };
  };
  // Only what the plan applies has an order; a block that merely looks at a path says nothing about one.
  const auto own = std::ranges::find_if(applied, same_place_as(path));
  if (own != applied.end()) {
    for (auto earlier = applied.begin(); earlier != own; ++earlier)
      compare(path, *earlier->manifests,
              {.name = fmt::format("`{}` (step {})", command_of(earlier->path), earlier->path.step),
               .effect = fmt::format(
                   "The plan applies that first and this after, so the cluster ends up with this one, from {}.",
                   path.place.path),
               .fix = "apply it from one place, the same way each time",
               .applied_before = true},
              findings);
  }
  // Where the plan applies the whole system as well, that is one of the paths.
  if (path.place == system.place || std::ranges::any_of(applied, same_place_as(system))) return {};
  compare(path, system,
          {.name = fmt::format("the whole system ({})", system.place.path),
           .effect = fmt::format(
               "Claims, budgets and references are judged with the system's; the cluster gets this one, from {}.",
               path.place.path),
           .fix = "apply the rendered folder (-k), or make both the same"},
          findings);
  return {};
}

}  // namespace gantry::launch
