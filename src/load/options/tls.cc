#include "load/options/tls.h"

#include "base/text.h"
#include "load/http/cipher_suites.h"
#include "load/options/fields.h"

#include <fmt/format.h>

#include <algorithm>
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

Result<const CipherSuite*> find_suite(const OptionFields& fields, const Node& name) {
  if (!name.is_string()) return fields.refuse("tlsCipherSuites", "must be a list of texts");
  const CipherSuite* const suite = find_cipher_suite(name.string());
  if (!suite) {
    std::vector<std::string_view> known;
    for (const CipherSuite& each : cipher_suites()) known.push_back(each.name);
    const std::optional<std::string_view> nearest = base::nearest_name(name.string(), known);
    return fields.refuse("tlsCipherSuites", fmt::format("there is no {}", name.string()),
                         nearest ? fmt::format("did you mean {}?", *nearest) : "");
  }
  return suite;
}

// Only those below TLS 1.3 can be chosen: where none is named, there is nothing to speak below it.
Result<void> read_cipher_suites(const OptionFields& fields, TlsOptions& tls) {
  const Node* const list = fields.get("tlsCipherSuites");
  if (!list) return {};
  if (!list->is_array()) return fields.refuse("tlsCipherSuites", "must be a list");
  if (list->array().empty()) return {};
  std::vector<const CipherSuite*> named;
  for (const Node& name : list->array()) named.push_back(TRY(find_suite(fields, name)));
  const auto is_broken = [](const CipherSuite* suite) { return suite->openssl.empty(); };
  if (std::ranges::all_of(named, is_broken))
    return fields.refuse("tlsCipherSuites",
                         fmt::format("{} is broken, and OpenSSL has it no more", named.front()->name),
                         "name one that is not");
  std::erase_if(named, is_broken);  // find_ineffective() says which
  for (const CipherSuite& suite : cipher_suites())
    if (!suite.is_tls1_3 && std::ranges::find(named, &suite) != named.end())
      tls.ciphers += fmt::format("{}{}", tls.ciphers.empty() ? "" : ":", suite.openssl);
  if (!tls.ciphers.empty()) return {};
  if (tls.max < TlsVersion::tls1_3)
    return fields.refuse("tlsCipherSuites", "has suites of TLS 1.3 alone, which tlsVersion does not allow");
  tls.min = TlsVersion::tls1_3;
  return {};
}

Result<void> read_versions(const OptionFields& fields, TlsOptions& tls) {
  const Node* const version = fields.get("tlsVersion");
  if (!version) return {};
  if (!version->is_map()) {
    tls.min = tls.max = TRY(read_version(fields, "tlsVersion", tls.min));
    return {};
  }
  const OptionFields range(*version, "tlsVersion");
  constexpr std::array<std::string_view, 2> kKeys = {"min", "max"};
  TRY(range.require_known(kKeys));
  tls.min = TRY(read_version(range, "min", tls.min));
  tls.max = TRY(read_version(range, "max", tls.max));
  if (tls.min > tls.max) return range.refuse("min", "is above max");
  return {};
}

}  // namespace

Result<TlsOptions> read_tls_options(const Node& options) {
  const OptionFields fields(options, "options");
  TlsOptions tls;
  tls.verifies_peer = !TRY(fields.boolean("insecureSkipTLSVerify", false));
  TRY(read_identities(fields, tls));
  TRY(read_versions(fields, tls));
  TRY(read_cipher_suites(fields, tls));
  return tls;
}

}  // namespace gantry::load
