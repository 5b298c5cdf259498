#pragma once

// The program that a load test is about, started here: `load: targets:` of gantry.yaml says which and how. Its own copy on a free port,
// so that nothing else that listens on this machine is ever mistaken for it.

#include "base/subprocess.h"
#include "launch/check.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace gantry::launch {

// A target, ready to be started: the program found, its port chosen.
struct PreparedTarget {
  std::string name;
  LoadTarget target;  // {port} filled in
  base::Command command;
  std::string host;  // of the url
  std::string port;
};

// Notes the program as an input of the evidence. Errors: input (no such target, its folder leaves the workspace), environment (the
// program is not installed, something else answers at the url).
base::Result<PreparedTarget> prepare_target(CheckContext& context, std::string_view name);

class RunningTarget {
 public:
  enum class State { ready, ended, late, stopped };

  // Starts it. It is ended with this, at the latest.
  explicit RunningTarget(const PreparedTarget& prepared);
  ~RunningTarget();
  RunningTarget(const RunningTarget&) = delete;
  RunningTarget& operator=(const RunningTarget&) = delete;

  // Blocks until it answers at its health path with 200, ends, is late, or `stop` is requested.
  State wait_until_ready(const std::stop_token& stop) const;
  bool has_ended() const { return has_ended_; }
  // Ends it where it has not ended by itself. "It ended with status 2: bind: address already in use".
  void end();
  // What it left where it ended by itself; nothing where it was ended. After end().
  const std::optional<base::CommandResult>& result() const { return result_; }

 private:
  const PreparedTarget& prepared_;
  std::atomic<bool> has_ended_ = false;
  std::optional<base::CommandResult> result_ = {};
  std::jthread thread_;
};

}  // namespace gantry::launch
