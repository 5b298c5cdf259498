#include "api/agentese.h"
#include "api/request.h"
#include "api/routes.h"

#include <fmt/format.h>

#include <utility>

namespace kgents {

using gantry::base::Node;
using gantry::http::Request;
using gantry::http::Response;

namespace {

constexpr std::size_t kPathBytesMax = 256;
constexpr std::size_t kObserverBytesMax = 128;

// What both routes ask for.
struct Question {
  const Handle* handle;
  std::string observer;
  Node body;
};

std::expected<Question, Response> question_of(const Request& request) {
  std::expected<Node, Response> body = object_of(request);
  if (!body) return std::unexpected(std::move(body).error());
  const std::expected<std::string, Response> path = text_of(*body, {"path"}, kPathBytesMax);
  if (!path) return std::unexpected(path.error());
  std::expected<std::string, Response> observer = text_of(*body, {"observer", "id"}, kObserverBytesMax);
  if (!observer) return std::unexpected(std::move(observer).error());
  const Handle* const handle = find_handle(*path);
  if (!handle) return std::unexpected(Response::error(404, fmt::format("there is no handle \"{}\"", *path)));
  return Question{.handle = handle, .observer = *std::move(observer), .body = *std::move(body)};
}

Response resolve(const Request& request, const Caller&) {
  const std::expected<Question, Response> question = question_of(request);
  if (!question) return question.error();
  return json(manifest_of(*question->handle, question->observer));
}

Response invoke(const Request& request, const Caller& caller, const Announcer& announcer) {
  const std::expected<Question, Response> question = question_of(request);
  if (!question) return question.error();
  const Handle& handle = *question->handle;
  const Node* const named = question->body.get("aspect");
  const std::string_view aspect = named ? question->body.text("aspect") : handle.aspects.front();
  if (!handle.has_aspect(aspect)) {
    return Response::error(
        422, fmt::format("\"aspect\" of {} must be one of: {}", handle.path, fmt::join(handle.aspects, ", ")));
  }

  Happening invoked{.id = new_id(),
                    .type = "agentese.invoked",
                    .tenant = caller.tenant.value_or(""),
                    .request_id = caller.request_id,
                    .data = Node::empty_map()};
  invoked.data.set("path", handle.path);
  invoked.data.set("aspect", aspect);
  invoked.data.set("observer", question->observer);
  announcer.announce(invoked);
  announcer.meter("agentese_invocation", caller.tenant.value_or("anonymous"));

  Node answer = Node::empty_map();
  answer.set("path", handle.path);
  answer.set("aspect", aspect);
  answer.set("event_id", invoked.id);
  answer.set("result", manifest_of(handle, question->observer));
  return json(answer);
}

}  // namespace

Routes agentese_routes(const Announcer& announcer) {
  const auto answer_invoke = [&announcer](const Request& request, const Caller& caller) {
    return invoke(request, caller, announcer);
  };
  return {
      {.method = "POST",
       .pattern = "/v1/agentese/resolve",
       .handler = handler(resolve),
       .body_bytes_max = kBodyBytesMax},
      {.method = "POST",
       .pattern = "/v1/agentese/invoke",
       .handler = handler(answer_invoke),
       .body_bytes_max = kBodyBytesMax},
  };
}

}  // namespace kgents
