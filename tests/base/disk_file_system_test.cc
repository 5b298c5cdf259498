#include "base/disk_file_system.h"
#include "base/file.h"
#include "support/in_child.h"
#include "support/temp_dir.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <thread>

// What only a disk can do to us. The contract that it shares with memory is in file_system_test.cc.

namespace gantry::base {
namespace {

using Openat2 = ConfinedRoot::Openat2;

class Disk : public testing::TestWithParam<Openat2> {
 protected:
  std::unique_ptr<FileSystem> open(const std::string& root) const {
    return make_disk_file_system(ConfinedRoot::open(root, GetParam()).value());
  }
  std::unique_ptr<FileSystem> open_root() const { return open(directory_.path("root")); }

  test::TempDir directory_;
};

INSTANTIATE_TEST_SUITE_P(File, Disk, testing::Values(Openat2::where_available, Openat2::never),
                         [](const auto& each) { return each.param == Openat2::never ? "ByNames" : "ByOpenat2"; });

TEST_P(Disk, FollowsSymlinksThatLeaveAndComeBack) {
  directory_.write("root/m/x.yaml", "x");
  directory_.symlink(directory_.path("root/m/x.yaml"), "root/absolute");
  directory_.symlink(directory_.path("root/m"), "root/folder");
  directory_.symlink("../../root/m/x.yaml", "root/m/around");
  directory_.symlink("root", "other-name");
  directory_.symlink("../other-name/m/x.yaml", "root/by-another-name");
  directory_.symlink(directory_.path("root/gone"), "root/dangling");
  directory_.symlink(directory_.path("root"), "root/itself");
  const auto files = open_root();
  EXPECT_EQ(files->read("absolute").value(), "x");
  EXPECT_EQ(files->read("folder/x.yaml").value(), "x");
  EXPECT_EQ(files->read("m/around").value(), "x");
  EXPECT_EQ(files->read("by-another-name").value(), "x");
  EXPECT_EQ(files->read("itself/itself/m/x.yaml").value(), "x");
  EXPECT_EQ(files->resolve("folder/x.yaml").value(), "m/x.yaml");
  EXPECT_EQ(files->read("folder/gone").error().message, "folder/gone does not exist");
  EXPECT_EQ(files->resolve("itself").value(), "");
  EXPECT_EQ(files->kind("dangling").value(), FileKind::missing);
  EXPECT_EQ(files->read("dangling").error().message,
            "dangling is a symlink to " + directory_.path("root/gone") + ", which does not exist");
}

// A sibling whose name only begins like the root's is outside.
TEST_P(Disk, DoesNotTakeASiblingForTheRoot) {
  directory_.write("root/a", "");
  directory_.write("root-secret/key", "secret");
  directory_.symlink(directory_.path("root-secret/key"), "root/key");
  directory_.symlink("../root-secret", "root/folder");
  EXPECT_EQ(to_string(open_root()->read("key").error().kind), "input");
  EXPECT_EQ(to_string(open_root()->read("folder/key").error().kind), "input");
}

// A symlink has to end inside by itself, not with the help of what is written behind it.
TEST_P(Disk, RefusesASymlinkToWhatTheRootLiesIn) {
  directory_.write("root/x", "x");
  directory_.symlink("..", "root/up");
  EXPECT_EQ(open_root()->read("up/root/x").error().message, "up/root/x: up is a symlink to .., outside the workspace");
}

TEST_P(Disk, TheWholeDiskCanBeTheRoot) {
  directory_.write("x", "x");
  directory_.symlink(directory_.path("x"), "absolute");
  const std::string below = directory_.path().substr(1);
  EXPECT_EQ(open("/")->read(below + "/absolute").value(), "x");
  EXPECT_EQ(open("/")->resolve(below + "/absolute").value(), below + "/x");
}

TEST_P(Disk, KeepsItsRootWhenThatIsRenamed) {
  directory_.write("root/x", "before");
  const auto files = open_root();
  std::filesystem::rename(directory_.path("root"), directory_.path("elsewhere"));
  directory_.write("root/x", "after");
  EXPECT_EQ(files->read("x").value(), "before");
}

TEST_P(Disk, DoesNotWaitForAFifo) {
  directory_.make_directory("root");
  ASSERT_EQ(::mkfifo(directory_.path("root/fifo").c_str(), 0600), 0);
  const auto files = open_root();
  EXPECT_EQ(files->read("fifo").error().message, "fifo is not a regular file");
  EXPECT_EQ(files->kind("fifo").value(), FileKind::other);
  EXPECT_EQ(files->list("").value(), (std::vector<DirectoryEntry>{{"fifo", FileKind::other}}));
  EXPECT_EQ(files->list("fifo").error().message, "fifo is not a folder");
}

TEST_P(Disk, RefusesASocket) {
  directory_.make_directory("root");
  const FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, directory_.path("root/socket").c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(open_root()->read("socket").error().message, "socket is not a regular file");
}

TEST_P(Disk, RefusesADevice) {
  // /dev is there for everybody; making a device needs root.
  const auto files = open("/dev");
  EXPECT_EQ(files->read("null").error().message, "null is not a regular file");
  EXPECT_EQ(files->kind("zero").value(), FileKind::other);
}

// stat says 0 bytes for files of /proc, as it would for one that has grown since.
TEST_P(Disk, ReadsAndLimitsAFileThatIsLongerThanStatSays) {
  const auto files = open("/proc/self");
  EXPECT_TRUE(files->read("status").value().contains("\nPid:"));
  EXPECT_EQ(files->read("status", 5).error().message, "status is larger than 5 bytes");
}

TEST_P(Disk, NamesWhatMayNotBeRead) {
  directory_.write("root/secret.yaml", "s");
  directory_.write("root/closed/x.yaml", "x");
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0755), 0);
  ASSERT_EQ(::chmod(directory_.path("root/secret.yaml").c_str(), 0), 0);
  ASSERT_EQ(::chmod(directory_.path("root/closed").c_str(), 0), 0);
  const std::string said = test::in_child(
      [&] {
        const auto files = open_root();
        return files->read("secret.yaml").error().message + "\n" + files->read("closed/x.yaml").error().message + "\n" +
               files->list("closed").error().message + "\n" +
               std::string(to_string(files->kind("closed/x.yaml").error().kind));
      },
      test::ChildUser::nobody);
  ASSERT_EQ(::chmod(directory_.path("root/closed").c_str(), 0700), 0);
  EXPECT_EQ(said,
            "no permission to open secret.yaml\n"
            "no permission to open closed/x.yaml\n"
            "no permission to open closed\n"
            "environment");
}

