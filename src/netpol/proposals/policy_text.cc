#include "netpol/proposals/policy_text.h"

#include "base/text.h"
#include "netpol/proposals/flow_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>

namespace gantry::netpol {

using base::Node;
using kube::Direction;
using Kind = PolicyEdit::Kind;

namespace {

std::string_view peers_key(Direction direction) { return direction == Direction::ingress ? "from" : "to"; }

std::size_t indent_of(std::string_view line) { return std::min(line.find_first_not_of(' '), line.size()); }

// The last line that anything of the node stands on. Folded text has more lines than positions; policies have none.
std::size_t last_line(const Node& node) {
  std::size_t line = node.pos().line;
  if (node.is_array())
    for (const Node& element : node.array()) line = std::max(line, last_line(element));
  if (node.is_map())
    for (const Node::Member& member : node.map())
      line = std::max({line, std::size_t{member.key_pos.line}, last_line(member.value)});
  return line;
}

std::vector<std::string> indented(std::string_view yaml, std::size_t indent, std::string_view lead) {
  std::vector<std::string> lines;
  for (const std::string_view line : base::split(yaml, '\n')) {
    const std::string_view head = lines.empty() ? lead : std::string_view("        ").substr(0, lead.size());
    lines.push_back(std::string(indent, ' ') + std::string(head) + std::string(line));
  }
  return lines;
}

// A list in block style, in its text.
struct BlockList {
  const Node* list = nullptr;
  std::size_t dash = 0;  // columns before the dashes
};

class PolicyText {
 public:
  PolicyText(LineEdits& text, const Node& document) : text_(text), document_(document) {}

  bool edit(Direction direction, const std::vector<const PolicyEdit*>& edits);

 private:
  // Nothing when it is not in block style.
  std::optional<BlockList> block_list(const Node* list) const;
  // Adds list elements behind the last, or below the key where the list is empty or missing.
  bool append(const Node& owner, std::string_view key, const std::vector<std::string>& elements);
  // `writes_empty`: a list that loses all its elements becomes "[]"; else others come in their place.
  bool remove(const Node& owner, std::string_view key, const std::set<std::size_t>& indices, bool writes_empty);
  // Both at once.
  bool change(const Node& owner, std::string_view key, const std::set<std::size_t>& gone,
              const std::vector<std::string>& fresh);

  bool rewrite_flow(const Node& list, const std::set<std::size_t>& gone, const std::vector<std::string>& fresh);

