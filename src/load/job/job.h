#pragma once

// A Kubernetes Indexed Job that runs a script in several pods at once, each with its part of the load, and one more Job that merges what
// they found: docs/formats/load-job.md.

#include "base/node.h"
#include "base/result.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace gantry::load {

struct JobRequest {
  std::string name;
  std::string name_space = {};  // "" leaves it to whoever applies it
  std::string image;            // with gantry as its entry point
  std::int64_t parallelism = 1;
  std::string server = "nats://nats:4222";        // of NATS
  std::string secret = {};                        // whose keys the script has as __ENV; "" for none
  std::vector<std::string> arguments = {};        // of gantry load run, for all parts
  std::string script;                             // its path below the root
  std::map<std::string, std::string> files = {};  // it and all that it reads, by path below the root
  std::string cpu = "1";
  std::string memory = "1Gi";
};

// A ConfigMap with the files, the Job and the Job that merges. Errors: input: a name that is none, more files than a ConfigMap holds.
base::Result<std::vector<base::Node>> make_job(const JobRequest& request);

}  // namespace gantry::load
