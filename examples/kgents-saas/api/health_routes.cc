#include "api/request.h"
#include "api/routes.h"

#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <optional>
#include <utility>

namespace kgents {

using gantry::http::Request;
using gantry::http::Response;

namespace {

// proc(5): statm holds pages, all and resident. Asked for by a scrape only, never by a request that users wait for.
std::optional<std::uint64_t> resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  if (!(statm >> all >> resident)) return std::nullopt;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

Routes health_routes(std::function<Status()> status, const Metrics& metrics) {
  const auto answer_health = [status](const Request&, const Caller&) {
    const Status now = status();
    // As long as requests are served this is a 200: NATS or Redis being away is no reason to take every pod out of service.
    return json(health(now), now.stopping ? 503 : 200);
  };
  const auto answer_saas_health = [status](const Request&, const Caller&) { return json(saas_health(status())); };
  const auto answer_metrics = [status = std::move(status), &metrics](const Request&, const Caller&) {
    Status now = status();
    now.resident_bytes = resident_bytes();
    Response response = Response::text(metrics.render(now));
    response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    return response;
  };
  return {
      {.pattern = "/health", .handler = handler(answer_health)},
      {.pattern = "/health/saas", .handler = handler(answer_saas_health)},
      {.pattern = "/metrics", .handler = handler(answer_metrics)},
  };
}

}  // namespace kgents
