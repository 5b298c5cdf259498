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
constexpr std::int64_t kAnswerMs = 2'000;
constexpr auto kAgain = std::chrono::milliseconds(200);
constexpr std::int64_t kLookMs = 200;
constexpr std::string_view kTaken = "taken";

struct Piece {
  std::size_t number = 0;
  std::size_t count = 0;
  std::string_view bytes = {};
};

// "number count\n" and the bytes.
std::optional<Piece> read_piece(std::string_view text) {
  Piece piece;
  const char* const end = text.data() + text.size();
  const auto [behind_number, number_error] = std::from_chars(text.data(), end, piece.number);
  if (number_error != std::errc() || behind_number == end || *behind_number != ' ') return std::nullopt;
  const auto [behind_count, count_error] = std::from_chars(behind_number + 1, end, piece.count);
  if (count_error != std::errc() || behind_count == end || *behind_count != '\n') return std::nullopt;
  piece.bytes = std::string_view(behind_count + 1, end);
  return piece;
}

// What one member has handed in so far.
struct Received {
  std::string bytes = {};
  std::size_t pieces = 0;
  std::size_t count = 0;
  bool is_whole() const { return count > 0 && pieces == count; }
};

// False for a piece that does not follow what is there.
bool take(Received& received, const Piece& piece) {
  if (piece.number == 0) received = {.count = piece.count};
  // Sent again, because its answer was lost.
  if (received.count == piece.count && piece.number + 1 == received.pieces) return true;
  if (piece.count != received.count || piece.number != received.pieces || piece.number >= piece.count) return false;
  if (received.bytes.size() + piece.bytes.size() > kBytesMax) return false;
  received.bytes += piece.bytes;
  ++received.pieces;
  return true;
}

class Collector {
 public:
  Collector(natsConnection* connection, std::size_t count) : connection_(connection), count_(count) {}

  void hear(const natsMsg* message) {
    const std::string_view subject = natsMsg_GetSubject(message);
    const std::string member(subject.substr(subject.rfind('.') + 1));
    const std::optional<Piece> piece = read_piece(text_of(message));
    const char* const reply = natsMsg_GetReply(message);
    if (!piece || !reply || !is_name(member)) return;
    // Who is not awaited is left waiting, and says so at its end.
    if (!received_.contains(member) && received_.size() >= count_) return;
    if (take(received_[member], *piece))
      static_cast<void>(natsConnection_PublishString(connection_, reply, std::string(kTaken).c_str()));
  }

  std::size_t whole() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(received_, [](const auto& each) { return each.second.is_whole(); }));
  }

  std::map<std::string, std::string> all() {
    std::map<std::string, std::string> all;
    for (auto& [member, received] : received_) all[member] = std::move(received.bytes);
    return all;
  }

 private:
  natsConnection* connection_;
  std::size_t count_;
  std::map<std::string, Received> received_ = {};
};

}  // namespace

Result<void> hand_in(const Place& place, const std::string& member, std::string_view bytes, std::chrono::seconds wait) {
  if (!is_name(member))
    return base::usage_error(fmt::format("\"{}\" is no name for a member", member), "take letters, digits, - and _");
  const Owned<natsConnection> connection = TRY(connect(place));
  const std::string subject = fmt::format("gantry.{}.summary.{}", place.name, member);
  const std::size_t count = std::max<std::size_t>(1, (bytes.size() + kPieceBytes - 1) / kPieceBytes);
  const auto until = steady_clock::now() + wait;
  for (std::size_t number = 0; number < count;) {
    std::string text = fmt::format("{} {}\n", number, count);
    text += bytes.substr(number * kPieceBytes, kPieceBytes);
    natsMsg* answer = nullptr;
    const natsStatus status = natsConnection_Request(&answer, connection.get(), subject.c_str(), text.data(),
                                                     static_cast<int>(text.size()), kAnswerMs);
    const Owned<natsMsg> owned(answer);
    if (status == NATS_OK && text_of(answer) == kTaken) {
      ++number;
    } else if (steady_clock::now() >= until) {
      return base::environment_error(
          fmt::format("nobody took the summary at {} within {} s", place.shown(), wait.count()),
          fmt::format("run gantry load merge {}/{} --count N meanwhile", place.shown(), place.name));
    } else {
      std::this_thread::sleep_for(kAgain);
    }
  }
  return {};
}

Result<std::map<std::string, std::string>> collect(const Place& place, std::size_t count, std::chrono::seconds wait,
                                                   const std::function<bool()>& is_stopped) {
  const Owned<natsConnection> connection = TRY(connect(place));
  natsSubscription* subscribed = nullptr;
  const std::string subject = fmt::format("gantry.{}.summary.*", place.name);
  const natsStatus status = natsConnection_SubscribeSync(&subscribed, connection.get(), subject.c_str());
  const Owned<natsSubscription> subscription(subscribed);
  if (status != NATS_OK) return std::unexpected(failure(place, status));
  Collector collector(connection.get(), count);
  const auto until = steady_clock::now() + wait;
  while (collector.whole() < count) {
    if (steady_clock::now() >= until || is_stopped())
      return base::environment_error(
          fmt::format("{} of {} summaries came to {}/{}", collector.whole(), count, place.shown(), place.name),
          "look at the members that are missing, or wait longer with --wait");
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
