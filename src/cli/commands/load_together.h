#pragma once

// gantry load run as one of several processes that share a load: which part of it is this one's, when all begin, and where what it found
// goes.

#include "base/result.h"
#include "load/load.h"
#include "load/options/run_flags.h"
#include "muster/muster.h"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace gantry::cli {

struct TogetherFlags {
  std::string part;  // "0/3"
  std::string barrier;
  std::int64_t barrier_count = 0;
  std::string barrier_wait = "5m";

  void define(CLI::App& app);
};

class Together {
 public:
  // Sets the segment of `run`, and takes those of its outputs that are summaries. Errors: usage.
  static base::Result<Together> create(const TogetherFlags& flags, load::RunSettings& run);

  // For RunRequest::is_held; nothing where nobody is waited for.
  std::function<base::Result<bool>()> hold() const;
  // The summary, to wherever it was to go.
  base::Result<void> deliver(const load::RunOutcome& outcome) const;
  bool has_summaries() const { return !summaries_.empty(); }

 private:
  std::string member_ = {};
  std::optional<muster::Place> barrier_ = {};
  std::size_t count_ = 0;
  std::chrono::nanoseconds wait_{0};
  std::vector<std::string> summaries_ = {};
};

}  // namespace gantry::cli
