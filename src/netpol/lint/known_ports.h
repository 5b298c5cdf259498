#pragma once

// What is usually behind a port number, where that decides how bad an opening is.

#include "kube/pod_spec.h"
#include "kube/port.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace gantry::netpol::linting {

enum class PortUse : std::uint8_t { data_store, control };

struct KnownPort {
  std::uint16_t port;
  PortUse use;
  std::string_view what;
};

// Null when nothing is known about the number.
const KnownPort* find_known_port(kube::Port port);
// The protocols that only speak UDP, or UDP first: "DNS" for 53. "" for others.
std::string_view udp_service(kube::Port port);
// The first declared port of a data store; null when the pods declare none.
const KnownPort* find_data_store(const kube::PodSpec& spec);

}  // namespace gantry::netpol::linting
