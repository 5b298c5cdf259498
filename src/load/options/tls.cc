#include "load/options/tls.h"

#include "load/options/fields.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::load {

using base::Node;
using base::Result;

namespace {

Result<TlsVersion> read_version(const OptionFields& fields, std::string_view key, TlsVersion otherwise) {
  if (!fields.has(key)) return otherwise;
  const std::string name = TRY(fields.text(key, ""));
  const std::optional<TlsVersion> version = find_tls_version(name);
  if (!version)
    return fields.refuse(key, fmt::format("there is no \"{}\"", name),
                         "the versions are tls1.0, tls1.1, tls1.2 and tls1.3");
  return *version;
}

Result<void> read_identities(const OptionFields& fields, TlsOptions& tls) {
  const Node* const list = fields.get("tlsAuth");
  if (!list) return {};
  if (!list->is_array()) return fields.refuse("tlsAuth", "must be a list");
  constexpr std::array<std::string_view, 4> kKeys = {"domains", "cert", "key", "password"};
  for (const Node& each : list->array()) {
    const OptionFields one(each, "tlsAuth");
    TRY(one.require_known(kKeys));
    std::vector<std::string> domains;
    if (const Node* given = one.get("domains"); given && given->is_array())
      for (const Node& domain : given->array())
        if (domain.is_string()) domains.push_back(domain.string());
    auto identity = TlsIdentity::parse(TRY(one.text("cert", "")), TRY(one.text("key", "")),
                                       TRY(one.text("password", "")), std::move(domains));
    if (!identity) return fields.refuse("tlsAuth", identity.error().message, identity.error().help);
    tls.identities.push_back(*std::move(identity));
  }
  return {};
}

}  // namespace

Result<TlsOptions> read_tls_options(const Node& options) {
  const OptionFields fields(options, "options");
  TlsOptions tls;
  tls.verifies_peer = !TRY(fields.boolean("insecureSkipTLSVerify", false));
  TRY(read_identities(fields, tls));
  const Node* const version = fields.get("tlsVersion");
  if (!version) return tls;
  if (!version->is_map()) {
    tls.min = tls.max = TRY(read_version(fields, "tlsVersion", tls.min));
    return tls;
  }
  const OptionFields range(*version, "tlsVersion");
  constexpr std::array<std::string_view, 2> kKeys = {"min", "max"};
  TRY(range.require_known(kKeys));
  tls.min = TRY(read_version(range, "min", tls.min));
  tls.max = TRY(read_version(range, "max", tls.max));
  if (tls.min > tls.max) return range.refuse("min", "is above max");
  return tls;
}

}  // namespace gantry::load
