#include "http/exchange.h"

namespace gantry::http {

SendState ExchangeState::respond(Response response) {
  const std::lock_guard lock(mutex_);
  if (phase_ != Phase::waiting) return SendState::closed;
  phase_ = Phase::answered;
  head_ = std::move(response);
  wake();
  return SendState::sent;
}

SendState ExchangeState::start(Response head) {
  const std::lock_guard lock(mutex_);
  if (phase_ != Phase::waiting) return SendState::closed;
  phase_ = Phase::streaming;
  bytes_ = std::exchange(head.body, {});
  head_ = std::move(head);
  const SendState state = backlog_.add(bytes_.size());
  if (state == SendState::closed) phase_ = Phase::cut;
  wake();
  return state;
}

SendState ExchangeState::write(std::string piece) {
  const std::lock_guard lock(mutex_);
  if (phase_ != Phase::streaming) return SendState::closed;
  const SendState state = backlog_.add(piece.size());
  if (state == SendState::closed) {
    phase_ = Phase::cut;
  } else if (bytes_.empty()) {
    bytes_ = std::move(piece);
  } else {
    bytes_ += piece;
  }
  wake();
  return state;
}

void ExchangeState::on_ready(std::function<void()> callback) {
  std::function<void()> now;
  {
    const std::lock_guard lock(mutex_);
    if (phase_ == Phase::streaming) {
      backlog_.on_ready(std::move(callback));
      now = backlog_.take_due();
    } else {
      now = std::move(callback);
    }
  }
  if (now) now();
}

void ExchangeState::finish() {
  const std::lock_guard lock(mutex_);
  if (phase_ != Phase::streaming) return;
  phase_ = Phase::finished;
  wake();
}

void ExchangeState::set_paused(bool paused) {
  const std::lock_guard lock(mutex_);
  is_paused_ = paused;
  if (!paused) wake();
}

void ExchangeState::abandon() {
  const std::lock_guard lock(mutex_);
  is_abandoned_ = true;
  if (phase_ == Phase::streaming) phase_ = Phase::cut;
  wake();
}

bool ExchangeState::can_respond() const {
  const std::lock_guard lock(mutex_);
  return phase_ == Phase::waiting;
}

bool ExchangeState::can_write() const {
  const std::lock_guard lock(mutex_);
  return phase_ == Phase::streaming;
}

ExchangeState::News ExchangeState::take() {
  const std::lock_guard lock(mutex_);
  News news = {.head = std::exchange(head_, std::nullopt),
               .is_whole = phase_ == Phase::answered,
               .bytes = std::exchange(bytes_, {}),
               .is_finished = phase_ == Phase::finished,
               .is_cut = phase_ == Phase::cut,
               .is_abandoned = phase_ == Phase::waiting && is_abandoned_};
  return news;
}

bool ExchangeState::is_paused() const {
  const std::lock_guard lock(mutex_);
  return is_paused_ && phase_ != Phase::closed;
}

void ExchangeState::written(std::size_t bytes) {
  std::function<void()> due;
  {
    const std::lock_guard lock(mutex_);
    backlog_.remove(bytes);
    due = backlog_.take_due();
  }
  if (due) due();
}

void ExchangeState::close() {
  std::function<void()> waiting;
  {
    const std::lock_guard lock(mutex_);
    phase_ = Phase::closed;
    wake_ = nullptr;
    waiting = backlog_.take_any();
  }
  if (waiting) waiting();
}

SendState BodyWriter::write(std::string piece) { return exchange_->state().write(std::move(piece)); }
void BodyWriter::on_ready(std::function<void()> callback) { exchange_->state().on_ready(std::move(callback)); }
void BodyWriter::finish() { exchange_->state().finish(); }
bool BodyWriter::is_open() const { return exchange_->state().can_write(); }

SendState Responder::respond(Response response) const { return exchange_->state().respond(std::move(response)); }
BodyWriter Responder::start(Response head) const {
  if (exchange_->state().start(std::move(head)) != SendState::closed) return BodyWriter(exchange_);
  // A second answer must not write into the first: its writer belongs to nothing.
  const auto nothing = std::make_shared<ExchangeState>(SendLimits{.full_bytes = 0, .max_bytes = 0}, nullptr);
  nothing->close();
  return BodyWriter(std::make_shared<Exchange>(nothing));
}
bool Responder::is_open() const { return exchange_->state().can_respond(); }

void Upload::pause() const { exchange_->state().set_paused(true); }
void Upload::resume() const { exchange_->state().set_paused(false); }

}  // namespace gantry::http
