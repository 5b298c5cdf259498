#include "netpol/port_set.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace gantry::netpol {

using kube::Port;
using kube::PortRange;
using kube::Protocol;

namespace {

using Ranges = std::vector<PortRange>;

constexpr PortRange kAllPorts{Port{1}, Port{65535}};
constexpr std::array kProtocols = {Protocol::tcp, Protocol::udp, Protocol::sctp};

int first_of(const PortRange& range) { return range.first.value(); }
int last_of(const PortRange& range) { return range.last.value(); }

PortRange make_range(int first, int last) {
  return {Port{static_cast<std::uint16_t>(first)}, Port{static_cast<std::uint16_t>(last)}};
}

// Appends a range that starts no earlier than the last one does.
void append(Ranges& ranges, const PortRange& range) {
  if (!ranges.empty() && first_of(range) <= last_of(ranges.back()) + 1) {
    if (range.last > ranges.back().last) ranges.back().last = range.last;
  } else {
    ranges.push_back(range);
  }
}

Ranges unite(const Ranges& a, const Ranges& b) {
  if (a.empty() || b.empty()) return a.empty() ? b : a;
  Ranges merged;
  merged.reserve(a.size() + b.size());
  std::ranges::merge(a, b, std::back_inserter(merged));
  Ranges united;
  for (const PortRange& range : merged) append(united, range);
  return united;
}

Ranges intersect(const Ranges& a, const Ranges& b) {
  Ranges both;
  for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end();) {
    const int first = std::max(first_of(*i), first_of(*j));
    const int last = std::min(last_of(*i), last_of(*j));
    if (first <= last) both.push_back(make_range(first, last));
    (i->last < j->last ? i : j)++;
  }
  return both;
}

Ranges subtract(const Ranges& a, const Ranges& b) {
  Ranges rest;
  auto taken = b.begin();
  for (const PortRange& range : a) {
    int first = first_of(range);
    while (taken != b.end() && last_of(*taken) < first) ++taken;
    for (auto each = taken; each != b.end() && first_of(*each) <= last_of(range); ++each) {
      if (first_of(*each) > first) rest.push_back(make_range(first, first_of(*each) - 1));
      first = last_of(*each) + 1;
    }
    if (first <= last_of(range)) rest.push_back(make_range(first, last_of(range)));
  }
  return rest;
}

bool meet(const Ranges& a, const Ranges& b) {
  for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end();) {
    if (std::max(i->first, j->first) <= std::min(i->last, j->last)) return true;
    (i->last < j->last ? i : j)++;
  }
  return false;
}

// Ranges that touch are one, so each of the parts has to lie within one.
bool includes(const Ranges& whole, const Ranges& parts) {
  auto at = whole.begin();
  return std::ranges::all_of(parts, [&](const PortRange& part) {
    while (at != whole.end() && at->last < part.last) ++at;
    return at != whole.end() && at->first <= part.first;
  });
}

bool includes(const Ranges& ranges, int port) {
  const auto after = std::ranges::upper_bound(ranges, port, {}, first_of);
  return after != ranges.begin() && last_of(*std::prev(after)) >= port;
}

std::size_t index_of(Protocol protocol) { return static_cast<std::size_t>(std::to_underlying(protocol)); }

}  // namespace

PortSet PortSet::everything() {
  PortSet set;
  for (Ranges& ranges : set.ranges_) ranges = {kAllPorts};
  return set;
}

PortSet PortSet::all_of(Protocol protocol) { return of(protocol, kAllPorts); }
PortSet PortSet::of(Protocol protocol, Port port) { return of(protocol, PortRange{port, port}); }

PortSet PortSet::of(Protocol protocol, PortRange range) {
  PortSet set;
  set.ranges_.at(index_of(protocol)) = {range};
  return set;
}

PortSet PortSet::of(std::array<Ranges, 3> ranges) {
  PortSet set;
  for (std::size_t i = 0; i < ranges.size(); ++i)
    for (const PortRange& range : ranges.at(i)) append(set.ranges_.at(i), range);
  return set;
}

bool PortSet::empty() const { return std::ranges::all_of(ranges_, &Ranges::empty); }
bool PortSet::is_everything() const {
  return std::ranges::all_of(ranges_, [](const Ranges& each) { return each.size() == 1 && each.front() == kAllPorts; });
}

bool PortSet::contains(Protocol protocol, Port port) const { return includes(ranges(protocol), port.value()); }
bool PortSet::contains(const PortSet& other) const {
  return std::ranges::equal(ranges_, other.ranges_,
                            [](const Ranges& whole, const Ranges& parts) { return includes(whole, parts); });
}
bool PortSet::meets(const PortSet& other) const {
  for (std::size_t i = 0; i < ranges_.size(); ++i)
    if (meet(ranges_.at(i), other.ranges_.at(i))) return true;
  return false;
}

std::uint64_t PortSet::count() const {
  std::uint64_t count = 0;
  for (const Ranges& ranges : ranges_)
    for (const PortRange& range : ranges) count += static_cast<std::uint64_t>(last_of(range) - first_of(range) + 1);
  return count;
}

const std::vector<PortRange>& PortSet::ranges(Protocol protocol) const { return ranges_.at(index_of(protocol)); }

PortSet PortSet::united(const PortSet& other) const {
  PortSet set;
  for (std::size_t i = 0; i < ranges_.size(); ++i) set.ranges_.at(i) = unite(ranges_.at(i), other.ranges_.at(i));
  return set;
}

PortSet PortSet::intersected(const PortSet& other) const {
  PortSet set;
  for (std::size_t i = 0; i < ranges_.size(); ++i) set.ranges_.at(i) = intersect(ranges_.at(i), other.ranges_.at(i));
  return set;
}

PortSet PortSet::without(const PortSet& other) const {
  PortSet set;
  for (std::size_t i = 0; i < ranges_.size(); ++i) set.ranges_.at(i) = subtract(ranges_.at(i), other.ranges_.at(i));
  return set;
}

std::string to_string(const PortSet& ports) {
  if (ports.empty()) return "no port";
  if (ports.is_everything()) return "every port";
  std::vector<std::string> texts;
  for (const Protocol protocol : kProtocols)
    for (const PortRange& range : ports.ranges(protocol)) {
      if (range == kAllPorts) {
        texts.push_back(fmt::format("every {} port", to_string(protocol)));
      } else if (range.first == range.last) {
        texts.push_back(fmt::format("{}/{}", range.first.value(), to_string(protocol)));
      } else {
        texts.push_back(fmt::format("{}-{}/{}", range.first.value(), range.last.value(), to_string(protocol)));
      }
    }
  return fmt::format("{}", fmt::join(texts, ", "));
}

}  // namespace gantry::netpol
