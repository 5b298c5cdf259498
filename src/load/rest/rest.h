#pragma once

// k6's REST API (k6 reference, §16): what may be asked of a run under way, and what is answered, as JSON:API documents. Who listens is
// another matter: nothing here knows a socket.

#include "load/load.h"

#include <string>

namespace gantry::load {

struct RestQuestion {
  std::string method = "GET";
  std::string path;  // "/v1/status"
  std::string body = {};
};
struct RestAnswer {
  int status = 200;
  std::string body = {};  // JSON
};

// By whoever is told how far a run is (RunRequest::look), on the run's own thread. Asks of `look` what a question wants done.
RestAnswer answer_rest(const RestQuestion& question, RunLook& look);

}  // namespace gantry::load
