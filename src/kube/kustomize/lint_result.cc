#include "kube/kustomize/lint_result.h"

#include "base/text.h"
#include "kube/kustomize/field_spec.h"
#include "kube/kustomize/lint.h"
#include "kube/labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace gantry::kube::kustomize {

using base::Node;
using base::Severity;

namespace {

constexpr std::string_view kNameLabel = "kubernetes.io/metadata.name";

// A reference that kustomize 5.5 does not follow (reference §5.1).
struct UnfollowedReference {
  std::string_view referrer;
  std::string_view path;
  std::string_view target;
};
constexpr UnfollowedReference kUnfollowed[] = {
    {"Ingress", "spec/ingressClassName", "IngressClass"},
    {"HTTPRoute", "spec/parentRefs/name", "Gateway"},
    {"HTTPRoute", "spec/rules/backendRefs/name", "Service"},
    {"GRPCRoute", "spec/parentRefs/name", "Gateway"},
    {"GRPCRoute", "spec/rules/backendRefs/name", "Service"},
    {"TCPRoute", "spec/parentRefs/name", "Gateway"},
    {"TCPRoute", "spec/rules/backendRefs/name", "Service"},
    {"TLSRoute", "spec/parentRefs/name", "Gateway"},
    {"TLSRoute", "spec/rules/backendRefs/name", "Service"},
    {"Gateway", "spec/gatewayClassName", "GatewayClass"},
    {"Gateway", "spec/listeners/tls/certificateRefs/name", "Secret"},
    {"Certificate", "spec/issuerRef/name", "Issuer"},
    {"Certificate", "spec/issuerRef/name", "ClusterIssuer"},
    {"", R"(metadata/annotations/konghq.com\/plugins)", "KongPlugin"},
    {"", R"(metadata/annotations/konghq.com\/plugins)", "KongClusterPlugin"},
    {"KongPlugin", "configFrom/secretKeyRef/name", "Secret"},
    {"KongClusterPlugin", "configFrom/secretKeyRef/name", "Secret"},
    {"KongConsumer", "credentials", "Secret"},
    {"ReplicationController", "spec/template/spec/volumes/configMap/name", "ConfigMap"},
    {"ReplicationController", "spec/template/spec/volumes/secret/secretName", "Secret"},
    {"ReplicaSet", "spec/template/spec/serviceAccountName", "ServiceAccount"},
    {"ServiceAccount", "secrets/name", "Secret"},
    {"ScaledObject", "spec/scaleTargetRef/name", "Deployment"},
    {"VerticalPodAutoscaler", "spec/targetRef/name", "Deployment"},
};

using KindAndName = std::pair<std::string, std::string>;       // "Service", "web"
using NamespaceAndName = std::pair<std::string, std::string>;  // "shop", "web"

// What was renamed and moved in this build, and what is there now.
struct Changes {
  std::map<KindAndName, const Resource*> old_names;
  std::set<KindAndName> names;
  std::map<NamespaceAndName, const Resource*> old_services;  // by the addresses they no longer have
  std::set<NamespaceAndName> services;
  std::set<std::string> old_namespaces;
  std::set<std::string> namespaces;
};

Changes changes_of(const Resources& resources) {
  Changes changes;
  for (const Resource& resource : resources) {
    const ResourceId id = current_id(resource);
    const bool is_service = id.gvk.kind == "Service";
    changes.names.emplace(id.gvk.kind, id.name);
    changes.namespaces.insert(id.gvk.kind == "Namespace" ? id.name : id.name_space);
    if (is_service) changes.services.emplace(id.name_space, id.name);
    for (const Resource::Identity& old : resource.previous) {
      if (old.name != id.name) changes.old_names.emplace(KindAndName(old.kind, old.name), &resource);
      if (is_service) changes.old_services.emplace(NamespaceAndName(old.name_space, old.name), &resource);
      changes.old_namespaces.insert(old.kind == "Namespace" ? old.name : old.name_space);
    }
  }
  for (const NamespaceAndName& present : changes.services) changes.old_services.erase(present);
  for (const std::string& present : changes.namespaces) changes.old_namespaces.erase(present);
  return changes;
}

// Names in a scalar: one, or several with commas between them (Kong's annotation).
std::vector<std::string> names_in(const Node& node) {
  std::vector<std::string> names;
  const std::string text = scalar_text(node);
  for (const std::string_view part : base::split(text, ',')) names.emplace_back(base::trim(part));
  return names;
}

class ResultLint {
 public:
  ResultLint(Build& build, const Resources& resources) : build_(build), changes_(changes_of(resources)) {}

