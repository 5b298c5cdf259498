#include "kube/kustomize/name_references.h"

#include "kube/kustomize/field_spec.h"
#include "kube/kustomize/lint.h"
#include "kube/kustomize/shared_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <unordered_map>

namespace gantry::kube::kustomize {

using base::Node;
using base::Result;

namespace {

// An object that got another name or namespace on the way, and so may have references to fix.
struct Candidate {
  const Resource* resource = nullptr;
  std::string name;
  std::string name_space;           // as written
  std::string effective_namespace;  // as in ResourceId
  std::string original_namespace;
  bool is_cluster_scoped = false;
  bool is_service_account = false;
};

using Candidates = std::vector<const Candidate*>;

class CandidateIndex {
 public:
  explicit CandidateIndex(const Resources& resources) {
    candidates_.reserve(resources.size());
    for (const Resource& resource : resources) {
      const ResourceId id = current_id(resource);
      moves_.insert(
          {.from = original_id(resource).name_space, .to = id.name_space, .to_written = namespace_of(resource)});
      if (resource.previous.empty()) continue;
      candidates_.push_back({.resource = &resource,
                             .name = id.name,
                             .name_space = namespace_of(resource),
                             .effective_namespace = id.name_space,
                             .original_namespace = original_id(resource).name_space,
                             .is_cluster_scoped = id.name_space == kNoNamespace,
                             .is_service_account = id.gvk.kind == "ServiceAccount"});
      std::set<std::string_view> names;
      for (const Resource::Identity& identity : resource.previous) {
        if (names.insert(identity.name).second) by_name_[identity.name].push_back(&candidates_.back());
      }
    }
  }

  // Whose earlier name this was, in the order of the build.
  Candidates named(const std::string& name) const {
    const auto it = by_name_.find(name);
    return it == by_name_.end() ? Candidates() : it->second;
  }

  // From which namespace objects came, and where they are: each pair once.
  struct Move {
    std::string from;
    std::string to;
    std::string to_written;
    friend auto operator<=>(const Move&, const Move&) = default;
  };
  const std::set<Move>& moves() const { return moves_; }

 private:
  std::set<Move> moves_;
  std::vector<Candidate> candidates_;
  std::unordered_map<std::string, Candidates> by_name_;
};

// Whether one list ends like the other; an empty one only like an empty one.
bool ends_alike(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  if (a.empty() || b.empty()) return a.empty() && b.empty();
  const std::size_t length = std::min(a.size(), b.size());
  return std::equal(a.end() - static_cast<std::ptrdiff_t>(length), a.end(),
                    b.end() - static_cast<std::ptrdiff_t>(length));
}

enum class EmptyMatches { anything, only_empty };

bool same_context(const Resource& a, const Resource& b, EmptyMatches empty) {
  const auto alike = [empty](const std::vector<std::string>& x, const std::vector<std::string>& y) {
    return (empty == EmptyMatches::anything && (x.empty() || y.empty())) || ends_alike(x, y);
  };
  return alike(a.prefixes, b.prefixes) && alike(a.suffixes, b.suffixes);
}

bool was_kind(const Resource& resource, const NameReference::Kind& kind) {
  const std::vector<ResourceId> previous = previous_ids(resource);
  return std::ranges::any_of(
      previous, [&](const ResourceId& id) { return is_selected(id.gvk, kind.group, kind.version, kind.kind); });
}

// One referring object: who it can refer to, and the pass over its fields.
class Referrer {
 public:
  Referrer(Resource& resource, const CandidateIndex& index)
      : resource_(resource),
        index_(index),
        id_(current_id(resource)),
        binding_namespaces_(namespaces_of_subjects(resource)) {}

  Result<void> fix(const NameReference& reference) {
    reference_ = &reference;
    const FieldSpec spec{.path = reference.path};
    return visit_field(resource_, spec, Leaf::none, resource_.tree.pos(),
                       [this](Node& node) { return fix_node(node); });
  }

 private:
  Result<void> fix_node(Node& node) {
    if (node.is_null()) return {};
    if (node.is_map()) return fix_map(node);
    if (!node.is_array()) return fix_scalar(node);
    for (Node& element : node.array()) {
      if (element.is_array())
        return base::input_error(fmt::format("{} has a list in a list", reference_->path), element.pos());
      TRY(fix_node(element));
    }
    return {};
  }

  Result<void> fix_scalar(Node& node) {
    const std::string old_name = scalar_text(node);
    const Candidate* referral = TRY(select(old_name, index_.named(old_name), node,
                                           [](const Candidate& a, const Candidate& b) { return a.name == b.name; }));
    if (referral && referral->name != old_name) assign_shared(resource_, node, Node(referral->name, node.pos()));
    return {};
  }

