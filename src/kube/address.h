#pragma once

// IP addresses and address ranges, of both families.

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::kube {

enum class IpFamily : std::uint8_t { v4, v6 };

// A number of 128 bits; an IPv4 address stands in the low 32 of them. Ordered by family, then number.
struct IpAddress {
  IpFamily family = IpFamily::v4;
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

  // Decimal dotted or RFC 4291 text, no zone. Leading zeros in IPv4 are refused, as by Kubernetes. An IPv4 address written
  // in IPv6 form ("::ffff:10.0.0.1") is IPv4, as in Go.
  static std::optional<IpAddress> parse(std::string_view text);
};
std::string to_string(const IpAddress& address);  // RFC 5952

// An address and the number of leading bits that count. Bits after the prefix are zero: "10.1.2.3/16" is 10.1.0.0/16.
struct Cidr {
  IpAddress address;
  int prefix = 0;
  friend auto operator<=>(const Cidr&, const Cidr&) = default;

  // Errors: input, naming the text and what is wrong with it. Host bits are cleared.
  static base::Result<Cidr> parse(std::string_view text);
  // The range that holds only this address.
  static Cidr of(const IpAddress& address);

  bool contains(const IpAddress& other) const;
  // Every address of `other` is in this one; equal ranges contain each other.
  bool contains(const Cidr& other) const;
};
std::string to_string(const Cidr& cidr);  // "10.1.0.0/16"

}  // namespace gantry::kube
