#include "base/text.h"
#include "muster/connection.h"
#include "muster/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

// A summary may be larger than what a server takes as one message (1 MB usually), so that it goes in pieces; each is asked for an answer,
// and sent again until there is one. Whoever has the last piece has all, since each waits for the one before.

namespace gantry::muster {

namespace {

using base::Result;
using std::chrono::steady_clock;

constexpr std::size_t kPieceBytes = 256 << 10;
constexpr std::size_t kBytesMax = 64 << 20;  // of a member: a summary is below a megabyte
constexpr std::int64_t kAnswerMs = 1'000;
constexpr auto kAgain = std::chrono::milliseconds(200);
constexpr std::int64_t kLookMs = 200;
constexpr std::string_view kTaken = "taken";
constexpr std::string_view kTwice = "twice";

struct Piece {
  std::size_t number = 0;
  std::size_t count = 0;
  std::string_view process = {};
  std::string_view bytes = {};
};

std::optional<std::size_t> read_number(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "number count process\n" and the bytes.
std::optional<Piece> read_piece(std::string_view text) {
  Piece piece;
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return std::nullopt;
  const std::vector<std::string_view> words = base::split(text.substr(0, line), ' ');
  if (words.size() != 3 || !is_name(words[2])) return std::nullopt;
  const std::optional<std::size_t> number = read_number(words[0]);
  const std::optional<std::size_t> count = read_number(words[1]);
  if (!number || !count || *count <= *number) return std::nullopt;
  return Piece{*number, *count, words[2], text.substr(line + 1)};
}

// What one member has handed in so far.
struct Received {
  std::string process = {};
  std::string bytes = {};
  std::size_t pieces = 0;
  std::size_t count = 0;
  bool is_whole() const { return count > 0 && pieces == count; }
};

// False for a piece that does not follow what is there.
bool take(Received& received, const Piece& piece) {
  const bool is_same = received.process == piece.process && received.count == piece.count;
  // Sent again, because its answer was lost.
  if (is_same && piece.number + 1 == received.pieces) return true;
  if (piece.number == 0) received = {.process = std::string(piece.process), .count = piece.count};
  if (received.process != piece.process || piece.count != received.count || piece.number != received.pieces)
    return false;
  if (received.bytes.size() + piece.bytes.size() > kBytesMax) return false;
  received.bytes += piece.bytes;
  ++received.pieces;
  return true;
}

class Collector {
 public:
  Collector(natsConnection* connection, const Collecting& how) : connection_(connection), how_(how) {}

  void hear(const natsMsg* message) {
    const std::string_view subject = natsMsg_GetSubject(message);
    const std::string member(subject.substr(subject.rfind('.') + 1));
    const std::optional<Piece> piece = read_piece(text_of(message));
    const char* const reply = natsMsg_GetReply(message);
    if (!piece || !reply || !is_name(member)) return;
    // Who is not awaited is left waiting, and says so at its end.
    if (!received_.contains(member) && received_.size() >= how_.count) return;
    Received& received = received_[member];
    if (received.is_whole() && received.process != piece->process) {
      twice_.insert(member);
      return answer(reply, kTwice);
    }
    const bool was_whole = received.is_whole();
    if (!take(received, *piece)) return;
    answer(reply, kTaken);
    if (!was_whole && received.is_whole()) has_enough_ |= how_.is_enough(received.bytes);
  }

  bool is_done() const { return has_enough_ || whole() >= how_.count; }

  Collected all() {
    Collected all{.twice = std::move(twice_)};
    for (auto& [member, received] : received_)
      if (received.is_whole()) all.by_member[member] = std::move(received.bytes);
    return all;
  }

 private:
  void answer(const char* reply, std::string_view word) {
    static_cast<void>(natsConnection_PublishString(connection_, reply, std::string(word).c_str()));
  }
  std::size_t whole() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(received_, [](const auto& each) { return each.second.is_whole(); }));
  }

  natsConnection* connection_;
  const Collecting& how_;
  std::map<std::string, Received> received_ = {};
  std::set<std::string> twice_ = {};
  bool has_enough_ = false;
};

}  // namespace

Result<void> hand_in(const Place& place, const Member& own, std::string_view bytes, const HandIn& how) {
  TRY(check_names(own));
  const Owned<natsConnection> connection = TRY(connect(place));
  const std::string subject = fmt::format("gantry.{}.summary.{}", place.name, own.name);
  const std::size_t count = std::max<std::size_t>(1, (bytes.size() + kPieceBytes - 1) / kPieceBytes);
  const auto until = steady_clock::now() + how.wait;
  for (std::size_t number = 0; number < count;) {
    std::string text = fmt::format("{} {} {}\n", number, count, own.process);
    text += bytes.substr(number * kPieceBytes, kPieceBytes);
    natsMsg* answer = nullptr;
    const natsStatus status = natsConnection_Request(&answer, connection.get(), subject.c_str(), text.data(),
                                                     static_cast<int>(text.size()), kAnswerMs);
    const Owned<natsMsg> owned(answer);
    if (status == NATS_OK && text_of(answer) == kTaken) {
      ++number;
    } else if (status == NATS_OK && text_of(answer) == kTwice) {
      return base::environment_error(
          fmt::format("another process has handed in as member {} at {}/{}", own.name, place.shown(), place.name),
          "run each part once, and under a name of its own");
    } else if (how.is_stopped() || steady_clock::now() >= until) {
      if (status != NATS_OK && status != NATS_TIMEOUT && status != NATS_NO_RESPONDERS)
        return std::unexpected(failure(place, status));
      return base::environment_error(
          fmt::format("nobody took the summary at {} {}", place.shown(),
                      how.is_stopped() ? "before this was to stop" : fmt::format("within {} s", how.wait.count())),
          fmt::format("run gantry load merge {}/{} --count N meanwhile", place.shown(), place.name));
    } else {
      std::this_thread::sleep_for(kAgain);
    }
  }
  return {};
}

Result<Collected> collect(const Place& place, const Collecting& how) {
  const Owned<natsConnection> connection = TRY(connect(place));
  natsSubscription* subscribed = nullptr;
  const std::string subject = fmt::format("gantry.{}.summary.*", place.name);
  const natsStatus status = natsConnection_SubscribeSync(&subscribed, connection.get(), subject.c_str());
  const Owned<natsSubscription> subscription(subscribed);
  if (status != NATS_OK) return std::unexpected(failure(place, status));
  Collector collector(connection.get(), how);
  const auto until = steady_clock::now() + how.wait;
  while (!collector.is_done() && !how.is_stopped() && steady_clock::now() < until) {
    natsMsg* message = nullptr;
    const natsStatus got = natsSubscription_NextMsg(&message, subscription.get(), kLookMs);
    const Owned<natsMsg> owned(message);
    if (got == NATS_OK) collector.hear(message);
  }
  // What was said last is on its way.
  static_cast<void>(natsConnection_FlushTimeout(connection.get(), kAnswerMs));
  return collector.all();
}

}  // namespace gantry::muster
