#pragma once

// Which handler a request goes to.
//
//   const Router router = TRY(Router::create({
//       {.pattern = "/health", .handler = health, .access = Access::open},
//       {.method = "POST", .pattern = "/v1/sessions", .handler = create_session, .body_bytes_max = 64 << 10},
//       {.pattern = "/v1/sessions/{id}", .handler = [&](const Request& r) { return show(r.parameter("id")); }},
//       {.pattern = "/assets/{file...}", .handler = asset},
//       {.pattern = "/tail", .handler = WebSocketHandler(tail)},
//   }));
//
// A pattern is a path whose segments are literal or {name}; a last {name...} takes the rest, at least one segment. Where
// several match, the leftmost difference decides: a literal before {name}, {name} before {name...}. Segments are compared
// decoded. A segment that decodes to "." or ".." matches nothing, and {name...} no segment with an encoded slash.

#include "base/result.h"
#include "http/handlers.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gantry::http {

enum class Access {
  token,  // asks for the bearer token when the server has one
  open,   // answers everybody: health, metrics
};

struct Route {
  std::string method = "GET";  // GET answers HEAD too; a WebSocket's is GET
  std::string pattern = {};
  std::variant<Handler, AsyncHandler, UploadHandler, WebSocketHandler> handler = {};
  Access access = Access::token;
  // Replaces Limits::body_bytes_max, before and after decompression.
  std::optional<std::uint64_t> body_bytes_max = {};
};

// What the router found. `route` is null where nothing matches; `allowed` then names the methods that the path does have.
struct Match {
  const Route* route = nullptr;
  std::vector<std::pair<std::string, std::string>> parameters = {};
  std::vector<std::string_view> allowed = {};
};

// A value: copies share the routes. Any number of threads may look up.
class Router {
 public:
  // Errors: usage, naming the pattern: two routes that match the same, a bad pattern, a method that is no token.
  static base::Result<Router> create(std::vector<Route> routes);

  // The path as it came in the request.
  Match find(std::string_view method, std::string_view path) const;

 private:
  struct Tree;
  explicit Router(std::shared_ptr<const Tree> tree) : tree_(std::move(tree)) {}
  std::shared_ptr<const Tree> tree_;
};

}  // namespace gantry::http
