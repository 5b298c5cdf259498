#pragma once

// Who of the processes that play one run may go on when: a plain value, which hears what each has come to and says what they are told then.
// All begin at one moment, and their scenarios too; the first one calls setup() before those, and teardown() once all have played.
//
//   Conductor conductor(3);
//   for (const Order& order : conductor.hear(2, Word::ready, "")) …

#include "load/processes/messages.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {

struct Order {
  std::size_t to = 0;
  Message message = {};
  friend bool operator==(const Order&, const Order&) = default;
};
using Orders = std::vector<Order>;

class Conductor {
 public:
  // Process 0 is the first.
  explicit Conductor(std::size_t processes) : stages_(processes, Stage::loading) {}

  // What a process says of itself; other words mean nothing here.
  Orders hear(std::size_t from, Word word, std::string_view bytes);
  // It is gone.
  Orders lose(std::size_t process);
  // All are to end: `why` is stop or end. What comes second changes nothing.
  Orders end(Word why);

  bool is_ending() const { return is_ending_; }
  // Whether it has said all that it has to say.
  bool is_over(std::size_t process) const { return stages_[process] >= Stage::over; }
  bool are_all_over() const { return have_all_come_to(Stage::over); }
  // All summaries are there, and the first waits for the outcome of all.
  bool wants_whole() const { return stages_.front() == Stage::asking && have_others_come_to(Stage::over); }

 private:
  // In the order in which they come.
  enum class Stage : std::uint8_t { loading, ready, set_up, played, asking, over };
  bool have_all_come_to(Stage stage) const;
  bool have_others_come_to(Stage stage) const;
  Orders tell_all(Word word, std::string_view bytes) const;
  Orders let_teardown();

  std::vector<Stage> stages_;
  std::string setup_data_ = {};
  bool is_ending_ = false;
  bool has_torn_down_ = false;
};

}  // namespace gantry::load
