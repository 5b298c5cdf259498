#include "launch/checks/reach/address_set.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace gantry::launch {

using kube::Cidr;
using kube::IpAddress;
using kube::IpBlock;
using kube::IpFamily;

namespace {

int address_bits(IpFamily family) { return family == IpFamily::v4 ? 32 : 128; }

bool overlap(const Cidr& a, const Cidr& b) { return a.contains(b) || b.contains(a); }

}  // namespace

// Splits the range in halves as long as something is taken from it. At most 128 levels deep, and only along the edges of the
// ranges that are taken.
std::optional<Cidr> find_untaken(const Cidr& range, std::span<const Cidr> taken) {
  std::vector<Cidr> inside;
  for (const Cidr& other : taken) {
    if (other.contains(range)) return std::nullopt;
    if (overlap(other, range)) inside.push_back(other);
  }
  if (inside.empty()) return range;
  const auto [lower, upper] = halves_of(range);
  std::optional<Cidr> found = find_untaken(lower, inside);
  return found ? found : find_untaken(upper, inside);
}

bool covers(const IpBlock& block, const Cidr& range) {
  return block.cidr.contains(range) &&
         std::ranges::none_of(block.except, [&](const Cidr& except) { return overlap(except, range); });
}

bool meets(const IpBlock& block, const Cidr& range) {
  if (!overlap(block.cidr, range)) return false;
  return find_untaken(block.cidr.prefix > range.prefix ? block.cidr : range, block.except).has_value();
}

bool contains(const IpBlock& block, const IpAddress& address) { return covers(block, Cidr::of(address)); }

std::pair<Cidr, Cidr> halves_of(const Cidr& range) {
  const Cidr lower{.address = range.address, .prefix = range.prefix + 1};
  Cidr upper = lower;
  const int bit = address_bits(range.address.family) - lower.prefix;  // counted from the lowest
  (bit < 64 ? upper.address.low : upper.address.high) |= std::uint64_t{1} << (bit % 64);
  return {lower, upper};
}

Cidr everywhere(IpFamily family) { return {.address = {.family = family, .high = 0, .low = 0}, .prefix = 0}; }

std::string to_string(const IpBlock& block) {
  std::vector<std::string> excepted;
  for (const Cidr& except : block.except) excepted.push_back(to_string(except));
  return fmt::format("{}{}{}", to_string(block.cidr), excepted.empty() ? "" : " except ", fmt::join(excepted, ", "));
}

}  // namespace gantry::launch
