#include "api/request.h"
#include "api/routes.h"

#include <fmt/format.h>

#include <utility>

namespace kgents {

using gantry::base::Node;
using gantry::http::Request;
using gantry::http::Responder;
using gantry::http::Response;

namespace {

constexpr std::size_t kTitleBytesMax = 200;

Response unauthorized() {
  Response response = Response::error(401, "an API key is needed: Authorization: Bearer KEY");
  response.headers.set("WWW-Authenticate", "Bearer");
  return response;
}

// A session needs no title, and so a request to begin one no body.
std::expected<std::string, Response> title_of(const Request& request) {
  if (request.body.empty()) return "";
  const std::expected<Node, Response> body = object_of(request);
  if (!body) return std::unexpected(body.error());
  return body->get("title") ? text_of(*body, {"title"}, kTitleBytesMax) : "";
}

class SessionRoutes {
 public:
  explicit SessionRoutes(const SessionParts& parts) : parts_(parts) {}

  Response create(const Request& request, const Caller& caller) const {
    if (!caller.tenant) return unauthorized();
    const std::expected<std::string, Response> title = title_of(request);
    if (!title) return title.error();
    const Session session{.id = new_id(), .title = *title, .created_at = parts_.clock.now()};
    parts_.sessions.add(*caller.tenant, session);
    parts_.announcer.announce({.id = session.id,
                               .type = "session.created",
                               .tenant = *caller.tenant,
                               .request_id = caller.request_id,
                               .data = session.to_node(*caller.tenant)});
    parts_.announcer.meter("session", *caller.tenant);
    return json(session.to_node(*caller.tenant), 201);
  }

  void list(const Request& request, const Responder& responder) const {
    const Caller caller = caller_of(request);
    if (!caller.tenant) return static_cast<void>(responder.respond(answered(unauthorized(), caller)));
    const auto respond = [responder, caller](const std::vector<std::string>& sessions) {
      std::string body = fmt::format("{{\"sessions\":[{}],\"count\":{}}}", fmt::join(sessions, ","), sessions.size());
      static_cast<void>(responder.respond(answered(Response::json(std::move(body)), caller)));
    };
    parts_.sessions.list(*caller.tenant, std::chrono::steady_clock::now() + parts_.redis_budget, respond);
  }

 private:
  SessionParts parts_;
};

}  // namespace

Routes session_routes(const SessionParts& parts) {
  const SessionRoutes routes(parts);
  const auto create = [routes](const Request& request, const Caller& caller) { return routes.create(request, caller); };
  const auto list = [routes](const Request& request, const Responder& responder) { routes.list(request, responder); };
  return {
      {.method = "POST", .pattern = "/v1/kgent/sessions", .handler = handler(create), .body_bytes_max = kBodyBytesMax},
      {.pattern = "/v1/kgent/sessions", .handler = gantry::http::AsyncHandler(list)},
  };
}

}  // namespace kgents
