#pragma once

// `load:` of gantry.yaml: what load tests take as given, and the programs that they may start to be tested. As commands of a `command`
// check, those are named in the workspace's own file, as a list of words: a plan only says which.
//
//   load:
//     target: local                          # of those below, where a block names none
//     expect: [rate >= 100, p95 < 500ms]     # where a block says nothing of its own
//     targets:
//       local:
//         run: [kgent-api]                   # found in PATH, or beside gantry
//         env: {API_PORT: "{port}"}          # {port} is a free one
//         url: http://127.0.0.1:{port}       # told to the script as BASE_URL
//         health: /health

#include "base/node.h"
#include "base/result.h"

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gantry::launch {

struct LoadTarget {
  std::vector<std::string> argv;                         // never empty; no shell
  std::string directory;                                 // relative to the workspace
  std::vector<std::pair<std::string, std::string>> env;  // beside what is inherited
  std::string url;                                       // "http://127.0.0.1:{port}"
  std::string health = "/health";                        // a path that answers 200 once the program is ready
  std::string variable = "BASE_URL";                     // of the script's __ENV: the URL
  std::chrono::milliseconds ready_within = std::chrono::seconds(30);
  base::SourcePos where;
};

struct LoadDefaults {
  std::string target;               // "" when not given
  std::vector<std::string> expect;  // "rate >= 100"
  std::map<std::string, LoadTarget, std::less<>> targets;
  base::Node text;  // as written; null when not given: a change of it makes evidence stale
};

// Errors: input, with position: an unknown key, a kind that is another, a target that is none of those named.
base::Result<LoadDefaults> read_load_defaults(const base::Node& node);

}  // namespace gantry::launch
