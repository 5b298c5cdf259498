#pragma once

// Sets of ports, of all three protocols: sorted, disjoint, maximal ranges. A value; operations never change an operand.

#include "kube/port.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace gantry::netpol {

class PortSet {
 public:
  PortSet() = default;  // empty
  static PortSet everything();
  static PortSet all_of(kube::Protocol protocol);
  static PortSet of(kube::Protocol protocol, kube::Port port);
  static PortSet of(kube::Protocol protocol, kube::PortRange range);
  // By protocol, each sorted by its first port; ranges that touch are joined.
  static PortSet of(std::array<std::vector<kube::PortRange>, 3> ranges);

  bool empty() const;
  bool is_everything() const;
  bool contains(kube::Protocol protocol, kube::Port port) const;
  bool contains(const PortSet& other) const;
  bool meets(const PortSet& other) const;
  // How many ports, of all protocols.
  std::uint64_t count() const;
  const std::vector<kube::PortRange>& ranges(kube::Protocol protocol) const;

  PortSet united(const PortSet& other) const;
  PortSet intersected(const PortSet& other) const;
  PortSet without(const PortSet& other) const;

  friend auto operator<=>(const PortSet&, const PortSet&) = default;

 private:
  std::array<std::vector<kube::PortRange>, 3> ranges_;
};

// "4222/TCP, 8000-8010/TCP, 53/UDP"; "every port" and "every TCP port" where that is so; "no port".
std::string to_string(const PortSet& ports);

}  // namespace gantry::netpol
