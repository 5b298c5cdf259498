// ConfigMaps and Secrets: Kubernetes API reference, core/v1.

#include "kube/names.h"
#include "kube/readers.h"
#include "kube/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::kube {

namespace {

constexpr std::string_view kConfigMapFields[] = {"apiVersion", "binaryData", "data", "immutable", "kind", "metadata"};
constexpr std::string_view kSecretFields[] = {"apiVersion", "data",       "immutable", "kind",
                                              "metadata",   "stringData", "type"};

void check_key(const Fields& entries, const base::Node::Member& member) {
  if (const auto why = invalid_config_key(member.key)) {
    entries.problems().reject(member.key_pos, fmt::format("{}: key {} {}", entries.path(), quoted(member.key), *why));
  }
}

}  // namespace

ConfigMap parse_config_map(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  root.only(kConfigMapFields);
  const Fields data = root.map("data");
  const Fields binary = root.map("binaryData");
  ConfigMap config;
  config.object = object;
  config.immutable = root.flag("immutable");
  if (data.present()) {
    for (const base::Node::Member& member : data.node()->map()) {
      check_key(data, member);
      const bool readable = member.value.is_null() || data.text_of(member).has_value();
      const std::string_view text =
          member.value.is_string() ? std::string_view(member.value.string()) : std::string_view();
      if (readable) config.data.push_back({.key = member.key, .value = text, .where = member.value.pos()});
    }
  }
  if (binary.present()) {
    for (const base::Node::Member& member : binary.node()->map()) config.binary_keys.push_back(member.key);
  }
  std::ranges::sort(config.data, {}, &ConfigEntry::key);
  std::ranges::sort(config.binary_keys);
  return config;
}

Secret parse_secret(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  root.only(kSecretFields);
  Secret secret;
  secret.object = object;
  secret.type = root.text("type", "Opaque");
  secret.immutable = root.flag("immutable");
  for (const std::string_view key : {"data", "stringData"}) {
    const Fields entries = root.map(key);
    if (!entries.present()) continue;
    for (const base::Node::Member& member : entries.node()->map()) {
      check_key(entries, member);
      // The loader has made null of every text, and keeps the kind of what is none.
      entries.text_of(member);
      secret.keys.push_back({.key = member.key, .where = member.key_pos});
    }
  }
  std::ranges::stable_sort(secret.keys, {}, &SecretKey::key);
  const auto repeated = std::ranges::unique(secret.keys, {}, &SecretKey::key);
  secret.keys.erase(repeated.begin(), repeated.end());
  return secret;
}

const ConfigEntry* ConfigMap::find(std::string_view key) const {
  const auto it = std::ranges::lower_bound(data, key, {}, &ConfigEntry::key);
  return it != data.end() && it->key == key ? &*it : nullptr;
}

bool ConfigMap::has_key(std::string_view key) const {
  return find(key) != nullptr || std::ranges::binary_search(binary_keys, key);
}

bool Secret::has_key(std::string_view key) const { return std::ranges::binary_search(keys, key, {}, &SecretKey::key); }

}  // namespace gantry::kube
