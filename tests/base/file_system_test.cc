#include "base/disk_file_system.h"
#include "base/file.h"
#include "support/temp_dir.h"

#include <gtest/gtest.h>

namespace gantry::base {
namespace {

using namespace std::string_literals;

// The same small world on the disk, read in both ways, and in memory: one contract.
enum class Backend { disk_by_openat2, disk_by_names, memory };

class AnyFileSystem : public testing::TestWithParam<Backend> {
 protected:
  void write(const std::string& path, const std::string& content) {
    if (GetParam() == Backend::memory)
      memory_.write(path, content);
    else
      directory_.write("root/" + path, content);
  }
  void symlink(const std::string& target, const std::string& path) {
    if (GetParam() == Backend::memory)
      memory_.symlink(path, target);
    else
      directory_.symlink(target, "root/" + path);
  }
  // Everything written so far.
  const FileSystem& files() {
    if (GetParam() == Backend::memory) return memory_;
    const auto way =
        GetParam() == Backend::disk_by_names ? ConfinedRoot::Openat2::never : ConfinedRoot::Openat2::where_available;
    directory_.make_directory("root");
    disk_ = make_disk_file_system(ConfinedRoot::open(directory_.path("root"), way).value());
    return *disk_;
  }

  void expect_error(const Error& error, ErrorKind kind, const std::string& message) {
    EXPECT_EQ(error.message, message);
    EXPECT_EQ(to_string(error.kind), to_string(kind)) << message;
  }

