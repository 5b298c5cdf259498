#pragma once

// Addresses that no range tells apart (network policy reference, §17.5). Ranges are nested or disjoint, so they make a tree, and
// each of them, less those directly inside it, is one region: there are as many regions as different ranges, however many
// policies name them.

#include "kube/address.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace gantry::netpol {

class AddressRegions {
 public:
  AddressRegions() = default;
  // Every family with a range gets a region for the rest of its addresses.
  explicit AddressRegions(std::vector<kube::Cidr> ranges);

  // In order of family, first address, and size, largest first: what is inside a range follows it.
  const std::vector<kube::Cidr>& ranges() const { return ranges_; }
  // The region that holds the address; nothing for a family without any.
  std::optional<std::size_t> find(const kube::IpAddress& address) const;
  // [first, last): the regions of a range that is one of `ranges`, and of those inside it. Empty when it is none of them.
  std::pair<std::size_t, std::size_t> within(const kube::Cidr& range) const;
  // Every region that shares an address with the range.
  std::vector<std::size_t> meeting(const kube::Cidr& range) const;
  // The ranges directly inside one.
  std::vector<kube::Cidr> holes_of(std::size_t region) const;

 private:
  static constexpr std::uint32_t kNoParent = UINT32_MAX;
  std::vector<kube::Cidr> ranges_;
  std::vector<std::uint32_t> parent_;
  std::vector<std::uint32_t> end_;  // behind the last range inside
};

// Every address of a family.
kube::Cidr everywhere(kube::IpFamily family);

}  // namespace gantry::netpol