// Somebody swaps a folder for a symlink that leads outside, again and again, while we read below it.
TEST_P(Disk, NeverReadsOutsideWhileSymlinksChange) {
  directory_.write("root/folder/x", "inside");
  directory_.write("outside/x", "outside");
  directory_.symlink("../outside", "root/link");
  const auto files = open_root();
  const std::string folder = directory_.path("root/folder");
  const std::string link = directory_.path("root/link");
  std::atomic<bool> swapped = false;
  const std::jthread swapper([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (::renameat2(AT_FDCWD, folder.c_str(), AT_FDCWD, link.c_str(), RENAME_EXCHANGE) == 0) swapped = true;
    }
  });
  int read_inside = 0;
  for (int round = 0; round < 5'000; ++round) {
    const Result<std::string> content = files->read("folder/x");
    if (content) ++read_inside;
    ASSERT_EQ(content.value_or("inside"), "inside");
  }
  EXPECT_TRUE(swapped);
  EXPECT_GT(read_inside, 0);
}

TEST_P(Disk, CanBeReadFromSeveralThreads) {
  for (int i = 0; i < 20; ++i)
    directory_.write("root/f" + std::to_string(i), std::string(1'000, static_cast<char>('a' + i)));
  const auto files = open_root();
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 20; ++i) {
          if (files->read("f" + std::to_string(i)).value_or("") != std::string(1'000, static_cast<char>('a' + i)))
            ++wrong;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
}

TEST(OpenDirectory, NeedsADirectory) {
  const test::TempDir directory;
  directory.write("file", "");
  EXPECT_EQ(open_directory(directory.path("gone")).error().message,
            "folder " + directory.path("gone") + " does not exist");
  EXPECT_EQ(open_directory(directory.path("file")).error().message, directory.path("file") + " is not a folder");
  EXPECT_TRUE(open_directory(directory.path()).has_value());
  EXPECT_TRUE(open_directory("").has_value());
}

TEST(OpenDirectory, LeavesNoFileOpen) {
  const test::TempDir directory;
  directory.write("a/x", "x");
  directory.symlink(directory.path("a"), "link");
  const auto count_open = [] { return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}); };
  const auto before = count_open();
  {
    const auto files = open_directory(directory.path()).value();
    for (const char* path : {"a/x", "link/x", "gone", "a", "a/x/y", "../x"}) {
      static_cast<void>(files->read(path));
      static_cast<void>(files->list(path));
      static_cast<void>(files->kind(path));
    }
    EXPECT_EQ(count_open(), before + 1);  // the root
  }
  EXPECT_EQ(count_open(), before);
}

}  // namespace
}  // namespace gantry::base