  // A map with a name and perhaps a namespace: both follow.
  Result<void> fix_map(Node& node) {
    const Node* name = node.get("name");
    if (!name) {
      return base::input_error(fmt::format("{} has an entry without a name", reference_->path), node.pos(),
                               "write its name");
    }
    const std::string old_name = scalar_text(*name);
    const base::SourcePos pos = name->pos();
    const Candidate* referral = TRY(select(
        old_name, in_namespace_of(node, index_.named(old_name)), node,
        [](const Candidate& a, const Candidate& b) { return a.name == b.name && a.name_space == b.name_space; }));
    if (!referral) return {};
    if (referral->name != old_name) node.set("name", Node(referral->name, pos));
    if (!referral->name_space.empty()) node.set("namespace", Node(referral->name_space, pos), pos);
    return {};
  }

  // Those of the namespace that the map names: as it was at first if anything came from there, else as it is now.
  Candidates in_namespace_of(const Node& map, Candidates candidates) const {
    const Node* written = map.get("namespace");
    if (!written) return candidates;
    const std::string name_space = scalar_text(*written);
    if (name_space == kNoNamespace) return {};
    const bool is_origin = std::ranges::any_of(index_.moves(), [&](const CandidateIndex::Move& move) {
      return move.from == name_space && can_reach(move.to, move.to_written);
    });
    std::erase_if(candidates, [&](const Candidate* c) {
      return (is_origin ? c->original_namespace : c->effective_namespace) != name_space;
    });
    return candidates;
  }

  // Whether this object can refer to anything in that namespace.
  bool can_reach(const std::string& effective_namespace, const std::string& written) const {
    return id_.name_space == kNoNamespace || effective_namespace == kNoNamespace ||
           effective_namespace == id_.name_space || binding_namespaces_.contains(written);
  }

  using Same = bool (*)(const Candidate&, const Candidate&);
  Result<const Candidate*> select(const std::string& old_name, Candidates candidates, const Node& node,
                                  Same same) const {
    std::erase_if(candidates, [this](const Candidate* candidate) { return !can_refer_to(*candidate); });
    if (candidates.size() == 1) return candidates.front();
    // Several bases can have an object of one name: the one that was prefixed like the referrer is meant.
    keep_context(candidates, EmptyMatches::anything);
    if (candidates.size() > 1) keep_context(candidates, EmptyMatches::only_empty);
    if (candidates.empty()) return nullptr;
    const bool all_same =
        std::ranges::all_of(candidates, [&](const Candidate* c) { return same(*candidates.front(), *c); });
    if (all_same) return candidates.front();
    return base::input_error(
        fmt::format("{} of {} is \"{}\", which could be {} or {}", reference_->path, describe(resource_), old_name,
                    describe(*candidates[0]->resource), describe(*candidates[1]->resource)),
        node.pos(), "give the objects different names in their bases");
  }

  void keep_context(Candidates& candidates, EmptyMatches empty) const {
    std::erase_if(candidates, [&](const Candidate* c) { return !same_context(*c->resource, resource_, empty); });
  }

  bool can_refer_to(const Candidate& candidate) const {
    if (!was_kind(*candidate.resource, reference_->target) || !has_kind_of_role_ref(candidate)) return false;
    if (!can_reach(candidate.effective_namespace, candidate.name_space)) return false;
    // Of other namespaces, which a binding's subjects may name, only ServiceAccounts count.
    return id_.name_space == kNoNamespace || candidate.is_cluster_scoped ||
           candidate.effective_namespace == id_.name_space || candidate.is_service_account;
  }

  // A roleRef says itself which kind it means.
  bool has_kind_of_role_ref(const Candidate& candidate) const {
    if (!reference_->path.ends_with("roleRef/name")) return true;
    const Node* group = resource_.tree.find("roleRef", "apiGroup");
    const Node* kind = resource_.tree.find("roleRef", "kind");
    if (!group || !kind) return true;
    return was_kind(*candidate.resource, {.kind = kind->is_string() ? kind->string() : "",
                                          .group = group->is_string() ? group->string() : ""});
  }

  static std::set<std::string> namespaces_of_subjects(const Resource& resource) {
    std::set<std::string> namespaces;
    const Node* subjects = resource.tree.get("subjects");
    if (kind_of(resource) != "RoleBinding" || !subjects || !subjects->is_array()) return namespaces;
    for (const Node& subject : subjects->array()) {
      if (subject.text("kind") == "ServiceAccount" && subject.get("namespace"))
        namespaces.emplace(subject.text("namespace"));
    }
    return namespaces;
  }

  Resource& resource_;
  const CandidateIndex& index_;
  ResourceId id_;
  std::set<std::string> binding_namespaces_;
  const NameReference* reference_ = nullptr;
};

}  // namespace

Result<void> fix_name_references(Resources& resources) {
  const CandidateIndex index(resources);
  const std::vector<NameReference> references = name_references();
  for (Resource& resource : resources) {
    const GroupVersionKind gvk = original_id(resource).gvk;
    Referrer referrer(resource, index);
    for (const NameReference& reference : references) {
      const NameReference::Kind& kind = reference.referrer;
      if (is_selected(gvk, kind.group, kind.version, kind.kind)) {
        TRY(with_context(referrer.fix(reference),
                         fmt::format("while fixing the references of {}", describe(resource))));
      }
    }
  }
  return {};
}

}  // namespace gantry::kube::kustomize
