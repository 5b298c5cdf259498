#pragma once

// The kubectl program, which knows every way to log in to a cluster. Behind a seam, so that tests need neither it nor a
// cluster.

#include "base/node.h"
#include "base/result.h"

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::kube {

struct KubectlVersion {
  std::string client;  // "v1.32.3"
  std::string server;  // "" when it was not asked
};

enum class ApplyMode {
  server_dry_run,  // --dry-run=server: admitted or not, nothing stored
  really,
};

// What happened to one object, as kubectl printed it: "networkpolicy.networking.k8s.io/allow-nats", "created".
struct AppliedObject {
  std::string object;
  std::string action;  // "created", "configured", "unchanged"
};

struct ApplyReport {
  std::vector<AppliedObject> objects;
  std::vector<std::string> warnings;    // "Warning: …" lines
  std::vector<std::string> rejections;  // one for each object that the API server refused, in its own words
  bool accepted() const { return rejections.empty(); }
};

// Manifests as YAML, given on standard input, and the namespace (-n) for objects that name none; "": the context's. Both belong
// to the caller.
struct ApplyInput {
  std::string_view manifests;
  std::string_view name_space = {};
};

struct DiffReport {
  bool differs = false;
  std::string text;  // unified diff; values of Secrets are masked by kubectl
};

// One cluster, by its context. Every call blocks, has a time limit, and can be stopped.
// Errors: environment: the program is missing, no such context (names those there are), the cluster does not answer,
// credentials expired, forbidden (names the verb and resource). Each says what to do.
class Kubectl {
 public:
  virtual ~Kubectl() = default;

  virtual const std::string& context() const = 0;
  virtual base::Result<KubectlVersion> version(std::stop_token stop = {}) = 0;

  // Every object of the kinds that engines ask about and that this server has, of all namespaces, as the server reports them;
  // a kind that may not be listed is an error. Secrets come without values: only type and keys leave the cluster.
  virtual base::Result<std::vector<base::Node>> read_objects(std::stop_token stop = {}) = 0;

  // A refusal is no error: it is in the report.
  virtual base::Result<ApplyReport> apply(const ApplyInput& input, ApplyMode mode, std::stop_token stop = {}) = 0;
  virtual base::Result<DiffReport> diff(const ApplyInput& input, std::stop_token stop = {}) = 0;
};

struct KubectlOptions {
  std::string program = "kubectl";  // looked up in PATH, or a path
  std::string context;
  std::chrono::milliseconds call_time_max = std::chrono::minutes(2);  // one call of the program
  std::uint64_t output_bytes_max = 2ULL << 30;  // what one list may be: 100,000 pods are about 1 GB
};

// Runs nothing yet.
std::unique_ptr<Kubectl> make_kubectl(KubectlOptions options);

// The contexts of the kubeconfig, sorted. Errors: environment.
base::Result<std::vector<std::string>> list_contexts(const KubectlOptions& options, std::stop_token stop = {});

}  // namespace gantry::kube
