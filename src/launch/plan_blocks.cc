#include "base/text.h"
#include "base/yaml.h"
#include "launch/plan_body.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::launch {

using base::Node;
using base::Result;

namespace {

// A block names a check and its parameters; real ones have ten lines.
constexpr base::YamlLimits kBlockLimits{
    .bytes_max = 64 << 10, .depth_max = 20, .nodes_max = 5000, .alias_nodes_max = 1000};

constexpr std::string_view kHelp = "write a map with `check: NAME` and its parameters, or a list of such maps";

// From places in the block's text to places in the document.
class PositionMap {
 public:
  PositionMap(const DocumentLines& document, const MarkdownBlock& code) : document_(document), code_(code) {}

  base::SourcePos map(const base::SourcePos& pos) const {
    if (pos.line == 0 || code_.lines.empty()) return document_.pos(code_.offset);
    const Span line = code_.lines[std::min<std::size_t>(pos.line, code_.lines.size()) - 1];
    const std::size_t column = std::max<std::size_t>(pos.column, 1) - 1;
    return document_.pos(line.offset + std::min(column, line.length));
  }

  void map_all(Node& node) const {
    node.set_pos(map(node.pos()));
    if (node.is_array()) std::ranges::for_each(node.array(), [this](Node& element) { map_all(element); });
    if (!node.is_map()) return;
    for (Node::Member& member : node.map()) {
      member.key_pos = map(member.key_pos);
      map_all(member.value);
    }
  }

 private:
  const DocumentLines& document_;
  const MarkdownBlock& code_;
};

Result<void> require_check(const Node& node) {
  if (!node.is_map()) {
    return base::input_error(
        fmt::format("a gantry block is a map with `check`, and this is a {}", to_string(node.kind())), node.pos(),
        std::string(kHelp));
  }
  const Node* check = node.get("check");
  if (check == nullptr) return base::input_error("the gantry block names no `check`", node.pos(), std::string(kHelp));
  if (!check->is_string() || check->string().empty()) {
    return base::input_error("`check` must be the name of a check", check->pos(), std::string(kHelp));
  }
  return {};
}

}  // namespace

bool is_gantry_block(const MarkdownBlock& block) {
  if (block.kind != MarkdownBlock::Kind::code || !block.is_fenced) return false;
  return block.info.substr(0, block.info.find_first_of(" \t{")) == "gantry";
}

Result<GantryBlock> read_gantry_block(const DocumentLines& document, const MarkdownBlock& code) {
  std::string text;
  for (const Span& line : code.lines) {
    text += document.slice(line);
    text += '\n';
  }
  const PositionMap positions(document, code);
  const base::YamlOptions options{.rules = base::ScalarRules::core, .limits = kBlockLimits};
  Result<Node> loaded = base::load_yaml_document(text, *document.whole().file, options);
  if (!loaded) {
    base::Error error = std::move(loaded).error();
    error.where = error.where ? positions.map(*error.where) : document.pos(code.offset);
    error.context.push_back("while reading a gantry block");
    return std::unexpected(std::move(error));
  }
  GantryBlock block{.content = std::move(*loaded), .where = document.pos(code.offset)};
  if (block.content.is_null()) return base::input_error("the gantry block is empty", block.where, std::string(kHelp));
  positions.map_all(block.content);
  if (!block.content.is_array()) {
    TRY(require_check(block.content));
    return block;
  }
  if (block.content.array().empty())
    return base::input_error("the gantry block is empty", block.where, std::string(kHelp));
  for (const Node& element : block.content.array()) TRY(require_check(element));
  return block;
}

}  // namespace gantry::launch
