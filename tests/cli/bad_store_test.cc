// An evidence store that cannot be used, through the program: what is wrong with it is said, and it is left as it was.

#include "cli/program.h"
#include "support/in_child.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>

namespace gantry::cli {
namespace {

namespace fs = std::filesystem;
using test::TempDir;

constexpr const char* kStore = ".gantry/evidence.db";

// A workspace that has been run once.
void copy_with_store(const TempDir& dir) {
  copy_workspace("nothing-is-wrong", dir);
  ASSERT_EQ(gantry({"run", "plan.md"}, dir).status, 0);
}

// Commands that read, and commands that write.
const std::vector<std::string> kStatus = {"status", "plan.md"};
const std::vector<std::string> kRun = {"run", "plan.md"};
const std::vector<std::string> kSign = {"sign", "plan.md", "launch", "--as", "Ada", "--role", "security"};

TEST(BadStore, FromANewerVersionIsRefused) {
  const TempDir dir;
  copy_with_store(dir);
  SQLite::Database(dir.path(kStore), SQLite::OPEN_READWRITE).exec("PRAGMA user_version=1000");
  for (const auto& arguments : {kStatus, kRun, kSign})
    expect_failure(gantry(arguments, dir), 2, {"evidence.db", "newer gantry", "1000"});
}

TEST(BadStore, ThatIsNoDatabaseIsRefusedAndKept) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  const std::string text =
      "these are somebody's notes, longer than the header of a database has to be: " + std::string(200, 'x');
  dir.write(kStore, text);
  for (const auto& arguments : {kStatus, kRun, kSign})
    expect_failure(gantry(arguments, dir), 2, {"evidence.db", "move it away"});
  EXPECT_EQ(dir.read(kStore), text);
}

TEST(BadStore, OfAnotherProgramIsRefusedAndKept) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  dir.make_directory(".gantry");
  SQLite::Database(dir.path(kStore), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
      .exec("CREATE TABLE notes(text); PRAGMA user_version=1");
  const std::string before = dir.read(kStore);
  for (const auto& arguments : {kStatus, kRun, kSign})
    expect_failure(gantry(arguments, dir), 2, {"evidence.db", "not an evidence store"});
  EXPECT_EQ(dir.read(kStore), before);
}

TEST(BadStore, ThatIsCorruptIsRefusedNotTrusted) {
  const TempDir dir;
  copy_with_store(dir);
  std::string bytes = dir.read(kStore);
  ASSERT_GT(bytes.size(), 8192U);
  // Past the first page, which holds the schema's version: only reading a table meets it.
  std::fill(bytes.begin() + 4096, bytes.end(), '\xa5');
  dir.write(kStore, bytes);
  for (const auto& arguments : {kStatus, kRun, kSign})
    expect_failure(gantry(arguments, dir), 2, {"evidence.db", "damaged", "move it away"});
}

TEST(BadStore, ThatIsCutOffIsRefusedNotTrusted) {
  const TempDir dir;
  copy_with_store(dir);
  fs::resize_file(dir.path(kStore), 5000);
  for (const auto& arguments : {kStatus, kRun})
    expect_failure(gantry(arguments, dir), 2, {"evidence.db", "move it away"});
}

TEST(BadStore, ThatAnotherProgramHoldsIsSaidToBeLocked) {
  const TempDir dir;
  copy_with_store(dir);
  SQLite::Database other(dir.path(kStore), SQLite::OPEN_READWRITE);
  SQLite::Transaction held(other, SQLite::TransactionBehavior::IMMEDIATE);
  expect_failure(gantry({"run", "plan.md", "--fresh"}, dir), 3, {"evidence.db", "locked", "wait"});
  EXPECT_EQ(gantry(kStatus, dir).status, 0) << "reading goes on meanwhile";
}

TEST(BadStore, WhoseFolderIsAFileIsSaid) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  dir.write(".gantry", "a file\n");
  for (const auto& arguments : {kStatus, kRun, kSign})
    expect_failure(gantry(arguments, dir), 3, {".gantry is no folder", "move it away"});
  EXPECT_EQ(dir.read(".gantry"), "a file\n");
}

// Evidence that a link led elsewhere would be a file written where nobody asked for one.
TEST(BadStore, ThatASymlinkLeadsElsewhereIsRefused) {
  struct Link {
    const char *path, *target;
  };
  for (const Link& link : {Link{".gantry", "outside"}, Link{".gantry", "nowhere"}, Link{".gantry", "manifests"},
                           Link{".gantry/artifacts", "outside"}, Link{".gantry/artifacts", "nowhere"},
                           Link{".gantry/evidence.db", "outside/evidence.db"}}) {
    SCOPED_TRACE(fmt::format("{} -> {}", link.path, link.target));
    const TempDir dir;
    const TempDir other;
    other.make_directory("outside");
    copy_workspace("nothing-is-wrong", dir);
    if (std::string_view(link.path) != ".gantry") dir.make_directory(".gantry");
    const bool stays_inside = std::string_view(link.target) == "manifests";
    dir.symlink(stays_inside ? link.target : other.path(link.target), link.path);
    const auto before = dir.names();
    for (const auto& arguments : {kStatus, kRun, kSign})
      expect_failure(gantry(arguments, dir), 3, {link.path, "is a symlink", "remove the link"});
    EXPECT_EQ(dir.names(), before);
    EXPECT_EQ(other.names(), std::vector<std::string>{"outside/"});
  }
}

