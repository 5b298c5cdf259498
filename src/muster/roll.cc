#include "muster/connection.h"
#include "muster/names.h"

#include <fmt/format.h>

#include <atomic>
#include <mutex>
#include <set>
#include <utility>

// Every member announces itself ten times a second until all are there, and at once when it hears of one that it did not know: so that
// the last to come knows all others, and they it, after one message there and one back. Whoever sees that all are there says "go",
// for those that have missed somebody.

namespace gantry::muster {

namespace {

using base::Result;
using std::chrono::steady_clock;

constexpr auto kAnnounceEvery = std::chrono::milliseconds(100);
constexpr std::string_view kHere = "here ";
constexpr std::string_view kGo = "go";
// Names that a stranger could send, each kept.
constexpr std::size_t kMembersMax = 10'000;

// What the library's thread and the member's share. The library may call once more while the member goes away.
class State {
 public:
  State(std::string subject, std::string own, std::size_t count)
      : subject_(std::move(subject)), own_(std::move(own)), count_(count), present_{own_} {
    if (count_ <= 1) is_complete_ = true;
  }

  void announce(natsConnection* connection) const {
    const std::string text = fmt::format("{}{}", kHere, own_);
    static_cast<void>(natsConnection_PublishString(connection, subject_.c_str(), text.c_str()));
  }

  void hear(natsConnection* connection, std::string_view text) {
    if (text == kGo) {
      is_complete_ = true;
      return;
    }
    if (!text.starts_with(kHere) || !is_name(text.substr(kHere.size()))) return;
    bool is_new = false;
    std::size_t present = 0;
    {
      const std::scoped_lock lock(mutex_);
      if (present_.size() < kMembersMax) is_new = present_.emplace(text.substr(kHere.size())).second;
      present = present_.size();
    }
    if (is_new) announce(connection);
    if (present >= count_ && !is_complete_.exchange(true))
      static_cast<void>(natsConnection_PublishString(connection, subject_.c_str(), std::string(kGo).c_str()));
  }

  bool is_complete() const { return is_complete_; }
  std::size_t present() const {
    const std::scoped_lock lock(mutex_);
    return present_.size();
  }
  const std::string& subject() const { return subject_; }

 private:
  const std::string subject_;
  const std::string own_;
  const std::size_t count_;
  mutable std::mutex mutex_;
  std::set<std::string, std::less<>> present_;
  std::atomic<bool> is_complete_ = false;
};

void on_message(natsConnection* connection, natsSubscription*, natsMsg* message, void* state) {
  const Owned<natsMsg> owned(message);
  (*static_cast<std::shared_ptr<State>*>(state))->hear(connection, text_of(message));
}

void on_complete(void* state) { delete static_cast<std::shared_ptr<State>*>(state); }

class NatsRoll final : public Roll {
 public:
  NatsRoll(Owned<natsConnection> connection, std::shared_ptr<State> state)
      : connection_(std::move(connection)), state_(std::move(state)) {}

  Result<void> subscribe(const Place& place) {
    auto kept = std::make_unique<std::shared_ptr<State>>(state_);
    natsSubscription* subscription = nullptr;
    natsStatus status =
        natsConnection_Subscribe(&subscription, connection_.get(), state_->subject().c_str(), on_message, kept.get());
    subscription_.reset(subscription);
    if (status == NATS_OK) status = natsSubscription_SetOnCompleteCB(subscription, on_complete, kept.get());
    if (status == NATS_OK) static_cast<void>(kept.release());  // on_complete()'s
    // The server knows of it before anybody is answered.
    if (status == NATS_OK) status = natsConnection_Flush(connection_.get());
    if (status != NATS_OK) return std::unexpected(failure(place, status));
    return {};
  }

  bool is_complete() override {
    if (state_->is_complete()) return true;
    if (const auto now = steady_clock::now(); now >= announce_at_) {
      state_->announce(connection_.get());
      announce_at_ = now + kAnnounceEvery;
    }
    return false;
  }

  std::size_t present() const override { return state_->present(); }

 private:
  Owned<natsConnection> connection_;
  std::shared_ptr<State> state_;
  Owned<natsSubscription> subscription_ = {};
  steady_clock::time_point announce_at_ = {};
};

}  // namespace

Result<std::unique_ptr<Roll>> Roll::join(const Place& place, const std::string& member, std::size_t count) {
  if (!is_name(member))
    return base::usage_error(fmt::format("\"{}\" is no name for a member", member), "take letters, digits, - and _");
  Owned<natsConnection> connection = TRY(connect(place));
  auto roll = std::make_unique<NatsRoll>(
      std::move(connection), std::make_shared<State>(fmt::format("gantry.{}.roll", place.name), member, count));
  TRY(roll->subscribe(place));
  return roll;
}

}  // namespace gantry::muster
