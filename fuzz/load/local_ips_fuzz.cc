// Any text as addresses of this machine: an error with words for it, or addresses that are dealt out as a twin deals them that counts from
// each to the next.

#include "load/http/local_ips.h"
#include "load/http/resolver.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

// Of one part, and of all; what comes behind is not looked at.
constexpr std::size_t kDealtMax = 100;
constexpr std::size_t kAllDealtMax = 1000;

// The address behind this one; nothing behind the last.
std::optional<IpBytes> next(IpBytes ip) {
  for (std::size_t i = ip.size(); i > 0; --i)
    if (++ip[i - 1] != 0) return ip;
  return std::nullopt;
}

bool is_ipv4(const IpBytes& ip) {
  const IpRange mapped{*parse_ip("0.0.0.0"), 96};
  return mapped.contains(ip);
}

// From the first on, in order.
std::vector<IpBytes> list(IpBytes first, const auto& is_in) {
  std::vector<IpBytes> ips;
  for (std::optional<IpBytes> ip = first; ip && is_in(*ip) && ips.size() < kDealtMax; ip = next(*ip))
    ips.push_back(*ip);
  return ips;
}

// What a part names that is known to be right.
std::vector<IpBytes> list(std::string_view part) {
  if (const std::size_t dash = part.find('-'); dash != std::string_view::npos) {
    const IpBytes last = *parse_ip(part.substr(dash + 1));
    return list(*parse_ip(part.substr(0, dash)), [&](const IpBytes& ip) { return ip <= last; });
  }
  if (!part.contains('/')) return {*parse_ip(part)};
  const IpRange range = *parse_ip_range(part);
  IpBytes first = range.first;
  for (std::size_t bit = range.prefix_bits; bit < 128; ++bit)
    first[bit / 8] = static_cast<std::uint8_t>(first[bit / 8] & ~(0x80U >> bit % 8));
  std::vector<IpBytes> ips = list(first, [&](const IpBytes& ip) { return range.contains(ip); });
  if (!is_ipv4(first) || ips.size() <= 2) return ips;
  ips.erase(ips.begin());
  if (ips.size() < kDealtMax - 1) ips.pop_back();
  return ips;
}

void read(std::string_view text) {
  const base::Result<LocalIps> ips = LocalIps::parse(text);
  if (!ips) return require(!ips.error().message.empty() && !ips.error().help.empty());
  require(text.find_first_not_of("0123456789abcdefABCDEF.:/-,") == std::string_view::npos);
  std::vector<IpBytes> expected;
  bool is_all = true;
  for (std::size_t begin = 0; is_all && begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::vector<IpBytes> part = list(text.substr(begin, end - begin));
    expected.insert(expected.end(), part.begin(), part.end());
    is_all = part.size() < kDealtMax - 1 && expected.size() < kAllDealtMax;
    begin = end + 1;
  }
  for (std::size_t vu = 1; vu <= (is_all ? 2 * expected.size() + 1 : expected.size()); ++vu) {
    const std::string dealt = ips->of_vu(vu).ip;
    require(parse_ip(dealt) == expected[(vu - 1) % expected.size()]);
  }
  require(ips->of_vu(0).ip == ips->of_vu(1).ip);
  require(parse_ip(ips->of_vu(~std::uint64_t{0}).ip).has_value());
}

}  // namespace
}  // namespace gantry::load

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gantry::load::read(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
