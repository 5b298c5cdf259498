#pragma once

// What a script's options say of all its requests (k6 reference, §5.3). Private to load.

#include "base/node.h"
#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace gantry::load {

struct RequestOptions {
  std::string user_agent = "Grafana k6/2.2.0";  // what targets that know k6 expect
  std::int64_t redirects_max = 10;
  bool discards_bodies = false;
  bool throws = false;            // instead of a Response of status 0
  bool resets_cookies = true;     // with each iteration
  bool keeps_connections = true;  // after a request
  bool keeps_between_iterations = true;
  std::size_t batch = 20;  // requests of http.batch() at a time
  std::size_t batch_per_host = 6;
  enum class Debug : std::uint8_t { none, heads, bodies } debug = Debug::none;  // what of requests is logged
};

// batch, batchPerHost, httpDebug, userAgent, maxRedirects, discardResponseBodies, throw, noCookiesReset, noConnectionReuse, noVUConnectionReuse. Errors: input: another
// kind, fewer redirects than none, a line break in the agent.
base::Result<RequestOptions> read_request_options(const base::Node& options);

}  // namespace gantry::load
