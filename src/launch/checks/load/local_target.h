#pragma once

// The program that a load test is about, started here: `load: targets:` of gantry.yaml says which and how. Its own copy on a free port,
// so that nothing else that listens on this machine is ever mistaken for it; what it depends on likewise, where `services:` says so. A
// target without a program runs elsewhere, and is only asked.

#include "base/subprocess.h"
#include "launch/check.h"
#include "launch/checks/load/dependencies.h"
#include "launch/checks/load/leftovers.h"
#include "launch/checks/load/page.h"
#include "launch/checks/load/run_record.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace gantry::launch {

// Ready to be started: the program found, its port chosen.
struct PreparedProgram {
  std::string name;  // "target local", "service nats"
  base::Command command;
  Place place;  // where it listens
};

// A folder of its own, gone with the last who holds it.
class ScratchFolder {
 public:
  ScratchFolder(std::string path, FolderLock lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  FolderLock lock_;
};

struct PreparedTarget {
  std::string name;
  LoadTarget target;           // {port} filled in
  std::string url;             // as gantry.yaml has it
  Place place;                 // where that leads
  std::string program;         // its full path; "" where it runs elsewhere
  std::string program_digest;  // "sha256:…"
  bool is_seen =
      false;  // all that it runs is an input of the evidence: the program itself, or the sources that gantry.yaml names
  std::vector<PreparedProgram>
      programs;  // services first, in the order of their names; then the target's own, if it is started
  std::shared_ptr<const ScratchFolder> scratch;  // what services keep meanwhile
};

// Notes the programs as inputs of the evidence. Errors: input (no such target, its folder leaves the workspace), environment (a
// program is not installed, something else answers at the url).
base::Result<PreparedTarget> prepare_target(CheckContext& context, std::string_view name);

class RunningProgram {
 public:
  // Starts it. It is ended with this, at the latest.
  explicit RunningProgram(const PreparedProgram& prepared);
  bool has_ended() const { return has_ended_; }
  // Ends it where it has not ended by itself.
  void end();
  // What it left where it ended by itself; nothing where it was ended. After end().
  const std::optional<base::CommandResult>& result() const { return result_; }

 private:
  const PreparedProgram& prepared_;
  std::atomic<bool> has_ended_ = false;
  std::optional<base::CommandResult> result_ = {};
  std::jthread thread_;
};

class RunningTarget {
 public:
  enum class State { ready, ended, late, stopped };

  // Starts nothing yet. `prepared` must outlive this, with which all is ended at the latest.
  explicit RunningTarget(const PreparedTarget& prepared) : prepared_(prepared) {}

  // Starts the services, waits until each listens, starts the target, waits until its health path answers 200 and, for a few seconds,
  // until it says that what it needs is on. Or until one of them ends, is late, or `stop` is requested.
  State start(const std::stop_token& stop);
  // Of those that were started, the one that start() did not get ready, or that ended first; null where all run. After end().
  const PreparedProgram* culprit() const;
  std::optional<base::CommandResult> result() const;  // of the culprit, where it has ended
  // What the target depends on, by its own word. Nothing where it has no such page.
  std::vector<Dependency> look() const;
  // Why the page that gantry.yaml names as its status tells nothing; "" where it does.
  std::string status_fault() const;
  // "1.0.0", as its status page has it; "" where it does not say.
  std::string version() const;
  void end();

 private:
  State wait_for(const PreparedProgram& program, const std::stop_token& stop) const;
  bool answers() const;
  void wait_for_dependencies(const std::stop_token& stop) const;
  std::optional<base::Node> status_page() const;

  const PreparedTarget& prepared_;
  const PreparedProgram* late_ = nullptr;
  std::vector<std::unique_ptr<RunningProgram>> running_ = {};  // in the order of prepared_.programs
};

// For information, where what the target runs is not seen: what is found of it holds for a day, since nobody knows how long it is what was tested.
std::optional<base::Finding> find_unseen(const PreparedTarget& prepared);
inline constexpr std::chrono::milliseconds kUnseenFreshFor = std::chrono::hours(24);

// It as it is in the records of tests.
TargetRecord describe_target(const PreparedTarget& prepared, const RunningTarget& running);

// Ends what runs; undecided, and says what did not get ready, and why.
CheckOutcome fail_to_start(const PreparedTarget& prepared, RunningTarget& running);

}  // namespace gantry::launch
