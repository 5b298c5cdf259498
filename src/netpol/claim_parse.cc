// Claims as people write them: in a block of the plan, or in a file (docs/formats/net-claims.md). Every key is known, or the error
// names the nearest right one.

#include "base/text.h"
#include "kube/names.h"
#include "netpol/claims.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace gantry::netpol {

using base::Node;
using base::Result;
using base::SourcePos;
using kube::Cidr;
using kube::LabelSelector;

namespace {

// A claim is written by hand; larger ones are a mistake, and would only take time.
constexpr std::size_t kEntriesMax = 200;
constexpr std::size_t kClaimsMax = 1000;

// ---- Keys

constexpr std::array kKinds = {ClaimKind::only,     ClaimKind::never, ClaimKind::must,
                               ClaimKind::isolated, ClaimKind::equal, ClaimKind::contained};
constexpr std::array<std::string_view, kKinds.size()> kKindNames = {"only",     "never", "must",
                                                                    "isolated", "equal", "contained"};
constexpr std::array<std::string_view, 2> kWorldNames = {"closed", "open"};
constexpr std::array<std::string_view, 2> kDirectionNames = {"ingress", "egress"};

enum class Need : std::uint8_t { optional, required, refused };
struct Key {
  std::string_view name;
  std::array<Need, kKinds.size()> need;  // by kind
  std::string_view example = {};         // of those that some kind requires
};
constexpr auto kOpt = Need::optional;
constexpr auto kReq = Need::required;
constexpr auto kNot = Need::refused;
constexpr std::array kClaimKeys = {
    // only, never, must, isolated, equal, contained
    Key{"destination", {kReq, kReq, kReq, kReq, kNot, kNot}, "destination: shop/db"},
    Key{"ports",
        {kReq, kOpt, kReq, kOpt, kNot, kNot},
        "ports: [5432], those of the containers, or [\"*\"] for every TCP port"},
    Key{"sources",
        {kReq, kReq, kReq, kNot, kNot, kNot},
        "sources: [shop/web], or [] for nobody where the claim is `only`"},
    Key{"needed", {kOpt, kNot, kNot, kNot, kNot, kNot}},
    Key{"direction", {kNot, kNot, kNot, kOpt, kNot, kNot}},
    Key{"policies", {kNot, kNot, kNot, kNot, kOpt, kOpt}},
    Key{"to", {kNot, kNot, kNot, kNot, kReq, kNot}, "to: approved/, where the other policies are"},
    Key{"within", {kNot, kNot, kNot, kNot, kNot, kReq}, "within: approved/, where the other policies are"},
    Key{"pod_ranges", {kOpt, kOpt, kOpt, kOpt, kOpt, kOpt}},
    Key{"profile", {kOpt, kOpt, kOpt, kOpt, kOpt, kOpt}},
    Key{"differs", {kOpt, kOpt, kOpt, kOpt, kOpt, kOpt}},
    Key{"world", {kOpt, kOpt, kOpt, kOpt, kOpt, kOpt}},
    Key{"name", {kOpt, kOpt, kOpt, kOpt, kOpt, kOpt}},
    Key{"check", {kOpt, kOpt, kOpt, kOpt, kOpt, kOpt}},
    Key{"claim", {kOpt, kOpt, kOpt, kOpt, kOpt, kOpt}},
};
constexpr std::array<std::string_view, 5> kPartyKeys = {"namespace", "namespaces", "pods", "workload", "cidr"};

Result<void> unknown_key(const Node::Member& member, std::span<const std::string_view> known, std::string_view what) {
  const std::optional<std::string_view> nearest = base::nearest_name(member.key, known);
  return base::input_error(
      fmt::format("{} has an unknown key \"{}\"", what, member.key), member.key_pos,
      nearest ? fmt::format("did you mean \"{}\"?", *nearest) : fmt::format("known here: {}", fmt::join(known, ", ")));
}

Result<void> check_keys(const Node& node, std::span<const std::string_view> known, std::string_view what) {
  if (!node.is_map())
    return base::input_error(fmt::format("{} is {}, not a map", what, to_string(node.kind())), node.pos(),
                             fmt::format("write keys and values: {}", fmt::join(known, ", ")));
  for (const Node::Member& member : node.map())
    if (std::ranges::find(known, member.key) == known.end()) TRY(unknown_key(member, known, what));
  return {};
}

std::string name_of(ClaimKind kind) { return fmt::format("the net.{} claim", to_string(kind)); }

Result<void> check_claim_keys(const Node& node, ClaimKind kind) {
  const std::size_t column = static_cast<std::size_t>(kind);
  std::vector<std::string_view> known;
  for (const Key& key : kClaimKeys)
    if (key.need[column] != Need::refused) known.push_back(key.name);
  TRY(check_keys(node, known, name_of(kind)));
  for (const Key& key : kClaimKeys)
    if (key.need[column] == Need::required && !node.get(key.name))
      return base::input_error(fmt::format("{} lacks \"{}\"", name_of(kind), key.name), node.pos(),
                               fmt::format("add {}", key.example));
  return {};
}

// ---- Values

template <std::size_t Size>
Result<std::size_t> parse_word(const Node& node, const std::array<std::string_view, Size>& words,
                               std::string_view what) {
  if (node.is_string())
    if (const auto* found = std::ranges::find(words, node.string()); found != words.end())
      return static_cast<std::size_t>(found - words.begin());
  const std::optional<std::string_view> nearest =
      node.is_string() ? base::nearest_name(node.string(), words) : std::nullopt;
  return base::input_error(fmt::format("{} is none of {}", what, fmt::join(words, ", ")), node.pos(),
                           nearest ? fmt::format("did you mean \"{}\"?", *nearest) : std::string());
}

Result<std::vector<const Node*>> read_list(const Node& block, std::string_view key, bool one_is_enough) {
  std::vector<const Node*> entries;
  const Node* list = block.get(key);
  if (!list) return entries;
  if (!list->is_array()) {
    if (!one_is_enough) return base::input_error(fmt::format("\"{}\" of a claim must be a list", key), list->pos());
    return std::vector{list};
  }
  if (list->array().size() > kEntriesMax)
    return base::input_error(fmt::format("\"{}\" of a claim has more than {} entries", key, kEntriesMax), list->pos());
  for (const Node& entry : list->array()) entries.push_back(&entry);
  return entries;
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<kube::Port> make_port(std::int64_t number, const SourcePos& where) {
  if (number < 1 || number > 65535)
    return base::input_error(fmt::format("{} is no port", number), where, "ports are 1 to 65535");
  return kube::Port(static_cast<std::uint16_t>(number));
}

// "4222", "client", "53/UDP", "*/UDP".
Result<ClaimPort> parse_port_text(std::string_view text, const SourcePos& where) {
  ClaimPort port{.protocol = kube::Protocol::tcp, .port = std::nullopt, .where = where};
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
    const std::optional<kube::Protocol> protocol = kube::find_protocol(text.substr(slash + 1));
    if (!protocol)
      return base::input_error(fmt::format("\"{}\" names no protocol", text), where,
                               "write TCP, UDP or SCTP behind the slash");
    port.protocol = *protocol;
    text = text.substr(0, slash);
  }
  if (text == "*") return port;
  if (const std::optional<std::int64_t> number = parse_number(text)) {
    port.port = TRY(make_port(*number, where));
    return port;
  }
  if (const std::optional<std::string> why = kube::invalid_port_name(text))
    return base::input_error(fmt::format("\"{}\" is no port: {}", text, *why), where);
  port.port = std::string(text);
  return port;
}

Result<ClaimPort> parse_port(const Node& node) {
  if (node.is_string()) return parse_port_text(node.string(), node.pos());
  if (!node.is_integer())
    return base::input_error("a port is a number, a name, or one of those with a protocol behind", node.pos(),
                             "for example 4222, metrics, 53/UDP");
  const kube::Port port = TRY(make_port(node.integer(), node.pos()));
  return ClaimPort{.protocol = kube::Protocol::tcp, .port = port, .where = node.pos()};
}

Result<Cidr> parse_range(const Node& node) {
  if (!node.is_string())
    return base::input_error("a range of addresses is text", node.pos(), "for example 10.244.0.0/16");
  Result<Cidr> range = Cidr::parse(node.string());
  if (!range) range.error().where = node.pos();
  return range;
}

// A map of labels, a selector as Kubernetes writes it, or kubectl's text. Nothing where it selects everything.
Result<std::optional<LabelSelector>> parse_selector(const Node* node) {
  if (!node) return std::nullopt;
  const bool is_written_out = node->get("matchLabels") || node->get("matchExpressions");
  Result<LabelSelector> selector = node->is_string() ? LabelSelector::parse_text(node->string())
                                   : is_written_out  ? LabelSelector::parse(*node)
                                                     : LabelSelector::parse_map(*node);
  if (!selector) {
    if (!selector.error().where) selector.error().where = node->pos();
    return std::unexpected(std::move(selector).error());
  }
  if (selector->selects_everything()) return std::nullopt;
  return std::optional(*std::move(selector));
}

// ---- Parties

Result<std::string> parse_text(const Node& node, std::string_view what) {
  if (!node.is_string() || node.string().empty())
    return base::input_error(fmt::format("\"{}\" must be text", what), node.pos());
  return node.string();
}

Result<std::string> parse_namespace(const Node& node) {
  std::string name = TRY(parse_text(node, "namespace"));
  if (const std::optional<std::string> why = kube::invalid_dns_label(name))
    return base::input_error(fmt::format("\"{}\" is no namespace: {}", name, *why), node.pos());
  return name;
}

Result<void> check_alone(const Node& node, std::string_view key) {
  if (node.map().size() == 1) return {};
  return base::input_error(fmt::format("\"{}\" stands alone: it says all there is to say", key), node.pos());
}

Result<Party> parse_party_map(const Node& node, std::string_view what) {
  TRY(check_keys(node, kPartyKeys, what));
  Party party;
  if (const Node* range = node.get("cidr")) {
    TRY(check_alone(node, "cidr"));
    party.range = TRY(parse_range(*range));
    return party;
  }
  if (const Node* workload = node.get("workload")) {
    TRY(check_alone(node, "workload"));
    const std::string text = TRY(parse_text(*workload, "workload"));
    Party named = TRY(base::with_context(Party::parse(text), "while reading \"workload\""));
    if (!named.workload)
      return base::input_error(fmt::format("\"{}\" is no workload", text), workload->pos(), "write namespace/name");
    return named;
  }
  if (const Node* name = node.get("namespace")) party.name_space = TRY(parse_namespace(*name));
  party.namespaces = TRY(parse_selector(node.get("namespaces")));
  party.pods = TRY(parse_selector(node.get("pods")));
  if (!node.get("namespace") && !node.get("namespaces"))
    return base::input_error(fmt::format("{} does not say in which namespaces", what), node.pos(),
                             "add \"namespaces\" with their labels, {} for all of them, or \"namespace\" with a name");
  return party;
}

Result<Party> parse_party(const Node& node, std::string_view what) {
  Result<Party> party = node.is_string() ? Party::parse(node.string()) : parse_party_map(node, what);
  if (!party && !party.error().where) party.error().where = node.pos();
  if (party) party->where = node.pos();
  return party;
}

Result<std::vector<Party>> parse_parties(const Node& block, std::string_view key, bool one_is_enough) {
  std::vector<Party> parties;
  const std::vector<const Node*> list = TRY(read_list(block, key, one_is_enough));
  const std::string what =
      one_is_enough ? fmt::format("the {} of a claim", key) : fmt::format("an entry of \"{}\"", key);
  for (const Node* node : list) parties.push_back(TRY(parse_party(*node, what)));
  return parties;
}

Result<void> check_empty(const Claim& claim) {
  if (is_about_sets(claim.kind)) return {};
  if (claim.destinations.empty())
    return base::input_error(fmt::format("{} names no destination", name_of(claim.kind)), claim.where);
  const bool needs_sources = claim.kind == ClaimKind::never || claim.kind == ClaimKind::must;
  if (needs_sources && claim.sources.empty())
    return base::input_error(fmt::format("{} names no source", name_of(claim.kind)), claim.where,
                             "list them in \"sources\": without any, it would always hold");
  return {};
}

Result<void> parse_ports(const Node& block, Claim& claim) {
  const std::vector<const Node*> list = TRY(read_list(block, "ports", false));
  for (const Node* port : list) claim.ports.push_back(TRY(parse_port(*port)));
  if (block.get("ports") && claim.ports.empty())
    return base::input_error(fmt::format("{} names no port", name_of(claim.kind)), block.pos(),
                             "list the container ports in \"ports\"");
  return {};
}

std::string join(const std::vector<Party>& parties) {
  std::vector<std::string> texts;
  for (const Party& party : parties) texts.push_back(to_string(party));
  return fmt::format("{}", fmt::join(texts, ", "));
}

}  // namespace

