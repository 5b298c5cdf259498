#include "cli/commands/load_rest.h"

#include "load/rest/rest.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>
#include <string_view>
#include <thread>

namespace gantry::cli {

namespace {

using base::Result;

struct Address {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
};

Result<Address> read_address(std::string_view text) {
  Address address;
  const std::size_t colon = text.rfind(':');
  const std::string_view port = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (port.empty() || error != std::errc() || end != port.data() + port.size())
    return base::usage_error(fmt::format("--address {}: that is no address", text), "write --address localhost:6565");
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (!host.empty()) address.host = host;
  return address;
}

constexpr std::array<std::string_view, 4> kMethods = {"GET", "PATCH", "PUT", "POST"};
constexpr std::array<std::string_view, 7> kPatterns = {
    "/v1/status", "/v1/metrics", "/v1/metrics/{name}", "/v1/groups", "/v1/groups/{id}", "/v1/setup", "/v1/teardown"};

}  // namespace

Result<std::unique_ptr<LoadRest>> LoadRest::start(const std::string& address, std::atomic<bool>& stop) {
  const Address at = TRY(read_address(address));
  std::unique_ptr<LoadRest> rest(new LoadRest(stop));
  std::vector<http::Route> routes;
  for (const std::string_view method : kMethods)
    for (const std::string_view pattern : kPatterns)
      routes.push_back({.method = std::string(method),
                        .pattern = std::string(pattern),
                        .handler = http::AsyncHandler([self = rest.get()](http::Request request, http::Responder to) {
                          self->ask(std::move(request), std::move(to));
                        })});
  http::Router router = TRY(http::Router::create(std::move(routes)));
  rest->server_ = TRY(http::Server::start({.host = at.host, .port = at.port}, std::move(router)));
  return rest;
}

// What nobody answers any more is let go while the server is still there to say so.
LoadRest::~LoadRest() {
  if (server_) server_->stop(std::chrono::seconds(1));
  const std::scoped_lock lock(mutex_);
  asked_.clear();
}

void LoadRest::ask(http::Request request, http::Responder responder) {
  const std::scoped_lock lock(mutex_);
  asked_.emplace_back(std::move(request), std::move(responder));
}

void LoadRest::look(load::RunLook& seen) {
  std::vector<Asked> asked;
  {
    const std::scoped_lock lock(mutex_);
    asked.swap(asked_);
  }
  for (auto& [request, responder] : asked) {
    const std::string path = http::decode_percent(request.path).value_or(request.path);
    const load::RestAnswer answer =
        load::answer_rest({.method = request.method, .path = path, .body = request.body}, seen);
    // What is answered is that it will stop.
    if (seen.is_stopped && !stop_.exchange(true)) was_stopped_ = true;
    // Whoever asked may have gone.
    static_cast<void>(responder.respond(http::Response::json(answer.body, answer.status)));
  }
}

void LoadRest::linger(load::RunOutcome& outcome, std::stop_token program) {
  const auto nothing_left = [] { return Result<void>(); };
  bool is_over = false;
  while (!program.stop_requested() && !is_over) {
    load::RunLook seen{.phase = load::RunPhase::ended,
                       .outcome = outcome,
                       .elapsed = outcome.duration,
                       .call_setup = nothing_left,
                       .call_teardown = nothing_left};
    look(seen);
    is_over = seen.is_stopped;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace gantry::cli
