// Regions of addresses, against a scan of all ranges.

#include "netpol/address_regions.h"

#include "netpol/random_cluster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace gantry::netpol {
namespace {

using kube::Cidr;
using kube::IpAddress;
using kube::IpFamily;

Cidr cidr(std::string_view text) { return *Cidr::parse(text); }
IpAddress ip(std::string_view text) { return *IpAddress::parse(text); }

std::vector<Cidr> cidrs(const std::vector<std::string>& texts) {
  std::vector<Cidr> ranges;
  for (const std::string& text : texts) ranges.push_back(cidr(text));
  return ranges;
}

std::vector<std::string> texts(const std::vector<Cidr>& ranges) {
  std::vector<std::string> all;
  for (const Cidr& range : ranges) all.push_back(to_string(range));
  return all;
}

TEST(AddressRegions, OneForEachDifferentRangeAndOneForTheRest) {
  const AddressRegions regions(cidrs({"10.1.0.0/16", "10.0.0.0/8", "10.1.0.0/16", "192.0.2.1/32", "fd00::/8"}));
  EXPECT_EQ(texts(regions.ranges()),
            (std::vector<std::string>{"0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "192.0.2.1/32", "::/0", "fd00::/8"}));
}

TEST(AddressRegions, AnAddressIsInTheSmallestRangeAroundIt) {
  const AddressRegions regions(cidrs({"10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32", "192.0.2.0/24"}));
  const struct {
    std::string_view address, region;  // "": none
  } cases[] = {
      {"10.1.2.3", "10.1.2.3/32"},     {"10.1.2.4", "10.1.0.0/16"},
      {"10.2.0.0", "10.0.0.0/8"},      {"10.255.255.255", "10.0.0.0/8"},
      {"11.0.0.0", "0.0.0.0/0"},       {"9.255.255.255", "0.0.0.0/0"},
      {"0.0.0.0", "0.0.0.0/0"},        {"255.255.255.255", "0.0.0.0/0"},
      {"192.0.2.255", "192.0.2.0/24"}, {"fd00::1", ""},  // a family of which no range was named
  };
  for (const auto& c : cases) {
    const auto region = regions.find(ip(c.address));
    EXPECT_EQ(region ? to_string(regions.ranges()[*region]) : "", c.region) << c.address;
  }
}

TEST(AddressRegions, HolesAreTheRangesDirectlyInside) {
  const AddressRegions regions(cidrs({"10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.3.0.0/16"}));
  const auto holes = [&](std::string_view range) { return texts(regions.holes_of(regions.within(cidr(range)).first)); };
  EXPECT_EQ(holes("0.0.0.0/0"), (std::vector<std::string>{"10.0.0.0/8"}));
  EXPECT_EQ(holes("10.0.0.0/8"), (std::vector<std::string>{"10.1.0.0/16", "10.3.0.0/16"}));
  EXPECT_EQ(holes("10.1.0.0/16"), (std::vector<std::string>{"10.1.2.0/24"}));
  EXPECT_EQ(holes("10.1.2.0/24"), std::vector<std::string>{});
}

// ---- Against a scan ----

Cidr random_cidr(Dice& dice) {
  // Short addresses, so that ranges nest often.
  const bool is_v6 = dice.percent(30);
  const auto bits = static_cast<std::uint64_t>(dice.below(256)) << 8U | (dice.percent(30) ? dice.below(4) : 0U);
  const IpAddress address = is_v6 ? IpAddress{.family = IpFamily::v6, .high = bits << 48U, .low = dice.below(4)}
                                  : IpAddress{.family = IpFamily::v4, .high = 0, .low = bits << 16U | dice.below(4)};
  const int prefix = static_cast<int>(dice.below(is_v6 ? 129 : 33));
  return cidr(to_string(address) + "/" + std::to_string(prefix));
}

IpAddress last_of(const Cidr& range) {
  IpAddress address = range.address;
  const int width = address.family == IpFamily::v4 ? 32 : 128;
  for (int bit = range.prefix; bit < width; ++bit) {
    const int from_end = width - 1 - bit;
    (from_end >= 64 ? address.high : address.low) |= std::uint64_t{1} << (from_end % 64);
  }
  return address;
}

bool overlap(const Cidr& a, const Cidr& b) { return a.contains(b) || b.contains(a); }

TEST(AddressRegions, AgreeWithAScanOfAllRanges) {
  Dice dice(1);
  for (int round = 0; round < 500; ++round) {
    std::vector<Cidr> ranges;
    for (std::size_t i = dice.between(1, 12); i > 0; --i) ranges.push_back(random_cidr(dice));
    const AddressRegions regions(ranges);
    const std::vector<Cidr>& all = regions.ranges();
    std::set<IpFamily> families;
    for (const Cidr& range : ranges) families.insert(range.address.family);
    ASSERT_LE(all.size(), ranges.size() + families.size());

    const auto smallest_around = [&](const IpAddress& address) {
      std::optional<std::size_t> best;
      for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i].contains(address) && (!best || all[i].prefix > all[*best].prefix)) best = i;
      return best;
    };
    for (const Cidr& range : ranges) {
      for (const IpAddress& address : {range.address, last_of(range), random_cidr(dice).address})
        ASSERT_EQ(regions.find(address), smallest_around(address)) << to_string(address);
      const auto [first, last] = regions.within(range);
      for (std::size_t i = 0; i < all.size(); ++i)
        ASSERT_EQ(first <= i && i < last, range.contains(all[i])) << to_string(range) << " " << to_string(all[i]);
    }
    // A range that was not named: the regions that it shares an address with.
    const Cidr asked = random_cidr(dice);
    std::vector<std::size_t> expected;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!overlap(all[i], asked)) continue;
      // A range that lies around it may have given all of those addresses away to ranges inside.
      const bool holds_some = asked.contains(all[i]) || [&] {
        std::vector<Cidr> inside = regions.holes_of(i);
        if (std::ranges::any_of(inside, [&](const Cidr& hole) { return hole.contains(asked); })) return false;
        std::uint64_t covered = 0;  // of 2^32 parts of the range
        for (const Cidr& hole : inside)
          if (asked.contains(hole)) {
            if (hole.prefix - asked.prefix > 32) continue;
            covered += std::uint64_t{1} << (32 - (hole.prefix - asked.prefix));
          }
        return covered < (std::uint64_t{1} << 32U);
      }();
      if (holds_some) expected.push_back(i);
    }
    std::vector<std::size_t> met = regions.meeting(asked);
    std::ranges::sort(met);
    // Too many is allowed for a range that others cover wholly, too few never.
    ASSERT_TRUE(std::ranges::includes(met, expected)) << to_string(asked) << " round " << round;
    for (const std::size_t region : met) ASSERT_TRUE(overlap(all[region], asked)) << to_string(all[region]);
    ASSERT_EQ(std::ranges::adjacent_find(met), met.end()) << to_string(asked);
  }
}

TEST(AddressRegions, ThousandsOfSingleAddressesStayCheap) {
  std::vector<Cidr> ranges;
  for (std::uint32_t i = 0; i < 50'000; ++i)
    ranges.push_back(Cidr::of({.family = IpFamily::v4, .high = 0, .low = 0x0A000000 + i * 7}));
  const AddressRegions regions(ranges);
  ASSERT_EQ(regions.ranges().size(), 50'001U);
  for (std::uint32_t i = 0; i < 50'000; ++i)
    ASSERT_EQ(regions.ranges()[regions.find(ranges[i].address).value()], ranges[i]);
  EXPECT_EQ(to_string(regions.ranges()[regions.find(ip("10.0.0.1")).value()]), "0.0.0.0/0");
}

}  // namespace
}  // namespace gantry::netpol
