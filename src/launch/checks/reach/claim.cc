#include "launch/checks/reach/claim.h"

#include "launch/fields.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace gantry::launch {

using base::Node;
using base::Result;
using kube::Cidr;
using kube::LabelSelector;

namespace {

// A claim is written by hand; larger ones are a mistake, and would only take time.
constexpr std::size_t kEntriesMax = 200;

constexpr std::array kDestinationFields = {
    Field{"namespace", FieldKind::text, Need::required, "the namespace of the pods"},
    Field{"pods", FieldKind::label_map, Need::optional,
          "labels that the pods carry; without, every pod of the namespace"},
};
constexpr std::array kPodSourceFields = {
    Field{"namespaces", FieldKind::label_map, Need::required, "labels of the namespaces; {} for all of them"},
    Field{"pods", FieldKind::label_map, Need::optional, "labels of the pods; without, every pod of the namespaces"},
};
constexpr std::array kRangeSourceFields = {
    Field{"cidr", FieldKind::text, Need::required, "a range of addresses"},
};

Result<const Node::Array*> read_list(const Node& block, std::string_view field) {
  static const Node::Array kNone;
  const Node* list = block.get(field);
  if (!list) return &kNone;
  if (!list->is_array())
    return base::input_error(fmt::format("\"{}\" of the net.only block must be a list", field), list->pos());
  if (list->array().size() > kEntriesMax)
    return base::input_error(fmt::format("\"{}\" of the net.only block has more than {} entries", field, kEntriesMax),
                             list->pos());
  return &list->array();
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<kube::Port> make_port(std::int64_t number, const base::SourcePos& where) {
  if (number < 1 || number > 65535)
    return base::input_error(fmt::format("{} is no port", number), where, "ports are 1 to 65535");
  return kube::Port(static_cast<std::uint16_t>(number));
}

// "4222", "client", "53/UDP".
Result<ClaimPort> parse_port_text(std::string_view text, const base::SourcePos& where) {
  ClaimPort port{.protocol = kube::Protocol::tcp, .port = {}, .where = where};
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
    const std::optional<kube::Protocol> protocol = kube::find_protocol(text.substr(slash + 1));
    if (!protocol)
      return base::input_error(fmt::format("\"{}\" names no protocol", text), where,
                               "write TCP, UDP or SCTP behind the slash");
    port.protocol = *protocol;
    text = text.substr(0, slash);
  }
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
  return ClaimPort{
      .protocol = kube::Protocol::tcp, .port = TRY(make_port(node.integer(), node.pos())), .where = node.pos()};
}

Result<Cidr> parse_range(std::string_view text, const base::SourcePos& where) {
  Result<Cidr> range = Cidr::parse(text);
  if (!range) range.error().where = where;
  return range;
}

Result<ClaimSource> parse_source(const Node& node, std::string_view what) {
  ClaimSource source;
  source.where = node.pos();
  if (node.get("cidr")) {
    TRY(check_fields(node, kRangeSourceFields, what));
    source.range = TRY(parse_range(node.text("cidr"), node.get("cidr")->pos()));
    return source;
  }
  TRY(check_fields(node, kPodSourceFields, what));
  source.namespaces = TRY(LabelSelector::parse_map(*node.get("namespaces")));
  if (const Node* pods = node.get("pods")) source.pods = TRY(LabelSelector::parse_map(*pods));
  return source;
}

Result<std::vector<ClaimSource>> parse_sources(const Node& block, std::string_view field) {
  std::vector<ClaimSource> sources;
  const Node::Array* list = TRY(read_list(block, field));
  for (const Node& node : *list) sources.push_back(TRY(parse_source(node, fmt::format("an entry of \"{}\"", field))));
  return sources;
}

}  // namespace

std::string to_string(const ClaimPort& port) {
  return fmt::format("{}/{}", to_string(port.port), to_string(port.protocol));
}

std::string to_string(const ClaimSource& source) {
  if (source.range) return to_string(*source.range);
  const std::string pods = source.pods ? fmt::format("pods {}", to_string(*source.pods)) : "pods";
  return fmt::format("{} of namespaces {}", pods, to_string(*source.namespaces));
}

Result<Claim> parse_claim(const Node& block) {
  Claim claim;
  claim.where = block.pos();
  const Node& destination = *block.get("destination");
  TRY(check_fields(destination, kDestinationFields, "the destination of the net.only block"));
  claim.destination_where = destination.pos();
  claim.name_space = std::string(destination.text("namespace"));
  if (const Node* pods = destination.get("pods")) claim.pods = TRY(LabelSelector::parse_map(*pods));
  const Node::Array* ports = TRY(read_list(block, "ports"));
  for (const Node& port : *ports) claim.ports.push_back(TRY(parse_port(port)));
  if (claim.ports.empty())
    return base::input_error("the net.only block names no port", block.pos(), "list the container ports in \"ports\"");
  claim.sources = TRY(parse_sources(block, "sources"));
  claim.needed = TRY(parse_sources(block, "needed"));
  const Node::Array* ranges = TRY(read_list(block, "pod_ranges"));
  for (const Node& range : *ranges) {
    if (!range.is_string())
      return base::input_error("a range of addresses is text", range.pos(), "for example 10.244.0.0/16");
    claim.pod_ranges.push_back(TRY(parse_range(range.string(), range.pos())));
  }
  return claim;
}

std::vector<Cidr> ranges_of(const std::vector<ClaimSource>& sources) {
  std::vector<Cidr> ranges;
  for (const ClaimSource& source : sources)
    if (source.range) ranges.push_back(*source.range);
  return ranges;
}

}  // namespace gantry::launch
