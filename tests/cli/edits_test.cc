#include "cli/edits.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gantry::cli {
namespace {

using test::TempDir;

// What the edits leave of the file, and whether they failed the test that asked for them.
struct Edited {
  std::string text;
  bool failed = false;
};

Edited edit(std::string_view edits) {
  const TempDir dir;
  dir.write("a.yaml", "one\ntwo\none\n");
  testing::TestPartResultArray results;
  {
    const testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
    apply_edits(edits, dir);
  }
  return {.text = dir.read("a.yaml"), .failed = results.size() > 0};
}

TEST(Edits, ChangeWhatFitsOnce) {
  const Edited edited = edit("# a remark\n== a.yaml\n two\n-one\n+three\n\n-two\n+TWO\n+2\n");
  EXPECT_FALSE(edited.failed);
  EXPECT_EQ(edited.text, "one\nTWO\n2\nthree\n");
}

TEST(Edits, FailTheTestWhereTheyDoNotFit) {
  for (const std::string_view edits : {
           "",                            // nothing is edited
           "== a.yaml\n",                 // nor here
           "-two\n+three\n",              // of which file?
           "== b.yaml\n-two\n+three\n",   // there is none
           "== a.yaml\n-four\n+three\n",  // no such line
           "== a.yaml\n-one\n+three\n",   // twice
           "== a.yaml\n two\n",           // changes nothing
           "== a.yaml\n+three\n",         // where?
           "== a.yaml\n-two\n?three\n",   // what is that?
       }) {
    const Edited edited = edit(edits);
    EXPECT_TRUE(edited.failed) << edits;
  }
}

}  // namespace
}  // namespace gantry::cli
