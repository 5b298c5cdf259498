#pragma once

// Who may ask for what: bearer token, host names, origins, addresses to listen on. Pure; private to the room.

#include "base/result.h"
#include "http/http.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::http {

// Compares in a time that depends on neither token (both are digested first, so that not even a length shows).
class TokenGate {
 public:
  explicit TokenGate(std::string_view token);
  // Whether the request carries "Authorization: Bearer <token>".
  bool admits(const Headers& request) const;

 private:
  std::string digest_;
};

// Which names in Host are ours: Options::hosts.
class HostGate {
 public:
  explicit HostGate(std::vector<std::string> hosts) : hosts_(std::move(hosts)) {}
  // Without a Host too: only HTTP/1.0 has requests without one, and no browser speaks that.
  bool admits(const Headers& request) const;

 private:
  std::vector<std::string> hosts_;
};
// Nothing where any name will do.
std::optional<HostGate> make_host_gate(const Options& options);

// Whether pages of that origin may read our answers, or open a WebSocket.
bool allows_origin(const Cors& cors, std::string_view origin);

// Whether the request is a preflight: its answer is preflight_response, and no handler hears of it.
bool is_preflight(const Cors& cors, const Request& request);
// `methods` are those of the path, for Access-Control-Allow-Methods.
Response preflight_response(const Cors& cors, const Request& request, std::string_view methods);
// Adds what lets a page of an allowed origin read the response.
void add_cors_headers(const Cors& cors, const Headers& request, Response& response);

// Whether the page that asks is the server's own, or one that CORS allows; programs send no Origin and are no page.
bool allows_page(const Cors& cors, const Headers& request);

// "localhost", or an address of this machine's loopback.
bool is_loopback(std::string_view host);
// Whether nothing but being out of reach keeps strangers away: browsers on this machine are not kept away by that.
bool is_guarded_by_place(const Options& options);
// RFC 9110 §9.2.1
bool is_safe_method(std::string_view method);
// What is wrong with the options, before anything is opened.
base::Result<void> check_options(const Options& options);

}  // namespace gantry::http
