#pragma once

// Whose request it is. The gateway has verified the key before it lets a request through; here it only tells the tenant.

#include <optional>
#include <string>
#include <string_view>

namespace kgents {

// From `Authorization: Bearer KEY`. A key is "TENANT.SECRET" with a tenant of small letters, digits and '-'; the tenant of any
// other key is made from its digest, so that no part of a secret gets into a log. Nothing without a key.
std::optional<std::string> tenant_of(std::string_view authorization);

}  // namespace kgents