std::string_view to_string(ClaimKind kind) { return kKindNames.at(static_cast<std::size_t>(kind)); }
std::span<const ClaimKind> claim_kinds() { return kKinds; }

std::optional<ClaimKind> find_claim_kind(std::string_view name) {
  const auto* const found = std::ranges::find(kKindNames, name);
  if (found == kKindNames.end()) return std::nullopt;
  return kKinds.at(static_cast<std::size_t>(found - kKindNames.begin()));
}

bool is_about_sets(ClaimKind kind) { return kind == ClaimKind::equal || kind == ClaimKind::contained; }

std::string_view to_string(World world) { return kWorldNames.at(static_cast<std::size_t>(world)); }

std::string to_string(const Claim& claim) {
  if (is_about_sets(claim.kind))
    return fmt::format("{} {} {} {}", to_string(claim.kind),
                       claim.policies.empty() ? "the policies that are checked" : claim.policies,
                       claim.kind == ClaimKind::equal ? "to" : "within", claim.others);
  std::vector<std::string> ports;
  for (const ClaimPort& port : claim.ports) ports.push_back(to_string(port));
  const std::string destination =
      ports.empty() ? join(claim.destinations) : fmt::format("{}:{}", join(claim.destinations), fmt::join(ports, ","));
  if (claim.kind == ClaimKind::isolated)
    return fmt::format("isolated {} ({})", destination, to_string(claim.direction));
  return fmt::format("{} {} -> {}", to_string(claim.kind), claim.sources.empty() ? "nobody" : join(claim.sources),
                     destination);
}

