#include "load/output/remote.h"

#include "base/base64.h"
#include "load/http/response_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <random>
#include <utility>

namespace gantry::load {

namespace {

using std::chrono::steady_clock;

// Between two attempts, as OpenTelemetry's libraries wait: half as long again each time, and up to half of it less, so that those who
// failed together do not come back together.
constexpr std::chrono::nanoseconds kFirstPause = std::chrono::seconds(1);
constexpr std::chrono::nanoseconds kPauseMax = std::chrono::seconds(5);

class Sending {
 public:
  Sending(const RemoteEndpoint& endpoint, Crew& crew, Member& member)
      : endpoint_(endpoint), crew_(crew), member_(member) {
    tls_.set_options(endpoint.tls);
    client_.emplace(Waiting{crew, member}, resolver_, tls_);
  }

  // Why it failed.
  std::optional<std::string> send(std::string_view target, const std::string& body, SteadyTime deadline) {
    std::optional<std::string> why;  // the attempt before did
    for (std::chrono::nanoseconds pause = kFirstPause;; pause = std::min(pause + pause / 2, kPauseMax)) {
      RemoteVerdict verdict = endpoint_.carriage.judge(send_now(target, body, deadline), trailers_);
      if (!verdict.failure) return std::nullopt;
      // That an attempt had too little time says nothing about what keeps the server from taking it.
      if (!why || !verdict.is_late) why = std::move(verdict.failure);
      if (!verdict.again_after) return why;
      const SteadyTime again = steady_clock::now() + std::max(*verdict.again_after, shorten(pause));
      if (again >= deadline) return why;
      crew_.sleep(member_, again);
    }
  }

 private:
  // A connection may have been closed while it was idle: such a request is sent again on another, at once. Whatever else failed may have
  // been counted by the server, and is sent again only where the verdict is so.
  HttpOutcome send_now(std::string_view target, const std::string& body, SteadyTime deadline) {
    HttpOutcome outcome = exchange(target, body, deadline);
    if (outcome.was_stale && steady_clock::now() < deadline) outcome = exchange(target, body, deadline);
    return outcome;
  }

  HttpOutcome exchange(std::string_view target, const std::string& body, SteadyTime deadline) {
    const std::string bytes =
        fmt::format("POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: gantry\r\n{}{}\r\n{}",
                    target.empty() ? std::string_view(endpoint_.url.target) : target, endpoint_.url.authority,
                    endpoint_.carriage.describe(body, deadline - steady_clock::now()), endpoint_.headers, body);
    trailers_ = {};
    HttpOutcome outcome = client_->send({.method = "POST",
                                         .host = endpoint_.url.host,
                                         .port = endpoint_.url.port,
                                         .is_https = endpoint_.url.scheme == "https",
                                         .protocol = endpoint_.carriage.protocol,
                                         .bytes = bytes,
                                         .body_bytes_max = kAnswerBytesMax,
                                         .trailers = &trailers_,
                                         .deadline = deadline});
    // A connection whose server has gone would fail the next request too.
    if (outcome.failure.code != 0) client_->close_idle();
    return outcome;
  }

  std::chrono::nanoseconds shorten(std::chrono::nanoseconds pause) {
    return std::chrono::nanoseconds(std::uniform_int_distribution(pause.count() / 2, pause.count())(random_));
  }

