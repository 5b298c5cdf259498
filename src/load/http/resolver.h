#pragma once

// From a host's name to the address that is connected to (k6 reference, §18): names that are blocked, the script's own hosts, the
// system's resolver, addresses that are blacklisted, in this order.

#include "load/crew/crew.h"
#include "load/http/connection.h"
#include "load/options/duration.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::load {

// 16 bytes, IPv4 within IPv6.
using IpBytes = std::array<std::uint8_t, 16>;
std::optional<IpBytes> parse_ip(std::string_view text);

struct IpRange {
  IpBytes first = {};
  unsigned prefix_bits = 128;
  bool contains(const IpBytes& ip) const;
};
// "10.0.0.0/8". Nothing for what is none.
std::optional<IpRange> parse_ip_range(std::string_view text);

enum class DnsSelect : std::uint8_t { first, random, round_robin };
enum class DnsPolicy : std::uint8_t { prefer_ipv4, prefer_ipv6, only_ipv4, only_ipv6, any };

struct NameRules {
  struct Host {
    std::string pattern = {};  // "name", "name:port" or "*.suffix", in lower case
    std::string ip = {};
    std::optional<std::uint16_t> port = {};  // the request's own where there is none
  };
  std::vector<Host> hosts = {};
  std::vector<std::string> blocked = {};  // patterns, in lower case
  std::vector<IpRange> blacklisted = {};
  std::optional<Duration> ttl = std::chrono::minutes(5);  // how long answers are kept; nothing: for ever
  DnsSelect select = DnsSelect::random;
  DnsPolicy policy = DnsPolicy::prefer_ipv4;
};

// Whether a name is meant by a pattern: it is the name, or "*" and what the name ends with. Both in lower case.
bool matches_host(std::string_view pattern, std::string_view name);

// One per crew.
class Resolver {
 public:
  void set_rules(NameRules rules) { rules_ = std::move(rules); }

  // Blocks while the system's resolver does. Errors: 1111 blocked, 1110 blacklisted, 1101 no such host, 1100 anything else.
  std::expected<Address, HttpFailure> resolve(const std::string& host, std::uint16_t port);

 private:
  struct Known {
    std::vector<Address> addresses = {};  // of all that the policy allows
    SteadyTime until{};
    std::size_t turn = 0;
  };
  std::expected<Known*, HttpFailure> look_up(const std::string& host);
  const NameRules::Host* find_host(const std::string& name, std::uint16_t port) const;
  std::size_t choose(Known& known);

  NameRules rules_ = {};
  std::map<std::string, Known> known_ = {};
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace gantry::load
