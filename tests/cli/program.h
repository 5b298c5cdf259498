#pragma once

// The built program, from outside: what a person's shell and a CI job see of it.
//
//   const TempDir dir;
//   copy_workspace("nothing-is-wrong", dir);
//   const Ran ran = gantry({"run", "plan.md"}, dir);
//   EXPECT_EQ(ran.status, 0) << ran;

#include "support/temp_dir.h"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::cli {

// What the program left behind. Printing it shows both texts whole.
struct Ran {
  int status = 0;  // 128 + n when signal n ended it, as shells have it
  std::string out;
  std::string err;

  // What it printed as JSON; fails the running test when it is none.
  nlohmann::json json() const;
};
std::ostream& operator<<(std::ostream& stream, const Ran& ran);

using Environment = std::vector<std::pair<std::string, std::string>>;

// Where the built program is.
std::string program_path();

// Runs `program` (argv[0]) in a folder with a small environment of its own: PATH, and what is added.
Ran run(std::vector<std::string> argv, const std::string& directory, const Environment& added = {});
// Runs gantry, in a folder or in the root of a temporary directory.
Ran gantry(std::vector<std::string> arguments, const std::string& directory, const Environment& added = {});
Ran gantry(std::vector<std::string> arguments, const test::TempDir& directory, const Environment& added = {});

// Whether a person would be content with this failure: the texts appear on stderr, it says what to do next, and it is neither a
// crash nor our bug. As in fish's checks, the texts are the contract, not the whole wording.
void expect_failure(const Ran& ran, int status, const std::vector<std::string>& on_stderr);

// The program while the test does something to it.
class RunningProgram {
 public:
  enum class Output { kept, reader_gone };

  RunningProgram(std::vector<std::string> arguments, const std::string& directory, Output output = Output::kept);
  ~RunningProgram();  // kills what still runs
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  void signal(int number) const;
  // Waits until it has printed this, or for this long, or for its end.
  bool says(std::string_view text, std::chrono::milliseconds time_max);
  // The same, and the rest of that line on stderr, such as an address that only the program knows. Nothing where it did not say so.
  std::optional<std::string> says_after(std::string_view text, std::chrono::milliseconds time_max);
  // Waits until it ends by itself, or for this long: then it is killed.
  bool ends_within(std::chrono::nanoseconds time_max);
  // Waits for its end and gives what it left. Output `reader_gone` leaves no text.
  Ran wait();

 private:
  Ran said_ = {};  // so far
  int pid_ = -1;
  int pid_fd_ = -1;
  int out_fd_ = -1;
  int err_fd_ = -1;
};

// A workspace of tests/fixtures/workspaces: "nothing-is-wrong" with the files of that variant laid over it.
void copy_workspace(std::string_view name, const test::TempDir& directory);
// The example workspace, without evidence that somebody left in it.
void copy_example(const test::TempDir& directory);
// Any folder of the repository, symlinks kept.
void copy_folder(const std::string& from, const std::string& to);

// Every file below, without .gantry: path -> content, or "-> target" of a symlink.
std::map<std::string, std::string> files_outside_store(const test::TempDir& directory);

}  // namespace gantry::cli
