#include "http/access_rules.h"

#include "base/digest.h"
#include "http/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/crypto.h>
#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>

namespace gantry::http {

namespace asio = boost::asio;
using boost::system::error_code;

TokenGate::TokenGate(std::string_view token) : digest_(base::sha256_hex(token)) {}

bool TokenGate::admits(const Headers& request) const {
  const std::string_view value = request.find("Authorization").value_or("");
  constexpr std::string_view kScheme = "Bearer ";
  if (value.size() < kScheme.size() || !equals_ascii(value.substr(0, kScheme.size()), kScheme)) return false;
  const std::string digest = base::sha256_hex(trim_blanks(value.substr(kScheme.size())));
  return CRYPTO_memcmp(digest.data(), digest_.data(), digest_.size()) == 0;
}

namespace {

asio::ip::address parse_address(std::string_view text, error_code& error) {
  return asio::ip::make_address(std::string(text), error);
}

// The host in "host:port", an IPv6 address without its brackets; nothing for what is neither (RFC 9110 §7.2).
std::optional<std::string_view> host_name(std::string_view value) {
  std::string_view name = value.substr(0, value.find(':'));
  std::string_view rest = value.substr(name.size());
  if (value.starts_with('[')) {
    const std::size_t end = value.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    name = value.substr(1, end - 1);
    rest = value.substr(end + 1);
  }
  const bool is_port = rest.empty() || (rest.starts_with(':') && rest.find_first_not_of("0123456789", 1) == rest.npos);
  return is_port ? std::optional(name) : std::nullopt;
}

// RFC 6761 §6.3: these names are loopback's wherever they are asked for.
bool is_localhost_name(std::string_view name) {
  constexpr std::string_view kDomain = ".localhost";
  if (name.size() > kDomain.size()) return equals_ascii(name.substr(name.size() - kDomain.size()), kDomain);
  return equals_ascii(name, kDomain.substr(1));
}

}  // namespace

bool HostGate::admits(const Headers& request) const {
  const std::optional<std::string_view> host = request.find("Host");
  if (!host) return true;
  const std::optional<std::string_view> name = host_name(*host);
  if (!name) return false;
  if (is_localhost_name(*name)) return true;
  if (std::ranges::any_of(hosts_, [&](const std::string& h) { return equals_ascii(h, *name); })) return true;
  error_code error;
  parse_address(*name, error);
  return !error;
}

std::optional<HostGate> make_host_gate(const Options& options) {
  if (options.hosts.empty() && !is_guarded_by_place(options)) return std::nullopt;
  if (std::ranges::find(options.hosts, "*") != options.hosts.end()) return std::nullopt;
  return HostGate(options.hosts);
}

bool allows_origin(const Cors& cors, std::string_view origin) {
  return std::ranges::any_of(cors.origins, [&](const std::string& o) { return o == "*" || equals_ascii(o, origin); });
}

bool is_preflight(const Cors& cors, const Request& request) {
  return !cors.origins.empty() && request.method == "OPTIONS" && request.headers.contains("Origin") &&
         request.headers.contains("Access-Control-Request-Method");
}

Response preflight_response(const Cors& cors, const Request& request, std::string_view methods) {
  Response response = Response::empty();
  add_cors_headers(cors, request.headers, response);
  if (!response.headers.contains("Access-Control-Allow-Origin")) return response;
  response.headers.add("Access-Control-Allow-Methods", std::string(methods));
  if (!cors.headers.empty())
    response.headers.add("Access-Control-Allow-Headers", fmt::format("{}", fmt::join(cors.headers, ", ")));
  response.headers.add("Access-Control-Max-Age", fmt::format("{}", cors.age_max.count()));
  return response;
}

void add_cors_headers(const Cors& cors, const Headers& request, Response& response) {
  if (cors.origins.empty()) return;
  // A cache must not give one origin's answer to another.
  response.headers.add("Vary", "Origin");
  const std::optional<std::string_view> origin = request.find("Origin");
  if (!origin || !allows_origin(cors, *origin)) return;
  const bool is_open = std::ranges::find(cors.origins, "*") != cors.origins.end();
  response.headers.set("Access-Control-Allow-Origin", is_open ? "*" : std::string(*origin));
  if (!cors.exposed_headers.empty())
    response.headers.set("Access-Control-Expose-Headers", fmt::format("{}", fmt::join(cors.exposed_headers, ", ")));
}

bool allows_page(const Cors& cors, const Headers& request) {
  const std::optional<std::string_view> origin = request.find("Origin");
  if (!origin || allows_origin(cors, *origin)) return true;
  const std::size_t scheme_end = origin->find("://");
  if (scheme_end == std::string_view::npos) return false;
  return equals_ascii(origin->substr(scheme_end + 3), request.find("Host").value_or(""));
}

bool is_loopback(std::string_view host) {
  error_code error;
  const asio::ip::address address = parse_address(host, error);
  return host == "localhost" || (!error && address.is_loopback());
}

bool is_guarded_by_place(const Options& options) { return is_loopback(options.host) && !options.token; }

bool is_safe_method(std::string_view method) {
  constexpr std::array<std::string_view, 4> kSafe = {"GET", "HEAD", "OPTIONS", "TRACE"};
  return std::ranges::find(kSafe, method) != kSafe.end();
}

base::Result<void> check_options(const Options& options) {
  constexpr unsigned kWorkersMax = 256;  // more threads than any machine that this is for has cores
  if (options.workers == 0 || options.workers > kWorkersMax)
    return base::usage_error(fmt::format("{} workers; 1 to {} are possible", options.workers, kWorkersMax));
  if (options.token && options.token->empty()) return base::usage_error("the token is empty");
  if (!is_loopback(options.host) && !options.token && !options.insecure) {
    return base::usage_error(
        fmt::format("{} can be reached from other machines, and no token is asked for", options.host),
        "give a token, listen on 127.0.0.1, or say that it is meant to be insecure");
  }
  return {};
}

}  // namespace gantry::http
