#include "load/http/proxy.h"

#include "base/base64.h"
#include "base/text.h"
#include "load/http/resolver.h"
#include "load/http/url.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::load {

namespace {

using base::Result;

std::string find_variable(const std::map<std::string, std::string>& environment, const std::string& name) {
  for (const std::string& each : {name, base::to_lower_ascii(name)})
    if (const auto found = environment.find(each); found != environment.end() && !found->second.empty())
      return found->second;
  return {};
}

Result<std::optional<Proxy>> read_proxy(const std::map<std::string, std::string>& environment,
                                        const std::string& name) {
  const std::string text = find_variable(environment, name);
  if (text.empty()) return std::nullopt;
  const bool has_scheme = text.contains("://");
  if (has_scheme && !base::to_lower_ascii(text).starts_with("http://"))
    return base::input_error(
        fmt::format("{} asks for a proxy that is not spoken to by http: {}", name, text.substr(0, text.find("://"))),
        std::nullopt, "name one as http://HOST:PORT, or unset the variable");
  const std::optional<Url> url = Url::parse(has_scheme ? text : "http://" + text);
  if (!url)
    return base::input_error(fmt::format("{} is no URL of a proxy", name), std::nullopt,
                             "name one as http://HOST:PORT");
  Proxy proxy{.host = url->host, .port = url->port};
  if (!url->user.empty()) {
    const std::string user = percent_decode(url->user);
    proxy.authorization = "Basic " + base::encode_base64(user.contains(':') ? user : user + ":");
  }
  return proxy;
}

bool is_this_machine(std::string_view host) {
  if (host == "localhost") return true;
  const std::optional<IpBytes> ip = parse_ip(host);
  if (!ip) return false;
  static const IpRange ipv4 = *parse_ip_range("127.0.0.0/8");
  static const IpRange ipv6 = *parse_ip_range("::1/128");
  return ipv4.contains(*ip) || ipv6.contains(*ip);
}

// One of NO_PROXY: "*", an address or a range of them, "name" with all below it, ".name" or "*.name" for those alone; each but a range
// with a port or without.
bool is_meant(std::string_view entry, std::string_view host, std::uint16_t port) {
  if (entry == "*") return true;
  if (const std::optional<IpRange> range = parse_ip_range(entry)) {
    const std::optional<IpBytes> ip = parse_ip(host);
    return ip && range->contains(*ip);
  }
  if (parse_ip(entry)) return parse_ip(entry) == parse_ip(host);
  const std::size_t colon = entry.rfind(':');
  const std::string ending = fmt::format(":{}", port);
  if (colon != std::string_view::npos) {
    if (entry.substr(colon) != ending) return false;
    entry = entry.substr(0, colon);
  }
  if (entry.starts_with('*')) entry.remove_prefix(1);
  if (entry.starts_with('.')) return host.ends_with(entry);
  return host == entry || (host.ends_with(entry) && host[host.size() - entry.size() - 1] == '.');
}

}  // namespace

Result<ProxyRules> ProxyRules::from_environment(const std::map<std::string, std::string>& environment) {
  ProxyRules rules;
  rules.for_http_ = TRY(read_proxy(environment, "HTTP_PROXY"));
  rules.for_https_ = TRY(read_proxy(environment, "HTTPS_PROXY"));
  const std::string direct = base::to_lower_ascii(find_variable(environment, "NO_PROXY"));
  for (const std::string_view part : base::split(direct, ','))
    if (const std::string_view entry = base::trim(part); !entry.empty()) rules.direct_.emplace_back(entry);
  return rules;
}

const Proxy* ProxyRules::choose(bool is_https, std::string_view host, std::uint16_t port) const {
  const std::optional<Proxy>& proxy = is_https ? for_https_ : for_http_;
  if (!proxy || is_this_machine(host)) return nullptr;
  const bool is_direct =
      std::ranges::any_of(direct_, [&](const std::string& entry) { return is_meant(entry, host, port); });
  return is_direct ? nullptr : &*proxy;
}

}  // namespace gantry::load
