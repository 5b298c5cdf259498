#include "load/http/resolver.h"

#include "base/text.h"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>
#include <span>

namespace gantry::load {

namespace {

using std::chrono::steady_clock;

void set_port(Address& address, std::uint16_t port) {
  address.port = port;
  if (address.storage.ss_family == AF_INET6)
    reinterpret_cast<sockaddr_in6*>(&address.storage)->sin6_port = htons(port);
  else
    reinterpret_cast<sockaddr_in*>(&address.storage)->sin_port = htons(port);
}

Address to_address(const addrinfo& info) {
  Address address{.size = info.ai_addrlen};
  std::memcpy(&address.storage, info.ai_addr, info.ai_addrlen);
  std::array<char, NI_MAXHOST> text{};
  if (::getnameinfo(info.ai_addr, info.ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0)
    address.ip = text.data();
  return address;
}

// Those that a policy wants; of a preferred kind only, where there is one.
std::vector<Address> sort_out(std::vector<Address> addresses, DnsPolicy policy) {
  if (policy == DnsPolicy::any) return addresses;
  const bool wants_ipv6 = policy == DnsPolicy::prefer_ipv6 || policy == DnsPolicy::only_ipv6;
  std::vector<Address> wanted;
  for (const Address& address : addresses)
    if ((address.storage.ss_family == AF_INET6) == wants_ipv6) wanted.push_back(address);
  const bool is_strict = policy == DnsPolicy::only_ipv4 || policy == DnsPolicy::only_ipv6;
  return wanted.empty() && !is_strict ? addresses : wanted;
}

}  // namespace

std::optional<IpBytes> parse_ip(std::string_view text) {
  const std::string whole(text);
  if (whole.contains('\0')) return std::nullopt;  // inet_pton() reads no further
  IpBytes bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (::inet_pton(AF_INET, whole.c_str(), &bytes[12]) == 1) return bytes;
  if (::inet_pton(AF_INET6, whole.c_str(), bytes.data()) == 1) return bytes;
  return std::nullopt;
}

bool IpRange::contains(const IpBytes& ip) const {
  for (unsigned bit = 0; bit < prefix_bits; ++bit) {
    const unsigned mask = 0x80U >> (bit % 8);
    if ((first[bit / 8] & mask) != (ip[bit / 8] & mask)) return false;
  }
  return true;
}

std::optional<IpRange> parse_ip_range(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::optional<IpBytes> first = parse_ip(text.substr(0, slash));
  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (!first || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  const bool is_ipv4 = !text.substr(0, slash).contains(':');
  if (bits > (is_ipv4 ? 32U : 128U)) return std::nullopt;
  return IpRange{*first, is_ipv4 ? bits + 96 : bits};
}

bool matches_host(std::string_view pattern, std::string_view name) {
  return pattern.starts_with('*') ? name.ends_with(pattern.substr(1)) : name == pattern;
}

// The exact name wins over a pattern, and of patterns the longest.
const NameRules::Host* Resolver::find_host(const std::string& name, std::uint16_t port) const {
  const NameRules::Host* best = nullptr;
  for (const std::string& wanted : {fmt::format("{}:{}", name, port), name}) {
    for (const NameRules::Host& host : rules_.hosts)
      if (matches_host(host.pattern, wanted) &&
          (!best || best->pattern.size() < host.pattern.size() || host.pattern == wanted))
        best = &host;
    if (best) return best;
  }
  return nullptr;
}

std::expected<Resolver::Known*, HttpFailure> Resolver::look_up(const std::string& host) {
  const SteadyTime now = steady_clock::now();
  Known& known = known_[host];
  if (!known.addresses.empty() && known.until > now) return &known;
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), nullptr, &wanted, &found);
  if (failed == EAI_NONAME) return std::unexpected(HttpFailure{1101, "lookup: no such host"});
  if (failed != 0) return std::unexpected(HttpFailure{1100, fmt::format("lookup: {}", ::gai_strerror(failed))});
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, ::freeaddrinfo);
  std::vector<Address> addresses;
  for (const addrinfo* info = found; info; info = info->ai_next) addresses.push_back(to_address(*info));
  // The policy is about what names stand for.
  known.addresses = parse_ip(host) ? std::move(addresses) : sort_out(std::move(addresses), rules_.policy);
  known.until = rules_.ttl ? now + std::chrono::duration_cast<SteadyTime::duration>(*rules_.ttl) : kNever;
  if (known.addresses.empty()) return std::unexpected(HttpFailure{1101, "lookup: no such host"});
  return &known;
}

std::size_t Resolver::choose(Known& known) {
  const std::size_t count = known.addresses.size();
  if (rules_.select == DnsSelect::round_robin) return known.turn++ % count;
  return rules_.select == DnsSelect::first || count == 1 ? 0 : random_() % count;
}

std::expected<Address, HttpFailure> Resolver::resolve(const std::string& host, std::uint16_t port) {
  const std::string name = base::to_lower_ascii(host);
  if (std::ranges::any_of(rules_.blocked, [&](const std::string& pattern) { return matches_host(pattern, name); }))
    return std::unexpected(HttpFailure{1111, "hostname is blocked"});
  const NameRules::Host* own = rules_.hosts.empty() ? nullptr : find_host(name, port);
  const std::expected<Known*, HttpFailure> known = look_up(own ? own->ip : host);
  if (!known) return std::unexpected(known.error());
  Address address = (*known)->addresses[choose(**known)];
  set_port(address, own ? own->port.value_or(port) : port);
  if (rules_.blacklisted.empty()) return address;
  const std::optional<IpBytes> ip = parse_ip(address.ip);
  const auto holds_it = [&](const IpRange& range) { return ip && range.contains(*ip); };
  if (std::ranges::any_of(rules_.blacklisted, holds_it)) return std::unexpected(HttpFailure{1110, "ip is blacklisted"});
  return address;
}

}  // namespace gantry::load
