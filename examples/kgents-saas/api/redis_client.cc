#include "api/redis_client.h"

#include <hiredis/hiredis.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>
#include <thread>

namespace kgents {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kConnectMax{500};
// Much longer than a caller's budget: a late reply costs one caller, while a connection given up costs all of them.
constexpr milliseconds kReplyMax{500};
constexpr milliseconds kReconnectPause{250};
constexpr milliseconds kPingEvery{500};
constexpr std::size_t kAsksMax = 10'000;   // not yet sent: the connection's thread is stuck, and callers are told so
constexpr std::size_t kTellsMax = 10'000;  // that wait for a Redis that is away

struct Free {
  void operator()(redisContext* context) const { redisFree(context); }
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Connection = std::unique_ptr<redisContext, Free>;
using RawReply = std::unique_ptr<redisReply, Free>;

// A command on its way. One that was told has no callback, and is kept until it was answered.
struct Job {
  RedisCommand command;
  Deadline deadline = Deadline::max();
  RedisCallback callback = {};
  bool told = false;
  Clock::time_point sent_at = {};

  void answer(std::optional<RedisReply> reply) {
    if (const RedisCallback call = std::exchange(callback, {})) call(std::move(reply));
  }
};

timeval to_timeval(milliseconds time) {
  return {.tv_sec = time.count() / 1'000, .tv_usec = (time.count() % 1'000) * 1'000};
}

std::optional<RedisReply> convert(const redisReply& reply) {
  switch (reply.type) {
    case REDIS_REPLY_NIL: return RedisReply();
    case REDIS_REPLY_INTEGER: return RedisReply(std::int64_t{reply.integer});
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_STRING: return RedisReply(std::string(reply.str, static_cast<std::size_t>(reply.len)));
    case REDIS_REPLY_ARRAY: break;
    default: return std::nullopt;  // an error: out of memory, no permission
  }
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < reply.elements; ++i) {
    const redisReply& element = *reply.element[i];
    if (element.type != REDIS_REPLY_STRING) return std::nullopt;
    texts.emplace_back(element.str, static_cast<std::size_t>(element.len));
  }
  return RedisReply(std::move(texts));
}

bool append(redisContext* context, const RedisCommand& command) {
  std::vector<const char*> words;
  std::vector<std::size_t> sizes;
  for (const std::string& word : command) {
    words.push_back(word.data());
    sizes.push_back(word.size());
  }
  return redisAppendCommandArgv(context, static_cast<int>(words.size()), words.data(), sizes.data()) == REDIS_OK;
}

// One command and its reply, blocking. False when there was none, or an error.
bool greet(redisContext* context, const RedisCommand& command) {
  void* reply = nullptr;
  if (!append(context, command) || redisGetReply(context, &reply) != REDIS_OK) return false;
  return RawReply(static_cast<redisReply*>(reply))->type != REDIS_REPLY_ERROR;
}

// Null when no server answers, or one that does not let us in. Blocks until then, not afterwards.
Connection open_connection(const RedisAddress& address) {
  Connection connection(redisConnectWithTimeout(address.host.c_str(), address.port, to_timeval(kConnectMax)));
  if (!connection || connection->err != 0 || redisSetTimeout(connection.get(), to_timeval(kReplyMax)) != REDIS_OK)
    return nullptr;
  if (!address.password.empty()) {
    const RedisCommand login = address.user.empty() ? RedisCommand{"AUTH", address.password}
                                                    : RedisCommand{"AUTH", address.user, address.password};
    if (!greet(connection.get(), login)) return nullptr;
  }
  if (!greet(connection.get(), {"SELECT", std::to_string(address.database)})) return nullptr;
  const int flags = ::fcntl(connection->fd, F_GETFL);
  if (flags < 0 || ::fcntl(connection->fd, F_SETFL, flags | O_NONBLOCK) != 0) return nullptr;
  connection->flags &= ~REDIS_BLOCK;
  return connection;
}

// The commands of one connection, from their sending to their replies.
class Conversation {
 public:
  explicit Conversation(redisContext* context) : context_(context) {}

  void send(Job job) {
    usable_ = usable_ && append(context_, job.command);
    if (!job.told) job.command.clear();
    job.sent_at = Clock::now();
    last_sent_at_ = job.sent_at;
    jobs_.push_back(std::move(job));
  }

  // Waits until there is something to read, `wake` is readable, or a time has come; then does what is to be done.
  // False when the connection is of no more use.
  bool step(int wake) {
    if (jobs_.empty() && Clock::now() >= last_sent_at_ + kPingEvery) send({.command = {"PING"}});
    int all_written = 0;
    usable_ = usable_ && redisBufferWrite(context_, &all_written) == REDIS_OK;
    if (!usable_) return false;

    const auto events = static_cast<short>(all_written != 0 ? POLLIN : POLLIN | POLLOUT);
    std::array<pollfd, 2> ends = {{{context_->fd, events, 0}, {wake, POLLIN, 0}}};
    ::poll(ends.data(), ends.size(), static_cast<int>(time_to_next_event().count()));
    if (ends[0].revents != 0) usable_ = redisBufferRead(context_) == REDIS_OK;
    receive();
    expire();
    return usable_;
  }

