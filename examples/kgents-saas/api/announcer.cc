#include "api/announcer.h"

#include "api/openmeter.h"
#include "base/json.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <cctype>

namespace kgents {

using gantry::base::Node;

std::string new_id() {
  std::array<unsigned char, 16> bytes{};
  // So few bytes always come whole, once the system has been up for a moment (getrandom(2)).
  while (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) continue;
  return fmt::format("{:02x}", fmt::join(bytes, ""));
}

std::string to_subject(std::string_view type) {
  std::string subject = "kgent.events.";
  bool part_is_empty = true;
  for (const char c : type) {
    const bool is_plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-';
    const bool is_dot = c == '.' && !part_is_empty;  // NATS has no empty tokens
    subject += is_plain || is_dot ? c : '_';
    part_is_empty = is_dot;
  }
  if (part_is_empty) subject += '_';
  return subject;
}

void Announcer::announce(const Happening& happening) const {
  if (!stream_) return;
  Node body = Node::empty_map();
  body.set("id", happening.id);
  body.set("type", happening.type);
  body.set("tenant", happening.tenant);
  body.set("request_id", happening.request_id);
  body.set("time", gantry::base::format_rfc3339(clock_.now()));
  body.set("data", happening.data);
  stream_->publish({.id = happening.id, .subject = to_subject(happening.type), .body = gantry::base::dump_json(body)});
}

void Announcer::meter(std::string_view type, std::string_view tenant) const {
  if (meter_) meter_->publish(usage_event(new_id(), type, tenant, clock_.now()));
}

}  // namespace kgents
