#include "launch/checks/references/world.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::launch {

using base::Node;
using kube::Object;

namespace {

// The ConfigMap with the cluster's certificate authority, which the control plane keeps in every namespace.
constexpr std::string_view kRootCaName = "kube-root-ca.crt";

void add_map_keys(const Node* map, DeclaredKeys& keys) {
  if (!map || !map->is_map()) return;
  for (const Node::Member& member : map->map()) keys.keys.insert(member.key);
}

// ---- What operators make a Secret of (external-secrets.io, bitnami.com, cert-manager.io)

struct MadeSecret {
  std::string name;
  DeclaredKeys keys;
};

std::string_view first_text(std::string_view a, std::string_view b) { return a.empty() ? b : a; }

bool has_elements(const Node* list) { return list && list->is_array() && !list->array().empty(); }

// `spec` of an ExternalSecret: spec.target names the Secret, spec.data its keys; a template replaces them unless it merges,
// and dataFrom brings what the vault holds.
MadeSecret read_external_secret(const Node& spec, std::string_view own_name) {
  MadeSecret made{.name = std::string(first_text(spec.text("target", "name"), own_name)), .keys = {}};
  const Node* form = spec.find("target", "template");
  const bool is_replaced = form && form->find("data") && form->text("mergePolicy") != "Merge";
  if (const Node* data = spec.get("data"); !is_replaced && data && data->is_array())
    for (const Node& entry : data->array()) made.keys.keys.insert(std::string(entry.text("secretKey")));
  if (form) add_map_keys(form->find("data"), made.keys);
  made.keys.complete =
      (is_replaced || !has_elements(spec.get("dataFrom"))) && !(form && has_elements(form->find("templateFrom")));
  return made;
}

MadeSecret read_sealed_secret(const Node& spec, std::string_view own_name) {
  MadeSecret made{.name = std::string(first_text(spec.text("template", "metadata", "name"), own_name)), .keys = {}};
  add_map_keys(spec.get("encryptedData"), made.keys);
  add_map_keys(spec.find("template", "data"), made.keys);
  return made;
}

// Keystores and other output formats add keys; the three below are always there.
MadeSecret read_certificate(const Node& spec, std::string_view) {
  MadeSecret made{.name = std::string(spec.text("secretName")), .keys = {}};
  made.keys.keys = {"ca.crt", "tls.crt", "tls.key"};
  made.keys.complete = !spec.get("keystores") && !spec.get("additionalOutputFormats");
  return made;
}

struct SecretMaker {
  std::string_view group;
  std::string_view kind;
  MadeSecret (*read)(const Node& spec, std::string_view own_name);
};
constexpr std::array kMakers = {
    SecretMaker{"external-secrets.io", "ExternalSecret", read_external_secret},
    SecretMaker{"bitnami.com", "SealedSecret", read_sealed_secret},
    SecretMaker{"cert-manager.io", "Certificate", read_certificate},
};

// cert-manager makes the Secrets of an Ingress or Gateway that asks for an issuer by annotation.
constexpr std::array<std::string_view, 2> kIssuerAnnotations = {"cert-manager.io/issuer",
                                                                "cert-manager.io/cluster-issuer"};

bool has_issuer(const Object& object) {
  return std::ranges::any_of(kIssuerAnnotations,
                             [&](std::string_view key) { return object.annotations.find(key) != nullptr; });
}

DeclaredKeys certificate_keys(const Object& object) {
  return {.keys = {"ca.crt", "tls.crt", "tls.key"}, .complete = true, .declared_by = to_string(object.id)};
}

}  // namespace

