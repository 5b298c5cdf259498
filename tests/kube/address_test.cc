#include "kube/address.h"

#include <gtest/gtest.h>

namespace gantry::kube {
namespace {

TEST(IpAddress, IsReadAndPrintedInItsShortForm) {
  const struct {
    std::string_view text, canonical;  // "": refused
  } cases[] = {
      {"10.0.0.1", "10.0.0.1"},
      {"255.255.255.255", "255.255.255.255"},
      {"::", "::"},
      {"2001:DB8::1", "2001:db8::1"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"::ffff:10.0.0.1", "10.0.0.1"},  // net/netip: an IPv4 address in IPv6 form
      {"010.0.0.1", ""},                // leading zeros are refused since Go 1.17
      {"10.0.0", ""},
      {"10.0.0.256", ""},
      {"fe80::1%eth0", ""},
      {"", ""},
      {"web", ""},
  };
  for (const auto& c : cases) {
    const std::optional<IpAddress> address = IpAddress::parse(c.text);
    EXPECT_EQ(address ? to_string(*address) : "", c.canonical) << c.text;
  }
}

TEST(Cidr, ClearsHostBitsAndRefusesWhatIsNoRange) {
  const struct {
    std::string_view text, canonical;
  } cases[] = {
      {"10.1.2.3/16", "10.1.0.0/16"},  // network policy reference, §5: host bits are masked
      {"0.0.0.0/0", "0.0.0.0/0"},
      {"192.168.1.1/32", "192.168.1.1/32"},
      {"2001:db8:ffff::/33", "2001:db8:8000::/33"},
      {"2001:db8::1/128", "2001:db8::1/128"},
      {"::/0", "::/0"},
      {"10.0.0.0", ""},
      {"10.0.0.0/33", ""},
      {"10.0.0.0/-1", ""},
      {"10.0.0.0/08", ""},
      {"10.0.0.0/", ""},
      {"::/129", ""},
      {"/8", ""},
      {"10.0.0.0/8/8", ""},
  };
  for (const auto& c : cases) {
    const base::Result<Cidr> range = Cidr::parse(c.text);
    EXPECT_EQ(range ? to_string(*range) : "", c.canonical) << c.text;
  }
}

TEST(Cidr, ContainsAddressesOfItsOwnFamilyOnly) {
  const Cidr any4 = *Cidr::parse("0.0.0.0/0");
  const Cidr ten = *Cidr::parse("10.0.0.0/8");
  const Cidr any6 = *Cidr::parse("::/0");
  EXPECT_TRUE(ten.contains(*IpAddress::parse("10.255.0.1")));
  EXPECT_FALSE(ten.contains(*IpAddress::parse("11.0.0.0")));
  EXPECT_FALSE(any4.contains(*IpAddress::parse("::1")));  // network policy reference, §5
  EXPECT_TRUE(any6.contains(*IpAddress::parse("::1")));
  EXPECT_FALSE(any6.contains(*IpAddress::parse("10.0.0.1")));
  EXPECT_TRUE(any4.contains(ten));
  EXPECT_TRUE(ten.contains(ten));
  EXPECT_FALSE(ten.contains(any4));
  EXPECT_TRUE(ten.contains(Cidr::of(*IpAddress::parse("10.1.2.3"))));
}

}  // namespace
}  // namespace gantry::kube
