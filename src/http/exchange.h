#pragma once

// What a handler's thread and a connection's thread share about one request. It knows no socket: `wake` asks the connection
// to look, from any thread. Handles own an Exchange, the connection owns its state; so the state learns when the last handle
// is gone. Private to the room.

#include "http/backlog.h"
#include "http/handlers.h"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace gantry::http {

class ExchangeState {
 public:
  ExchangeState(const SendLimits& limits, std::function<void()> wake) : backlog_(limits), wake_(std::move(wake)) {}

  // The handler's side, from any thread. What BodyWriter, Responder and Upload promise.
  SendState respond(Response response);
  SendState start(Response head);
  SendState write(std::string piece);
  void on_ready(std::function<void()> callback);
  void finish();
  void set_paused(bool paused);
  void abandon();  // the last handle is gone
  bool can_respond() const;
  bool can_write() const;

  // The connection's side, from its thread.
  struct News {
    std::optional<Response> head = {};  // given once
    bool is_whole = false;              // with `head`: its body is all there will be
    std::string bytes = {};             // of a streamed body, to be sent next
    bool is_finished = false;           // and nothing follows them
    bool is_cut = false;                // the body will never be whole
    bool is_abandoned = false;          // nobody is left to answer
  };
  News take();
  bool is_paused() const;
  // So many of the bytes taken are with the client; calls on_ready where it waited for that.
  void written(std::size_t bytes);
  // Nothing is of use any more. Calls on_ready where somebody waits, so that they learn it.
  void close();

 private:
  enum class Phase { waiting, answered, streaming, finished, cut, closed };

  void wake() const {
    if (wake_) wake_();
  }

  mutable std::mutex mutex_;  // guards all below
  Phase phase_ = Phase::waiting;
  bool is_abandoned_ = false;
  bool is_paused_ = false;
  std::optional<Response> head_ = {};
  std::string bytes_ = {};
  Backlog backlog_;
  // Empty once closed: the event loop that it posts to may be gone then. Called with the mutex held, for the same reason.
  std::function<void()> wake_;
};

// Closes at the end of a scope, however it is left.
class ClosedAtEnd {
 public:
  explicit ClosedAtEnd(ExchangeState& state) : state_(state) {}
  ~ClosedAtEnd() { state_.close(); }
  ClosedAtEnd(const ClosedAtEnd&) = delete;
  ClosedAtEnd& operator=(const ClosedAtEnd&) = delete;

 private:
  ExchangeState& state_;
};

class Exchange {
 public:
  explicit Exchange(std::shared_ptr<ExchangeState> state) : state_(std::move(state)) {}
  ~Exchange() { state_->abandon(); }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  ExchangeState& state() const { return *state_; }

 private:
  // Shared with the connection, which may end first.
  std::shared_ptr<ExchangeState> state_;
};

}  // namespace gantry::http
