#include "api/request.h"

#include "api/announcer.h"
#include "api/tenant.h"
#include "base/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace kgents {

using gantry::base::Node;
using gantry::http::Request;
using gantry::http::Response;

bool is_request_id(std::string_view text) {
  const auto is_plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_'; };
  return !text.empty() && text.size() <= 128 && std::ranges::all_of(text, is_plain);
}

Caller caller_of(const Request& request) {
  const std::string_view given = request.header("X-Request-ID").value_or("");
  return {.request_id = is_request_id(given) ? std::string(given) : new_id(),
          .tenant = tenant_of(request.header("Authorization").value_or(""))};
}

Response answered(Response response, const Caller& caller) {
  response.headers.set("X-Request-ID", caller.request_id);
  return response;
}

Response json(const Node& body, int status) { return Response::json(gantry::base::dump_json(body), status); }

gantry::http::Handler handler(CallerHandler handle) {
  return [handle = std::move(handle)](const Request& request) {
    const Caller caller = caller_of(request);
    return answered(handle(request, caller), caller);
  };
}

std::expected<Node, Response> object_of(const Request& request) {
  gantry::base::Result<Node> body = gantry::base::load_json(request.body, "body");
  if (!body) return std::unexpected(Response::error(422, "the body is no JSON: " + body.error().message));
  if (!body->is_map()) return std::unexpected(Response::error(422, "the body is no JSON object"));
  return *std::move(body);
}

std::expected<std::string, Response> text_of(const Node& body, std::initializer_list<std::string_view> path,
                                             std::size_t bytes_max) {
  const Node* node = &body;
  for (const std::string_view step : path) node = node ? node->get(step) : nullptr;
  if (node && node->is_string() && !node->string().empty() && node->string().size() <= bytes_max) return node->string();
  return std::unexpected(
      Response::error(422, fmt::format("\"{}\" must be a text of 1 to {} bytes", fmt::join(path, "."), bytes_max)));
}

}  // namespace kgents
