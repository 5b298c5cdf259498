#include "load/http/local_ips.h"

#include "base/text.h"
#include "load/http/resolver.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>

namespace gantry::load {

namespace {

using base::Result;

__extension__ using Number = unsigned __int128;

Number to_number(const IpBytes& ip) {
  Number number = 0;
  for (const std::uint8_t byte : ip) number = number << 8U | byte;
  return number;
}

IpBytes to_bytes(Number number) {
  IpBytes ip{};
  for (std::size_t i = ip.size(); i > 0; --i, number >>= 8U) ip[i - 1] = static_cast<std::uint8_t>(number);
  return ip;
}

// How many there are from one to the other. There are never so many VUs that the last of all is come to.
Number count_between(Number first, Number last) { return last - first == ~Number{0} ? last - first : last - first + 1; }

constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
bool is_ipv4(const IpBytes& ip) { return std::equal(kMapped.begin(), kMapped.end(), ip.begin()); }

template <typename Socket>
Address to_address(const Socket& socket, const void* ip) {
  Address address{.size = sizeof socket};
  std::memcpy(&address.storage, &socket, sizeof socket);
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (::inet_ntop(address.storage.ss_family, ip, text.data(), text.size())) address.ip = text.data();
  return address;
}

Address to_address(const IpBytes& ip) {
  if (!is_ipv4(ip)) {
    sockaddr_in6 socket{};
    socket.sin6_family = AF_INET6;
    std::memcpy(&socket.sin6_addr, ip.data(), ip.size());
    return to_address(socket, &socket.sin6_addr);
  }
  sockaddr_in socket{};
  socket.sin_family = AF_INET;
  std::memcpy(&socket.sin_addr, ip.data() + kMapped.size(), sizeof socket.sin_addr);
  return to_address(socket, &socket.sin_addr);
}

std::unexpected<base::Error> refuse(std::string_view text, std::string_view why) {
  return base::input_error(fmt::format("localIPs: \"{}\" {}", text, why), std::nullopt,
                           "write addresses, ranges and networks: 192.168.0.1,192.168.0.10-192.168.0.25,fd:1::0/120");
}

}  // namespace

Result<LocalIps::Block> LocalIps::parse_block(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos && text.contains('/')) {
    const std::optional<IpRange> range = parse_ip_range(text);
    if (!range) return refuse(text, "is no network");
    const Number rest = range->prefix_bits == 0 ? ~Number{0} : (Number{1} << (128 - range->prefix_bits)) - 1;
    const Number begin = to_number(range->first) & ~rest;
    Block block{begin, count_between(begin, begin | rest)};
    if (is_ipv4(to_bytes(begin)) && block.count > 2) block = {block.first + 1, block.count - 2};
    return block;
  }
  const std::optional<IpBytes> first = parse_ip(text.substr(0, dash));
  const std::optional<IpBytes> last = dash == std::string_view::npos ? first : parse_ip(text.substr(dash + 1));
  if (!first || !last) return refuse(text, dash == std::string_view::npos ? "is no address" : "is no range");
  if (is_ipv4(*first) != is_ipv4(*last)) return refuse(text, "is a range from IPv4 to IPv6");
  if (to_number(*last) < to_number(*first)) return refuse(text, "is a range that ends before it begins");
  return Block{to_number(*first), count_between(to_number(*first), to_number(*last))};
}

Result<LocalIps> LocalIps::parse(std::string_view text) {
  LocalIps ips;
  for (const std::string_view part : base::split(text, ',')) {
    const Block block = TRY(parse_block(part));
    ips.blocks_.push_back(block);
    ips.count_ = ips.count_ + std::min(block.count, ~Number{0} - ips.count_);
  }
  return ips;
}

Address LocalIps::of_vu(std::uint64_t number) const {
  Number index = Number{number == 0 ? 0 : number - 1} % count_;
  const auto* block = blocks_.data();
  for (; index >= block->count; ++block) index -= block->count;
  return to_address(to_bytes(block->first + index));
}

}  // namespace gantry::load
