#include "kube/port.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gantry::kube {

namespace {

constexpr std::array<std::pair<std::string_view, Protocol>, 3> kProtocols = {{
    {"TCP", Protocol::tcp},
    {"UDP", Protocol::udp},
    {"SCTP", Protocol::sctp},
}};

constexpr std::size_t kPortNameMax = 15;  // IANA service names, RFC 6335 §5.1

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string_view to_string(Protocol protocol) {
  const auto it = std::ranges::find(kProtocols, protocol, &std::pair<std::string_view, Protocol>::second);
  return it->first;
}

std::optional<Protocol> find_protocol(std::string_view text) {
  const auto it = std::ranges::find(kProtocols, text, &std::pair<std::string_view, Protocol>::first);
  return it == kProtocols.end() ? std::nullopt : std::optional(it->second);
}

std::string to_string(const PortRef& port) {
  if (const Port* number = std::get_if<Port>(&port)) return std::to_string(number->value());
  return std::get<std::string>(port);
}

// API machinery: IsValidPortName.
std::optional<std::string> invalid_port_name(std::string_view name) {
  if (name.empty()) return "is empty";
  if (name.size() > kPortNameMax) return "is longer than 15 characters";
  const auto allowed = [](char c) { return is_lower(c) || is_digit(c) || c == '-'; };
  if (!std::ranges::all_of(name, allowed)) return "may only hold lower-case letters, digits and '-'";
  if (std::ranges::none_of(name, is_lower)) return "has no letter";
  if (name.front() == '-' || name.back() == '-') return "begins or ends with '-'";
  if (name.contains("--")) return "has two '-' in a row";
  return std::nullopt;
}

}  // namespace gantry::kube
