// One worker that answers GET /json with 60 bytes, and GET /stop by ending.
//
//   gantry_http_bench_server [PORT]      any free port where none is given; prints its URL

#include "base/result.h"
#include "base/time.h"
#include "http/http.h"

#include <charconv>
#include <cstdio>
#include <future>
#include <string>
#include <string_view>

namespace {

using namespace gantry;

constexpr std::string_view kBody = R"({"status":"ok","version":"1.0.0","uptime_s":1234,"ready":1})";
static_assert(kBody.size() == 59);

base::Result<void> serve(std::uint16_t port) {
  std::promise<void> stop;
  const base::SystemClock clock;
  const http::Router router = TRY(http::Router::create({
      {.pattern = "/json",
       .handler = [](const http::Request&) { return http::Response::json(std::string(kBody) + "\n"); }},
      {.pattern = "/stop",
       .handler =
           [&](const http::Request&) {
             stop.set_value();
             return http::Response::empty();
           }},
  }));
  const std::unique_ptr<http::Server> server = TRY(http::Server::start({.port = port, .clock = &clock}, router));
  std::printf("%s\n", server->url().c_str());
  std::fflush(stdout);
  stop.get_future().wait();
  server->stop(std::chrono::seconds(1));
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  std::uint16_t port = 0;
  if (argc == 2) {
    const std::string_view text = argv[1];
    std::from_chars(text.data(), text.data() + text.size(), port);
  }
  const base::Result<void> served = serve(port);
  if (!served) std::fputs(base::describe(served.error()).c_str(), stderr);
  return served ? 0 : 1;
}
