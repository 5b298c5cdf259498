#include "load/options/names.h"

#include "base/text.h"
#include "load/options/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace gantry::load {

namespace {

using base::Node;
using base::Result;

// "127.0.0.1", "127.0.0.1:8080", "[::1]:8080".
std::optional<NameRules::Host> parse_target(std::string_view text) {
  NameRules::Host host;
  const std::size_t colon = text.rfind(':');
  const bool has_port = colon != std::string_view::npos && !parse_ip(text);
  std::string_view ip = has_port ? text.substr(0, colon) : text;
  if (ip.starts_with('[') && ip.ends_with(']')) ip = ip.substr(1, ip.size() - 2);
  if (!parse_ip(ip)) return std::nullopt;
  host.ip = ip;
  if (!has_port) return host;
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  host.port = port;
  return host;
}

Result<std::vector<NameRules::Host>> read_hosts(const OptionFields& fields) {
  std::vector<NameRules::Host> hosts;
  for (const auto& [pattern, target] : TRY(fields.texts("hosts"))) {
    std::optional<NameRules::Host> host = parse_target(target);
    if (!host) return fields.refuse("hosts", fmt::format("leads {} to \"{}\", which is no address", pattern, target));
    host->pattern = base::to_lower_ascii(pattern);
    hosts.push_back(*std::move(host));
  }
  return hosts;
}

Result<std::vector<std::string>> read_list(const OptionFields& fields, std::string_view key) {
  std::vector<std::string> texts;
  const Node* list = fields.get(key);
  if (!list) return texts;
  if (!list->is_array()) return fields.refuse(key, "must be a list");
  for (const Node& each : list->array()) {
    if (!each.is_string()) return fields.refuse(key, "must be a list of texts");
    texts.push_back(each.string());
  }
  return texts;
}

Result<std::vector<IpRange>> read_ranges(const OptionFields& fields) {
  std::vector<IpRange> ranges;
  for (const std::string& text : TRY(read_list(fields, "blacklistIPs"))) {
    const std::optional<IpRange> range = parse_ip_range(text);
    if (!range)
      return fields.refuse("blacklistIPs", fmt::format("has \"{}\", which is no range", text), "write 10.0.0.0/8");
    ranges.push_back(*range);
  }
  return ranges;
}

Result<std::vector<std::string>> read_patterns(const OptionFields& fields) {
  std::vector<std::string> patterns;
  for (const std::string& text : TRY(read_list(fields, "blockHostnames"))) {
    if (text.empty() || text.find('*', 1) != std::string::npos)
      return fields.refuse("blockHostnames", fmt::format("has \"{}\", which is no pattern", text),
                           "write a name, or * and what names end with");
    patterns.push_back(base::to_lower_ascii(text));
  }
  return patterns;
}

template <typename Choice, std::size_t count>
Result<Choice> choose(const OptionFields& fields, std::string_view key, Choice otherwise,
                      const std::array<std::pair<std::string_view, Choice>, count>& choices) {
  if (!fields.has(key)) return otherwise;
  const std::string name = TRY(fields.text(key, ""));
  for (const auto& [known, choice] : choices)
    if (name == known) return choice;
  return fields.refuse(key, fmt::format("\"{}\" is none", name));
}

Result<void> read_dns(const OptionFields& fields, NameRules& rules) {
  constexpr std::array<std::pair<std::string_view, DnsSelect>, 3> kSelects = {
      {{"first", DnsSelect::first}, {"random", DnsSelect::random}, {"roundRobin", DnsSelect::round_robin}}};
  constexpr std::array<std::pair<std::string_view, DnsPolicy>, 5> kPolicies = {{{"preferIPv4", DnsPolicy::prefer_ipv4},
                                                                                {"preferIPv6", DnsPolicy::prefer_ipv6},
                                                                                {"onlyIPv4", DnsPolicy::only_ipv4},
                                                                                {"onlyIPv6", DnsPolicy::only_ipv6},
                                                                                {"any", DnsPolicy::any}}};
  rules.select = TRY(choose(fields, "select", rules.select, kSelects));
  rules.policy = TRY(choose(fields, "policy", rules.policy, kPolicies));
  const Node* ttl = fields.get("ttl");
  if (ttl && ttl->is_string() && ttl->string() == "inf")
    rules.ttl = std::nullopt;
  else if (ttl)
    rules.ttl = TRY(fields.duration("ttl", {}, Duration(0)));
  return {};
}

}  // namespace

Result<NameRules> read_name_rules(const Node& options) {
  const OptionFields fields(options, "options");
  NameRules rules;
  rules.hosts = TRY(read_hosts(fields));
  rules.blocked = TRY(read_patterns(fields));
  rules.blacklisted = TRY(read_ranges(fields));
  if (const Node* dns = fields.get("dns")) {
    if (!dns->is_map()) return fields.refuse("dns", "must be an object");
    TRY(read_dns(OptionFields(*dns, "dns"), rules));
  }
  return rules;
}

Result<std::optional<LocalIps>> read_local_ips(const Node& options) {
  const std::string text = TRY(OptionFields(options, "options").text("localIPs", ""));
  if (text.empty()) return std::nullopt;
  return TRY(LocalIps::parse(text));
}

}  // namespace gantry::load
