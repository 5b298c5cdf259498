// Parties of claims as text: "shop/web", "10.0.0.0/8", "labels(ns: tier=front, pod: app=web)".

#include "base/text.h"
#include "kube/names.h"
#include "netpol/claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::netpol {

using base::Result;
using kube::Cidr;
using kube::LabelSelector;

namespace {

constexpr std::string_view kHelp =
    "write namespace/workload, namespace/*, an address or a range, or labels(ns: KEY=VALUE, pod: KEY=VALUE)";
constexpr std::size_t kTextMax = 4096;  // longer texts are no names

bool is_workload_name(std::string_view text) { return !kube::invalid_dns_subdomain(text); }
bool is_namespace_name(std::string_view text) { return !kube::invalid_dns_label(text); }

std::unexpected<base::Error> refuse(std::string_view text) {
  return base::input_error(fmt::format("\"{}\" is neither pods nor a range of addresses", text.substr(0, 100)),
                           std::nullopt, std::string(kHelp));
}

// ---- labels(…)

struct Section {
  std::string_view name;
  std::optional<LabelSelector> Party::*selector;
};
constexpr std::array kSections = {Section{"ns:", &Party::namespaces}, Section{"pod:", &Party::pods},
                                  Section{"namespace:", nullptr}};

const Section* section_at(std::string_view text) {
  const auto found = std::ranges::find_if(kSections, [&](const Section& each) { return text.starts_with(each.name); });
  return found == kSections.end() ? nullptr : &*found;
}

// Where the next section begins. Neither keys nor values of labels hold a colon, so a name with one is no part of a selector.
std::size_t find_section(std::string_view text, std::size_t from) {
  for (std::size_t at = from; at < text.size(); ++at) {
    const bool is_start = at == 0 || text[at - 1] == ' ' || text[at - 1] == ',';
    if (is_start && section_at(text.substr(at))) return at;
  }
  return text.size();
}

Result<void> read_section(std::string_view text, Party& party) {
  const Section& section = *section_at(text);
  std::string_view rest = base::trim(text.substr(section.name.size()));
  if (rest.ends_with(',')) rest = base::trim(rest.substr(0, rest.size() - 1));
  if (!section.selector) {
    if (!is_namespace_name(rest) || party.name_space) return refuse(text);
    party.name_space = std::string(rest);
    return {};
  }
  if (party.*section.selector) return refuse(text);
  LabelSelector selector = TRY(LabelSelector::parse_text(rest));
  if (!selector.selects_everything()) party.*section.selector = std::move(selector);
  return {};
}

Result<Party> parse_labels(std::string_view inner, std::string_view whole) {
  Party party;
  std::size_t at = find_section(inner, 0);
  if (!base::trim(inner.substr(0, at)).empty()) return refuse(whole);
  while (at < inner.size()) {
    const std::size_t end = find_section(inner, at + 1);
    TRY(read_section(inner.substr(at, end - at), party));
    at = end;
  }
  return party;
}

Result<Party> parse_range(std::string_view text) {
  Party party;
  if (const std::optional<kube::IpAddress> address = kube::IpAddress::parse(text)) {
    party.range = Cidr::of(*address);
  } else {
    party.range = TRY(Cidr::parse(text));
  }
  return party;
}

}  // namespace

Result<Party> Party::parse(std::string_view text) {
  text = base::trim(text);
  constexpr std::string_view kOpen = "labels(";
  if (text.size() > kTextMax) return refuse(text);
  if (text.starts_with(kOpen) && text.ends_with(')'))
    return parse_labels(text.substr(kOpen.size(), text.size() - kOpen.size() - 1), text);
  const std::size_t slash = text.find('/');
  const std::string_view first = text.substr(0, slash);
  // A namespace has neither dots nor colons, an address has some.
  if (first.contains('.') || first.contains(':')) return parse_range(text);
  if (slash == std::string_view::npos || !is_namespace_name(first)) return refuse(text);
  Party party;
  const std::string_view name = text.substr(slash + 1);
  if (name == "*") {
    party.name_space = std::string(first);
  } else if (is_workload_name(name)) {
    party.workload = std::string(text);
  } else {
    return refuse(text);
  }
  return party;
}

std::string to_string(const Party& party) {
  if (party.workload) return *party.workload;
  if (party.range) return to_string(*party.range);
  if (party.name_space && !party.namespaces && !party.pods) return *party.name_space + "/*";
  std::string inner;
  const auto add = [&](std::string_view name, const std::string& value) {
    inner += fmt::format("{}{}: {}", inner.empty() ? "" : ", ", name, value);
  };
  if (party.name_space) add("namespace", *party.name_space);
  if (party.namespaces) add("ns", to_string(*party.namespaces));
  if (party.pods) add("pod", to_string(*party.pods));
  return fmt::format("labels({})", inner);
}

std::string describe(const Party& party) {
  if (party.workload) return *party.workload;
  if (party.range) return to_string(*party.range);
  const std::string pods = party.pods ? fmt::format("pods {}", to_string(*party.pods)) : "pods";
  if (party.name_space && !party.namespaces) return fmt::format("{} of namespace {}", pods, *party.name_space);
  const std::string namespaces = party.namespaces ? to_string(*party.namespaces) : "<all>";
  return party.name_space ? fmt::format("{} of namespace {} with {}", pods, *party.name_space, namespaces)
                          : fmt::format("{} of namespaces {}", pods, namespaces);
}

std::string to_string(const ClaimPort& port) {
  if (!port.port) return fmt::format("every {} port", to_string(port.protocol));
  return fmt::format("{}/{}", to_string(*port.port), to_string(port.protocol));
}

}  // namespace gantry::netpol