  void check(Resource& resource) {
    check_references(resource);
    check_addresses(resource, resource.tree);
    if (kind_of(resource) == "NetworkPolicy") check_namespace_selectors(resource, resource.tree);
    if (kind_of(resource) == "Namespace") check_name_label(resource);
    check_name(resource);
    check_labels(resource);
  }

 private:
  void check_references(Resource& resource) {
    for (const UnfollowedReference& reference : kUnfollowed) {
      if (!reference.referrer.empty() && reference.referrer != kind_of(resource)) continue;
      const FieldSpec spec{.path = reference.path};
      const auto check_node = [&](Node& node) -> base::Result<void> {
        for (const Node& name : node.is_array() ? node.array() : Node::Array{node})
          check_reference(resource, reference, name);
        return {};
      };
      // A field of another shape than expected holds no reference.
      static_cast<void>(visit_field(resource, spec, Leaf::none, resource.tree.pos(), check_node));
    }
  }

  void check_reference(const Resource& resource, const UnfollowedReference& reference, const Node& node) {
    for (const std::string& name : names_in(node)) {
      const KindAndName wanted(reference.target, name);
      const auto renamed = changes_.old_names.find(wanted);
      if (renamed == changes_.old_names.end() || changes_.names.contains(wanted)) continue;
      build_.warn(
          {.rule = "kustomize.reference-not-followed",
           .severity = Severity::high,
           .object = describe(resource),
           .where = node.pos(),
           .message = fmt::format("{} still names {} \"{}\", which is now \"{}\"", describe(resource), reference.target,
                                  name, name_of(*renamed->second)),
           .explanation = fmt::format("kustomize 5.5 renames the {} and does not know that {} refers to it",
                                      reference.target, reference.path),
           .fix = "copy the name with `replacements`, or take the object out of the reach of the prefix or suffix",
           .related = {{.where = renamed->second->tree.pos(), .note = "the renamed object"}}});
    }
  }

  void check_addresses(const Resource& resource, const Node& node) {
    if (changes_.old_services.empty()) return;
    if (node.is_array()) {
      for (const Node& element : node.array()) check_addresses(resource, element);
    } else if (node.is_map()) {
      for (const Node::Member& member : node.map()) check_addresses(resource, member.value);
    } else if (node.is_string()) {
      check_text(resource, node);
    }
  }

  // Host names in a text: after "//" or "@", or before ".svc" or ":port".
  void check_text(const Resource& resource, const Node& node) {
    constexpr std::string_view kHostCharacters = "abcdefghijklmnopqrstuvwxyz0123456789-.";
    const std::string_view text = node.string();
    std::set<std::string_view> hosts;
    for (std::size_t start = text.find_first_of(kHostCharacters); start != std::string_view::npos;) {
      const std::size_t end = std::min(text.find_first_not_of(kHostCharacters, start), text.size());
      const std::string_view host = text.substr(start, end - start);
      const std::string_view before = text.substr(0, start);
      const bool has_port = end + 1 < text.size() && text[end] == ':' && text[end + 1] >= '0' && text[end + 1] <= '9';
      if (before.ends_with("//") || before.ends_with('@') || has_port || host.find(".svc") != std::string_view::npos)
        hosts.insert(host);
      start = text.find_first_of(kHostCharacters, end);
    }
    for (const std::string_view host : hosts) check_host(resource, node, host);
  }

  // "web" is a Service of the same namespace, "web.shop" and "web.shop.svc..." one of shop.
  void check_host(const Resource& resource, const Node& node, std::string_view host) {
    const std::vector<std::string_view> labels = base::split(host, '.');
    if (labels.size() > 2 && labels[2] != "svc") return;
    const std::string name_space = labels.size() > 1 ? std::string(labels[1]) : current_id(resource).name_space;
    const auto old = changes_.old_services.find(NamespaceAndName(name_space, labels[0]));
    if (old == changes_.old_services.end()) return;
    build_.warn({.rule = "kustomize.stale-address",
                 .severity = Severity::high,
                 .object = describe(resource),
                 .where = node.pos(),
                 .message = fmt::format("{} still addresses \"{}\", and that Service is now {}", describe(resource),
                                        host, describe(*old->second)),
                 .explanation = "kustomize renames and moves Services, and never changes addresses in texts",
                 .fix = "write the new address in the overlay, or copy the parts with `replacements`",
                 .related = {{.where = old->second->tree.pos(), .note = "the Service"}}});
  }

