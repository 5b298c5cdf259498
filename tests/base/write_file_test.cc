#include "base/file.h"
#include "base/folders.h"
#include "support/in_child.h"
#include "support/temp_dir.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <random>
#include <thread>

namespace gantry::base {
namespace {

mode_t mode_of(const std::string& path) {
  struct stat info {};
  EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 07777;
}

// "" or what went wrong.
std::string message_of(const Result<void>& result) { return result ? "" : result.error().message; }

TEST(WriteFileAtomic, WritesAndReplaces) {
  const test::TempDir directory;
  const std::string large(3'000'000, 'x');
  for (const std::string& content : {std::string("first\n"), std::string(), std::string("a\0b", 3), large}) {
    EXPECT_EQ(message_of(write_file_atomic(directory.path("plan.md"), content)), "");
    EXPECT_EQ(directory.read("plan.md"), content);
  }
  EXPECT_EQ(directory.names(), std::vector<std::string>{"plan.md"});
}

TEST(WriteFileAtomic, KeepsPermissionsAndGivesNewFilesTheUsual) {
  const test::TempDir directory;
  directory.write("old", "");
  const mode_t mask = ::umask(027);
  for (const mode_t mode : {0600, 0664, 0755}) {
    ASSERT_EQ(::chmod(directory.path("old").c_str(), mode), 0);
    ASSERT_TRUE(write_file_atomic(directory.path("old"), "new"));
    EXPECT_EQ(mode_of(directory.path("old")), mode);
  }
  ASSERT_TRUE(write_file_atomic(directory.path("new"), "new"));
  ::umask(mask);
  EXPECT_EQ(mode_of(directory.path("new")), 0640U);
}

TEST(WriteFileAtomic, KeepsTheOwnerWhereAllowed) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can own a file that belongs to somebody else";
  const test::TempDir directory;
  directory.write("old", "");
  ASSERT_EQ(::chown(directory.path("old").c_str(), 65534, 65534), 0);
  ASSERT_TRUE(write_file_atomic(directory.path("old"), "new"));
  struct stat info {};
  ASSERT_EQ(::stat(directory.path("old").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 65534U);
}

TEST(WriteFileAtomic, ReadersOfTheOldFileKeepIt) {
  const test::TempDir directory;
  directory.write("plan.md", "old");
  const int reader = ::open(directory.path("plan.md").c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_TRUE(write_file_atomic(directory.path("plan.md"), "new"));
  char bytes[8] = {};
  EXPECT_EQ(::read(reader, bytes, sizeof bytes), 3);
  EXPECT_STREQ(bytes, "old");
  ::close(reader);
}

TEST(WriteFileAtomic, NamesWhatIsInTheWay) {
  const test::TempDir directory;
  directory.make_directory("folder");
  directory.write("file", "old");
  directory.symlink("file", "link");
  directory.symlink("gone", "dangling");
  const std::string root = directory.path() + "/";
  EXPECT_EQ(message_of(write_file_atomic(root + "folder", "x")), root + "folder is not a regular file");
  EXPECT_EQ(message_of(write_file_atomic(root + "link", "x")),
            root + "link is a symlink, which writing would replace by a file");
  EXPECT_EQ(message_of(write_file_atomic(root + "dangling", "x")),
            root + "dangling is a symlink, which writing would replace by a file");
  EXPECT_EQ(message_of(write_file_atomic(root + "gone/x", "x")),
            "cannot write " + root + "gone/x: No such file or directory");
  EXPECT_EQ(message_of(write_file_atomic(root + "file/x", "x")), "cannot write " + root + "file/x: Not a directory");
  EXPECT_EQ(message_of(write_file_atomic(root + "folder/", "x")), "\"" + root + "folder/\" does not name a file");
  EXPECT_EQ(message_of(write_file_atomic("", "x")), "\"\" does not name a file");
  EXPECT_FALSE(write_file_atomic(root + std::string(300, 'x'), "x").has_value());
  EXPECT_EQ(directory.names(), (std::vector<std::string>{"dangling", "file", "folder/", "link"}));
  EXPECT_EQ(directory.read("file"), "old");
}

TEST(WriteFileAtomic, RespectsPermissions) {
  const test::TempDir directory;
  ASSERT_EQ(::chmod(directory.path().c_str(), 0777), 0);
  directory.write("read-only", "old");
  directory.make_directory("closed");
  directory.write("closed/file", "old");
  ASSERT_EQ(::chmod(directory.path("read-only").c_str(), 0444), 0);
  ASSERT_EQ(::chmod(directory.path("closed").c_str(), 0555), 0);
  const std::string said = test::in_child(
      [&] {
        return message_of(write_file_atomic(directory.path("read-only"), "new")) + "\n" +
               message_of(write_file_atomic(directory.path("closed/new"), "new"));
      },
      test::ChildUser::nobody);
  EXPECT_EQ(said, "no permission to write " + directory.path("read-only") + "\n" + "no permission to write " +
                      directory.path("closed/new"));
  EXPECT_EQ(directory.read("read-only"), "old");
  EXPECT_EQ(directory.names(), (std::vector<std::string>{"closed/", "closed/file", "read-only"}));
  ASSERT_EQ(::chmod(directory.path("closed").c_str(), 0755), 0);
}

TEST(WriteFileAtomic, LeavesTheOldFileWhenAWriteFails) {
  const test::TempDir directory;
  directory.write("plan.md", "old");
  const std::string said = test::in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);  // then write() fails with EFBIG instead
    const rlimit limit{.rlim_cur = 10'000, .rlim_max = 10'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    return message_of(write_file_atomic(directory.path("plan.md"), std::string(10'001, 'x')));
  });
  EXPECT_EQ(said, "cannot write " + directory.path("plan.md") + ": File too large");
  EXPECT_EQ(directory.read("plan.md"), "old");
  EXPECT_EQ(directory.names(), std::vector<std::string>{"plan.md"});
}

TEST(WriteFileAtomic, LeavesTheOldFileWhenTheDiskIsFull) {
  const test::TempDir directory;
  const std::string said = test::in_child([&]() -> std::string {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", directory.path().c_str(), "tmpfs", 0, "size=64k") != 0) {
      return "not allowed";
    }
    directory.write("plan.md", "old");
    const Result<void> written = write_file_atomic(directory.path("plan.md"), std::string(100'000, 'x'));
    const bool is_alone = directory.names() == std::vector<std::string>{"plan.md"};
    return (is_alone ? "" : "not alone; ") + directory.read("plan.md") + "; " +
           (written ? "" : describe(written.error()));
  });
  if (said == "not allowed") GTEST_SKIP() << "mounting a small disk needs root; the failed write above covers the rest";
  EXPECT_EQ(said, "old; error: cannot write " + directory.path("plan.md") +
                      ": No space left on device\n"
                      "  help: make room on that disk, then run it again\n");
}

// Without /proc a file without a name can't get one later, so it is written under a temporary name from the start.
TEST(WriteFileAtomic, WorksWhereOnlyNamedFilesCanBeMade) {
  const test::TempDir directory;
  const std::string said = test::in_child([&]() -> std::string {
    if (::chroot(directory.path().c_str()) != 0) return "not allowed";
    std::string outcome = message_of(write_file_atomic("/plan.md", "first"));
    outcome += message_of(write_file_atomic("/plan.md", "second"));
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{.rlim_cur = 10'000, .rlim_max = 10'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    return outcome + message_of(write_file_atomic("/plan.md", std::string(10'001, 'x')));
  });
  if (said == "not allowed") GTEST_SKIP() << "chroot needs root";
  EXPECT_EQ(said, "cannot write /plan.md: File too large");
  EXPECT_EQ(directory.read("plan.md"), "second");
  EXPECT_EQ(directory.names(), std::vector<std::string>{"plan.md"});
}

TEST(WriteFileAtomic, WritersAtTheSameTimeDoNotMix) {
  const test::TempDir directory;
  {
    std::vector<std::jthread> writers;
    for (const char letter : {'a', 'b', 'c'}) {
      writers.emplace_back([&directory, letter] {
        for (int i = 0; i < 20; ++i)
          EXPECT_TRUE(write_file_atomic(directory.path("plan.md"), std::string(50'000, letter)));
      });
    }
  }
  const std::string content = directory.read("plan.md");
  EXPECT_EQ(content, std::string(50'000, content.front()));
  EXPECT_EQ(directory.names(), std::vector<std::string>{"plan.md"});
}

// Writes the two contents in turn for ever, and says so with a byte each time.
[[noreturn]] void write_until_killed(const std::string& path, const std::string& a, const std::string& b, int said) {
  for (bool first = true;; first = !first) {
    if (!write_file_atomic(path, first ? a : b) || ::write(said, "w", 1) != 1) ::_exit(1);
  }
}

TEST(WriteFileAtomic, SurvivesBeingKilledAtAnyMoment) {
  const test::TempDir directory;
  const std::string a(50'000, 'a');
  const std::string b(30'000, 'b');
  directory.write("plan.md", a);
  const auto is_whole = [&](const std::string& content) { return content == a || content == b; };
  std::mt19937 random(20261124);  // the same moments in every run, as far as the scheduler lets us
  for (int round = 0; round < 50; ++round) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const pid_t child = ::fork();
    if (child == 0) write_until_killed(directory.path("plan.md"), a, b, ends[1]);
    ASSERT_GT(child, 0);
    ::close(ends[1]);
    // A few whole writes, then a random part of the next: reading the file is what lets that time pass.
    char said = 0;
    for (auto writes = 1 + random() % 2; writes > 0; --writes)
      ASSERT_EQ(::read(ends[0], &said, 1), 1) << "in round " << round;
    for (auto reads = random() % 10; reads > 0; --reads)
      ASSERT_TRUE(is_whole(directory.read("plan.md"))) << "in round " << round;
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(ends[0]);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer failed in round " << round;
    // A kill between the two last steps leaves the new file complete, under its temporary name.
    for (const std::string& name : directory.names())
      ASSERT_TRUE(is_whole(directory.read(name))) << name << " in round " << round;
  }
}

// Without /proc a temporary name is there from the start, so a write that kills its process leaves it for certain.
TEST(WriteFileAtomic, LeavesInTheStagingFolderWhatAKillLeaves) {
  const test::TempDir directory;
  directory.make_directory("staging");
  directory.write("plan.md", "old");
  const pid_t child = ::fork();
  if (child == 0) {
    if (::chroot(directory.path().c_str()) != 0) ::_exit(7);
    const rlimit limit{.rlim_cur = 10, .rlim_max = 10};
    ::setrlimit(RLIMIT_FSIZE, &limit);  // the second of two writes gets SIGXFSZ
    std::signal(SIGXFSZ, SIG_DFL);
    static_cast<void>(write_file_atomic("/plan.md", "more than ten bytes", "/staging"));
    ::_exit(8);
  }
  ASSERT_GT(child, 0);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 7) GTEST_SKIP() << "chroot needs root";
  ASSERT_TRUE(WIFSIGNALED(status)) << status;
  EXPECT_EQ(directory.read("plan.md"), "old");
  const std::vector<std::string> names = directory.names();
  ASSERT_EQ(names.size(), 3U) << testing::PrintToString(names);
  EXPECT_EQ(names[0], "plan.md");
  EXPECT_EQ(names[1], "staging/");
  EXPECT_TRUE(names[2].starts_with("staging/.gantry-")) << names[2];
}

TEST(WriteFileAtomic, StagesElsewhereOnlyWhereThatCanBe) {
  const test::TempDir directory;
  directory.make_directory("staging");
  for (const std::string& staging : {directory.path("staging"), directory.path("gone"), std::string("/dev/shm")}) {
    EXPECT_EQ(message_of(write_file_atomic(directory.path("plan.md"), staging, staging)), "");
    EXPECT_EQ(directory.read("plan.md"), staging);
  }
  EXPECT_EQ(directory.names(), (std::vector<std::string>{"plan.md", "staging/"}));
}

TEST(WriteFileBelow, WritesInsideTheRootOnly) {
  const test::TempDir directory;
  directory.write("root/docs/plan.md", "old");
  directory.write("outside/plan.md", "old");
  directory.symlink("docs", "root/current");
  directory.symlink("../outside", "root/out");
  directory.symlink("../../outside/plan.md", "root/docs/out.md");
  directory.symlink("../../outside/new.md", "root/docs/new-outside.md");
  directory.symlink("plan.md", "root/docs/latest.md");
  directory.symlink("gone.md", "root/docs/dangling.md");
  const std::string root = directory.path("root");
  EXPECT_EQ(message_of(write_file_below(root, "docs/plan.md", "1")), "");
  EXPECT_EQ(directory.read("root/docs/plan.md"), "1");
  EXPECT_EQ(message_of(write_file_below(root, "current/./plan.md", "2")), "");
  EXPECT_EQ(directory.read("root/docs/plan.md"), "2");
  EXPECT_EQ(message_of(write_file_below(root, "docs/latest.md", "3")), "");
  EXPECT_EQ(directory.read("root/docs/plan.md"), "3");
  EXPECT_EQ(message_of(write_file_below(root, "current/new.md", "4")), "");
  EXPECT_EQ(directory.read("root/docs/new.md"), "4");
  EXPECT_EQ(message_of(write_file_below(root, "top.md", "5")), "");
  EXPECT_EQ(directory.read("root/top.md"), "5");

  EXPECT_EQ(message_of(write_file_below(root, "out/plan.md", "x")),
            "out/plan.md: out is a symlink to ../outside, outside the workspace");
  EXPECT_EQ(message_of(write_file_below(root, "docs/out.md", "x")),
            "docs/out.md is a symlink to ../../outside/plan.md, outside the workspace");
  EXPECT_EQ(message_of(write_file_below(root, "docs/new-outside.md", "x")),
            "docs/new-outside.md is a symlink to ../../outside/new.md, outside the workspace");
  EXPECT_EQ(message_of(write_file_below(root, "docs/dangling.md", "x")),
            "docs/dangling.md is a symlink to gone.md, which does not exist");
  EXPECT_EQ(message_of(write_file_below(root, "../x", "x")), "path \"../x\" leads out of the workspace");
  EXPECT_EQ(message_of(write_file_below(root, "docs", "x")), "docs is not a regular file");
  EXPECT_EQ(message_of(write_file_below(root, "", "x")), "\"\" does not name a file");
  EXPECT_EQ(message_of(write_file_below(root, "gone/x.md", "x")), "gone/x.md does not exist");
  EXPECT_EQ(directory.read("outside/plan.md"), "old");
  EXPECT_EQ(message_of(make_folders_below(root, "gone/deep/x.md")), "");
  EXPECT_EQ(message_of(write_file_below(root, "gone/deep/x.md", "6")), "");
  EXPECT_EQ(message_of(make_folders_below(root, "current/new/x.md")), "");
  EXPECT_EQ(message_of(write_file_below(root, "docs/new/x.md", "7")), "");
  EXPECT_EQ(message_of(make_folders_below(root, "x.md")), "");
  EXPECT_NE(message_of(make_folders_below(root, "out/deep/x.md")), "");
  EXPECT_NE(message_of(make_folders_below(root, "top.md/deep/x.md")), "");
  EXPECT_FALSE(message_of(write_file_below(directory.path("nowhere"), "x", "x")).empty());
}

}  // namespace
}  // namespace gantry::base
