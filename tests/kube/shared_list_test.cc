// Copies share until one is edited, and then only that one has changed.

#include "kube/shared_list.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace gantry::kube {
namespace {

using Texts = std::vector<std::string>;

TEST(SharedList, ReadsAsAVector) {
  const SharedList<std::string> list(Texts{"a", "b", "c"});
  EXPECT_EQ(list.size(), 3U);
  EXPECT_FALSE(list.empty());
  EXPECT_EQ(list.front() + list[1] + list.back(), "abc");
  EXPECT_EQ(list.data(), &list.front());
  EXPECT_EQ(Texts(list.begin(), list.end()), static_cast<const Texts&>(list));
}

TEST(SharedList, AnEmptyOneHasNothingAndCanBeEdited) {
  SharedList<std::string> list;
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.begin(), list.end());
  list.edit().push_back("a");
  EXPECT_EQ(static_cast<const Texts&>(list), Texts{"a"});
}

TEST(SharedList, CopiesShareUntilOneIsEdited) {
  SharedList<std::string> list(Texts{"a", "b"});
  const std::string* const first = list.data();
  list.edit().back() = "c";
  EXPECT_EQ(list.data(), first) << "nobody shares it yet";

  const SharedList<std::string> copy = list;
  EXPECT_EQ(copy.data(), first);
  list.edit().push_back("d");
  EXPECT_EQ(static_cast<const Texts&>(list), (Texts{"a", "c", "d"}));
  EXPECT_EQ(static_cast<const Texts&>(copy), (Texts{"a", "c"}));
  EXPECT_EQ(copy.data(), first);
}

TEST(SharedList, WhatIsMovedFromIsEmpty) {
  SharedList<std::string> list(Texts{"a"});
  const SharedList<std::string> other = std::move(list);
  EXPECT_EQ(other.size(), 1U);
  list = {};
  EXPECT_TRUE(list.empty());
}

}  // namespace
}  // namespace gantry::kube
