#pragma once

// gantry load run as one of several processes that share a load: which part of it is this one's, when all begin, and where what it found
// goes.

#include "base/node.h"
#include "base/result.h"
#include "cli/command.h"
#include "cli/commands/load_settings.h"
#include "load/load.h"
#include "load/script/files_read.h"
#include "load/summary/merge.h"
#include "muster/muster.h"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gantry::cli {

// Another in each process, on whichever machine.
std::string draw_process();

// One of equal parts of a load.
struct LoadPart {
  std::int64_t number = 0;
  std::int64_t of = 1;
};
// As --execution-segment and its sequence say it. Errors: usage: they are there already.
base::Result<void> set_segment(const LoadPart& part, load::RunSettings& run);

struct TogetherFlags {
  std::string part;  // "0/3"
  std::string barrier;
  std::int64_t barrier_count = 0;
  std::string barrier_wait = "5m";
  bool waits_for_merge = false;

  void define(CLI::App& app);
};

class Together {
 public:
  // Sets the segment of the run, and takes those of its outputs that are summaries. Errors: usage.
  static base::Result<Together> create(const TogetherFlags& flags, LoadSettings& settings);

  // Those of an archive are known once it has been opened.
  void set_script(std::string script, std::map<std::string, std::string> variables);
  // Whether files are to be remembered for what follows.
  bool is_shared() const { return barrier_ || has_summaries(); }
  bool has_summaries() const { return !summaries_.empty(); }
  // For RunRequest::is_held; nothing where nobody is waited for. `read` and this outlive what is given.
  std::function<base::Result<bool>(load::RunHalt&)> hold(const load::FilesRead& read);

  // The summary, to wherever it was to go; of a run that has not begun, why. What is waited for is said, and what nobody took is kept in a file.
  // `files` are digests of what was read, by path. Errors: the first of those of writing and handing in.
  base::Result<void> deliver(const load::RunOutcome& outcome, const std::map<std::string, std::string>& files,
                             const Invocation& invocation);
  // Why there is no outcome. Where that cannot be delivered either, nothing is said: the failure is told anyway.
  void deliver(const base::Error& failure, int exit_code, const Invocation& invocation);

 private:
  // What is still to be measured is not worth as much as what was.
  enum class Holds : std::uint8_t { failure, outcome };
  base::Result<void> deliver(const base::Node& summary, Holds holds, const Invocation& invocation);
  base::Result<void> hand_in(const std::string& to, const std::string& text, Holds holds, const Invocation& invocation);
  base::Result<void> identify(const std::map<std::string, std::string>& files);
  std::string script_digest() const;  // once it is identified
  base::Result<std::string> make_purpose(const load::FilesRead& read);

  muster::Member member_ = {};
  std::optional<muster::Place> barrier_ = {};
  muster::Awaited awaited_ = {};
  std::chrono::nanoseconds wait_{0};
  std::vector<std::string> summaries_ = {};
  bool is_delivered_ = false;
  std::string script_ = {};
  std::map<std::string, std::string> variables_ = {};
  std::string overrides_ = {};                         // without the segment, as text
  std::shared_ptr<load::PartIdentity> identity_ = {};  // hold() says which run it came to be
};

}  // namespace gantry::cli
