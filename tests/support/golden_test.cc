#include "support/golden.h"

#include "support/temp_dir.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

namespace gantry::test {
namespace {

// Unset again at the end, whatever the test was started with.
class UpdateWanted {
 public:
  explicit UpdateWanted(const char* value) { ::setenv("GANTRY_UPDATE_GOLDEN", value, 1); }
  ~UpdateWanted() { ::unsetenv("GANTRY_UPDATE_GOLDEN"); }
  UpdateWanted(const UpdateWanted&) = delete;
  UpdateWanted& operator=(const UpdateWanted&) = delete;
};

TEST(MatchesGolden, ComparesByteForByte) {
  const UpdateWanted no("0");
  const TempDir directory;
  const std::string path = directory.write("expected.txt", "one\ntwo\n");
  EXPECT_TRUE(matches_golden_file("one\ntwo\n", path));
  EXPECT_FALSE(matches_golden_file("one\ntwo", path));
  EXPECT_FALSE(matches_golden_file("", path));
  EXPECT_EQ(directory.read("expected.txt"), "one\ntwo\n");
}

TEST(MatchesGolden, PrintsBothTextsWhole) {
  const UpdateWanted no("0");
  const TempDir directory;
  const std::string path = directory.write("expected.txt", "one\ntwo\n");
  EXPECT_EQ(std::string(matches_golden_file("one\n2\n", path).message()),
            path +
                " differs from line 2\n"
                "if the new text is right: GANTRY_UPDATE_GOLDEN=1, then review the change\n"
                "--- expected ---\none\ntwo\n--- actual ---\none\n2\n--- end ---");
}

TEST(MatchesGolden, WantsTheFileToBeThere) {
  const UpdateWanted no("0");
  const TempDir directory;
  const testing::AssertionResult result = matches_golden_file("new\n", directory.path("expected.txt"));
  EXPECT_FALSE(result);
  EXPECT_TRUE(std::string(result.message()).contains("--- actual ---\nnew\n"));
  EXPECT_EQ(directory.names(), std::vector<std::string>());
}

TEST(MatchesGolden, RewritesWhenAsked) {
  const UpdateWanted yes("1");
  const TempDir directory;
  const std::string path = directory.write("old/expected.txt", "old\n");
  EXPECT_TRUE(matches_golden_file("new\n", path));
  EXPECT_EQ(directory.read("old/expected.txt"), "new\n");
  EXPECT_TRUE(matches_golden_file("first\n", directory.path("scenario/expected.txt")));
  EXPECT_EQ(directory.read("scenario/expected.txt"), "first\n");
}

TEST(TestPath, FindsThisFile) {
  EXPECT_TRUE(read_test_file("support/golden_test.cc").contains("FindsThisFile"));
  EXPECT_EQ(test_path("support"), repository_path("tests/support"));
}

TEST(TempDir, GoesAwayWithTheTest) {
  std::string path;
  {
    const TempDir directory;
    path = directory.path();
    directory.write("a/b", "content");
    directory.symlink("b", "a/link");
    EXPECT_EQ(directory.read("a/link"), "content");
    EXPECT_EQ(directory.names(), (std::vector<std::string>{"a/", "a/b", "a/link"}));
  }
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
}

}  // namespace
}  // namespace gantry::test
