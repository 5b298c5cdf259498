#include "base/digest.h"
#include "base/text.h"
#include "muster/connection.h"
#include "muster/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>

// Every member announces itself ten times a second until all are there, and at once when it hears of one that it did not know: so that
// the last to come knows all others, and they it, after one message there and one back. Whoever sees that all are there says "go" with
// the list of them, for those that have missed somebody: only who is on it begins, so that no stray word and no earlier run starts anybody.

namespace gantry::muster {

namespace {

using base::Result;
using std::chrono::steady_clock;

constexpr auto kAnnounceEvery = std::chrono::milliseconds(100);
constexpr std::string_view kHere = "here";  // NAME PROCESS PURPOSE
constexpr std::string_view kGo = "go";      // PURPOSE NAME PROCESS NAME PROCESS …
// Names that a stranger could send, each kept.
constexpr std::size_t kMembersMax = 10'000;
constexpr std::size_t kStrangersMax = 8;  // to name in a message
constexpr std::size_t kIdLetters = 16;

using Names = std::map<std::string, std::string, std::less<>>;  // process by name

// What the library's thread and the member's share. The library may call once more while the member goes away.
class State {
 public:
  State(std::string subject, Member own, std::size_t count)
      : subject_(std::move(subject)), own_(std::move(own)), count_(count), present_{{own_.name, own_.process}} {
    if (count_ <= 1) begin(present_);
  }

  void announce(natsConnection* connection) const {
    publish(connection, fmt::format("{} {} {} {}", kHere, own_.name, own_.process, own_.purpose));
  }

  void hear(natsConnection* connection, std::string_view text) {
    const std::vector<std::string_view> words = base::split(text, ' ');
    if (!std::ranges::all_of(words, is_name)) return;
    if (words.front() == kHere && words.size() == 4) hear_here(connection, words[1], words[2], words[3]);
    if (words.front() == kGo && words.size() == 2 + 2 * count_ && words[1] == own_.purpose) hear_go(words);
  }

  Result<bool> is_complete() const {
    const std::scoped_lock lock(mutex_);
    if (!id_.empty()) return true;
    if (is_twice_)
      return base::environment_error(fmt::format("another process is member {} of {} too", own_.name, subject_),
                                     "end what is left of an earlier run, or give each part another number");
    if (is_left_out_)
      return base::environment_error(fmt::format("the others of {} have begun without this one", subject_),
                                     "let as many begin as are waited for, and run each part once");
    return false;
  }
  std::size_t present() const {
    const std::scoped_lock lock(mutex_);
    return present_.size();
  }
  std::vector<std::string> strangers() const {
    const std::scoped_lock lock(mutex_);
    return {strangers_.begin(), strangers_.end()};
  }
  std::string id() const {
    const std::scoped_lock lock(mutex_);
    return id_;
  }
  const std::string& subject() const { return subject_; }

 private:
  void publish(natsConnection* connection, const std::string& text) const {
    static_cast<void>(natsConnection_PublishString(connection, subject_.c_str(), text.c_str()));
  }

  void hear_here(natsConnection* connection, std::string_view name, std::string_view process,
                 std::string_view purpose) {
    bool is_new = false;
    std::string go;
    {
      const std::scoped_lock lock(mutex_);
      if (purpose != own_.purpose) {
        if (strangers_.size() < kStrangersMax) strangers_.emplace(name);
        return;
      }
      if (name == own_.name) {
        is_twice_ |= process != own_.process;  // else it is our own word
        return;
      }
      if (id_.empty() && present_.size() < kMembersMax) is_new = count_in(name, process);
      if (id_.empty() && present_.size() == count_) begin(present_);
      // Who still announces itself has missed it.
      if (const auto now = steady_clock::now(); !id_.empty() && now >= go_at_) {
        go = go_text();
        go_at_ = now + kAnnounceEvery;
      }
    }
    if (is_new) announce(connection);
    if (!go.empty()) publish(connection, go);
  }

  // A member that comes again is another process.
  bool count_in(std::string_view name, std::string_view process) {
    const auto [at, is_new] = present_.try_emplace(std::string(name), process);
    const bool is_another = at->second != process;
    at->second = process;
    return is_new || is_another;
  }

  void hear_go(const std::vector<std::string_view>& words) {
    Names all;
    for (std::size_t i = 2; i + 1 < words.size(); i += 2) all.emplace(words[i], words[i + 1]);
    const std::scoped_lock lock(mutex_);
    if (!id_.empty() || all.size() != count_) return;
    const auto own = all.find(own_.name);
    if (own == all.end())
      is_left_out_ = true;
    else if (own->second != own_.process)
      is_twice_ = true;
    else
      begin(std::move(all));
  }

  void begin(Names all) {
    present_ = std::move(all);
    base::DigestBuilder digest;
    digest.add(own_.purpose);
    for (const auto& [name, process] : present_) digest.add(name).add(process);
    id_ = digest.hex().substr(0, kIdLetters);
  }
  std::string go_text() const {
    std::string text = fmt::format("{} {}", kGo, own_.purpose);
    for (const auto& [name, process] : present_) text += fmt::format(" {} {}", name, process);
    return text;
  }

  const std::string subject_;
  const Member own_;
  const std::size_t count_;
  mutable std::mutex mutex_;
  // Guarded by the mutex, as all that follows.
  Names present_;
  std::set<std::string, std::less<>> strangers_ = {};
  bool is_twice_ = false;
  bool is_left_out_ = false;
  std::string id_ = {};  // "" until all are there
  steady_clock::time_point go_at_ = {};
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

  Result<bool> is_complete() override {
    if (TRY(state_->is_complete())) return true;
    if (const auto now = steady_clock::now(); now >= announce_at_) {
      state_->announce(connection_.get());
      announce_at_ = now + kAnnounceEvery;
    }
    return false;
  }

  std::size_t present() const override { return state_->present(); }
  std::vector<std::string> strangers() const override { return state_->strangers(); }
  std::string id() const override { return state_->id(); }

 private:
  Owned<natsConnection> connection_;
  std::shared_ptr<State> state_;
  Owned<natsSubscription> subscription_ = {};
  steady_clock::time_point announce_at_ = {};
};

}  // namespace

Result<std::unique_ptr<Roll>> Roll::join(const Place& place, const Member& own, std::size_t count) {
  TRY(check_names(own));
  Owned<natsConnection> connection = TRY(connect(place));
  auto roll = std::make_unique<NatsRoll>(
      std::move(connection), std::make_shared<State>(fmt::format("gantry.{}.roll", place.name), own, count));
  TRY(roll->subscribe(place));
  return roll;
}

}  // namespace gantry::muster
