#include "base/subprocess.h"

#include "support/in_child.h"
#include "support/temp_dir.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <thread>

namespace gantry::base {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

Command shell(std::string script) { return {.argv = {"sh", "-c", std::move(script)}}; }

// "status|stdout|stderr", or the message of the error.
std::string outcome(const Result<CommandResult>& result) {
  if (!result) return result.error().message;
  return std::to_string(result->status) + "|" + result->out + "|" + result->err;
}
std::string run(const Command& command) { return outcome(run_command(command)); }

// A FIFO that programs hold open, so that a test learns when the last of them is gone.
class Tether {
 public:
  explicit Tether(const std::string& path) : path_(path) {
    EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
    fd_ = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  }
  ~Tether() { ::close(fd_); }
  Tether(const Tether&) = delete;
  Tether& operator=(const Tether&) = delete;

  // Waits until somebody writes a byte.
  bool pulled() const {
    char byte = 0;
    return wait_for(POLLIN) && ::read(fd_, &byte, 1) == 1;
  }
  bool all_gone() const { return wait_for(POLLHUP); }
  const std::string& path() const { return path_; }

 private:
  bool wait_for(short event) const {
    constexpr int kFailedMs = 10'000;  // how long a broken program under test is waited for
    pollfd watched{fd_, POLLIN, 0};
    return ::poll(&watched, 1, kFailedMs) == 1 && (watched.revents & event) != 0;
  }

  std::string path_;
  int fd_ = -1;
};

// Requests a stop as soon as the program pulls the tether.
std::string run_until_pulled(const Command& command, const Tether& tether) {
  std::string result;
  std::jthread runner([&](const std::stop_token& stop) { result = outcome(run_command(command, stop)); });
  EXPECT_TRUE(tether.pulled());
  runner.request_stop();
  runner.join();
  return result;
}

TEST(RunCommand, GivesStatusAndBothStreams) {
  EXPECT_EQ(run(shell("echo out; echo err >&2; exit 7")), "7|out\n|err\n");
  EXPECT_EQ(run({.argv = {"true"}}), "0||");
}

TEST(RunCommand, GivesArgumentsAsTheyAre) {
  const std::vector<std::string> arguments = {"a b", "$(id)", "`id`",      "; echo x", "*",    "\"'",
                                              "",    "-n",    "new\nline", "ü",        "a\\nb"};
  std::string expected;
  Command command{.argv = {"/usr/bin/printf", "[%s]"}};
  for (const std::string& argument : arguments) {
    command.argv.push_back(argument);
    expected += "[" + argument + "]";
  }
  EXPECT_EQ(run(command), "0|" + expected + "|");
}

TEST(RunCommand, TellsTheSignalThatEndedAProgram) {
  EXPECT_EQ(run(shell("kill -KILL $$")), "137||");
  EXPECT_EQ(run(shell("kill -TERM $$")), "143||");
}

TEST(RunCommand, GivesInput) {
  EXPECT_EQ(run({.argv = {"cat"}, .input = "a\0b\n"s}), "0|a\0b\n|"s);
  EXPECT_EQ(run({.argv = {"cat"}}), "0||");
  const std::string large(10'000'000, 'x');
  EXPECT_EQ(run_command({.argv = {"cat"}, .input = large}).value().out, large);
}

TEST(RunCommand, DoesNotMindAProgramThatReadsNoInput) {
  EXPECT_EQ(run({.argv = {"true"}, .input = std::string(10'000'000, 'x')}), "0||");
  EXPECT_EQ(run({.argv = {"head", "-c", "1"}, .input = std::string(10'000'000, 'x')}), "0|x|");
  EXPECT_EQ(run({.argv = {"sh", "-c", "exec <&-; echo closed"}, .input = std::string(10'000'000, 'x')}), "0|closed\n|");
}

TEST(RunCommand, ReadsMuchOnBothStreamsWhileItWrites) {
  Command command = shell("head -c 10000000 /dev/zero >&2 & head -c 10000000 /dev/zero; wait; cat >/dev/null");
  command.input = std::string(1'000'000, 'x');
  const CommandResult result = run_command(command).value();
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.out, std::string(10'000'000, '\0'));
  EXPECT_EQ(result.err, std::string(10'000'000, '\0'));
}

TEST(RunCommand, GoesOnWhenAProgramClosesItsOutput) {
  EXPECT_EQ(run(shell("echo first; exec >&- 2>&-; cat >/dev/null; exit 3")), "3|first\n|");
}

