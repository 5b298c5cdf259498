#pragma once

// YAML events into Nodes: aliases, merge keys, repeated keys and limits. Private to base; knows no parser.

#include "base/key_index.h"
#include "base/node.h"
#include "base/result.h"
#include "base/yaml.h"
#include "base/yaml_scalar.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gantry::base {

// Takes the events of one text in order, and stops at the first that can't stand. Anchors are numbers from 1, given by the
// parser; 0 is none.
class YamlTree {
 public:
  using Anchor = std::uint64_t;

  explicit YamlTree(const YamlOptions& options) : options_(options) {}

  void start_document();
  Result<void> end_document();
  Result<void> scalar(const YamlScalar& scalar, const SourcePos& pos, Anchor anchor);
  Result<void> alias(const SourcePos& pos, Anchor anchor);
  Result<void> start_array(const SourcePos& pos, Anchor anchor);
  Result<void> start_map(const SourcePos& pos, Anchor anchor);
  Result<void> end_collection();

  // Where the key stands whose value comes next; nothing when a key or an item of a list comes.
  const SourcePos* key_pos() const { return open_.empty() || !open_.back().key ? nullptr : &open_.back().key->pos; }

  // Where the innermost list or map starts that has not ended; nothing when all have.
  const SourcePos* open_pos() const { return open_.empty() ? nullptr : &open_.back().node.pos(); }

  // The documents that are not empty.
  std::vector<Node> take_documents() { return std::move(documents_); }

 private:
  // What a map member was made from. A member from "<<" may be replaced by the map's own key, and the other way round.
  enum class Origin : std::uint8_t { own, merged };

  struct Key {
    std::string text;
    SourcePos pos;
    bool is_merge = false;
  };

  // An array or map that is not complete.
  struct Open {
    Node node;
    Anchor anchor = 0;
    std::uint64_t nodes_before = 0;
    std::uint32_t height = 1;  // levels of nesting inside and including this one
    std::optional<Key> key;    // whose value comes next
    KeyIndex index;
    std::vector<Origin> origins;             // one for each member
    std::optional<SourcePos> merge_key_pos;  // where "<<" was seen
  };

  // A complete value that an alias may repeat.
  struct Anchored {
    Node node;
    std::uint64_t nodes = 0;
    std::uint32_t height = 0;
  };

  // Whether the next value is the key of a map.
  bool key_is_next() const { return !open_.empty() && open_.back().node.is_map() && !open_.back().key; }

  Result<void> start_collection(Node node, Anchor anchor);
  Result<void> take_key(const YamlScalar& scalar, const SourcePos& pos, Anchor anchor);
  Result<void> take_value(Node node, std::uint32_t height);
  Result<void> take_member(Key key, Node value);
  Result<void> merge(Node value);
  void merge_member(Open& map, Node::Member member);
  Result<void> remember(Anchor anchor, const Node& node, std::uint64_t nodes, std::uint32_t height,
                        const SourcePos& pos);
  Result<void> count_nodes(std::uint64_t count, const SourcePos& pos);
  Result<void> count_copies(std::uint64_t count, const SourcePos& pos);

  const YamlOptions options_;
  std::vector<Node> documents_;
  std::vector<Open> open_;  // outermost first
  std::optional<Node> root_;
  std::map<Anchor, Anchored> anchors_;  // of this document
  std::uint64_t nodes_ = 0;
  std::uint64_t copied_nodes_ = 0;
};

}  // namespace gantry::base
