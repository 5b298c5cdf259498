#pragma once

// What all routes do alike with a request and its response.

#include "base/node.h"
#include "http/http.h"

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace kgents {

// No body of ours is near this, and a thousand events of that size still fit into the pod's memory.
inline constexpr std::uint64_t kBodyBytesMax = 64 << 10;

struct Caller {
  std::string request_id;             // the caller's own X-Request-ID, or a new one
  std::optional<std::string> tenant;  // nothing without an API key
};

Caller caller_of(const gantry::http::Request& request);
// A request id that is short and harmless enough to be repeated in headers, logs and events.
bool is_request_id(std::string_view text);

// Every response says which request it answers.
gantry::http::Response answered(gantry::http::Response response, const Caller& caller);
gantry::http::Response json(const gantry::base::Node& body, int status = 200);

using CallerHandler = std::function<gantry::http::Response(const gantry::http::Request& request, const Caller& caller)>;
// As a handler for the router.
gantry::http::Handler handler(CallerHandler handle);

// The JSON object in the body; otherwise a 422 that says what is wrong.
std::expected<gantry::base::Node, gantry::http::Response> object_of(const gantry::http::Request& request);
// A text of one to so many bytes at a path of the body; otherwise a 422 that names it.
std::expected<std::string, gantry::http::Response> text_of(const gantry::base::Node& body,
                                                           std::initializer_list<std::string_view> path,
                                                           std::size_t bytes_max);

}  // namespace kgents
