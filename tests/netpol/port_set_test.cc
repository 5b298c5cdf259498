// Port sets, against a table of what they print and against sets of single ports.

#include "netpol/port_set.h"

#include "netpol/port_sweep.h"
#include "netpol/random_cluster.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>
#include <vector>

namespace gantry::netpol {
namespace {

using kube::Port;
using kube::PortRange;
using kube::Protocol;

constexpr Protocol kProtocols[] = {Protocol::tcp, Protocol::udp, Protocol::sctp};

PortRange range(int first, int last) {
  return {Port{static_cast<std::uint16_t>(first)}, Port{static_cast<std::uint16_t>(last)}};
}
PortSet tcp(int first, int last) { return PortSet::of(Protocol::tcp, range(first, last)); }
PortSet udp(int port) { return PortSet::of(Protocol::udp, Port{static_cast<std::uint16_t>(port)}); }

TEST(PortSet, ReadsAsPeopleWritePorts) {
  const struct {
    PortSet ports;
    std::string_view text;
  } cases[] = {
      {{}, "no port"},
      {PortSet::everything(), "every port"},
      {PortSet::all_of(Protocol::tcp), "every TCP port"},
      {PortSet::all_of(Protocol::sctp).united(udp(53)), "53/UDP, every SCTP port"},
      {tcp(4222, 4222), "4222/TCP"},
      {tcp(8000, 8010).united(tcp(4222, 4222)).united(udp(53)), "4222/TCP, 8000-8010/TCP, 53/UDP"},
      {tcp(1, 9).united(tcp(10, 20)), "1-20/TCP"},  // ranges that touch are one
      {tcp(1, 9).united(tcp(5, 20)), "1-20/TCP"},
      {tcp(1, 20).united(tcp(5, 9)), "1-20/TCP"},
      {tcp(1, 65535), "every TCP port"},
      {PortSet::all_of(Protocol::tcp).without(tcp(22, 22)), "1-21/TCP, 23-65535/TCP"},
      {PortSet::everything().without(PortSet::all_of(Protocol::udp)), "every TCP port, every SCTP port"},
      {tcp(65535, 65535).united(tcp(1, 1)), "1/TCP, 65535/TCP"},
  };
  for (const auto& c : cases) EXPECT_EQ(to_string(c.ports), c.text);
}

TEST(PortSet, EqualSetsAreEqualHoweverTheyCameToBe) {
  EXPECT_EQ(tcp(1, 9).united(tcp(10, 20)), tcp(1, 20));
  EXPECT_EQ(PortSet::everything().without(udp(53)).united(udp(53)), PortSet::everything());
  EXPECT_EQ(PortSet::of({{{range(1, 9), range(10, 12), range(11, 20)}, {range(53, 53)}, {}}}),
            tcp(1, 20).united(udp(53)));
  EXPECT_TRUE(tcp(1, 20).without(tcp(1, 20)).empty());
  EXPECT_TRUE(PortSet::all_of(Protocol::tcp)
                  .united(PortSet::all_of(Protocol::udp))
                  .united(PortSet::all_of(Protocol::sctp))
                  .is_everything());
}

// ---- Against single ports ----

// The ports near which something can go wrong: both ends of all ports, and a few in the middle.
std::vector<int> telling_ports() {
  std::vector<int> ports;
  for (const int middle : {1, 100, 65535})
    for (int port = middle - 8; port <= middle + 8; ++port)
      if (port >= 1 && port <= 65535) ports.push_back(port);
  return ports;
}

using SinglePorts = std::set<std::pair<Protocol, int>>;

struct Twins {
  PortSet ports;
  SinglePorts single;
};

Twins random_twins(Dice& dice, const std::vector<int>& ports) {
  Twins twins;
  for (std::size_t i = dice.below(6); i > 0; --i) {
    const Protocol protocol = dice.pick(kProtocols);
    int first = dice.pick(ports);
    int last = dice.pick(ports);
    if (first > last) std::swap(first, last);
    twins.ports = twins.ports.united(PortSet::of(protocol, range(first, last)));
    for (const int port : ports)
      if (first <= port && port <= last) twins.single.emplace(protocol, port);
  }
  return twins;
}

SinglePorts seen_at(const PortSet& set, const std::vector<int>& ports) {
  SinglePorts seen;
  for (const Protocol protocol : kProtocols)
    for (const int port : ports)
      if (set.contains(protocol, Port{static_cast<std::uint16_t>(port)})) seen.emplace(protocol, port);
  return seen;
}

TEST(PortSet, AgreesWithSetsOfSinglePorts) {
  const std::vector<int> ports = telling_ports();
  Dice dice(1);
  for (int round = 0; round < 2'000; ++round) {
    const Twins a = random_twins(dice, ports);
    const Twins b = random_twins(dice, ports);
    SinglePorts both;
    SinglePorts either = a.single;
    SinglePorts rest;
    either.insert(b.single.begin(), b.single.end());
    for (const auto& each : a.single) (b.single.contains(each) ? both : rest).insert(each);
    ASSERT_EQ(seen_at(a.ports.united(b.ports), ports), either) << to_string(a.ports) << " | " << to_string(b.ports);
    ASSERT_EQ(seen_at(a.ports.intersected(b.ports), ports), both) << to_string(a.ports) << " & " << to_string(b.ports);
    ASSERT_EQ(seen_at(a.ports.without(b.ports), ports), rest) << to_string(a.ports) << " - " << to_string(b.ports);
    // Bounds are drawn from the telling ports, so these show every difference.
    ASSERT_EQ(a.ports.meets(b.ports), !both.empty()) << to_string(a.ports) << " & " << to_string(b.ports);
    ASSERT_EQ(a.ports.contains(b.ports), both == b.single) << to_string(a.ports) << " >= " << to_string(b.ports);
    ASSERT_EQ(a.ports == b.ports, a.single == b.single) << to_string(a.ports) << " = " << to_string(b.ports);
  }
}

TEST(PortSet, CountsPortsOfAllProtocols) {
  EXPECT_EQ(PortSet().count(), 0U);
  EXPECT_EQ(tcp(10, 19).united(udp(53)).count(), 11U);
  EXPECT_EQ(PortSet::everything().count(), 3U * 65535U);
}

// ---- Cutting several into atoms ----

TEST(PortSweep, CutsWhereverMembershipChanges) {
  const std::vector<int> ports = telling_ports();
  Dice dice(2);
  for (int round = 0; round < 500; ++round) {
    std::vector<PortSet> sets;
    for (std::size_t i = dice.below(5); i > 0; --i) sets.push_back(random_twins(dice, ports).ports);
    std::vector<const PortSet*> pointers;
    for (const PortSet& set : sets) pointers.push_back(&set);
    PortSet covered;
    std::set<std::vector<std::uint32_t>> combinations;
    for (const PortAtom& atom : sweep_ports(pointers)) {
      ASSERT_FALSE(atom.ports.meets(covered)) << "atoms are disjoint";
      covered = covered.united(atom.ports);
      ASSERT_TRUE(combinations.insert(atom.holding).second) << "ports with the same sets are one atom";
      for (std::uint32_t i = 0; i < sets.size(); ++i) {
        const bool holds = std::find(atom.holding.begin(), atom.holding.end(), i) != atom.holding.end();
        ASSERT_EQ(sets[i].contains(atom.ports), holds) << to_string(sets[i]) << " at " << to_string(atom.ports);
        ASSERT_EQ(sets[i].meets(atom.ports), holds) << to_string(sets[i]) << " at " << to_string(atom.ports);
      }
    }
    ASSERT_TRUE(covered.is_everything());
  }
}

TEST(PortSweep, WorkGrowsWithRangesNotWithPorts) {
  std::vector<PortSet> sets;
  for (int port = 1; port <= 65535; port += 2) sets.push_back(tcp(port, port));
  std::vector<const PortSet*> pointers;
  for (const PortSet& set : sets) pointers.push_back(&set);
  EXPECT_EQ(sweep_ports(pointers).size(), sets.size() + 1);
}

}  // namespace
}  // namespace gantry::netpol