TEST(RunCommand, LimitsOutput) {
  EXPECT_EQ(run({.argv = {"head", "-c", "1000", "/dev/zero"}, .output_bytes_max = 1000}),
            "0|" + std::string(1000, '\0') + "|");
  EXPECT_EQ(run({.argv = {"head", "-c", "1001", "/dev/zero"}, .output_bytes_max = 1000}),
            "head wrote more than 1000 bytes and was ended");
  EXPECT_EQ(run({.argv = {"yes"}, .output_bytes_max = 1'000'000}), "yes wrote more than 1000000 bytes and was ended");
  Command on_stderr = shell("yes >&2");
  on_stderr.output_bytes_max = 100'000;
  EXPECT_EQ(run(on_stderr), "sh wrote more than 100000 bytes and was ended");
  EXPECT_EQ(run({.argv = {"echo"}, .output_bytes_max = 0}), "echo wrote more than 0 bytes and was ended");
}

TEST(RunCommand, KeepsTheLastWordsOfOneThatMayWriteOn) {
  Command command = shell("i=0; while [ $i -lt 4000 ]; do echo line $i; i=$((i+1)); done; echo end >&2");
  command.output_bytes_max = 100;
  command.overflow = Command::Overflow::keeps_tail;
  const Result<CommandResult> result = run_command(command);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->out.size(), 100U);
  EXPECT_TRUE(result->out.ends_with("line 3998\nline 3999\n"));
  EXPECT_EQ(result->err, "end\n");
}

// Even killed, the caller leaves nothing running.
TEST(RunCommand, TakesItsProgramAlongWhenItIsKilled) {
  const test::TempDir dir;
  const Tether tether(dir.path("tether"));
  const pid_t caller = ::fork();
  if (caller == 0) {
    Command command{.argv = {"sh", "-c", "exec 3>\"$0\"; printf x >&3; exec sleep 600", tether.path()}};
    command.dies_with_caller = true;
    (void)run_command(command);
    ::_exit(0);
  }
  EXPECT_TRUE(tether.pulled());
  ::kill(caller, SIGKILL);
  ::waitpid(caller, nullptr, 0);
  EXPECT_TRUE(tether.all_gone());
}

// Started in the other way, a program finds the same.
TEST(RunCommand, StartsAlikeWhatDiesWithIt) {
  const test::TempDir dir;
  pid_t told = 0;
  Command command{.argv = {"sh", "-c", "pwd; echo $A $$; ls /proc/self/fd | wc -l; cat"}, .directory = dir.path()};
  command.input = "in";
  command.environment = {{"PATH", "/usr/bin:/bin"}, {"A", "a"}};
  command.dies_with_caller = true;
  command.on_start = [&told](pid_t pid) { told = pid; };
  const std::string said = run(command);
  EXPECT_EQ(said, "0|" + dir.path() + "\na " + std::to_string(told) + "\n4\nin|");
  command.argv = {dir.path("gone")};
  EXPECT_EQ(run(command), "program " + dir.path("gone") + " does not exist");
  dir.write("text", "no program");
  command.argv = {dir.path("text")};
  EXPECT_EQ(run(command), "program " + dir.path("text") + " cannot be started: Permission denied");
}

TEST(RunCommand, LimitsTime) {
  const Result<CommandResult> result = run_command({.argv = {"sleep", "1000"}, .time_max = 20ms});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().message, "sleep 1000 took longer than 20ms and was ended");
  EXPECT_EQ(to_string(result.error().kind), "environment");
  EXPECT_EQ(run({.argv = {"sleep", "1000"}, .time_max = 0ms}), "sleep 1000 took longer than 0s and was ended");
  EXPECT_EQ(run({.argv = {"true"}, .time_max = std::chrono::milliseconds::max()}), "0||");
}

TEST(RunCommand, QuotesTheLastWordsOfAProgramThatWentTooFar) {
  Command command = shell("echo first >&2; echo dial tcp: i/o timeout >&2; exec yes");
  command.output_bytes_max = 10'000;
  EXPECT_EQ(run_command(command).error().help, "its last words: dial tcp: i/o timeout");
}

TEST(RunCommand, KillsAProgramThatIgnoresSigterm) {
  const test::TempDir directory;
  const Tether tether(directory.path("tether"));
  // What it starts ignores SIGTERM too, and both hold the tether.
  Command command =
      shell("exec 9>" + tether.path() + "; trap '' TERM; sleep 1000 & echo >&9; while :; do sleep 1000; done");
  command.grace_time = 20ms;
  EXPECT_EQ(run_until_pulled(command, tether), "sh was interrupted");
  EXPECT_TRUE(tether.all_gone());
}

TEST(RunCommand, EndsAStoppedProgram) {
  Command command = shell("kill -STOP $$");
  command.time_max = 20ms;
  EXPECT_EQ(run(command), "sh took longer than 20ms and was ended");
}