  const RemoteEndpoint& endpoint_;
  Crew& crew_;
  Member& member_;
  Resolver resolver_ = {};
  SharedTls tls_ = {};
  std::optional<HttpClient> client_ = {};
  Headers trailers_ = {};
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace

std::string describe_plain(const std::string& body, std::chrono::nanoseconds) {
  return fmt::format("Content-Length: {}\r\n", body.size());
}

RemoteVerdict judge_plain(const HttpOutcome& outcome, const Headers&) {
  if (outcome.failure.code != 0) return {.failure = outcome.failure.text};
  if (outcome.head.status >= 200 && outcome.head.status < 300) return {};
  return {.failure = fmt::format("status {}: {}", outcome.head.status, outcome.body.text().substr(0, kAnswerShown))};
}

std::string basic_credentials(std::string_view user, std::string_view password) {
  return fmt::format("Basic {}", base::encode_base64(fmt::format("{}:{}", user, password)));
}

std::string basic_authorization(std::string_view user, std::string_view password) {
  return fmt::format("Authorization: {}\r\n", basic_credentials(user, password));
}

base::Result<std::string> header_line(std::string_view name, std::string_view value) {
  // What is no name may be a secret that stands in the wrong place.
  if (!is_token(name)) return base::usage_error("one of the headers has no header's name");
  if (value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos)
    return fmt::format("{}: {}\r\n", name, value);
  return base::usage_error(fmt::format("the value of the header {} is no line", name));
}

RemoteSender::RemoteSender(RemoteEndpoint endpoint)
    : endpoint_(std::move(endpoint)), next_(endpoint_.interval), thread_([this] { work(); }) {}

RemoteSender::~RemoteSender() { end(); }

bool RemoteSender::is_due(SampleTime at) {
  if (at < next_) return false;
  next_ = at + endpoint_.interval;
  return true;
}

void RemoteSender::post(std::string body, std::string target) { add({std::move(target), std::move(body)}); }

void RemoteSender::ask(std::string target) { add({.target = std::move(target), .body = {}, .may_fail = true}); }

void RemoteSender::add(Delivery delivery) {
  const std::lock_guard lock(mutex_);
  if (!delivery.may_fail) ++posted_;
  waiting_bytes_ += delivery.body.size();
  waiting_.push_back(std::move(delivery));
  while (waiting_bytes_ > kWaitingBytesMax && waiting_.size() > 1) {
    waiting_bytes_ -= waiting_.front().body.size();
    waiting_.pop_front();
    if (lost_++ == 0) why_ = "it takes longer than there is time for";
  }
  changed_.notify_one();
}

std::optional<RemoteSender::Delivery> RemoteSender::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !waiting_.empty() || ends_; });
  if (waiting_.empty()) return std::nullopt;
  Delivery delivery = std::move(waiting_.front());
  waiting_.pop_front();
  waiting_bytes_ -= delivery.body.size();
  return delivery;
}

void RemoteSender::settle(const Delivery& delivery, const std::optional<std::string>& failure) {
  if (delivery.may_fail) return;
  const std::lock_guard lock(mutex_);
  if (failure) {
    if (!is_failing_)
      complaint_ = fmt::format("{}: {} does not take it: {}", endpoint_.name, endpoint_.url.authority, *failure);
    if (lost_++ == 0) why_ = *failure;
  }
  is_failing_ = failure.has_value();
}

void RemoteSender::work() {
  const base::Result<std::unique_ptr<Crew>> crew = Crew::create();
  Member member;
  std::optional<Sending> sending;
  if (crew) {
    (*crew)->adopt(member);
    sending.emplace(endpoint_, **crew, member);
  }
  while (const std::optional<Delivery> delivery = next()) {
    if (!sending) {
      settle(*delivery, crew.error().message);
      continue;
    }
    const std::string body = endpoint_.encode ? endpoint_.encode(delivery->body) : delivery->body;
    SteadyTime deadline = steady_clock::now() + endpoint_.timeout;
    {
      const std::lock_guard lock(mutex_);
      if (ends_) deadline = std::min(deadline, *ends_);
    }
    settle(*delivery, sending->send(delivery->target, body, deadline));
  }
}

void RemoteSender::complain(const Log& log) {
  std::optional<std::string> complaint;
  {
    const std::lock_guard lock(mutex_);
    complaint = std::exchange(complaint_, std::nullopt);
  }
  if (complaint) log(LogLevel::warning, *complaint, "");
}

void RemoteSender::end() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ends_ = steady_clock::now() + endpoint_.timeout;
    changed_.notify_one();
  }
  thread_.join();
}

base::Result<void> RemoteSender::finish() {
  end();
  if (lost_ == 0) return {};
  return base::environment_error(fmt::format("{}: {} of {} requests to {} were lost: {}", endpoint_.name, lost_,
                                             posted_, endpoint_.url.authority, why_),
                                 "see whether it runs there, and takes such requests");
}

}  // namespace gantry::load
