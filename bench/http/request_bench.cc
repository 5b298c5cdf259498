// What one request costs before and after its handler, without a socket: the bound of what the server could answer.

#include "http/request_parser.h"
#include "http/response_head.h"
#include "http/router.h"

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

namespace {

using namespace gantry::http;

constexpr ParserLimits kLimits{.head_bytes_max = 16 << 10, .target_bytes_max = 8 << 10};

// As wrk asks, and as a browser does.
constexpr std::string_view kShort = "GET /v1/sessions/42 HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n";
constexpr std::string_view kBrowser =
    "GET /v1/sessions/42 HTTP/1.1\r\nHost: console.example.com\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; "
    "rv:115.0) "
    "Gecko/20100101 Firefox/115.0\r\nAccept: application/json\r\nAccept-Language: en-US,en;q=0.5\r\nAccept-Encoding: "
    "gzip, "
    "deflate, br\r\nReferer: https://console.example.com/\r\nAuthorization: Bearer 0123456789abcdef0123456789abcdef\r\n"
    "Connection: keep-alive\r\nSec-Fetch-Dest: empty\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Site: same-origin\r\n\r\n";

void parse(benchmark::State& state, std::string_view bytes) {
  RequestParser parser(kLimits);
  for (auto _ : state) {
    const auto step = parser.step(bytes);
    if (!step || step->part != Part::head || parser.request().path != "/v1/sessions/42")
      state.SkipWithError("wrong answer");
    parser.reset();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}
BENCHMARK_CAPTURE(parse, short, kShort);
BENCHMARK_CAPTURE(parse, browser, kBrowser);

void route(benchmark::State& state) {
  std::vector<Route> routes;
  for (int i = 0; i < 100; ++i) {
    routes.push_back({.pattern = "/v1/things-" + std::to_string(i)});
    routes.push_back({.pattern = "/v1/things-" + std::to_string(i) + "/{id}"});
  }
  const Router router = *Router::create(std::move(routes));
  for (auto _ : state) {
    const Match match = router.find("GET", "/v1/things-57/42");
    if (!match.route || match.parameters.front().second != "42") state.SkipWithError("wrong answer");
  }
}
BENCHMARK(route);

void write_head(benchmark::State& state) {
  const Response response = Response::json("{}");
  std::string out;
  for (auto _ : state) {
    out.clear();
    append_head(out, response, {.content_length = 2, .date = "Sun, 29 Nov 2026 21:00:00 GMT"});
    if (!out.ends_with("\r\n\r\n")) state.SkipWithError("wrong answer");
  }
}
BENCHMARK(write_head);

}  // namespace
