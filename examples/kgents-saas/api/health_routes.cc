#include "api/request.h"
#include "api/routes.h"

#include <utility>

namespace kgents {

using gantry::http::Request;
using gantry::http::Response;

Routes health_routes(std::function<Status()> status, const Metrics& metrics) {
  const auto answer_health = [status](const Request&, const Caller&) {
    const Status now = status();
    // As long as requests are served this is a 200: NATS or Redis being away is no reason to take every pod out of service.
    return json(health(now), now.stopping ? 503 : 200);
  };
  const auto answer_saas_health = [status](const Request&, const Caller&) { return json(saas_health(status())); };
  const auto answer_metrics = [status = std::move(status), &metrics](const Request&, const Caller&) {
    Response response = Response::text(metrics.render(status()));
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
