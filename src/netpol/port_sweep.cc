#include "netpol/port_sweep.h"

#include <algorithm>
#include <array>
#include <map>

namespace gantry::netpol {

using kube::Port;
using kube::PortRange;
using kube::Protocol;

namespace {

constexpr std::uint32_t kLastPort = 65535;

struct Event {
  std::uint32_t port = 0;  // where the set begins to hold, or first does not any more
  bool begins = false;
  std::uint32_t set = 0;
  friend auto operator<=>(const Event&, const Event&) = default;
};

std::vector<Event> events_of(const std::vector<const PortSet*>& sets, Protocol protocol) {
  std::vector<Event> events;
  for (std::uint32_t i = 0; i < sets.size(); ++i)
    for (const PortRange& range : sets[i]->ranges(protocol)) {
      events.push_back({.port = range.first.value(), .begins = true, .set = i});
      events.push_back({.port = range.last.value() + 1U, .begins = false, .set = i});
    }
  std::ranges::sort(events);
  return events;
}

void apply(const Event& event, std::vector<std::uint32_t>& holding) {
  const auto at = std::ranges::lower_bound(holding, event.set);
  if (event.begins) {
    holding.insert(at, event.set);
  } else {
    holding.erase(at);
  }
}

}  // namespace

std::vector<PortAtom> sweep_ports(const std::vector<const PortSet*>& sets) {
  std::map<std::vector<std::uint32_t>, std::array<std::vector<PortRange>, 3>> ranges;
  for (const Protocol protocol : {Protocol::tcp, Protocol::udp, Protocol::sctp}) {
    const std::vector<Event> events = events_of(sets, protocol);
    std::vector<std::uint32_t> holding;
    std::uint32_t first = 1;
    for (std::size_t i = 0; i <= events.size(); ++i) {
      const std::uint32_t next = i < events.size() ? events[i].port : kLastPort + 1;
      if (next > first) {
        ranges[holding]
            .at(static_cast<std::size_t>(std::to_underlying(protocol)))
            .push_back({Port{static_cast<std::uint16_t>(first)}, Port{static_cast<std::uint16_t>(next - 1)}});
        first = next;
      }
      if (i < events.size()) apply(events[i], holding);
    }
  }
  std::vector<PortAtom> atoms;
  for (auto& [holding, by_protocol] : ranges) atoms.push_back({PortSet::of(std::move(by_protocol)), holding});
  return atoms;
}

}  // namespace gantry::netpol