  // The end: callbacks are called with nothing. Gives those that were told and not answered.
  std::deque<Job> end() {
    for (Job& job : jobs_) job.answer(std::nullopt);
    std::erase_if(jobs_, [](const Job& job) { return !job.told; });
    return std::move(jobs_);
  }

 private:
  milliseconds time_to_next_event() const {
    Clock::time_point next = last_sent_at_ + kPingEvery;
    for (const Job& job : jobs_) {
      if (job.callback) next = std::min(next, job.deadline);
    }
    return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(next - Clock::now()));
  }

  void receive() {
    void* raw = nullptr;
    while (usable_ && !jobs_.empty()) {
      usable_ = redisGetReplyFromReader(context_, &raw) == REDIS_OK;
      if (!usable_ || raw == nullptr) return;
      const RawReply reply(static_cast<redisReply*>(raw));
      Job job = std::move(jobs_.front());
      jobs_.pop_front();
      job.answer(convert(*reply));
    }
  }

  void expire() {
    const Clock::time_point now = Clock::now();
    for (Job& job : jobs_) {
      if (job.deadline <= now) job.answer(std::nullopt);
    }
    usable_ = usable_ && (jobs_.empty() || now < jobs_.front().sent_at + kReplyMax);
  }

  redisContext* context_;
  std::deque<Job> jobs_;  // sent and not answered, oldest first
  Clock::time_point last_sent_at_ = Clock::now();
  bool usable_ = true;
};

class RedisClient final : public Redis {
 public:
  RedisClient(RedisAddress address, std::function<void(RedisConnection)> on_change)
      : address_(std::move(address)),
        on_change_(std::move(on_change)),
        thread_([this](const std::stop_token& stop) { run(stop); }) {}
  ~RedisClient() override {
    thread_.request_stop();
    wake();
    thread_.join();
    ::close(wake_);
  }

  void ask(RedisCommand command, Deadline deadline, RedisCallback callback) override;
  void tell(RedisCommand command) override;
  bool is_connected() const override { return connected_; }

 private:
  void run(const std::stop_token& stop);
  void serve(redisContext* context, const std::stop_token& stop);
  void disconnect(std::deque<Job> unanswered);
  void tell_change(RedisConnection change) const {
    if (on_change_) on_change_(change);
  }
  void wake() const { ::eventfd_write(wake_, 1); }

  const RedisAddress address_;
  const std::function<void(RedisConnection)> on_change_;
  const int wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  std::atomic<bool> connected_ = false;  // changed under mutex_ only

  std::mutex mutex_;
  std::condition_variable_any pause_;
  std::deque<Job> jobs_;  // guarded by mutex_; what nobody has sent yet

  std::jthread thread_;  // last: it uses all of the above
};

void RedisClient::ask(RedisCommand command, Deadline deadline, RedisCallback callback) {
  {
    std::unique_lock lock(mutex_);
    if (!connected_ || jobs_.size() >= kAsksMax) {
      lock.unlock();
      return callback(std::nullopt);
    }
    jobs_.push_back({.command = std::move(command), .deadline = deadline, .callback = std::move(callback)});
  }
  wake();
}

void RedisClient::tell(RedisCommand command) {
  {
    const std::lock_guard lock(mutex_);
    if (!connected_ && jobs_.size() >= kTellsMax) jobs_.pop_front();
    jobs_.push_back({.command = std::move(command), .told = true});
  }
  wake();
}

void RedisClient::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (const Connection connection = open_connection(address_)) {
      {
        const std::lock_guard lock(mutex_);
        connected_ = true;
      }
      tell_change(RedisConnection::made);
      serve(connection.get(), stop);
      if (!stop.stop_requested()) tell_change(RedisConnection::lost);
    }
    std::unique_lock lock(mutex_);
    pause_.wait_for(lock, stop, kReconnectPause, [] { return false; });
  }
}

// Until the connection fails, or the end.
void RedisClient::serve(redisContext* context, const std::stop_token& stop) {
  Conversation conversation(context);
  while (!stop.stop_requested() && conversation.step(wake_)) {
    eventfd_t wakes = 0;
    ::eventfd_read(wake_, &wakes);
    std::deque<Job> jobs;
    {
      const std::lock_guard lock(mutex_);
      jobs.swap(jobs_);
    }
    for (Job& job : jobs) conversation.send(std::move(job));
  }
  disconnect(conversation.end());
}

// Whoever asked and waits is told that there is no reply; what was told waits for the next connection.
void RedisClient::disconnect(std::deque<Job> unanswered) {
  std::deque<Job> unsent;
  {
    const std::lock_guard lock(mutex_);
    connected_ = false;
    for (Job& job : jobs_) (job.told ? unanswered : unsent).push_back(std::move(job));
    jobs_ = std::move(unanswered);
  }
  for (Job& job : unsent) job.answer(std::nullopt);
}

}  // namespace

std::unique_ptr<Redis> connect_redis(RedisAddress address, std::function<void(RedisConnection)> on_change) {
  return std::make_unique<RedisClient>(std::move(address), std::move(on_change));
}

}  // namespace kgents
