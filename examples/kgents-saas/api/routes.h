#pragma once

// The routes of the API, by topic. What is handed in by reference must outlive the server.

#include "api/announcer.h"
#include "api/idempotency.h"
#include "api/metrics.h"
#include "api/rate_limit.h"
#include "api/sessions.h"
#include "http/http.h"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace kgents {

using Routes = std::vector<gantry::http::Route>;

// GET /health, /health/saas, /metrics
Routes health_routes(std::function<Status()> status, const Metrics& metrics);
// POST /v1/agentese/resolve, /v1/agentese/invoke
Routes agentese_routes(const Announcer& announcer);
struct SessionParts {
  SessionStore& sessions;
  const Announcer& announcer;
  const gantry::base::Clock& clock;
  std::chrono::milliseconds redis_budget;
};
// POST and GET /v1/kgent/sessions
Routes session_routes(const SessionParts& parts);

struct WebhookParts {
  std::string secret;  // "": all webhooks are refused
  RateLimit& limit;
  IdempotencyStore& seen;
  const Announcer& announcer;
  Metrics& metrics;
  const gantry::base::Clock& clock;
  std::chrono::milliseconds redis_budget;  // for all that one webhook asks
};
// POST /webhooks/stripe
Routes webhook_routes(const WebhookParts& parts);

}  // namespace kgents
