#pragma once

// What several processes that play one run on one machine and the one that started them say to each other, over pipes (gantry load run
// --processes): a word, how many bytes belong to it, and these.
//
//   child → parent   ready 312\n{"options":{…},"vus":5}
//   parent → child   go 0\n
//
// All are of one program, so that nothing is kept for other versions.

#include "base/node.h"
#include "base/result.h"
#include "load/load.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::load {

enum class Word : std::uint8_t {
  // From the parent.
  task,      // what to run: an object
  go,        // all are ready: setup() is next
  play,      // it is over; what it returned, as JSON, or nothing
  teardown,  // to the first, once all have played
  whole,     // to the first: the outcome of all, for handleSummary(), or nothing
  stop,      // somebody stops the run
  end,       // it ends because of another process
  // From a child. The first one is that which calls what a script has once.
  log,        // as write_log_line() has it
  print,      // the same, for the file of --console-output
  ready,      // its VUs are there: {"options", "vus"}
  set_up,     // what setup() returned, or nothing
  progress,   // as to_node() has it
  stock,      // its summary so far
  played,     // its scenarios are over; any bytes say that they were cut short
  summary,    // its summary, of a run that is over
  asks,       // the same, and handleSummary() is to be called
  delivered,  // what handleSummary() wants written: an object of texts, or nothing
  failed,     // there is no summary: {"error", "exit_code"}
};

struct Message {
  Word word = Word::end;
  std::string bytes = {};
  friend bool operator==(const Message&, const Message&) = default;
};

std::string write_message(Word word, std::string_view bytes = "");

// Messages out of pieces of any size.
class MessageReader {
 public:
  void feed(std::string_view bytes) { buffer_ += bytes; }
  // The next whole one. Errors: input: what no process of ours writes.
  base::Result<std::optional<Message>> next();

 private:
  std::string buffer_ = {};
  std::size_t begin_ = 0;  // of what was not read yet
};

// One line of a log, whatever bytes it has.
struct LogLine {
  LogLevel level = LogLevel::info;
  std::string source = {};
  std::string text = {};
  friend auto operator<=>(const LogLine&, const LogLine&) = default;
};
std::string write_log_line(LogLevel level, std::string_view text, std::string_view source);
// Errors: input.
base::Result<LogLine> read_log_line(std::string_view bytes);

// The whole of it, as it is to be shown.
base::Node to_node(const base::Error& error);
base::Error read_error(const base::Node* node);

}  // namespace gantry::load
