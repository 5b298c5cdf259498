#include "base/source.h"

#include <gtest/gtest.h>

namespace gantry::base {
namespace {

std::shared_ptr<const std::string> name(const char* text) { return std::make_shared<const std::string>(text); }

TEST(SourcePos, IsWrittenAsFarAsItIsKnown) {
  EXPECT_EQ(to_string(SourcePos{name("m/web.yaml"), 14, 12}), "m/web.yaml:14:12");
  EXPECT_EQ(to_string(SourcePos{name("m/web.yaml"), 14, 0}), "m/web.yaml:14");
  EXPECT_EQ(to_string(SourcePos{name("m/web.yaml"), 0, 0}), "m/web.yaml");
  EXPECT_EQ(to_string(SourcePos{}), "");
}

TEST(SourcePos, ComparesFileNamesNotPointers) {
  EXPECT_EQ((SourcePos{name("a"), 1, 2}), (SourcePos{name("a"), 1, 2}));
  EXPECT_NE((SourcePos{name("a"), 1, 2}), (SourcePos{name("b"), 1, 2}));
  EXPECT_NE((SourcePos{name("a"), 1, 2}), (SourcePos{name("a"), 1, 3}));
  EXPECT_NE((SourcePos{name("a"), 1, 2}), (SourcePos{name("a"), 2, 2}));
}

TEST(SourcePos, NoFileHasAnEmptyName) {
  EXPECT_EQ(SourcePos{}.file_name(), "");
  EXPECT_EQ((SourcePos{name("a"), 0, 0}).file_name(), "a");
}

}  // namespace
}  // namespace gantry::base