// As nobody, since root may write everywhere; the program is copied to where nobody can start it.
std::string describe_as_nobody(const TempDir& dir, std::vector<std::string> arguments) {
  fs::copy_file(program_path(), dir.path("gantry"), fs::copy_options::overwrite_existing);
  arguments.insert(arguments.begin(), dir.path("gantry"));
  return test::in_child([&] { return testing::PrintToString(run(arguments, dir.path())); }, test::ChildUser::nobody);
}

TEST(BadStore, ThatIsReadOnlyIsSaidAndKept) {
  const TempDir dir;
  copy_with_store(dir);
  const std::string before = dir.read(kStore);
  fs::permissions(dir.path(), fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec);
  fs::permissions(dir.path(".gantry"),
                  fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec);
  fs::permissions(dir.path(kStore), fs::perms::owner_read | fs::perms::others_read);
  const std::string told = describe_as_nobody(dir, {"run", "plan.md", "--fresh"});
  EXPECT_TRUE(told.starts_with("exit status 3")) << told;
  EXPECT_TRUE(told.contains("evidence.db cannot be written")) << told;
  EXPECT_TRUE(told.contains("help: check the permissions")) << told;
  EXPECT_EQ(dir.read(kStore), before);
  fs::permissions(dir.path(".gantry"), fs::perms::owner_all);
}

// A checkout in CI, or a disk that is mounted read-only: the board is there, and nothing is written.
TEST(BadStore, ThatNobodyMayWriteCanStillBeRead) {
  const TempDir dir;
  copy_with_store(dir);
  fs::permissions(dir.path(kStore), fs::perms::owner_read | fs::perms::others_read);
  for (const char* folder : {"", "docs", "manifests", ".gantry"})
    fs::permissions(dir.path(folder),
                    fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec);
  const std::vector<std::string> before = dir.names();
  fs::copy_file(program_path(), dir.path("gantry"));
  const std::string told = test::in_child(
      [&] {
        return testing::PrintToString(run({dir.path("gantry"), "status", "plan.md"}, dir.path()));
      },
      test::ChildUser::nobody);
  fs::remove(dir.path("gantry"));
  EXPECT_TRUE(told.starts_with("exit status 0")) << told;
  EXPECT_TRUE(told.contains("GO")) << told;
  EXPECT_EQ(dir.names(), before);
  for (const char* folder : {"", "docs", "manifests", ".gantry"})
    fs::permissions(dir.path(folder), fs::perms::owner_all);
}

// What a full disk does to a program: no file grows any further. The signal that comes with this limit is ignored, as a disk
// sends none.
Ran with_files_up_to(rlim_t bytes, const TempDir& dir, const std::vector<std::string>& arguments) {
  const std::string told = test::in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, bytes};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    RunningProgram program(arguments, dir.path());
    const Ran ran = program.wait();
    return fmt::format("{}\n{}\x1f{}", ran.status, ran.out, ran.err);
  });
  const std::size_t status_end = told.find('\n');
  const std::size_t out_end = told.find('\x1f');
  if (status_end == std::string::npos || out_end == std::string::npos) return {.status = -1, .out = told, .err = {}};
  return {.status = std::stoi(told.substr(0, status_end)),
          .out = told.substr(status_end + 1, out_end - status_end - 1),
          .err = told.substr(out_end + 1)};
}

TEST(DiskFull, AtAnySizeLeavesAStoreThatOpensAndAnUntouchedPlan) {
  for (const rlim_t bytes : {0, 1000, 4096, 10'000, 33'000, 50'000, 90'000}) {
    SCOPED_TRACE(fmt::format("files up to {} bytes", bytes));
    const TempDir dir;
    copy_workspace("nothing-is-wrong", dir);
    const auto before = files_outside_store(dir);
    const Ran ran = with_files_up_to(bytes, dir, {"run", "plan.md", "--write"});
    if (ran.status != 0) {
      expect_failure(ran, 3, {});
      EXPECT_EQ(files_outside_store(dir), before);
    }
    const Ran after = gantry({"run", "plan.md"}, dir);
    EXPECT_EQ(after.status, 0) << after;
  }
}

TEST(DiskFull, WithoutAnyRoomIsSaid) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  expect_failure(with_files_up_to(1000, dir, kRun), 3, {"evidence.db"});
}

TEST(DiskFull, ForAReportIsSaid) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  const Ran ran = with_files_up_to(600, dir, {"status", "plan.md", "--json-file", "board.json"});
  expect_failure(ran, 3, {"board.json"});
  EXPECT_FALSE(fs::exists(dir.path("board.json"))) << "no half-written report";
  EXPECT_TRUE(std::ranges::none_of(dir.names(), [](const std::string& name) { return name.contains("tmp"); }))
      << testing::PrintToString(dir.names());
}

}  // namespace
}  // namespace gantry::cli
