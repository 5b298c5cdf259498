// A place in a list, wherever the list was put together.

#include "netpol/lint/context.h"

#include "base/yaml.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace gantry::netpol::linting {
namespace {

using base::Node;

TEST(FindAt, FindsEachInWhateverOrderTheyStand) {
  std::string text;
  for (int i = 0; i < 9; ++i) text += "- {port: " + std::to_string(i) + "}\n";
  const Node document = *base::load_yaml_document(text, "list.yaml");
  std::vector<Node> nodes = document.array();
  for (std::size_t turn = 0; turn < nodes.size(); ++turn) {
    std::ranges::rotate(nodes, nodes.begin() + 1);
    const Node list(nodes);
    for (const Node& node : document.array()) {
      const Node* found = find_at(&list, node.pos());
      ASSERT_NE(found, nullptr) << turn;
      EXPECT_EQ(*found, node);
    }
    base::SourcePos elsewhere = nodes.front().pos();
    ++elsewhere.column;
    EXPECT_EQ(find_at(&list, elsewhere), nullptr);
  }
}

TEST(FindAt, FindsNothingWhereThereIsNoList) {
  const Node document = *base::load_yaml_document("port: 80\n", "map.yaml");
  EXPECT_EQ(find_at(&document, document.pos()), nullptr);
  EXPECT_EQ(find_at(nullptr, document.pos()), nullptr);
}

}  // namespace
}  // namespace gantry::netpol::linting
