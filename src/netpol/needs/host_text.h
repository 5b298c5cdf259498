#pragma once

// Hosts and ports in text that people write for programs: URLs, lists of brokers, DSNs, host:port (network policy reference,
// §14.2). Nothing is looked up here, and what a URL says besides (users, passwords, paths) is left behind: what comes out of
// here can be shown.

#include "kube/port.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::netpol {

// What a URL scheme says about the port.
struct UrlScheme {
  std::string_view name;   // lower case
  std::uint16_t port = 0;  // 0: none
  kube::Protocol protocol = kube::Protocol::tcp;
  enum class Host : std::uint8_t {
    named,     // scheme://host
    resolver,  // gRPC's dns:///host: the host is the path
    srv,       // the name leads to others, with ports of their own
    none,      // no network host: unix:, file:, s3:
  };
  Host host = Host::named;
};
// Exact, or by what stands before a "+" ("postgresql+psycopg2"). Null when nobody knows it.
const UrlScheme* find_scheme(std::string_view scheme);
// The scheme whose name is a word of the text ("SPRING_REDIS_HOST" is about redis), when it has a port of its own.
const UrlScheme* scheme_named_in(std::string_view name);

struct HostText {
  std::string scheme;              // lower case, without "jdbc:"; "" when none is written
  std::string host;                // lower case, without brackets and without a dot at the end
  std::optional<kube::Port> port;  // as written
  bool port_hidden = false;        // a port is written, and what it is cannot be said: ":$(PORT)"
  std::size_t offset = 0;          // of the word, in the text

  bool is_address() const;   // an IP address
  bool is_loopback() const;  // "localhost", 127.0.0.1, and the addresses that one listens on: 0.0.0.0, "::"
  // What the scheme says, where no port is written.
  std::optional<kube::Port> default_port() const;
  kube::Protocol protocol() const;
  friend bool operator==(const HostText&, const HostText&) = default;
};
// "nats://nats.agents:4222", "db:5432", "[2001:db8::1]:80".
std::string to_string(const HostText& host);

// Every host of the text that is one for sure: after a scheme, before a port, or a name of the cluster (".svc"). Words end at
// spaces, quotes, brackets and semicolons; commas make lists. Variables in it ("$(NAME)", "${NAME}") are no delimiters, and
// hosts that hold one are left out.
std::vector<HostText> find_hosts(std::string_view text);
// The same for a value that is known to name hosts: bare names and addresses count too.
std::vector<HostText> read_hosts(std::string_view value);

// Letters, digits, '-' and '_' in labels of at most 63, with a letter somewhere.
bool is_host_name(std::string_view text);

}  // namespace gantry::netpol
