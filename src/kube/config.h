#pragma once

// Configuration: ConfigMaps with their text, Secrets without.

#include "base/source.h"
#include "kube/object.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::kube {

struct ConfigEntry {
  std::string key;
  std::string_view value;  // lives in the ConfigMap's document
  base::SourcePos where;   // of the value
};

struct ConfigMap {
  Object object;
  std::vector<ConfigEntry> data;  // sorted by key
  std::vector<std::string> binary_keys;
  bool immutable = false;

  // Null when there is none such.
  const ConfigEntry* find(std::string_view key) const;
  bool has_key(std::string_view key) const;  // binary ones too
};

struct SecretKey {
  std::string key;
  base::SourcePos where;
};

// Values never get this far: they are dropped while loading, from the document, from stringData and from the annotation in
// which `kubectl apply` keeps a copy.
struct Secret {
  Object object;
  std::string type;             // "Opaque" when not written
  std::vector<SecretKey> keys;  // of data and stringData, sorted
  bool immutable = false;

  bool has_key(std::string_view key) const;
};

}  // namespace gantry::kube