Result<Claim> parse_claim(const Node& node, ClaimKind kind) {
  TRY(check_claim_keys(node, kind));
  Claim claim;
  claim.kind = kind;
  claim.where = node.pos();
  if (const Node* name = node.get("name")) claim.name = TRY(parse_text(*name, "name"));
  if (const Node* world = node.get("world"))
    claim.world = static_cast<World>(TRY(parse_word(*world, kWorldNames, "\"world\"")));
  if (const Node* direction = node.get("direction"))
    claim.direction = static_cast<kube::Direction>(TRY(parse_word(*direction, kDirectionNames, "\"direction\"")));
  claim.destinations = TRY(parse_parties(node, "destination", true));
  TRY(parse_ports(node, claim));
  claim.sources = TRY(parse_parties(node, "sources", false));
  claim.needed = TRY(parse_parties(node, "needed", false));
  if (const Node* policies = node.get("policies")) claim.policies = TRY(parse_text(*policies, "policies"));
  for (const std::string_view key : {"to", "within"})
    if (const Node* others = node.get(key)) claim.others = TRY(parse_text(*others, key));
  const std::vector<const Node*> ranges = TRY(read_list(node, "pod_ranges", false));
  for (const Node* range : ranges) claim.pod_ranges.push_back(TRY(parse_range(*range)));
  claim.plugin = TRY(parse_plugin(node));
  TRY(check_empty(claim));
  return claim;
}

