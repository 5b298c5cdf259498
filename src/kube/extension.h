#pragma once

// What extends the API server and is called by it: custom resources, webhooks, aggregated APIs.

#include "base/source.h"
#include "kube/object.h"
#include "kube/port.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gantry::kube {

// A Service that the API server connects to.
struct CalledService {
  std::string name_space;
  std::string name;
  std::string path;
  Port port{443};
  base::SourcePos where;
};

struct CustomResourceDefinition {
  Object object;
  std::string group;
  std::string kind;
  std::string plural;
  Scope scope = Scope::namespaced;
  std::vector<std::string> served_versions;
  std::optional<CalledService> conversion;
};

struct Webhook {
  std::string name;
  std::optional<CalledService> service;
  std::string url;  // when it is no Service
  std::string failure_policy = "Fail";
  base::SourcePos where;
};

struct WebhookConfiguration {
  enum class Kind : std::uint8_t { validating, mutating };
  Object object;
  Kind kind = Kind::validating;
  std::vector<Webhook> webhooks;
};

struct ApiService {
  Object object;
  std::optional<CalledService> service;  // absent: served by the API server itself
};

}  // namespace gantry::kube