 private:
  test::TempDir directory_;
  MemoryFileSystem memory_;
  std::unique_ptr<FileSystem> disk_;
};

std::string backend_name(const testing::TestParamInfo<Backend>& each) {
  constexpr const char* kNames[] = {"DiskByOpenat2", "DiskByNames", "Memory"};
  return kNames[static_cast<int>(each.param)];
}

INSTANTIATE_TEST_SUITE_P(File, AnyFileSystem,
                         testing::Values(Backend::disk_by_openat2, Backend::disk_by_names, Backend::memory),
                         backend_name);

TEST_P(AnyFileSystem, ReadsWholeFiles) {
  write("plan.md", "# Plan\n");
  write("a/b/c.bin", "x\0y"s);
  write("empty", "");
  write("large", std::string(1'000'000, 'z'));
  EXPECT_EQ(files().read("plan.md").value(), "# Plan\n");
  EXPECT_EQ(files().read("./a/x/../b//c.bin").value(), "x\0y"s);
  EXPECT_EQ(files().read("empty").value(), "");
  EXPECT_EQ(files().read("large").value(), std::string(1'000'000, 'z'));
}

TEST_P(AnyFileSystem, ReadsAtMostBytesMax) {
  write("ten", "0123456789");
  EXPECT_EQ(files().read("ten", 10).value(), "0123456789");
  expect_error(files().read("ten", 9).error(), ErrorKind::input, "ten is larger than 9 bytes");
  write("large", std::string((1 << 20) + 1, 'z'));
  expect_error(files().read("large", 1 << 20).error(), ErrorKind::input, "large is larger than 1 MiB");
}

TEST_P(AnyFileSystem, TellsWhatIsMissing) {
  write("a/b/c.yaml", "");
  expect_error(files().read("a/b/d.yaml").error(), ErrorKind::environment, "a/b/d.yaml does not exist");
  EXPECT_EQ(files().read("a/b/d.yaml").error().help, "");
  EXPECT_EQ(files().read("a/x/y/z.yaml").error().help, "the nearest folder that exists is a");
  EXPECT_EQ(files().read("x/y").error().help, "the nearest folder that exists is .");
  expect_error(files().list("nowhere").error(), ErrorKind::environment, "nowhere does not exist");
  expect_error(files().resolve("a/b/d.yaml").error(), ErrorKind::environment, "a/b/d.yaml does not exist");
  expect_error(files().read("a/b/c.yaml/d").error(), ErrorKind::environment,
               "a/b/c.yaml/d does not exist: a/b/c.yaml is not a folder");
}

TEST_P(AnyFileSystem, TellsFilesFromFolders) {
  write("a/b.yaml", "");
  expect_error(files().read("a").error(), ErrorKind::environment, "a is a folder, not a file");
  expect_error(files().read("").error(), ErrorKind::environment, ". is a folder, not a file");
  expect_error(files().list("a/b.yaml").error(), ErrorKind::environment, "a/b.yaml is not a folder");
}

TEST_P(AnyFileSystem, KnowsTheKind) {
  write("a/b.yaml", "");
  symlink("a", "to-folder");
  symlink("a/b.yaml", "to-file");
  symlink("nowhere", "dangling");
  const FileSystem& fs = files();
  EXPECT_EQ(fs.kind("").value(), FileKind::directory);
  EXPECT_EQ(fs.kind("a").value(), FileKind::directory);
  EXPECT_EQ(fs.kind("a/").value(), FileKind::directory);
  EXPECT_EQ(fs.kind("a/b.yaml").value(), FileKind::regular);
  EXPECT_EQ(fs.kind("a/c.yaml").value(), FileKind::missing);
  EXPECT_EQ(fs.kind("a/b.yaml/c").value(), FileKind::missing);
  EXPECT_EQ(fs.kind("to-folder").value(), FileKind::directory);
  EXPECT_EQ(fs.kind("to-folder/b.yaml").value(), FileKind::regular);
  EXPECT_EQ(fs.kind("to-file").value(), FileKind::regular);
  EXPECT_EQ(fs.kind("dangling").value(), FileKind::missing);
}

TEST_P(AnyFileSystem, ListsSortedByNameWithKinds) {
  // '-' and '.' sort before '/', so that a folder's files do not stand together in a map of whole paths.
  for (const char* path : {"m/a/x", "m/a/y/z", "m/a-b", "m/a.yaml", "m/a0", "m/b/x", "m-", "m0"}) write(path, "");
  symlink("a.yaml", "m/link");
  symlink("a", "m/folder-link");
  symlink("../../outside", "m/out");
  symlink("gone", "m/dangling");
  const std::vector<DirectoryEntry> expected = {
      {"a", FileKind::directory},
      {"a-b", FileKind::regular},
      {"a.yaml", FileKind::regular},
      {"a0", FileKind::regular},
      {"b", FileKind::directory},
      {"dangling", FileKind::missing},
      {"folder-link", FileKind::directory},
      {"link", FileKind::regular},
      {"out", FileKind::other},
  };
  EXPECT_EQ(files().list("m").value(), expected);
  EXPECT_EQ(files().list("m/folder-link").value(),
            (std::vector<DirectoryEntry>{{"x", FileKind::regular}, {"y", FileKind::directory}}));
  EXPECT_EQ(
      files().list("").value(),
      (std::vector<DirectoryEntry>{{"m", FileKind::directory}, {"m-", FileKind::regular}, {"m0", FileKind::regular}}));
}

TEST_P(AnyFileSystem, ListsAnEmptyRoot) { EXPECT_EQ(files().list(".").value(), std::vector<DirectoryEntry>()); }

TEST_P(AnyFileSystem, FollowsSymlinksThatStayInside) {
  write("base/pdb.yaml", "pdb");
  symlink("../base/pdb.yaml", "overlay/pdb.yaml");
  symlink("base", "current");
  symlink("./overlay/../current/", "chained");
  symlink("..", "base/up");
  const FileSystem& fs = files();
  EXPECT_EQ(fs.read("overlay/pdb.yaml").value(), "pdb");
  EXPECT_EQ(fs.read("current/pdb.yaml").value(), "pdb");
  EXPECT_EQ(fs.read("chained/pdb.yaml").value(), "pdb");
  EXPECT_EQ(fs.read("base/up/base/up/current/pdb.yaml").value(), "pdb");
  EXPECT_EQ(fs.resolve("chained/pdb.yaml").value(), "base/pdb.yaml");
  EXPECT_EQ(fs.resolve("chained").value(), "base");
  EXPECT_EQ(fs.resolve("base/up").value(), "");
  EXPECT_EQ(fs.resolve("overlay").value(), "overlay");
  EXPECT_EQ(fs.resolve("").value(), "");
}

struct EscapeCase {
  const char* path;
  const char* message;
};

TEST_P(AnyFileSystem, StaysInside) {
  write("m/x.yaml", "");
  symlink("/etc/passwd", "m/passwd.yaml");
  symlink("../../etc/passwd", "m/climbs.yaml");
  symlink("/etc", "etc");
  symlink("m/passwd.yaml", "first");
  symlink("../..", "m/up");
  const EscapeCase cases[] = {
      {"m/passwd.yaml", "m/passwd.yaml is a symlink to /etc/passwd, outside the workspace"},
      {"m/climbs.yaml", "m/climbs.yaml is a symlink to ../../etc/passwd, outside the workspace"},
      {"etc/passwd", "etc/passwd: etc is a symlink to /etc, outside the workspace"},
      {"etc", "etc is a symlink to /etc, outside the workspace"},
      {"first", "first: m/passwd.yaml is a symlink to /etc/passwd, outside the workspace"},
      {"m/up/x", "m/up/x: m/up is a symlink to ../.., outside the workspace"},
      {"../x", "path \"../x\" leads out of the workspace"},
      {"m/../../x", "path \"m/../../x\" leads out of the workspace"},
      {"/etc/passwd", "path \"/etc/passwd\" is absolute"},
  };
  const FileSystem& fs = files();
  for (const EscapeCase& each : cases) {
    expect_error(fs.read(each.path).error(), ErrorKind::input, each.message);
    expect_error(fs.list(each.path).error(), ErrorKind::input, each.message);
    expect_error(fs.kind(each.path).error(), ErrorKind::input, each.message);
    expect_error(fs.resolve(each.path).error(), ErrorKind::input, each.message);
  }
  EXPECT_FALSE(fs.read("m/x.yaml\0.txt"s).has_value());
}

TEST_P(AnyFileSystem, TellsWhereALinkLeadsThatEndsNowhere) {
  symlink("gone/x.yaml", "link.yaml");
  symlink("gone", "folder");
  expect_error(files().read("link.yaml").error(), ErrorKind::environment,
               "link.yaml is a symlink to gone/x.yaml, which does not exist");
  expect_error(files().read("folder/x").error(), ErrorKind::environment,
               "folder/x: folder is a symlink to gone, which does not exist");
}

// The link is fine; what is missing is missing behind it.
TEST_P(AnyFileSystem, DoesNotBlameALinkForWhatIsMissingBehindIt) {
  write("base/x.yaml", "");
  write("base/deep/y.yaml", "");
  symlink("base", "current");
  symlink("current/x.yaml", "file");
  expect_error(files().read("current/gone.yaml").error(), ErrorKind::environment, "current/gone.yaml does not exist");
  EXPECT_EQ(files().read("current/gone.yaml").error().help, "the nearest folder that exists is base");
  expect_error(files().read("current/deep/gone/z").error(), ErrorKind::environment,
               "current/deep/gone/z does not exist");
  expect_error(files().read("file/z").error(), ErrorKind::environment,
               "file/z does not exist: base/x.yaml is not a folder");
}

// In a/one, "deep/two/../.." is still inside; the link that leads out is the outer one.
TEST_P(AnyFileSystem, NamesTheLinkThatLeadsOutAmongLinksInLinks) {
  write("a/deep/x", "x");
  symlink(".", "a/deep/two");
  symlink("deep/two/../../a/deep/x", "a/inside");
  symlink("deep/two/../../../etc", "a/one");
  symlink("a/one", "outer");
  EXPECT_EQ(files().read("a/inside").value(), "x");
  expect_error(files().read("outer/passwd").error(), ErrorKind::input,
               "outer/passwd: a/one is a symlink to deep/two/../../../etc, outside the workspace");
}

TEST_P(AnyFileSystem, SymlinksInACircleEnd) {
  symlink("self", "self");
  symlink("b", "a");
  symlink("a", "b");
  symlink("deeper/deeper", "deeper");
  for (const char* path : {"self", "a", "b/x", "deeper"}) {
    const Result<std::string> content = files().read(path);
    ASSERT_FALSE(content.has_value()) << path;
    EXPECT_EQ(to_string(content.error().kind), "input") << path;
    EXPECT_TRUE(content.error().message.ends_with(", the last of too many symlinks")) << content.error().message;
    EXPECT_FALSE(files().kind(path).has_value()) << path;
  }
}

TEST_P(AnyFileSystem, VeryLongPathsAreErrors) {
  write("a", "");
  std::string deep;
  for (int i = 0; i < 50'000; ++i) deep += "d/";
  for (const std::string& path : {std::string(300, 'x'), std::string(100'000, 'x'), deep}) {
    const Result<std::string> content = files().read(path);
    ASSERT_FALSE(content.has_value());
    EXPECT_EQ(to_string(content.error().kind), "environment");
    EXPECT_LT(content.error().message.size(), 300U);
  }
}

}  // namespace
}  // namespace gantry::base