  LineEdits& text_;
  const Node& document_;
};

bool PolicyText::rewrite_flow(const Node& list, const std::set<std::size_t>& gone,
                              const std::vector<std::string>& fresh) {
  const std::size_t number = list.pos().line;
  if (number == 0 || number > text_.size()) return false;
  std::optional<FlowList> flow = find_flow_list(list, text_.line(number));
  if (!flow) return false;
  for (auto index = gone.rbegin(); index != gone.rend(); ++index) {
    if (*index >= flow->elements.size()) return false;
    flow->elements.erase(flow->elements.begin() + static_cast<std::ptrdiff_t>(*index));
  }
  for (const std::string& element : fresh) flow->elements.push_back(in_flow_style(element));
  text_.replace(number, flow->put_into(text_.line(number)));
  return true;
}

std::optional<BlockList> PolicyText::block_list(const Node* list) const {
  if (!list || !list->is_array() || list->array().empty()) return std::nullopt;
  std::optional<std::size_t> dash;
  for (const Node& element : list->array()) {
    const base::SourcePos& pos = element.pos();
    if (pos.line == 0 || pos.line > text_.size() || pos.column == 0) return std::nullopt;
    const std::string_view line = text_.line(pos.line);
    const std::size_t start = indent_of(line);
    // "- ports: [{port: 1}]": the dash is another list's.
    const std::size_t element_start = pos.column - 1;
    if (start >= line.size() || line[start] != '-' || element_start <= start) return std::nullopt;
    if (line.substr(start + 1, element_start - start - 1).find_first_not_of(' ') != std::string_view::npos)
      return std::nullopt;
    if (dash && *dash != start) return std::nullopt;
    dash = start;
  }
  return BlockList{.list = list, .dash = *dash};
}

bool PolicyText::append(const Node& owner, std::string_view key, const std::vector<std::string>& elements) {
  const Node* list = owner.get(key);
  std::vector<std::string> lines;
  const auto add = [&](std::size_t dash) {
    for (const std::string& element : elements)
      for (std::string& line : indented(element, dash, "- ")) lines.push_back(std::move(line));
  };
  if (list && list->is_array() && !list->array().empty()) {
    const std::optional<BlockList> block = block_list(list);
    if (!block) return rewrite_flow(*list, {}, elements);
    add(block->dash);
    text_.insert_after(last_line(*list), lines);
    return true;
  }
  if (const base::SourcePos* where = owner.key_pos(key)) {
    const std::string& line = text_.line(where->line);
    const std::size_t end = line.find(':', where->column - 1);
    if (end == std::string::npos) return false;
    text_.replace(where->line, line.substr(0, end + 1));
    add(where->column - 1);
    text_.insert_after(where->line, lines);
    return true;
  }
  if (!owner.is_map() || owner.map().empty()) return false;
  const std::size_t column = owner.map().front().key_pos.column;
  if (column == 0 ||
      text_.line(owner.map().front().key_pos.line)[indent_of(text_.line(owner.map().front().key_pos.line))] == '{')
    return false;
  lines.push_back(fmt::format("{}{}:", std::string(column - 1, ' '), key));
  add(column - 1);
  text_.insert_after(last_line(owner), lines);
  return true;
}

bool PolicyText::change(const Node& owner, std::string_view key, const std::set<std::size_t>& gone,
                        const std::vector<std::string>& fresh) {
  const Node* list = owner.get(key);
  if (!gone.empty() && !fresh.empty() && list && !block_list(list)) return rewrite_flow(*list, gone, fresh);
  const bool stays_empty = fresh.empty();
  if (!gone.empty() && !remove(owner, key, gone, stays_empty)) return false;
  return fresh.empty() || append(owner, key, fresh);
}

bool PolicyText::remove(const Node& owner, std::string_view key, const std::set<std::size_t>& indices,
                        bool writes_empty) {
  const Node* list = owner.get(key);
  const std::optional<BlockList> block = block_list(list);
  if (!block) return list && rewrite_flow(*list, indices, {});
  const Node::Array& elements = block->list->array();
  for (const std::size_t index : indices) {
    if (index >= elements.size()) return false;
    text_.remove(elements[index].pos().line, last_line(elements[index]));
  }
  if (indices.size() < elements.size() || !writes_empty) return true;
  const base::SourcePos* where = owner.key_pos(key);
  if (!where) return false;
  const std::string& line = text_.line(where->line);
  const std::size_t end = line.find(':', where->column - 1);
  if (end == std::string::npos) return false;
  text_.replace(where->line, line.substr(0, end + 1) + " []");
  return true;
}

struct RuleText {
  std::vector<std::string> peers, ports;
  std::set<std::size_t> gone_peers, gone_ports;
};

bool PolicyText::edit(Direction direction, const std::vector<const PolicyEdit*>& edits) {
  const Node* spec = document_.get("spec");
  if (!spec) return false;
  const std::string_view key = kube::to_string(direction);
  std::map<std::size_t, RuleText> rules;
  std::set<std::size_t> gone;
  std::vector<std::string> fresh;
  for (const PolicyEdit* edit : edits) {
    const std::size_t rule = edit->place.rule.value_or(0);
    switch (edit->kind) {
      case Kind::add_port: rules[rule].ports.push_back(edit->yaml); break;
      case Kind::add_peer: rules[rule].peers.push_back(edit->yaml); break;
      case Kind::add_rule: fresh.push_back(edit->yaml); break;
      case Kind::add_policy: return false;
      case Kind::remove_port: rules[rule].gone_ports.insert(edit->place.port.value_or(0)); break;
      case Kind::remove_peer: rules[rule].gone_peers.insert(edit->place.peer.value_or(0)); break;
      case Kind::remove_rule: gone.insert(rule); break;
    }
  }
  const auto loses_all = [](const Node* list, const std::set<std::size_t>& indices) {
    return !indices.empty() && (!list || !list->is_array() || indices.size() >= list->array().size());
  };
  for (const auto& [index, edited] : rules) {
    const Node* rule = spec->find(key, index);
    if (!rule) return false;
    const std::string_view peers = peers_key(direction);
    if (gone.contains(index)) continue;
    if ((edited.peers.empty() && loses_all(rule->get(peers), edited.gone_peers)) ||
        (edited.ports.empty() && loses_all(rule->get("ports"), edited.gone_ports))) {
      gone.insert(index);
      continue;
    }
    if (!change(*rule, peers, edited.gone_peers, edited.peers)) return false;
    if (!change(*rule, "ports", edited.gone_ports, edited.ports)) return false;
  }
  return change(*spec, key, gone, fresh);
}

}  // namespace

const Node* find_document(const std::vector<Node>& documents, const kube::NetworkPolicy& policy) {
  if (!policy.object.document) return nullptr;
  const Node* spec = policy.object.document->get("spec");
  const Node* found = nullptr;
  for (const Node& document : documents) {
    if (document.text("kind") != "NetworkPolicy" || !spec) continue;
    const Node* other = document.get("spec");
    // A transformer may have changed its name or namespace; where it was written says that it is the same one.
    if (other && *other == *spec && other->pos().line == spec->pos().line) found = &document;
  }
  return found;
}

bool edit_text(LineEdits& text, const Node& document, const std::vector<const PolicyEdit*>& edits) {
  PolicyText policy(text, document);
  for (const Direction direction : {Direction::ingress, Direction::egress}) {
    std::vector<const PolicyEdit*> mine;
    std::ranges::copy_if(edits, std::back_inserter(mine),
                         [&](const PolicyEdit* edit) { return edit->place.direction == direction; });
    if (!mine.empty() && !policy.edit(direction, mine)) return false;
  }
  return true;
}

}  // namespace gantry::netpol
