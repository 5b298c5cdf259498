#pragma once

// A Kubernetes Indexed Job that runs a script in several pods at once, each with its part of the load, and one more Job that merges what
// they found: docs/formats/load-job.md.

#include "base/node.h"
#include "base/result.h"
#include "load/load.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {

struct JobRequest {
  std::string name;
  std::string name_space = {};  // "" leaves it to whoever applies it
  std::string image;            // with gantry as its entry point
  std::int64_t parallelism = 1;
  std::string server = "nats://nats:4222";        // of NATS
  std::string secret = {};                        // whose keys the script has as __ENV; "" for none
  std::string secret_files = {};                  // a Secret that is mounted at kJobSecrets; "" for none
  std::vector<std::string> arguments = {};        // of gantry load run, for all parts
  std::vector<std::string> merge_arguments = {};  // of gantry load merge
  std::string script;                             // its path below the root
  std::map<std::string, std::string> files = {};  // it and all that it reads, by path below the root
  std::chrono::seconds start_within{600};         // from when the Job is there until all of its pods are ready
  std::chrono::seconds longest{3600};             // how long a run may take from then on
  std::string cpu = "1";
  std::string memory = "1Gi";
};

// Where the pods find the files of the ConfigMap and of the Secret.
inline constexpr std::string_view kJobFiles = "/scripts";
inline constexpr std::string_view kJobSecrets = "/secrets";

// How long a run of these options may take, setup, grace and all. Errors: input: no timeouts.
base::Result<std::chrono::seconds> longest_run(const RunOutcome& evaluated);

// A ConfigMap with the files, the Job and the Job that merges; none of them outlasts its time. Errors: input: a name that is none, more
// files than a ConfigMap holds.
base::Result<std::vector<base::Node>> make_job(const JobRequest& request);

}  // namespace gantry::load
