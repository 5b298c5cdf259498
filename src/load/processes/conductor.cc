#include "load/processes/conductor.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

namespace gantry::load {

Orders Conductor::hear(std::size_t from, Word word, std::string_view bytes) {
  Stage& stage = stages_[from];
  switch (word) {
    case Word::ready:
      stage = Stage::ready;
      return have_all_come_to(Stage::ready) && !is_ending_ ? tell_all(Word::go, "") : Orders();
    case Word::set_up:
      stage = Stage::set_up;
      if (from == 0) setup_data_ = bytes;
      return have_all_come_to(Stage::set_up) && !is_ending_ ? tell_all(Word::play, setup_data_) : Orders();
    case Word::played: {
      stage = Stage::played;
      Orders orders = bytes.empty() ? Orders() : end(Word::end);
      std::ranges::move(let_teardown(), std::back_inserter(orders));
      return orders;
    }
    case Word::asks: stage = Stage::asking; return {};
    case Word::summary:
    case Word::delivered:
    case Word::failed: stage = Stage::over; return let_teardown();
    default: return {};
  }
}

Orders Conductor::lose(std::size_t process) {
  stages_[process] = Stage::over;
  Orders orders = end(Word::end);
  std::ranges::move(let_teardown(), std::back_inserter(orders));
  return orders;
}

Orders Conductor::end(Word why) {
  if (std::exchange(is_ending_, true)) return {};
  return tell_all(why, "");
}

bool Conductor::have_all_come_to(Stage stage) const {
  return std::ranges::all_of(stages_, [stage](Stage each) { return each >= stage; });
}

bool Conductor::have_others_come_to(Stage stage) const {
  return std::ranges::all_of(std::span(stages_).subspan(1), [stage](Stage each) { return each >= stage; });
}

Orders Conductor::tell_all(Word word, std::string_view bytes) const {
  Orders orders;
  for (std::size_t process = 0; process < stages_.size(); ++process)
    if (!is_over(process)) orders.push_back({process, {word, std::string(bytes)}});
  return orders;
}

Orders Conductor::let_teardown() {
  if (has_torn_down_ || stages_.front() != Stage::played || !have_others_come_to(Stage::played)) return {};
  has_torn_down_ = true;
  return {{0, {Word::teardown, ""}}};
}

}  // namespace gantry::load
