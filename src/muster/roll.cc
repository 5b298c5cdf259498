#include "base/text.h"
#include "muster/connection.h"
#include "muster/go.h"
#include "muster/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

// Every member announces itself ten times a second until all are there, and at once when it hears of one that it did not know: so that
// the last to come knows all others, and they it, after one message there and one back. Whoever sees that all are there says "go" with
// the list of them, for those that have missed somebody: only who is on it begins, so that no stray word and no earlier run starts anybody.
// Who dies meanwhile falls silent, and is forgotten: the others do not begin without it.

namespace gantry::muster {

namespace {

using base::Result;
using std::chrono::steady_clock;

constexpr auto kAnnounceEvery = std::chrono::milliseconds(100);
constexpr std::string_view kHere = "here";  // NAME PROCESS PURPOSE
// Names that a stranger could send, each kept.
constexpr std::size_t kMembersMax = 10'000;
constexpr std::size_t kStrangersMax = 8;  // to name in a message

// What the library's thread and the member's share. The library may call once more while the member goes away.
class State {
 public:
  State(std::string subject, Member own, const Awaited& awaited)
      : subject_(std::move(subject)), own_(std::move(own)), awaited_(awaited) {
    begin_if_all(steady_clock::now());
  }

  void announce(natsConnection* connection) const {
    publish(connection, fmt::format("{} {} {} {}", kHere, own_.name, own_.process, own_.purpose));
  }

  void hear(natsConnection* connection, std::string_view text) {
    const std::vector<std::string_view> words = base::split(text, ' ');
    if (!std::ranges::all_of(words, is_name)) return;
    if (words.front() == kHere && words.size() == 4) hear_here(connection, words[1], words[2], words[3]);
    if (words.front() == kCollects && words.size() == 2) hear_collects(connection, words[1]);
    if (std::optional<Go> go = read_go(text)) hear_go(*std::move(go));
  }

  Result<bool> is_complete() const {
    const std::scoped_lock lock(mutex_);
    if (go_) return true;
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
    if (go_) return go_->members.size();
    const auto now = steady_clock::now();
    return 1 + static_cast<std::size_t>(
                   std::ranges::count_if(others_, [&](const auto& other) { return is_there(other.second, now); }));
  }
  bool is_collected() const {
    const std::scoped_lock lock(mutex_);
    return go_ || !awaited_.has_collector || is_there(collector_, steady_clock::now());
  }
  std::vector<std::string> strangers() const {
    const std::scoped_lock lock(mutex_);
    return {strangers_.begin(), strangers_.end()};
  }
  std::string id() const {
    const std::scoped_lock lock(mutex_);
    return go_ ? go_->id() : "";
  }
  const std::string& subject() const { return subject_; }

 private:
  struct Heard {
    std::string process = {};  // "" of nobody
    steady_clock::time_point at = {};
  };

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
      const auto now = steady_clock::now();
      if (!go_) is_new = count_in(name, process, now);
      go = answer(now);
    }
    if (is_new) announce(connection);
    if (!go.empty()) publish(connection, go);
  }

  void hear_collects(natsConnection* connection, std::string_view process) {
    std::string go;
    {
      const std::scoped_lock lock(mutex_);
      const auto now = steady_clock::now();
      collector_ = {std::string(process), now};
      if (awaited_.has_collector) go = answer(now);
    }
    if (!go.empty()) publish(connection, go);
  }

  bool is_there(const Heard& heard, steady_clock::time_point now) const {
    return !heard.process.empty() && now - heard.at <= awaited_.silence_max;
  }

  // Whether it has not been there before. A member that comes again is another process.
  bool count_in(std::string_view name, std::string_view process, steady_clock::time_point now) {
    if (others_.size() >= kMembersMax && !others_.contains(name)) return false;
    Heard& heard = others_[std::string(name)];
    const bool is_new = heard.process != process || !is_there(heard, now);
    heard = {std::string(process), now};
    return is_new;
  }

  // What to say to all: that they begin, to those that still announce themselves, and have missed it.
  std::string answer(steady_clock::time_point now) {
    begin_if_all(now);
    if (!go_ || now < go_at_) return {};
    go_at_ = now + kAnnounceEvery;
    return go_->text();
  }

  void begin_if_all(steady_clock::time_point now) {
    if (go_ || (awaited_.has_collector && !is_there(collector_, now))) return;
    std::erase_if(others_, [&](const auto& other) { return !is_there(other.second, now); });
    if (others_.size() + 1 != std::max<std::size_t>(1, awaited_.count)) return;
    Go go{own_.purpose, awaited_.has_collector ? collector_.process : std::string(kNobody), {}};
    go.members[own_.name] = own_.process;
    for (const auto& [name, heard] : others_) go.members[name] = heard.process;
    go_ = std::move(go);
  }

  void hear_go(Go go) {
    const std::scoped_lock lock(mutex_);
    const bool is_ours = go.purpose == own_.purpose && go.members.size() == awaited_.count &&
                         (go.collector != kNobody) == awaited_.has_collector;
    if (go_ || !is_ours) return;
    const auto own = go.members.find(own_.name);
    if (own != go.members.end() && own->second == own_.process) {
      go_ = std::move(go);
      return;
    }
    // What is left of an earlier run says its own word to whoever announces itself.
    if (awaited_.has_collector && go.collector != collector_.process) return;
    (own == go.members.end() ? is_left_out_ : is_twice_) = true;
  }

  const std::string subject_;
  const Member own_;
  const Awaited awaited_;
  mutable std::mutex mutex_;
  // Guarded by the mutex, as all that follows.
  std::map<std::string, Heard, std::less<>> others_ = {};
  Heard collector_ = {};
  std::set<std::string, std::less<>> strangers_ = {};
  bool is_twice_ = false;
  bool is_left_out_ = false;
  std::optional<Go> go_ = {};  // once all are there
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
  bool is_collected() const override { return state_->is_collected(); }
  std::vector<std::string> strangers() const override { return state_->strangers(); }
  std::string id() const override { return state_->id(); }

 private:
  Owned<natsConnection> connection_;
  std::shared_ptr<State> state_;
  Owned<natsSubscription> subscription_ = {};
  steady_clock::time_point announce_at_ = {};
};

}  // namespace

Result<std::unique_ptr<Roll>> Roll::join(const Place& place, const Member& own, const Awaited& awaited) {
  TRY(check_names(own));
  Owned<natsConnection> connection = TRY(connect(place));
  auto roll = std::make_unique<NatsRoll>(
      std::move(connection), std::make_shared<State>(fmt::format("gantry.{}.roll", place.name), own, awaited));
  TRY(roll->subscribe(place));
  return roll;
}

}  // namespace gantry::muster
