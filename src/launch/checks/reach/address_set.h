#pragma once

// Sets of addresses as the ipBlocks of policies write them: ranges, less other ranges.

#include "kube/address.h"
#include "kube/network.h"

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace gantry::launch {

// The largest part of `range` that no range of `taken` holds: the first such part, or nothing when all of it is taken.
std::optional<kube::Cidr> find_untaken(const kube::Cidr& range, std::span<const kube::Cidr> taken);

// Whether the block, less its `except` ranges, holds all or any of a range.
bool covers(const kube::IpBlock& block, const kube::Cidr& range);
bool meets(const kube::IpBlock& block, const kube::Cidr& range);
bool contains(const kube::IpBlock& block, const kube::IpAddress& address);

// The lower and the upper half of a range of more than one address.
std::pair<kube::Cidr, kube::Cidr> halves_of(const kube::Cidr& range);

// Every address of one family.
kube::Cidr everywhere(kube::IpFamily family);

std::string to_string(const kube::IpBlock& block);  // "10.0.0.0/8 except 10.1.0.0/16, 10.2.0.0/16"

}  // namespace gantry::launch
