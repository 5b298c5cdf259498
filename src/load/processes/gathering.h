#pragma once

// What the processes of one run have found, as one outcome: merged as summary/merge.h does it, and ended as a run of one process ends.

#include "base/node.h"
#include "base/result.h"
#include "load/load.h"
#include "load/processes/messages.h"
#include "load/summary/merge.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {

// What a process hands in, as the bytes of Word::summary. `error` of an outcome is kept whole.
std::string write_summary(const RunOutcome& outcome, const PartIdentity& identity);
std::string write_failure(const base::Error& error, int exit_code);

// The outcome of all, for handleSummary() (Word::whole). Thresholds are judged anew, where anybody does. Errors: input: it is none.
std::string write_whole(const RunOutcome& outcome);
base::Result<RunOutcome> read_whole(std::string_view bytes, bool judges);

// What handleSummary() wants written (Word::delivered). Errors: input: it is none.
std::string write_texts(const std::map<std::string, std::string>& texts);
base::Result<std::map<std::string, std::string>> read_texts(std::string_view bytes);

class Gathering {
 public:
  Gathering(std::size_t processes, bool judges) : summaries_(processes), judges_(judges) {}

  // A summary, so far or for good (Word::stock, summary or asks). Errors: input: it is none.
  base::Result<void> take(std::size_t process, std::string_view bytes);
  // Why there is none (Word::failed).
  void fail(std::string_view bytes);
  // It is gone: `how` is what it came to.
  void lose(std::size_t process, const std::string& how);

  // Whether the run cannot come to its end, so that all should end. The first reason is the one that counts.
  bool has_failed() const { return failure_.has_value(); }
  // Whether some process has none to hand in.
  bool has_gaps() const { return has_gaps_; }

  // Once all have handed in what they have so far: ends the run, where a threshold with abortOnFail says so on all samples.
  base::Result<void> look_for_abort();

  // A digest of each file that one of them has read, by path.
  std::map<std::string, std::string> files() const;
  // Errors: as merge_runs(), such as a script that was changed while the processes began.
  base::Result<MergedRun> merge() const;

 private:
  struct Failure {
    RunEnd end;
    int exit_code;
    base::Error error;
  };
  base::Result<std::vector<PartOfRun>> read_parts() const;

  std::vector<std::optional<base::Node>> summaries_;
  bool judges_;
  std::optional<Failure> failure_ = {};
  std::optional<Failure> marked_ = {};  // the script says that it failed, and goes on
  bool has_gaps_ = false;
};

// Whether options have a threshold that may end a run before its time.
bool may_abort(const base::Node& options);

// "process 2 of 3"
std::string name_of_process(std::size_t process, std::size_t of);

}  // namespace gantry::load
