#pragma once

// Which proxy a request goes through, as programs in Go read it from the environment (k6 reference, §18): HTTP_PROXY, HTTPS_PROXY and NO_PROXY,
// or the same in lower case. Requests to this machine never go through one.

#include "base/result.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {

struct Proxy {
  std::string host = {};
  std::uint16_t port = 80;
  std::string authorization = {};  // "Basic …"; empty for none
};

class ProxyRules {
 public:
  // Errors: input: what is no URL of a proxy, or one of a kind that is not there (https, socks5).
  static base::Result<ProxyRules> from_environment(const std::map<std::string, std::string>& environment);

  // Null for none. The host in lower case, without brackets.
  const Proxy* choose(bool is_https, std::string_view host, std::uint16_t port) const;

 private:
  std::optional<Proxy> for_http_ = {};
  std::optional<Proxy> for_https_ = {};
  std::vector<std::string> direct_ = {};  // NO_PROXY's entries, in lower case
};

}  // namespace gantry::load
