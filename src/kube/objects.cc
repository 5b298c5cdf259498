#include "kube/objects.h"

#include "base/text.h"
#include "kube/fields.h"
#include "kube/kinds.h"
#include "kube/names.h"
#include "kube/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace gantry::kube {

namespace {

using base::Finding;
using base::Node;
using base::Result;

// ---- Lists ----

bool is_list(const Node& document) {
  if (!document.is_map() || !document.text("kind").ends_with("List")) return false;
  const Node* items = document.get("items");
  return items != nullptr && (items->is_array() || items->is_null());
}

// Items of a PodList that come straight from the API server say neither kind nor version: the list does.
void name_item(Node& item, const Node& list) {
  if (!item.is_map()) return;
  const std::string_view kind = list.text("kind");
  if (kind == "List") return;
  if (item.get("kind") == nullptr)
    item.set("kind", Node(kind.substr(0, kind.size() - std::string_view("List").size()), item.pos()));
  if (item.get("apiVersion") == nullptr) item.set("apiVersion", Node(list.text("apiVersion"), item.pos()));
}

// Lists may hold lists; the loader's depth limit bounds the recursion.
void flatten(Node&& document, std::vector<Node>& out) {
  if (document.is_null()) return;
  if (!is_list(document)) {
    out.push_back(std::move(document));
    return;
  }
  Node* items = document.get("items");
  if (items->is_null()) return;
  for (Node& item : items->array()) {
    name_item(item, document);
    flatten(std::move(item), out);
  }
}

// ---- Identity ----

// "apps/v1" -> "apps", "v1"; "v1" -> "", "v1".
std::pair<std::string_view, std::string_view> split_api_version(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return {"", text};
  return {text.substr(0, slash), text.substr(slash + 1)};
}

// Longer than any name that the API server stores: kinds, names and namespaces of this size only cost memory.
constexpr std::size_t kNameMax = 253;

Result<std::string> checked_name(std::string_view what, const Node& value) {
  if (value.string().size() <= kNameMax) return value.string();
  return base::input_error(fmt::format("{} is longer than {} characters", what, kNameMax), value.pos());
}

Result<std::string> require_text(const Node& document, std::string_view key) {
  const Node* value = document.get(key);
  if (value == nullptr || value->is_null() || (value->is_string() && value->string().empty())) {
    return base::input_error(
        fmt::format("this is no Kubernetes object: it has no {}", key), document.pos(),
        "move files that are no manifests elsewhere, or list the manifests in a kustomization.yaml");
  }
  if (!value->is_string()) {
    return base::input_error(fmt::format("{} must be a string, not {}", key, with_article(value->kind())),
                             value->pos());
  }
  return checked_name(key, *value);
}

Result<std::string> require_name(const Node& document, std::string_view kind) {
  const Node* metadata = document.get("metadata");
  if (metadata != nullptr && !metadata->is_null() && !metadata->is_map()) {
    return base::input_error(fmt::format("metadata must be a map, not {}", with_article(metadata->kind())),
                             metadata->pos());
  }
  const Node* name = document.find("metadata", "name");
  if (name != nullptr && name->is_string() && !name->string().empty()) return checked_name("metadata.name", *name);
  if (name != nullptr && !name->is_null() && !name->is_string()) {
    return base::input_error(fmt::format("metadata.name must be a string, not {}", with_article(name->kind())),
                             name->pos(), "put it in quotes");
  }
  const bool generated = !document.text("metadata", "generateName").empty();
  return base::input_error(fmt::format("this {} has no metadata.name", kind), document.pos(),
                           generated ? "give it a name: kubectl apply refuses generateName" : "");
}

// What only an API server writes. A list that somebody has trimmed may still tell it of pods: nobody else knows their phase or address.
bool is_reported(const Node& document) {
  if (!document.text("metadata", "uid").empty() || !document.text("metadata", "resourceVersion").empty()) return true;
  const bool has_status = !document.text("status", "phase").empty() || !document.text("status", "podIP").empty();
  return document.text("kind") == "Pod" && has_status;
}

Result<Draft> identify(Node&& document) {
  if (!document.is_map()) {
    return base::input_error(
        fmt::format("a document must be a Kubernetes object, not {}", with_article(document.kind())), document.pos());
  }
  Draft draft;
  const std::string api_version = TRY(require_text(document, "apiVersion"));
  const auto [group, version] = split_api_version(api_version);
  draft.object.id.group = group;
  draft.object.version = version;
  draft.object.id.kind = TRY(require_text(document, "kind"));
  draft.object.id.name = TRY(require_name(document, draft.object.id.kind));
  const Node* name_space = document.find("metadata", "namespace");
  if (name_space != nullptr && name_space->is_string()) {
    draft.object.id.name_space = TRY(checked_name("metadata.namespace", *name_space));
  }
  draft.object.uid = document.text("metadata", "uid");
  draft.object.origin = is_reported(document) ? Origin::live : Origin::written;
  draft.document = std::move(document);
  return draft;
}

// ---- Scope ----

using CustomScopes = std::map<std::pair<std::string, std::string>, Scope>;

CustomScopes collect_custom_scopes(const std::vector<Draft>& drafts) {
  CustomScopes scopes;
  for (const Draft& draft : drafts) {
    if (draft.object.id.kind != "CustomResourceDefinition" || draft.object.id.group != "apiextensions.k8s.io") continue;
    const std::string_view scope = draft.document.text("spec", "scope");
    const std::string kind(draft.document.text("spec", "names", "kind"));
    scopes[{std::string(draft.document.text("spec", "group")), kind}] =
        scope == "Cluster" ? Scope::cluster : Scope::namespaced;
  }
  return scopes;
}

Scope find_scope(const ObjectId& id, const CustomScopes& custom) {
  const Scope scope = scope_of(id.group, id.kind);
  if (scope != Scope::unknown) return scope;
  const auto it = custom.find({id.group, id.kind});
  return it == custom.end() ? Scope::unknown : it->second;
}

void settle_namespace(Draft& draft, const CustomScopes& custom, const SnapshotOptions& options,
                      std::vector<Finding>& findings) {
  ObjectId& id = draft.object.id;
  const Scope scope = find_scope(id, custom);
  if (scope == Scope::namespaced && id.name_space.empty()) id.name_space = options.default_namespace;
  if (scope != Scope::cluster || id.name_space.empty()) return;
  Finding finding;
  finding.rule = "object.scope";
  finding.severity = base::Severity::low;
  finding.message =
      fmt::format("{} {} is in no namespace, but metadata.namespace says {}", id.kind, id.name, quoted(id.name_space));
  finding.explanation = "The API server ignores the namespace of a cluster-scoped object.";
  finding.fix = "remove metadata.namespace";
  finding.where = draft.document.find("metadata", "namespace")->pos();
  id.name_space.clear();
  finding.object = to_string(id);
  findings.push_back(std::move(finding));
}

// ---- Metadata ----

std::vector<OwnerRef> read_owners(const Fields& metadata) {
  std::vector<OwnerRef> owners;
  metadata.each("ownerReferences", [&](const Fields& fields) {
    const std::string api_version = fields.text("apiVersion");
    OwnerRef owner;
    owner.group = split_api_version(api_version).first;
    owner.kind = fields.text("kind");
    owner.name = fields.text("name");
    owner.uid = fields.text("uid");
    owner.controller = fields.flag("controller");
    owners.push_back(std::move(owner));
  });
  return owners;
}

std::optional<std::string> invalid_name(NameRule rule, std::string_view name) {
  switch (rule) {
    case NameRule::dns_subdomain: return invalid_dns_subdomain(name);
    case NameRule::dns_label: return invalid_dns_label(name);
    case NameRule::dns1035_label: return invalid_dns1035_label(name);
    case NameRule::path_segment: return invalid_path_segment(name);
  }
  return std::nullopt;
}

void read_metadata(Draft& draft, std::vector<Finding>& findings) {
  Object& object = draft.object;
  Problems problems(object, findings);
  const Fields root(draft.document, problems);
  const Fields metadata = root.map("metadata");
  object.labels = metadata.labels("labels");
  object.annotations = metadata.string_map("annotations");
  object.owners = read_owners(metadata);
  object.generation = metadata.integer_or("generation", 0, kAnyInt64);
  metadata.optional_text("namespace");
  const BuiltinKind* builtin = find_builtin_kind(object.id.group, object.id.kind);
  if (builtin != nullptr) {
    if (const auto why = invalid_name(builtin->names, object.id.name)) {
      metadata.reject("name",
                      fmt::format("{} is no name for a {}: it {}", quoted(object.id.name), object.id.kind, *why));
    }
  }
  if (!object.id.name_space.empty()) {
    if (const auto why = invalid_dns_label(object.id.name_space)) {
      metadata.reject("namespace",
                      fmt::format("{} is no name for a namespace: it {}", quoted(object.id.name_space), *why));
    }
  }
  if (problems.rejected()) object.admission = Admission::rejected;
}

void check_kind(Draft& draft, std::vector<Finding>& findings) {
  const ObjectId& id = draft.object.id;
  const auto make_finding = [&] {
    Finding finding;
    finding.object = to_string(id);
    finding.where = draft.document.pos();
    return finding;
  };
  if (const RemovedVersion* removed = find_removed_version(id.group, draft.object.version, id.kind)) {
    Finding finding = make_finding();
    finding.rule = "object.removed-version";
    finding.severity = base::Severity::medium;
    finding.message = fmt::format("{} of {} is not served since Kubernetes {}", id.kind, draft.object.api_version(),
                                  removed->removed_in);
    finding.fix = fmt::format("use {}", removed->use);
    findings.push_back(std::move(finding));
  } else if (is_builtin_group(id.group) && find_builtin_kind(id.group, id.kind) == nullptr) {
    draft.object.admission = Admission::rejected;
    Finding finding = make_finding();
    const std::vector<std::string_view> kinds = builtin_kinds_of(id.group);
    const auto nearest = base::nearest_name(id.kind, kinds);
    finding.rule = "object.unknown-kind";
    finding.severity = base::Severity::high;
    finding.message = fmt::format("{} has no kind {}", draft.object.api_version(), id.kind);
    finding.explanation = "kubectl can't apply this object.";
    finding.fix = nearest ? fmt::format("did you mean {}?", *nearest) : "check apiVersion and kind";
    findings.push_back(std::move(finding));
  }
}

// Bookkeeping of the API server that nobody here asks about and that is often half of a live object.
void drop_bookkeeping(Draft& draft) {
  if (Node* metadata = draft.document.get("metadata"); metadata != nullptr && metadata->is_map())
    metadata->erase("managedFields");
}

}  // namespace