World::World(const kube::Snapshot& snapshot) : snapshot_(snapshot), pods_(collect_pod_classes(snapshot)) {
  for (const kube::Secret& secret : snapshot->secrets) {
    DeclaredKeys keys{.keys = {},
                      .complete = secret.type != "kubernetes.io/service-account-token",
                      .declared_by = to_string(secret.object.id)};
    for (const kube::SecretKey& key : secret.keys) keys.keys.insert(key.key);
    add_secret(secret.object.id.name_space, secret.object.id.name, std::move(keys));
  }
  for (const Object& object : snapshot->others) {
    const auto maker = std::ranges::find_if(
        kMakers, [&](const SecretMaker& m) { return m.group == object.id.group && m.kind == object.id.kind; });
    const Node* spec = object.document ? object.document->get("spec") : nullptr;
    if (maker == kMakers.end() || !spec || !spec->is_map()) continue;
    MadeSecret made = maker->read(*spec, object.id.name);
    made.keys.declared_by = to_string(object.id);
    add_secret(object.id.name_space, made.name, std::move(made.keys));
  }
  for (const kube::Ingress& ingress : snapshot->ingresses)
    for (const kube::IngressTls& tls : ingress.tls)
      if (has_issuer(ingress.object))
        add_secret(ingress.object.id.name_space, tls.secret, certificate_keys(ingress.object));
  for (const kube::Gateway& gateway : snapshot->gateways)
    for (const kube::Listener& listener : gateway.listeners)
      for (const std::string& secret : listener.certificate_secrets)
        if (has_issuer(gateway.object))
          add_secret(gateway.object.id.name_space, secret, certificate_keys(gateway.object));
  for (const kube::ConfigMap& map : snapshot->config_maps) {
    DeclaredKeys keys{.keys = {map.binary_keys.begin(), map.binary_keys.end()},
                      .complete = true,
                      .declared_by = to_string(map.object.id)};
    for (const kube::ConfigEntry& entry : map.data) keys.keys.insert(entry.key);
    config_maps_[map.object.id.name_space].emplace(map.object.id.name, std::move(keys));
  }
}

// Several may write into one Secret (creationPolicy: Merge): their keys add up.
void World::add_secret(std::string_view name_space, std::string_view name, DeclaredKeys keys) {
  const auto [known, is_new] = secrets_[std::string(name_space)].try_emplace(std::string(name), keys);
  if (is_new) return;
  known->second.keys.merge(keys.keys);
  known->second.complete = known->second.complete && keys.complete;
}

const DeclaredKeys* World::find(const Declared& declared, std::string_view name_space, std::string_view name) {
  const auto in_namespace = declared.find(name_space);
  if (in_namespace == declared.end()) return nullptr;
  const auto found = in_namespace->second.find(name);
  return found == in_namespace->second.end() ? nullptr : &found->second;
}

const DeclaredKeys* World::find_secret(std::string_view name_space, std::string_view name) const {
  return find(secrets_, name_space, name);
}

const DeclaredKeys* World::find_config_map(std::string_view name_space, std::string_view name) const {
  static const DeclaredKeys kRootCa{.keys = {"ca.crt"}, .complete = true, .declared_by = "the control plane"};
  return name == kRootCaName ? &kRootCa : find(config_maps_, name_space, name);
}

std::vector<std::string_view> World::names(const Declared& declared, std::string_view name_space) {
  std::vector<std::string_view> names;
  const auto in_namespace = declared.find(name_space);
  if (in_namespace == declared.end()) return names;
  for (const auto& [name, keys] : in_namespace->second) names.push_back(name);
  return names;
}

std::vector<std::string_view> World::secret_names(std::string_view name_space) const {
  return names(secrets_, name_space);
}

std::vector<std::string_view> World::config_map_names(std::string_view name_space) const {
  return names(config_maps_, name_space);
}

bool World::is_given_namespace(std::string_view name) { return name == "default" || name.starts_with("kube-"); }

base::Result<kube::Snapshot> join_snapshots(const kube::Snapshot& system, const kube::Snapshot& path) {
  const auto is_missing = [&](const Object& object) { return object.document && !system.find(object.id); };
  if (std::ranges::none_of(path->objects, is_missing)) return system;
  std::vector<Node> documents;
  for (const Object& object : system->objects)
    if (object.document) documents.push_back(*object.document);
  for (const Object& object : path->objects)
    if (is_missing(object)) documents.push_back(*object.document);
  return kube::build_snapshot(std::move(documents), {}, system->sources);
}

std::string nearest_fix(std::string_view name, const std::vector<std::string_view>& known, std::string otherwise) {
  const std::optional<std::string_view> nearest = base::nearest_name(name, known);
  return nearest ? fmt::format("did you mean {}?", *nearest) : std::move(otherwise);
}

}  // namespace gantry::launch
