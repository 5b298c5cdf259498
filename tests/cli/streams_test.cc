// Results go to stdout, everything said about the work to stderr, and neither is more than text unless it is a terminal.

#include "cli/program.h"

#include <gtest/gtest.h>
#include <signal.h>

namespace gantry::cli {
namespace {

using test::TempDir;

constexpr char kEscape = '\x1b';

TEST(Streams, HaveNoEscapeCodesInAPipe) {
  const TempDir dir;
  copy_workspace("a-service-selects-no-pod", dir);
  const Environment environments[] = {
      {}, {{"TERM", "xterm-256color"}}, {{"TERM", "xterm-256color"}, {"NO_COLOR", "1"}}, {{"TERM", "dumb"}}};
  for (const Environment& environment : environments)
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"run", "plan.md"},
                                                      {"run", "plan.md", "--no-color"},
                                                      {"status", "plan.md"},
                                                      {"plan", "plan.md"},
                                                      {"run", "nowhere.md"},
                                                      {"--help"}}) {
      const Ran ran = gantry(arguments, dir, environment);
      EXPECT_EQ(ran.out.find(kEscape), std::string::npos) << ran;
      EXPECT_EQ(ran.err.find(kEscape), std::string::npos) << ran;
    }
}

// script (util-linux) gives the program a terminal, as a person's window does.
Ran in_terminal(const std::string& command, const TempDir& dir, Environment environment) {
  environment.emplace_back("TERM", "xterm-256color");
  return run({"script", "--quiet", "--return", "--command", command, "/dev/null"}, dir.path(), environment);
}

TEST(Streams, HaveColourOnATerminalUnlessItIsNotWanted) {
  const TempDir dir;
  copy_workspace("a-service-selects-no-pod", dir);
  const std::string status = program_path() + " status plan.md";
  ASSERT_EQ(gantry({"run", "plan.md"}, dir).status, 1);
  const Ran coloured = in_terminal(status, dir, {});
  EXPECT_NE(coloured.out.find(kEscape), std::string::npos) << coloured;
  const Ran by_environment = in_terminal(status, dir, {{"NO_COLOR", "1"}});
  EXPECT_EQ(by_environment.out.find(kEscape), std::string::npos) << by_environment;
  const Ran by_option = in_terminal(status + " --no-color", dir, {});
  EXPECT_EQ(by_option.out.find(kEscape), std::string::npos) << by_option;
  // The words are the same; a terminal only writes its line ends in its own way.
  EXPECT_EQ(by_environment.out, by_option.out);
}

// What `gantry … | head -1` does once head has its line.
TEST(Streams, AReaderThatHasGoneAwayIsAQuietEnd) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"run", "plan.md"},
                                                    {"run", "plan.md", "--json"},
                                                    {"status", "plan.md"},
                                                    {"plan", "plan.md"},
                                                    {"run", "plan.md", "--junit", "-"},
                                                    {"doctor"},
                                                    {"--help"},
                                                    {"run", "--help"}}) {
    RunningProgram program(arguments, dir.path(), RunningProgram::Output::reader_gone);
    const Ran ran = program.wait();
    EXPECT_EQ(ran.status, 0) << arguments.front() << "\n" << ran;
    EXPECT_EQ(ran.err, "") << arguments.front();
  }
}

// /dev/full takes nothing, as a full disk does. A lost answer must not look like an answer.
TEST(Streams, AResultThatCannotBeWrittenIsSaid) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  ASSERT_EQ(gantry({"run", "plan.md"}, dir).status, 0);
  for (const char* arguments : {"run plan.md", "run plan.md --json", "run plan.md --junit -", "status plan.md",
                                "status plan.md --json", "plan plan.md", "plan plan.md --json", "doctor", "version",
                                "sign plan.md launch --as Ada --role security", "--help", "run --help", "--version"}) {
    const Ran ran = run({"sh", "-c", program_path() + " " + arguments + " > /dev/full"}, dir.path());
    SCOPED_TRACE(arguments);
    expect_failure(ran, 3, {"stdout", "No space left on device"});
  }
}

TEST(Streams, HoldOneDocumentAtATime) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  expect_failure(gantry({"run", "plan.md", "--junit", "-", "--json"}, dir), 2, {"--json and --junit -", "stdout"});
  expect_failure(gantry({"status", "plan.md", "--sarif", "-", "--markdown", "-"}, dir), 2,
                 {"--sarif - and --markdown -", "stdout"});
  EXPECT_EQ(gantry({"run", "plan.md", "--junit", "out.xml", "--json"}, dir).status, 0);
}

TEST(Streams, ABoardIsOnStdoutAloneAndAnErrorOnStderrAlone) {
  const TempDir dir;
  copy_workspace("a-service-selects-no-pod", dir);
  const Ran board = gantry({"run", "plan.md"}, dir);
  EXPECT_EQ(board.err, "") << board;
  EXPECT_TRUE(board.out.contains("NO-GO")) << board;
  const Ran error = gantry({"run", "nowhere.md"}, dir);
  EXPECT_EQ(error.out, "") << error;
  EXPECT_TRUE(error.err.starts_with("error: ")) << error;
}

}  // namespace
}  // namespace gantry::cli
