#include "netpol/address_regions.h"

#include <algorithm>
#include <utility>

namespace gantry::netpol {

using kube::Cidr;
using kube::IpAddress;
using kube::IpFamily;

Cidr everywhere(IpFamily family) { return {.address = {.family = family, .high = 0, .low = 0}, .prefix = 0}; }

AddressRegions::AddressRegions(std::vector<Cidr> ranges) : ranges_(std::move(ranges)) {
  for (const IpFamily family : {IpFamily::v4, IpFamily::v6})
    if (std::ranges::any_of(ranges_, [family](const Cidr& range) { return range.address.family == family; }))
      ranges_.push_back(everywhere(family));
  // Cidr's order is by family, address and prefix length: whoever contains comes before whoever is contained.
  std::ranges::sort(ranges_);
  ranges_.erase(std::unique(ranges_.begin(), ranges_.end()), ranges_.end());

  parent_.resize(ranges_.size(), kNoParent);
  end_.resize(ranges_.size());
  std::vector<std::uint32_t> open;  // the ranges that contain the current one, outermost first
  const auto close = [&](std::uint32_t at) {
    end_[open.back()] = at;
    open.pop_back();
  };
  for (std::uint32_t i = 0; i < ranges_.size(); ++i) {
    while (!open.empty() && !ranges_[open.back()].contains(ranges_[i])) close(i);
    if (!open.empty()) parent_[i] = open.back();
    open.push_back(i);
  }
  while (!open.empty()) close(static_cast<std::uint32_t>(ranges_.size()));
}

std::optional<std::size_t> AddressRegions::find(const IpAddress& address) const {
  constexpr int kBeyondAnyPrefix = 129;
  const auto after = std::ranges::upper_bound(ranges_, Cidr{.address = address, .prefix = kBeyondAnyPrefix});
  if (after == ranges_.begin()) return std::nullopt;
  // The last range that starts no later; what contains the address is that one or one around it.
  auto at = static_cast<std::uint32_t>(after - ranges_.begin() - 1);
  while (at != kNoParent && !ranges_[at].contains(address)) at = parent_[at];
  if (at == kNoParent) return std::nullopt;
  return at;
}

std::pair<std::size_t, std::size_t> AddressRegions::within(const Cidr& range) const {
  const auto found = std::ranges::lower_bound(ranges_, range);
  if (found == ranges_.end() || *found != range) return {0, 0};
  const auto at = static_cast<std::size_t>(found - ranges_.begin());
  return {at, end_[at]};
}

std::vector<std::size_t> AddressRegions::meeting(const Cidr& range) const {
  std::vector<std::size_t> regions;
  const auto first = std::ranges::lower_bound(ranges_, range);
  const bool is_cut = first != ranges_.end() && *first == range;
  if (!is_cut)
    if (const std::optional<std::size_t> around = find(range.address)) {
      // The region at its first address may lie inside the range; then it is met below.
      if (ranges_[*around].contains(range)) regions.push_back(*around);
      std::uint32_t outer = static_cast<std::uint32_t>(*around);
      while (outer != kNoParent && !ranges_[outer].contains(range)) outer = parent_[outer];
      if (outer != kNoParent && outer != *around) regions.push_back(outer);
    }
  for (auto each = first; each != ranges_.end() && range.contains(*each); ++each)
    regions.push_back(static_cast<std::size_t>(each - ranges_.begin()));
  return regions;
}

std::vector<Cidr> AddressRegions::holes_of(std::size_t region) const {
  std::vector<Cidr> holes;
  for (std::size_t i = region + 1; i < end_[region]; i = end_[i]) holes.push_back(ranges_[i]);
  return holes;
}

}  // namespace gantry::netpol
