#include "muster/muster.h"
#include "muster/names.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::muster {

namespace {

constexpr std::string_view kScheme = "nats://";
constexpr std::size_t kNameMax = 100;

}  // namespace

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kNameMax && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
  });
}

base::Result<void> check_names(const Member& member) {
  for (const std::string* name : {&member.name, &member.process, &member.purpose})
    if (!is_name(*name))
      return base::usage_error(fmt::format("\"{}\" is no name for a member", *name), "take letters, digits, - and _");
  return {};
}

std::string Place::shown() const {
  const std::size_t at = server.find('@');
  return at == std::string::npos ? server : fmt::format("{}{}", kScheme, server.substr(at + 1));
}

base::Result<Place> parse_place(std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    return base::usage_error(fmt::format("{} is no place to meet: {}", text.contains('@') ? "that" : text, why),
                             "write nats://HOST:PORT/NAME, the same for all");
  };
  if (!text.starts_with(kScheme)) return refuse("it does not begin with nats://");
  const std::size_t slash = text.find('/', kScheme.size());
  if (slash == kScheme.size()) return refuse("the host is missing");
  if (slash == std::string_view::npos || slash + 1 == text.size()) return refuse("the name behind the host is missing");
  Place place{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
  if (!is_name(place.name)) return refuse("its name is not of letters, digits, - and _ alone");
  return place;
}

}  // namespace gantry::muster
