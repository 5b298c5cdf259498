#include "api/tenant.h"

#include "base/digest.h"

#include <algorithm>

namespace kgents {

namespace {

constexpr std::size_t kTenantCharactersMax = 63;  // as a label's value in Kubernetes

bool is_tenant(std::string_view text) {
  const auto is_allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !text.empty() && text.size() <= kTenantCharactersMax && std::ranges::all_of(text, is_allowed);
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower,
                            [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

}  // namespace

std::optional<std::string> tenant_of(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";  // the scheme's case does not matter (RFC 9110 §11.1)
  if (!equals_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  std::string_view key = authorization.substr(kScheme.size());
  while (key.starts_with(' ')) key.remove_prefix(1);
  if (key.empty()) return std::nullopt;
  const std::string_view tenant = key.substr(0, key.find('.'));
  if (tenant.size() < key.size() && is_tenant(tenant)) return std::string(tenant);
  return "key-" + gantry::base::sha256_hex(key).substr(0, 12);
}

}  // namespace kgents
