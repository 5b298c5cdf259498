// What evidence depends on, as it is looked at again without running the check.

#include "launch/inputs.h"

#include "support/temp_dir.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace gantry::launch {
namespace {

using gantry::test::TempDir;

std::string now(const base::FileSystem& files, std::string_view input, const Environment& environment = {}) {
  return InputDigests(files, environment).current(input).value_or("unknown");
}

// Another value is another fingerprint, of which nobody reads the value.
TEST(Inputs, TellTheValuesOfVariablesApart) {
  const base::MemoryFileSystem files;
  const std::string first = now(files, "variable:DATABASE_URL", {{"DATABASE_URL", "postgres://a:secret@db"}});
  EXPECT_EQ(first, fingerprint_variable({{"DATABASE_URL", "postgres://a:secret@db"}, {"OTHER", "x"}}, "DATABASE_URL"));
  EXPECT_NE(first, now(files, "variable:DATABASE_URL", {{"DATABASE_URL", "postgres://a:secret@other"}}));
  EXPECT_NE(first, now(files, "variable:DATABASE_URL", {{"DATABASE_URL", ""}}));
  EXPECT_FALSE(first.contains("secret"));
  EXPECT_EQ(now(files, "variable:DATABASE_URL", {{"OTHER", "x"}}), "absent");
  EXPECT_EQ(now(files, "option:load"), "unknown");
}

using Files = std::map<std::string, std::string, std::less<>>;

TEST(Inputs, AreAllFilesOfATree) {
  const Files before = {{"api/server.py", "a"}, {"api/lib/x.py", "b"}, {"README.md", "c"}};
  const auto digest = [](const Files& files, std::string_view path) {
    return now(base::MemoryFileSystem(files), "tree:" + std::string(path));
  };
  const struct {
    std::string_view name;
    Files files;
    bool is_same;
  } cases[] = {
      {"the same", before, true},
      {"another text", {{"api/server.py", "A"}, {"api/lib/x.py", "b"}, {"README.md", "c"}}, false},
      {"another name", {{"api/server.py", "a"}, {"api/lib/y.py", "b"}, {"README.md", "c"}}, false},
      {"texts that moved", {{"api/server.py", "b"}, {"api/lib/x.py", "a"}, {"README.md", "c"}}, false},
      {"one more", {{"api/server.py", "a"}, {"api/lib/x.py", "b"}, {"api/z.py", ""}, {"README.md", "c"}}, false},
      {"elsewhere", {{"api/server.py", "a"}, {"api/lib/x.py", "b"}, {"README.md", "C"}}, true},
      {"what an interpreter keeps beside",
       {{"api/server.py", "a"}, {"api/lib/x.py", "b"}, {"api/lib/__pycache__/x.pyc", "1"}, {"README.md", "c"}},
       true},
  };
  for (const auto& c : cases) EXPECT_EQ(digest(c.files, "api") == digest(before, "api"), c.is_same) << c.name;
  EXPECT_NE(digest(before, ""), digest(before, "api"));
  EXPECT_NE(digest(before, "README.md"), digest(before, "api"));
  EXPECT_EQ(digest(before, "nowhere"), "absent");
  EXPECT_EQ(digest(before, "."), digest(before, ""));
}

TEST(Inputs, AreOneForATreeThatACheckReads) {
  const base::MemoryFileSystem files(Files{{"api/server.py", "a"}, {"api/lib/x.py", "b"}});
  InputDigests digests(files);
  InputRecorder recorder;
  const RecordingFiles recording(files, digests, recorder);
  EXPECT_EQ(*recording.digest_of_tree("api"), now(files, "tree:api"));
  ASSERT_EQ(recorder.inputs().size(), 1U);
  EXPECT_EQ(recorder.inputs().front().name, "tree:api");
  EXPECT_EQ(recorder.inputs().front().digest, now(files, "tree:api"));
}

// Links may lead out of the folder, as those of Debian's alternatives do.
TEST(Inputs, AreProgramsWhereverLinksLead) {
  const TempDir dir;
  dir.write("real/java-17", "seventeen");
  dir.write("real/java-21", "twenty-one");
  dir.make_directory("bin");
  dir.symlink("../real/java-17", "bin/java");
  const std::string path = dir.path("bin/java");
  const std::string first = digest_program(path);
  EXPECT_TRUE(first.starts_with("sha256:"));
  EXPECT_EQ(first, digest_program(dir.path("real/java-17")));
  std::filesystem::remove(path);
  dir.symlink("../real/java-21", "bin/java");
  EXPECT_NE(first, digest_program(path));
  EXPECT_EQ(digest_program(dir.path("bin/python")), "absent");
}

}  // namespace
}  // namespace gantry::launch
