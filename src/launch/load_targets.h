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
//         without: [openmeter]               # what it does without in a test: declared, so that nobody takes the figures for more
//         services:                          # started before it, ended after it
//           nats: {run: [nats-server, --port, "{port}", --store_dir, "{directory}"]}   # the target's env: {nats.port}

#include "base/node.h"
#include "base/result.h"

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gantry::launch {

// A program that the target depends on.
struct LoadService {
  std::string name;
  std::vector<std::string> argv;  // never empty; {port} is a free one, {directory} a folder that is gone afterwards
  base::SourcePos where;
};

struct LoadTarget {
  std::vector<std::string> argv;                         // no shell; empty: it runs by itself, and is only asked
  std::string directory;                                 // relative to the workspace
  std::vector<std::pair<std::string, std::string>> env;  // beside what is inherited, which is little
  std::vector<std::string> inherit;                      // more of that: names of variables
  std::vector<std::string> sources;                      // files and folders of the workspace that are what it runs
  std::vector<std::string>
      others;       // "auth.example.com:443": whom the script may ask besides, and the figures are about too
  std::string url;  // "http://127.0.0.1:{port}"
  std::string health = "/health";    // a path that answers 200 once the program is ready
  std::string status;                // a page that tells of its dependencies; "": the health page does
  std::string metrics;               // a page of Prometheus text, for its memory; "" when not given
  std::vector<std::string> without;  // dependencies that are off on purpose
  std::vector<LoadService> services;
  std::string variable = "BASE_URL";  // of the script's __ENV: the URL
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