namespace {

Result<Claim> parse_kind_and_claim(const Node& node) {
  const Node* kind = node.get("claim");
  if (!kind)
    return base::input_error("a claim does not say of which kind it is", node.pos(),
                             fmt::format("add claim: {}", fmt::join(kKindNames, " | ")));
  return parse_claim(node, kKinds.at(TRY(parse_word(*kind, kKindNames, "\"claim\""))));
}

}  // namespace

Result<ClaimPort> parse_claim_port(const Node& node) { return parse_port(node); }

Result<std::vector<Party>> parse_parties(const Node& block, std::string_view key) {
  std::vector<Party> parties;
  const std::vector<const Node*> list = TRY(read_list(block, key, true));
  for (const Node* node : list) parties.push_back(TRY(parse_party(*node, fmt::format("an entry of \"{}\"", key))));
  return parties;
}

Result<std::vector<Result<Claim>>> parse_each_claim(const Node& document) {
  if (!document.is_array())
    return base::input_error(fmt::format("claims are a list, not {}", to_string(document.kind())), document.pos(),
                             "write one map for each: - {claim: only, destination: …, ports: …, sources: …}");
  // Nothing claimed is nothing proved: whoever runs this as a gate has lost the file's content.
  if (document.array().empty())
    return base::input_error("there is no claim", document.pos(),
                             "write one map for each: - {claim: only, destination: …, ports: …, sources: …}");
  if (document.array().size() > kClaimsMax)
    return base::input_error(fmt::format("there are more than {} claims", kClaimsMax), document.pos());
  std::vector<Result<Claim>> claims;
  for (const Node& node : document.array()) claims.push_back(parse_kind_and_claim(node));
  return claims;
}

Result<std::vector<Claim>> parse_claims(const Node& document) {
  std::vector<Claim> claims;
  for (Result<Claim>& claim : TRY(parse_each_claim(document))) claims.push_back(TRY(std::move(claim)));
  return claims;
}

}  // namespace gantry::netpol
