// What a killed run left is ended and removed; what belongs to one that runs, or to nobody, is not.

#include "launch/checks/load/leftovers.h"

#include "base/text.h"
#include "support/temp_dir.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

namespace gantry::launch {
namespace {

using gantry::test::TempDir;

// A process in a group of its own, with such a variable; killed at the end, if it is still there.
class Sleeper {
 public:
  explicit Sleeper(const std::string& folder) {
    const std::string variable = fmt::format("{}={}", kTestVariable, folder);
    int ready[2] = {-1, -1};
    EXPECT_EQ(::pipe2(ready, O_CLOEXEC), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::setpgid(0, 0);
      ::execle("/bin/sleep", "sleep", "600", nullptr, std::vector<const char*>{variable.c_str(), nullptr}.data());
      ::_exit(1);
    }
    ::close(ready[1]);
    char byte = 0;
    EXPECT_EQ(::read(ready[0], &byte, 1), 0);  // it has begun: exec() has closed the pipe
    ::close(ready[0]);
  }
  ~Sleeper() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;
  pid_t pid() const { return pid_; }
  // Waits where it has been killed, without taking it away.
  bool was_killed() const {
    siginfo_t info{};
    ::kill(pid_, 0);
    return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) == 0 && info.si_status == SIGKILL;
  }
  bool runs() const {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT | WNOHANG) == 0 && info.si_pid == 0;
  }

 private:
  pid_t pid_ = 0;
};

std::string make_folder(const TempDir& dir, std::string_view name) {
  const std::string folder = dir.path(std::string(name));
  std::filesystem::create_directory(folder);
  return folder;
}

// As a run of Gantry does that is gone by now.
void own_and_die(const std::string& folder) {
  const pid_t owner = ::fork();
  if (owner == 0) {
    const FolderLock held = note_owner(folder);
    ::_exit(held ? 0 : 1);
  }
  ::waitpid(owner, nullptr, 0);
}

TEST(Leftovers, OfADeadRunAreEnded) {
  const TempDir dir;
  const std::string folder = make_folder(dir, "services-dead");
  own_and_die(folder);
  const Sleeper program("elsewhere");
  note_program(folder, program.pid());
  const Sleeper descendant(folder);
  end_leftovers(dir.path());
  EXPECT_TRUE(program.was_killed());
  EXPECT_TRUE(descendant.was_killed());
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST(Leftovers, AreNotWhatSomebodyElseNeeds) {
  const TempDir dir;
  // Of a run that goes on; of one that is only beginning; and of no test.
  const std::string running = make_folder(dir, "services-running");
  const FolderLock held = note_owner(running);
  const Sleeper program(running);
  note_program(running, program.pid());
  const std::string beginning = make_folder(dir, "services-beginning");
  const std::string other = make_folder(dir, "artifacts");
  // The process id of a program that is long gone, which is somebody else's now.
  const std::string dead = make_folder(dir, "services-dead");
  own_and_die(dead);
  const Sleeper stranger("elsewhere");
  dir.write("services-dead/processes", dir.read("services-dead/processes") +
                                           fmt::format("program {} 17\nprogram 1 2\nprogram x\n", stranger.pid()));
  const Sleeper similar(dead + "2");
  end_leftovers(dir.path());
  EXPECT_TRUE(program.runs());
  EXPECT_TRUE(stranger.runs());
  EXPECT_TRUE(similar.runs());
  for (const std::string& folder : {running, beginning, other}) EXPECT_TRUE(std::filesystem::exists(folder)) << folder;
  EXPECT_FALSE(std::filesystem::exists(dead));
  end_leftovers(dir.path("nowhere"));
}

// A run in a container of its own, on the same workspace: the numbers of its processes are not those here. Its lock is.
TEST(Leftovers, AreNotOfWhoeverHoldsTheLock) {
  const TempDir dir;
  const std::string folder = make_folder(dir, "services-contained");
  FolderLock held = note_owner(folder);
  ASSERT_TRUE(held);
  const std::string own = dir.read("services-contained/processes");
  const std::string boot(base::split(own, ' ').at(3));
  dir.write("services-contained/processes", fmt::format("owner 999999 17 {} pid:[1]\n", boot));
  const Sleeper same_number("elsewhere");
  note_program(folder, same_number.pid());
  const Sleeper descendant(folder);
  end_leftovers(dir.path());
  EXPECT_TRUE(std::filesystem::exists(folder));
  EXPECT_TRUE(descendant.runs());
  held.reset();
  end_leftovers(dir.path());
  EXPECT_FALSE(std::filesystem::exists(folder));
  EXPECT_TRUE(descendant.was_killed());
  EXPECT_TRUE(same_number.runs());
}

}  // namespace
}  // namespace gantry::launch