TEST(RunCommand, LetsAProgramPutAwayWhatItHoldsOnSigterm) {
  const test::TempDir directory;
  const Tether tether(directory.path("tether"));
  const Command command = shell("trap 'touch " + directory.path("put-away") + "; exit' TERM; echo > " + tether.path() +
                                "; while :; do :; done");
  EXPECT_EQ(run_until_pulled(command, tether), "sh was interrupted");
  EXPECT_EQ(directory.names(), (std::vector<std::string>{"put-away", "tether"}));
}

// The program has ended; that something else still holds its output must not keep us waiting.
TEST(RunCommand, DoesNotWaitForWhatAProgramLeavesRunning) {
  const test::TempDir directory;
  const Tether tether(directory.path("tether"));
  EXPECT_EQ(run(shell("exec 9>" + tether.path() + "; (trap '' TERM HUP; exec sleep 1000) & echo done")), "0|done\n|");
  EXPECT_TRUE(tether.all_gone());
}

TEST(RunCommand, DoesNotReadForEverFromWhatAProgramLeavesRunning) {
  const Result<CommandResult> result = run_command(shell("yes & echo done"));
  ASSERT_TRUE(result.has_value()) << describe(result.error());
  EXPECT_TRUE(result->out.contains("done\n"));
}

TEST(RunCommand, DoesNotStartWhatIsAlreadyStopped) {
  const test::TempDir directory;
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(outcome(run_command({.argv = {"touch", directory.path("x")}}, stop.get_token())),
            "touch " + directory.path("x") + " was interrupted");
  EXPECT_EQ(directory.names(), std::vector<std::string>());
}

TEST(RunCommand, ExplainsWhatCannotBeStarted) {
  const test::TempDir directory;
  const auto make = [&](const char* name, const char* content, mode_t mode) {
    const std::string path = directory.write(name, content);
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  };
  const std::string plain = make("plain", "#!/bin/sh\n", 0644);
  const std::string no_program = make("no-program", "just text\n", 0755);
  const std::string no_interpreter = make("no-interpreter", "#!/gone/interpreter\n", 0755);

  EXPECT_EQ(run({.argv = {"no-such-program"}}), "program no-such-program is not installed");
  EXPECT_EQ(run({.argv = {directory.path("gone")}}), "program " + directory.path("gone") + " does not exist");
  EXPECT_EQ(run({.argv = {directory.path()}}), "program " + directory.path() + " cannot be started: Permission denied");
  EXPECT_EQ(run({.argv = {plain}}), "program " + plain + " cannot be started: Permission denied");
  EXPECT_EQ(run({.argv = {no_program}}), "program " + no_program + " cannot be started: Exec format error");
  EXPECT_EQ(run({.argv = {no_interpreter}}),
            "program " + no_interpreter + " cannot be started: No such file or directory");
  EXPECT_EQ(run_command({.argv = {no_interpreter}}).error().help,
            "is the interpreter that its first line names installed?");
  EXPECT_EQ(run({.argv = {"true"}, .directory = directory.path("gone")}),
            "cannot run a program in " + directory.path("gone") + ": No such file or directory");
  EXPECT_EQ(run({.argv = {"true", std::string(10'000'000, 'x')}}).substr(0, 13), "program /usr/");
}

TEST(RunCommand, RefusesWhatNoProgramCanBeGiven) {
  const std::vector<Command> commands = {
      {.argv = {}},
      {.argv = {""}},
      {.argv = {"echo", "a\0b"s}},
      {.argv = {"echo"}, .directory = "/tmp\0x"s},
      {.argv = {"echo"}, .environment = {{{"A\0"s, "b"}}}},
      {.argv = {"echo"}, .environment = {{{"A", "b\0"s}}}},
      {.argv = {"echo"}, .environment = {{{"A=B", "c"}}}},
      {.argv = {"echo"}, .environment = {{{"", "c"}}}},
  };
  for (const Command& command : commands) {
    const Result<CommandResult> result = run_command(command);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(to_string(result.error().kind), "usage");
  }
}

TEST(RunCommand, RunsInADirectory) {
  const test::TempDir directory;
  directory.write("program", "#!/bin/sh\npwd\n");
  ASSERT_EQ(::chmod(directory.path("program").c_str(), 0755), 0);
  EXPECT_EQ(run({.argv = {"pwd"}, .directory = directory.path()}), "0|" + directory.path() + "\n|");
  EXPECT_EQ(run({.argv = {"./program"}, .directory = directory.path()}), "0|" + directory.path() + "\n|");
}

TEST(RunCommand, GivesExactlyTheEnvironmentThatIsSet) {
  EXPECT_EQ(run({.argv = {"/usr/bin/env"}, .environment = {{{"A", "1"}, {"B", "x=y z"}, {"EMPTY", ""}}}}),
            "0|A=1\nB=x=y z\nEMPTY=\n|");
  EXPECT_EQ(run({.argv = {"/usr/bin/env"}, .environment = {{}}}), "0||");
  const test::TempDir directory;
  directory.write("only-here", "#!/bin/sh\necho found\n");
  ASSERT_EQ(::chmod(directory.path("only-here").c_str(), 0755), 0);
  EXPECT_EQ(run({.argv = {"only-here"}, .environment = {{{"PATH", directory.path()}}}}), "0|found\n|");
}

