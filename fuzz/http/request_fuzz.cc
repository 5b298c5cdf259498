#include "http/gzip.h"
#include "http/negotiation.h"
#include "http/request_parser.h"
#include "http/response_head.h"
#include "http/router.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

// The input is what a stranger writes to a connection. It must be understood the same however it is cut into reads, nothing
// of it may be used twice or passed over, and no part may hold what would make it another part when it is written down.

namespace {

using namespace gantry::http;

constexpr ParserLimits kLimits{.head_bytes_max = 512, .target_bytes_max = 128};
constexpr std::uint64_t kBodyMax = 4096;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_head(const Request& request) {
  const auto is_control = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
  require(request.path == "*" || request.path.starts_with('/'));
  require(request.path.size() + request.query.size() <= kLimits.target_bytes_max + 1);
  require(std::ranges::none_of(request.path + request.query, is_control));
  for (const Headers::Field& field : request.headers) {
    require(!field.name.empty() && std::ranges::none_of(field.name + field.value, is_control));
  }
  std::ignore = request.query_values();
  std::ignore = accepts_gzip(request.headers);
}

// Its parameters hold no way out of a folder.
void check_route(const Router& router, const Request& request) {
  const Match match = router.find(request.method, request.path);
  for (const auto& [name, value] : match.parameters) {
    if (name == "file") require(!("/" + value + "/").contains("/../"));
  }
}

struct Understood {
  std::string requests = {};  // heads and whole bodies, up to the first that is refused or not whole
  bool is_refused = false;
  bool waits = false;  // in the middle of a request

  // What is wrong may be seen later where less is given at a time, and never otherwise.
  bool agrees_with(const Understood& other) const {
    return requests == other.requests && (is_refused == other.is_refused || waits || other.waits);
  }
};

Understood understand(std::string_view bytes, std::size_t read_bytes, const Router& router) {
  RequestParser parser(kLimits);
  Understood understood;
  std::string body;
  std::size_t start = 0;
  std::size_t given = 0;
  while (true) {
    const auto step = parser.step(bytes.substr(start, given - start));
    if (!step) return {.requests = understood.requests, .is_refused = true};
    require(step->consumed <= given - start);
    start += step->consumed;
    if (step->part == Part::need_more) {
      understood.waits = parser.has_begun();
      if (given == bytes.size()) return understood;
      given = std::min(bytes.size(), given + read_bytes);
    } else if (step->part == Part::head) {
      check_head(parser.request());
      check_route(router, parser.request());
      understood.requests += parser.request().method + parser.request().path + parser.request().query;
      if (!parser.limit_body(kBodyMax)) return {.requests = understood.requests, .is_refused = true};
    } else if (step->part == Part::piece) {
      body += step->piece;
      require(body.size() <= kBodyMax);
    } else {
      require(parser.body_bytes() == body.size());
      understood.requests += std::exchange(body, {}) + "|";
      parser.reset();
    }
  }
}

void unzip(std::string_view bytes) {
  GzipReader reader(kBodyMax);
  std::size_t size = 0;
  std::ignore = reader.feed(bytes, [&](std::string_view piece) { size += piece.size(); });
  require(size <= kBodyMax);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Router router =
      *Router::create({{.pattern = "/a/{id}"}, {.pattern = "/b/{file...}"}, {.method = "POST", .pattern = "/a/b"}});
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Understood whole = understand(bytes, std::max<std::size_t>(size, 1), router);
  require(understand(bytes, 1, router).agrees_with(whole));
  require(understand(bytes, 3, router).agrees_with(whole));
  unzip(bytes);
  return 0;
}
