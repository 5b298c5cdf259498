#pragma once

// Sends what an output has collected to one address over HTTP, from a thread of its own: no VU waits for it. What waits to be sent is
// bounded; what is lost is counted and said. Private to load.
//
//   RemoteSender sender({.url = url, .headers = "Content-Type: text/plain\r\n", .interval = seconds(5)});
//   if (sender.is_due(at)) sender.post(body);
//   TRY(sender.finish());

#include "base/result.h"
#include "load/http/client.h"
#include "load/http/tls.h"
#include "load/http/url.h"
#include "load/load.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace gantry::load {

// What a server says about a request that it does not like, as far as anybody reads it; and in all.
inline constexpr std::size_t kAnswerShown = 200;
inline constexpr std::size_t kAnswerBytesMax = std::size_t{4} << 20;

// What an answer means, or that there is none.
struct RemoteVerdict {
  std::optional<std::string> failure = {};  // why the server does not take it; nothing where it does
  // Where it may take the same later: not before so long. Else nothing is to be gained by that.
  std::optional<std::chrono::nanoseconds> again_after = {};
  bool is_late = false;  // it says no more than that there was too little time
};

// How bodies are carried: all that protocols on top of HTTP have each in their own way.
struct RemoteCarriage {
  HttpRequest::Protocol protocol = HttpRequest::Protocol::http1;
  // Lines of the head that each request has anew. `left` is how long anybody waits for its answer.
  std::string (*describe)(const std::string& body, std::chrono::nanoseconds left);
  RemoteVerdict (*judge)(const HttpOutcome& outcome, const Headers& trailers);
};

// Any status that begins with 2 is fine, and what failed is not tried again.
std::string describe_plain(const std::string& body, std::chrono::nanoseconds left);
RemoteVerdict judge_plain(const HttpOutcome& outcome, const Headers& trailers);
inline constexpr RemoteCarriage kPlainHttp = {.describe = describe_plain, .judge = judge_plain};

struct RemoteEndpoint {
  std::string name = {};  // for people: "Prometheus remote write"
  Url url = {};
  std::string headers = {};  // lines, each with its end
  TlsOptions tls = {};
  std::chrono::nanoseconds interval = std::chrono::seconds(5);  // between two pushes
  // Of one request, however often it is tried; and of all that is left at the end.
  std::chrono::nanoseconds timeout = std::chrono::seconds(5);
  // What becomes of a body before it is sent, on the sender's thread; null for nothing.
  std::string (*encode)(const std::string& body) = nullptr;
  RemoteCarriage carriage = kPlainHttp;
};

// "Basic …", as Authorization has it; and the whole line.
std::string basic_credentials(std::string_view user, std::string_view password);
std::string basic_authorization(std::string_view user, std::string_view password);

// A header's line. Errors: usage: a name that is none (RFC 9110, §5.1), or a value that would be more than one line.
base::Result<std::string> header_line(std::string_view name, std::string_view value);

class RemoteSender {
 public:
  static constexpr std::size_t kWaitingBytesMax = std::size_t{64} << 20;

  explicit RemoteSender(RemoteEndpoint endpoint);
  RemoteSender(const RemoteSender&) = delete;
  RemoteSender& operator=(const RemoteSender&) = delete;
  ~RemoteSender();

  // Whether an interval has passed since it last had, or since the run began. One thread's.
  bool is_due(SampleTime at);
  // To the endpoint's own target, or to another. Where too much waits, the oldest is given up.
  void post(std::string body, std::string target = {});
  // A request without a body that nothing depends on.
  void ask(std::string target);
  // Says what went wrong, once each time that sending begins to fail.
  void complain(const Log& log);
  // Sends what waits, and ends. Errors: environment: something was lost, how much and why.
  base::Result<void> finish();

 private:
  struct Delivery {
    std::string target;
    std::string body;
    bool may_fail = false;
  };
  void add(Delivery delivery);
  void work();
  std::optional<Delivery> next();
  void settle(const Delivery& delivery, const std::optional<std::string>& failure);
  void end();

  RemoteEndpoint endpoint_;
  SampleTime next_;        // due
  std::mutex mutex_ = {};  // guards all below
  std::condition_variable changed_ = {};
  std::deque<Delivery> waiting_ = {};
  std::size_t waiting_bytes_ = 0;
  std::size_t posted_ = 0;
  std::size_t lost_ = 0;
  std::string why_ = {};  // of the first that was lost
  bool is_failing_ = false;
  std::optional<std::string> complaint_ = {};
  std::optional<std::chrono::steady_clock::time_point> ends_ = {};  // nothing is sent after that
  std::jthread thread_;                                             // last: it uses all of the above
};

}  // namespace gantry::load
