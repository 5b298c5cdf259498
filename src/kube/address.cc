#include "kube/address.h"

#include "kube/words.h"

#include <arpa/inet.h>

#include <array>
#include <bit>
#include <cstring>

namespace gantry::kube {

namespace {

constexpr int kV4Bits = 32;
constexpr int kV6Bits = 128;
constexpr std::uint64_t kMappedPrefix = 0xFFFF;  // ::ffff:0:0/96

int bits_of(IpFamily family) { return family == IpFamily::v4 ? kV4Bits : kV6Bits; }

std::uint64_t read_big_endian(const unsigned char* bytes, int count) {
  std::uint64_t value = 0;
  for (int i = 0; i < count; ++i) value = (value << 8) | bytes[i];
  return value;
}

void write_big_endian(std::uint64_t value, unsigned char* bytes, int count) {
  for (int i = count - 1; i >= 0; --i) {
    bytes[i] = static_cast<unsigned char>(value & 0xFF);
    value >>= 8;
  }
}

// The upper `count` of 64 bits set.
std::uint64_t upper_bits(int count) {
  if (count <= 0) return 0;
  return count >= 64 ? ~0ULL : ~0ULL << (64 - count);
}

IpAddress masked(const IpAddress& address, int prefix) {
  const int bits = prefix + (kV6Bits - bits_of(address.family));  // counted from the left of 128
  return {address.family, address.high & upper_bits(bits), address.low & upper_bits(bits - 64)};
}

// "0" to "128" without sign or leading zeros.
std::optional<int> parse_prefix(std::string_view text, int max) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value <= max ? std::optional(value) : std::nullopt;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN || text.contains('\0')) return std::nullopt;
  const std::string terminated(text);
  std::array<unsigned char, 16> bytes{};
  // inet_pton refuses leading zeros and short forms of IPv4, as Go's net/netip does.
  if (inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1) {
    return IpAddress{IpFamily::v4, 0, read_big_endian(bytes.data(), 4)};
  }
  if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) != 1) return std::nullopt;
  const std::uint64_t high = read_big_endian(bytes.data(), 8);
  const std::uint64_t low = read_big_endian(bytes.data() + 8, 8);
  if (high == 0 && low >> kV4Bits == kMappedPrefix) return IpAddress{IpFamily::v4, 0, low & 0xFFFF'FFFFULL};
  return IpAddress{IpFamily::v6, high, low};
}

std::string to_string(const IpAddress& address) {
  std::array<unsigned char, 16> bytes{};
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.family == IpFamily::v4) {
    write_big_endian(address.low, bytes.data(), 4);
    inet_ntop(AF_INET, bytes.data(), text.data(), text.size());
  } else {
    write_big_endian(address.high, bytes.data(), 8);
    write_big_endian(address.low, bytes.data() + 8, 8);
    inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  }
  return text.data();
}

base::Result<Cidr> Cidr::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string shown = quoted(text);
  if (slash == std::string_view::npos) {
    return base::input_error(shown + " is no address range: it has no prefix length", {},
                             "write a range such as 10.0.0.0/8, or 10.1.2.3/32 for one address");
  }
  const std::optional<IpAddress> address = IpAddress::parse(text.substr(0, slash));
  if (!address) return base::input_error(shown + " is no address range: no IP address before the '/'");
  const int bits = bits_of(address->family);
  const std::optional<int> prefix = parse_prefix(text.substr(slash + 1), bits);
  if (!prefix) {
    return base::input_error(shown + " is no address range: the prefix length is no number from 0 to " +
                             std::to_string(bits));
  }
  return Cidr{masked(*address, *prefix), *prefix};
}

Cidr Cidr::of(const IpAddress& address) { return {address, bits_of(address.family)}; }

bool Cidr::contains(const IpAddress& other) const {
  return other.family == address.family && masked(other, prefix) == address;
}

bool Cidr::contains(const Cidr& other) const { return other.prefix >= prefix && contains(other.address); }

std::string to_string(const Cidr& cidr) { return to_string(cidr.address) + "/" + std::to_string(cidr.prefix); }

}  // namespace gantry::kube