  void check_namespace_selectors(const Resource& policy, const Node& node) {
    if (node.is_array()) {
      for (const Node& element : node.array()) check_namespace_selectors(policy, element);
      return;
    }
    if (!node.is_map()) return;
    for (const Node::Member& member : node.map()) {
      if (member.key == "namespaceSelector") {
        check_namespace_selector(policy, member.value);
      } else {
        check_namespace_selectors(policy, member.value);
      }
    }
  }

  void check_namespace_selector(const Resource& policy, const Node& selector) {
    if (const Node* value = selector.find("matchLabels", kNameLabel)) check_selected_namespace(policy, *value);
    const Node* expressions = selector.get("matchExpressions");
    if (!expressions || !expressions->is_array()) return;
    for (const Node& expression : expressions->array()) {
      const Node* values = expression.get("values");
      if (expression.text("key") != kNameLabel || !values || !values->is_array()) continue;
      for (const Node& value : values->array()) check_selected_namespace(policy, value);
    }
  }

  void check_selected_namespace(const Resource& policy, const Node& value) {
    if (!changes_.old_namespaces.contains(scalar_text(value))) return;
    build_.warn(
        {.rule = "kustomize.stale-namespace-selector",
         .severity = Severity::high,
         .object = describe(policy),
         .where = value.pos(),
         .message = fmt::format("{} selects the namespace \"{}\", which `namespace` has emptied", describe(policy),
                                scalar_text(value)),
         .explanation = "kustomize moves objects to another namespace and leaves the selectors that name the old one",
         .fix = "patch the selector in the overlay that moves the objects",
         .related = {}});
  }

  // The API server overwrites the label on admission; until then, and in every check from files, it is wrong.
  void check_name_label(const Resource& resource) {
    const Node* label = resource.tree.find("metadata", "labels", kNameLabel);
    if (!label || scalar_text(*label) == name_of(resource)) return;
    build_.warn(
        {.rule = "kustomize.stale-namespace-label",
         .severity = Severity::low,
         .object = describe(resource),
         .where = label->pos(),
         .message = fmt::format("{} says that its name is \"{}\"", describe(resource), scalar_text(*label)),
         .explanation =
             "`namespace` renames the Namespace object and not its label; the API server sets the label to the name",
         .fix = fmt::format("remove the label {}: it is always there", kNameLabel),
         .related = {}});
  }

  // Names that kustomize has put together. Those that somebody wrote are checked with the manifests.
  void check_name(const Resource& resource) {
    constexpr std::size_t kNameMax = 253;  // a DNS subdomain, which bounds the names of all kinds but RBAC's
    const std::string name = name_of(resource);
    if (resource.prefixes.empty() && resource.suffixes.empty() && !resource.generated) return;
    if (gvk_of(resource).group == "rbac.authorization.k8s.io") return;
    const bool has_wrong_character =
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") != std::string::npos;
    const bool has_wrong_end =
        name.empty() || name.find_first_of("-.") == 0 || name.find_last_of("-.") == name.size() - 1;
    if (!has_wrong_character && !has_wrong_end && name.size() <= kNameMax) return;
    build_.warn({.rule = "kustomize.invalid-name",
                 .severity = Severity::high,
                 .object = describe(resource),
                 .where = resource.tree.pos(),
                 .message = fmt::format("the name \"{}\" that kustomize has put together is no DNS name", name),
                 .explanation = "kustomize does not check names; the API server refuses the object",
                 .fix = "use lower-case letters, digits, '-' and '.' in prefix, suffix and name",
                 .related = {}});
  }

  void check_labels(const Resource& resource) {
    const Node* labels = resource.tree.find("metadata", "labels");
    if (!labels || !labels->is_map()) return;
    for (const Node::Member& label : labels->map()) {
      const std::optional<std::string> key_reason = invalid_label_key(label.key);
      const std::optional<std::string> reason = key_reason ? key_reason : invalid_label_value(scalar_text(label.value));
      if (!reason) continue;
      build_.warn(
          {.rule = "kustomize.invalid-label",
           .severity = Severity::high,
           .object = describe(resource),
           .where = label.value.pos(),
           .message = fmt::format("the {} of label {}: {} {}", key_reason ? "key" : "value", label.key,
                                  scalar_text(label.value), *reason),
           .explanation = "kustomize does not check labels; the API server refuses the object",
           .fix = "use at most 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit",
           .related = {}});
    }
  }

  Build& build_;
  Changes changes_;
};

}  // namespace

void lint_result(Build& build, Resources& resources) {
  ResultLint lint(build, resources);
  for (Resource& resource : resources) lint.check(resource);
}

}  // namespace gantry::kube::kustomize
