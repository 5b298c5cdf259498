#pragma once

// Ports and protocols, as containers, Services and policies name them.

#include "base/named.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace gantry::kube {

// The only three that Services and policies know (network policy reference, §1).
enum class Protocol : std::uint8_t { tcp, udp, sctp };
std::string_view to_string(Protocol protocol);                 // "TCP"
std::optional<Protocol> find_protocol(std::string_view text);  // exactly as written: "tcp" is none

// 1 to 65535: a typed object never holds another.
using Port = base::Named<std::uint16_t, struct PortTag>;

// A port as it is referred to: its number, or the name that a container declares for it.
using PortRef = std::variant<Port, std::string>;
std::string to_string(const PortRef& port);

// From first to last, both included; first <= last.
struct PortRange {
  Port first;
  Port last;
  friend auto operator<=>(const PortRange&, const PortRange&) = default;
};

// Why it is no name for a port: at most 15 of a-z, 0-9 and '-', with a letter, no '-' at an end or twice in a row.
// Nothing when it is one.
std::optional<std::string> invalid_port_name(std::string_view name);

}  // namespace gantry::kube
