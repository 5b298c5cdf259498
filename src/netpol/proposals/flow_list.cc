#include "netpol/proposals/flow_list.h"

#include "base/text.h"
#include "base/yaml.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace gantry::netpol {

using base::Node;

namespace {

// Behind the bracket that closes the one at `open`; nothing when it is not in this line. Brackets in quotes are text.
std::optional<std::size_t> find_close(std::string_view line, std::size_t open) {
  std::size_t depth = 0;
  char quote = '\0';
  for (std::size_t at = open; at < line.size(); ++at) {
    const char c = line[at];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if ((c == ']' || c == '}') && --depth == 0) {
      return at + 1;
    }
  }
  return std::nullopt;
}

std::string flow_of(const Node& node) {
  std::vector<std::string> parts;
  if (node.is_map()) {
    for (const Node::Member& member : node.map())
      parts.push_back(fmt::format("{}: {}", flow_of(Node(member.key)), flow_of(member.value)));
    return fmt::format("{{{}}}", fmt::join(parts, ", "));
  }
  if (node.is_array()) {
    for (const Node& element : node.array()) parts.push_back(flow_of(element));
    return fmt::format("[{}]", fmt::join(parts, ", "));
  }
  std::string scalar = base::dump_yaml(node);
  while (scalar.ends_with('\n')) scalar.pop_back();
  // What is plain in block style may end a flow.
  const bool is_plain = node.is_string() && !scalar.starts_with('"') && !scalar.starts_with('\'');
  return is_plain && scalar.find_first_of(",[]{}") != std::string::npos ? fmt::format("\"{}\"", scalar) : scalar;
}

}  // namespace

std::string FlowList::put_into(std::string_view line) const {
  return fmt::format("{}[{}]{}", line.substr(0, open), fmt::join(elements, ", "), line.substr(close));
}

std::optional<FlowList> find_flow_list(const Node& list, std::string_view line) {
  const base::SourcePos& pos = list.pos();
  if (!list.is_array() || pos.column == 0 || pos.column > line.size() || line[pos.column - 1] != '[')
    return std::nullopt;
  const std::optional<std::size_t> close = find_close(line, pos.column - 1);
  if (!close) return std::nullopt;
  FlowList flow{.open = pos.column - 1, .close = *close, .elements = {}};
  const Node::Array& elements = list.array();
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const std::size_t first = elements[i].pos().column - 1;
    const std::size_t last = i + 1 < elements.size() ? elements[i + 1].pos().column - 1 : *close - 1;
    if (elements[i].pos().line != pos.line || first >= last || last > line.size()) return std::nullopt;
    std::string_view text = base::trim(line.substr(first, last - first));
    if (text.ends_with(',')) text = base::trim(text.substr(0, text.size() - 1));
    flow.elements.emplace_back(text);
  }
  return flow;
}

std::string in_flow_style(std::string_view yaml) {
  const base::Result<Node> node = base::load_yaml_document(yaml, "proposal");
  return node ? flow_of(*node) : std::string();
}

}  // namespace gantry::netpol