TEST(RunCommand, HandsDownNoOpenFileAndNoIgnoredSignal) {
  const std::string said = test::in_child([] {
    std::signal(SIGTERM, SIG_IGN);
    std::signal(SIGPIPE, SIG_IGN);
    const int leaking = ::open("/dev/null", O_RDONLY);  // NOLINT(android-cloexec-open): that is the point
    const std::string files = run({.argv = {"ls", "/proc/self/fd"}});
    ::close(leaking);
    return files + run(shell("kill -TERM $$")) + run(shell("kill -PIPE $$"));
  });
  EXPECT_EQ(said, "0|0\n1\n2\n3\n|143||141||");  // 3 is the folder that ls reads
}

TEST(RunCommand, WorksWhereOurOwnStreamsAreClosed) {
  const std::string said = test::in_child([] {
    // The pipe of in_child stands above these.
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::close(fd);
    return run({.argv = {"sh", "-c", "cat; echo err >&2"}, .input = "in\n"});
  });
  EXPECT_EQ(said, "0|in\n|err\n");
}

TEST(RunCommand, SaysSoWhereTheSystemForgetsHowProgramsEnd) {
  const std::string said = test::in_child([] {
    std::signal(SIGCHLD, SIG_IGN);
    return run({.argv = {"true"}});
  });
  EXPECT_EQ(said, "cannot learn how true ended");
}

TEST(RunCommand, LeavesNoOpenFileAndNoZombie) {
  const auto count_open = [] { return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}); };
  const auto before = count_open();
  EXPECT_EQ(run({.argv = {"cat"}, .input = "x"}), "0|x|");
  EXPECT_FALSE(run_command({.argv = {"/gone"}}).has_value());
  EXPECT_FALSE(run_command({.argv = {"true"}, .directory = "/gone"}).has_value());
  EXPECT_FALSE(run_command({.argv = {"sleep", "1000"}, .time_max = 10ms}).has_value());
  EXPECT_FALSE(run_command({.argv = {"yes"}, .output_bytes_max = 10}).has_value());
  EXPECT_EQ(count_open(), before);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(RunCommand, LeavesSigpipeAsItWas) {
  sigset_t before;
  sigset_t after;
  sigset_t pending;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &before);
  ASSERT_TRUE(run_command({.argv = {"true"}, .input = std::string(1'000'000, 'x')}).has_value());
  ::pthread_sigmask(SIG_SETMASK, nullptr, &after);
  ::sigpending(&pending);
  EXPECT_EQ(::sigismember(&before, SIGPIPE), ::sigismember(&after, SIGPIPE));
  EXPECT_EQ(::sigismember(&pending, SIGPIPE), 0);
}

TEST(RunCommand, RunsOnSeveralThreads) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      const std::string text = std::to_string(t) + std::string(100'000, 'x');
      for (int i = 0; i < 5; ++i) EXPECT_EQ(run({.argv = {"cat"}, .input = text}), "0|" + text + "|");
    });
  }
}

TEST(FindProgram, LooksThroughPathInOrder) {
  const test::TempDir directory;
  const auto make = [&](const std::string& path, mode_t mode) {
    EXPECT_EQ(::chmod(directory.write(path, "").c_str(), mode), 0);
  };
  make("a/tool", 0644);    // not executable
  make("b/tool/x", 0755);  // a folder
  make("c/tool", 0755);
  make("d/tool", 0755);
  const std::string path = directory.path("gone") + ":" + directory.path("a") + ":" + directory.path("b") + ":" +
                           directory.path("c/") + ":" + directory.path("d");
  EXPECT_EQ(find_program("tool", path), directory.path("c/tool"));
  EXPECT_EQ(find_program("other", path), std::nullopt);
  EXPECT_EQ(find_program("c/tool", path), std::nullopt);
  EXPECT_EQ(find_program("", path), std::nullopt);
  EXPECT_EQ(find_program("tool", ""), std::nullopt);
}

TEST(FindProgram, NeverLooksWhereWeHappenToStand) {
  const test::TempDir directory;
  EXPECT_EQ(::chmod(directory.write("tool", "").c_str(), 0755), 0);
  const std::string said = test::in_child([&] {
    if (::chdir(directory.path().c_str()) != 0) return "no such folder"s;
    return find_program("tool", ":.::./:..:/nowhere:").value_or("not found");
  });
  EXPECT_EQ(said, "not found");
}

}  // namespace
}  // namespace gantry::base
