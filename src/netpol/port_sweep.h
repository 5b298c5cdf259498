#pragma once

// Port sets that overlap, cut into atoms: for each different combination of them, the ports where exactly those hold. Work grows
// with the ranges and with what really differs, not with 65,535 ports (network policy reference, §17.4).

#include "netpol/port_set.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace gantry::netpol {

struct PortAtom {
  PortSet ports;
  std::vector<std::uint32_t> holding;  // indices of the sets that hold these ports, ascending
};

// Every port of every protocol is in exactly one atom; one atom may hold nothing. Sorted by `holding`.
std::vector<PortAtom> sweep_ports(const std::vector<const PortSet*>& sets);

}  // namespace gantry::netpol
