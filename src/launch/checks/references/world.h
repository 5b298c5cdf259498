#pragma once

// What manifests may refer to: the whole system, with what operators and the API server make of it. Built once for a check.

#include "base/finding.h"
#include "kube/snapshot.h"
#include "launch/checks/system/pod_classes.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

// The keys of a Secret that something declares. `complete` is false where an operator fetches keys that no manifest names.
struct DeclaredKeys {
  std::set<std::string, std::less<>> keys;
  bool complete = true;
  std::string declared_by;  // "ExternalSecret shop/db"
};

class World {
 public:
  // Everything points into the snapshot.
  explicit World(const kube::Snapshot& snapshot);

  const kube::Snapshot& snapshot() const { return snapshot_; }
  const std::vector<PodClass>& pods() const { return pods_; }

  // Null: nothing declares it. Secrets that are written, and those that an ExternalSecret, SealedSecret or Certificate makes.
  const DeclaredKeys* find_secret(std::string_view name_space, std::string_view name) const;
  // ConfigMaps that are written; kube-root-ca.crt is in every namespace.
  const DeclaredKeys* find_config_map(std::string_view name_space, std::string_view name) const;

  // Names of things of one namespace that come nearest, for "did you mean".
  std::vector<std::string_view> secret_names(std::string_view name_space) const;
  std::vector<std::string_view> config_map_names(std::string_view name_space) const;

  // Namespaces that are there without a manifest: "default" and those of Kubernetes itself.
  static bool is_given_namespace(std::string_view name);

 private:
  using ByName = std::map<std::string, DeclaredKeys, std::less<>>;
  using Declared = std::map<std::string, ByName, std::less<>>;  // by namespace
  static const DeclaredKeys* find(const Declared& declared, std::string_view name_space, std::string_view name);
  static std::vector<std::string_view> names(const Declared& declared, std::string_view name_space);
  void add_secret(std::string_view name_space, std::string_view name, DeclaredKeys keys);

  kube::Snapshot snapshot_;
  std::vector<PodClass> pods_;
  Declared secrets_;
  Declared config_maps_;
};

// The system with the objects of a path that it does not have. Errors: those of build_snapshot.
base::Result<kube::Snapshot> join_snapshots(const kube::Snapshot& system, const kube::Snapshot& path);

// "did you mean NAME?", or `otherwise`.
std::string nearest_fix(std::string_view name, const std::vector<std::string_view>& known, std::string otherwise);

// Where a member of the object's document is written; the object itself when there is none such.
template <typename... Steps>
base::SourcePos position_of(const kube::Object& object, const Steps&... steps) {
  const base::Node* found = object.document ? object.document->find(steps...) : nullptr;
  return found ? found->pos() : object.pos();
}

}  // namespace gantry::launch