std::vector<Node> flatten_lists(std::vector<Node> documents) {
  std::vector<Node> flat;
  flat.reserve(documents.size());
  for (Node& document : documents) flatten(std::move(document), flat);
  return flat;
}

// The main sequence: nothing below it looks at more than one document, except the duplicates.
Result<std::vector<Object>> make_objects(std::vector<Node> documents, const SnapshotOptions& options,
                                         std::vector<Finding>& findings) {
  std::vector<Draft> drafts;
  drafts.reserve(documents.size());
  for (Node& document : flatten_lists(std::move(documents))) drafts.push_back(TRY(identify(std::move(document))));

  // From here on every object knows its namespace, so that identities can be compared.
  const CustomScopes custom = collect_custom_scopes(drafts);
  for (Draft& draft : drafts) settle_namespace(draft, custom, options, findings);
  for (Draft& draft : drafts) drop_bookkeeping(draft);
  resolve_duplicates(drafts, findings);

  std::vector<Object> objects;
  objects.reserve(drafts.size());
  for (Draft& draft : drafts) {
    check_kind(draft, findings);
    read_metadata(draft, findings);
    drop_secret_values(draft);
    draft.object.document = std::make_shared<const Node>(std::move(draft.document));
    objects.push_back(std::move(draft.object));
  }
  return objects;
}

}  // namespace gantry::kube
