#include "base/text.h"
#include "muster/connection.h"
#include "muster/go.h"
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
//
// What is left of an earlier run may want to hand in at the same place, so that each says which run it is of. Where members wait for their
// collector, it knows which one is theirs; else the first whose members have all come is taken for it.

namespace gantry::muster {

namespace {

using base::Result;
using std::chrono::steady_clock;

constexpr std::size_t kPieceBytes = 256 << 10;
constexpr std::size_t kBytesMax = 64 << 20;  // of a member: a summary is below a megabyte
constexpr std::int64_t kAnswerMs = 1'000;
constexpr auto kAgain = std::chrono::milliseconds(200);
constexpr auto kTellAfter = std::chrono::seconds(1);  // that it waits
constexpr std::int64_t kLookMs = 100;
constexpr auto kAnnounceEvery = std::chrono::milliseconds(100);
constexpr std::size_t kRunsMax =
    8;  // that are kept: a few are left of earlier ones, and no stray words fill the memory
constexpr std::string_view kTaken = "taken";
constexpr std::string_view kTwice = "twice";
constexpr std::string_view kUseless = "useless";

struct Piece {
  std::size_t number = 0;
  std::size_t count = 0;
  std::string_view process = {};
  std::string_view run = {};  // kNobody where members did not wait for each other
  std::string_view bytes = {};
};

std::optional<std::size_t> read_number(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "number count process run\n" and the bytes.
std::optional<Piece> read_piece(std::string_view text) {
  Piece piece;
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return std::nullopt;
  const std::vector<std::string_view> words = base::split(text.substr(0, line), ' ');
  if (words.size() != 4 || !is_name(words[2]) || !is_name(words[3])) return std::nullopt;
  const std::optional<std::size_t> number = read_number(words[0]);
  const std::optional<std::size_t> count = read_number(words[1]);
  if (!number || !count || *count <= *number) return std::nullopt;
  return Piece{*number, *count, words[2], words[3], text.substr(line + 1)};
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
  Collector(natsConnection* connection, const Place& place, const Collecting& how)
      : connection_(connection), roll_(fmt::format("gantry.{}.roll", place.name)), how_(how) {}

  // To be called again and again, where members wait for this.
  void announce() {
    const auto now = steady_clock::now();
    if (how_.process.empty() || !own_run_.empty() || now < announce_at_) return;
    announce_at_ = now + kAnnounceEvery;
    const std::string text = fmt::format("{} {}", kCollects, how_.process);
    static_cast<void>(natsConnection_PublishString(connection_, roll_.c_str(), text.c_str()));
  }

  void hear(const natsMsg* message) {
    const std::string_view subject = natsMsg_GetSubject(message);
    if (subject == roll_) return hear_roll(text_of(message));
    const std::string member(subject.substr(subject.rfind('.') + 1));
    const std::optional<Piece> piece = read_piece(text_of(message));
    const char* const reply = natsMsg_GetReply(message);
    if (piece && reply && is_name(member)) hear_piece(member, *piece, reply);
  }

  bool is_done() const {
    if (!enough_.empty()) return true;
    if (how_.process.empty())
      return std::ranges::any_of(runs_, [&](const Run& run) { return run.whole() >= how_.count; });
    const auto own = std::ranges::find(runs_, own_run_, &Run::id);
    return own != runs_.end() && own->whole() >= how_.count;
  }

  Collected all() {
    Collected all;
    for (const auto& [run, member] : strangers_)
      if (run != own_run_) all.strangers.insert(member);
    const auto chosen = choose();
    for (auto run = runs_.begin(); run != runs_.end(); ++run) {
      for (auto& [member, received] : run->members) {
        if (!received.is_whole()) continue;
        if (run == chosen)
          all.by_member[member] = std::move(received.bytes);
        else
          all.strangers.insert(member);
      }
      if (run == chosen) all.twice = std::move(run->twice);
    }
    return all;
  }

 private:
  struct Run {
    std::string id;
    std::map<std::string, Received> members = {};
    std::set<std::string> twice = {};
    std::size_t whole() const {
      return static_cast<std::size_t>(
          std::ranges::count_if(members, [](const auto& each) { return each.second.is_whole(); }));
    }
  };

  void answer(const char* reply, std::string_view word) {
    static_cast<void>(natsConnection_PublishString(connection_, reply, std::string(word).c_str()));
  }

  void hear_roll(std::string_view text) {
    const std::optional<Go> go = read_go(text);
    if (go && !how_.process.empty() && go->collector == how_.process && own_run_.empty()) own_run_ = go->id();
  }

  // Where members wait for this: no run but theirs, and before that only what has failed without one.
  bool is_awaited(const Piece& piece) const {
    if (how_.process.empty()) return true;
    return own_run_.empty() ? piece.run == kNobody : piece.run == own_run_;
  }

  // Nobody's where there are too many.
  Run* find_run(std::string_view id) {
    const auto found = std::ranges::find(runs_, id, &Run::id);
    if (found != runs_.end()) return &*found;
    return runs_.size() < kRunsMax ? &runs_.emplace_back(Run{.id = std::string(id)}) : nullptr;
  }

  void hear_piece(const std::string& member, const Piece& piece, const char* reply) {
    // Who is not awaited is left waiting, and says so at its end.
    if (!is_awaited(piece)) {
      if (strangers_.size() < how_.count) strangers_.emplace(piece.run, member);
      return;
    }
    Run* const run = find_run(piece.run);
    if (!run) return;
    const auto known = run->members.find(member);
    if (known == run->members.end()) {
      Received fresh;
      if (run->members.size() >= how_.count || !take(fresh, piece)) return;
      return hear_taken(*run, run->members.emplace(member, std::move(fresh)).first, reply);
    }
    Received& received = known->second;
    if (received.is_whole() && received.process != piece.process) {
      run->twice.insert(member);
      return answer(reply, kTwice);
    }
    const bool was_whole = received.is_whole();
    if (!take(received, piece)) return;
    if (was_whole) return answer(reply, kTaken);
    hear_taken(*run, known, reply);
  }

  void hear_taken(Run& run, std::map<std::string, Received>::iterator at, const char* reply) {
    const Use use = at->second.is_whole() ? how_.look(at->first, at->second.bytes) : Use::part;
    if (use == Use::enough) enough_ = run.id;
    if (use == Use::none) run.members.erase(at);
    answer(reply, use == Use::none ? kUseless : kTaken);
  }

  // The run that is given: the one that is awaited, or was enough; else that of which most have come, of several the last.
  std::vector<Run>::iterator choose() {
    const std::string& wanted = enough_.empty() ? own_run_ : enough_;
    if (!wanted.empty()) return std::ranges::find(runs_, wanted, &Run::id);
    auto most = runs_.begin();
    for (auto run = runs_.begin(); run != runs_.end(); ++run)
      if (run->whole() >= most->whole()) most = run;
    return most;
  }

  natsConnection* connection_;
  const std::string roll_;
  const Collecting& how_;
  steady_clock::time_point announce_at_ = {};
  std::string own_run_ = {};                                      // that began with this
  std::string enough_ = {};                                       // whose member was
  std::vector<Run> runs_ = {};                                    // as they came
  std::set<std::pair<std::string, std::string>> strangers_ = {};  // run and member
};

// Who hands in, piece by piece.
class Giver {
 public:
  Giver(const Place& place, const Member& own, std::string_view bytes, const HandIn& how)
      : place_(place), own_(own), bytes_(bytes), how_(how), began_(steady_clock::now()) {}

  bool is_done() const { return next_ == count_; }
  bool is_connected() const { return connection_ != nullptr; }
  std::chrono::nanoseconds elapsed() const { return steady_clock::now() - began_; }

  // One attempt to give the next piece away, and what hinders it as long as that may pass. Errors: what will not.
  Result<std::optional<base::Error>> give_piece() {
    if (!connection_) {
      Result<Owned<natsConnection>> connected = connect(place_);
      if (!connected && how_.waits_for_server) return connected.error();
      connection_ = TRY(std::move(connected));
    }
    natsMsg* answer = nullptr;
    const natsStatus status = ask(&answer);
    const Owned<natsMsg> owned(answer);
    if (status == NATS_TIMEOUT || status == NATS_NO_RESPONDERS) return nobody_took();
    if (status != NATS_OK) return failure(place_, status);
    const std::string_view word = text_of(answer);
    if (word == kTwice)
      return base::environment_error(
          fmt::format("another process has handed in as member {} at {}/{}", own_.name, place_.shown(), place_.name),
          "run each part once, and under a name of its own");
    if (word == kUseless)
      return base::environment_error(
          fmt::format("whoever merges at {}/{} cannot read the summary", place_.shown(), place_.name),
          "let the same version of gantry run the parts and merge them");
    if (word != kTaken) return nobody_took();
    ++next_;
    return std::nullopt;
  }

 private:
  natsStatus ask(natsMsg** answer) {
    const std::string subject = fmt::format("gantry.{}.summary.{}", place_.name, own_.name);
    const std::string_view run = how_.run.empty() ? kNobody : std::string_view(how_.run);
    std::string text = fmt::format("{} {} {} {}\n", next_, count_, own_.process, run);
    text += bytes_.substr(next_ * kPieceBytes, kPieceBytes);
    return natsConnection_Request(answer, connection_.get(), subject.c_str(), text.data(),
                                  static_cast<int>(text.size()), kAnswerMs);
  }

  std::optional<base::Error> nobody_took() const {
    const auto waited = std::chrono::duration_cast<std::chrono::seconds>(elapsed());
    const bool is_early = how_.is_stopped();
    return base::Error{
        .kind = base::ErrorKind::environment,
        .message = fmt::format("nobody took the summary at {}/{} {}", place_.shown(), place_.name,
                               is_early ? "before this was to stop" : fmt::format("within {} s", waited.count())),
        .help = fmt::format("run gantry load merge {}/{} --count N meanwhile", place_.shown(), place_.name)};
  }

  const Place& place_;
  const Member& own_;
  const std::string_view bytes_;
  const HandIn& how_;
  const steady_clock::time_point began_;
  const std::size_t count_ = std::max<std::size_t>(1, (bytes_.size() + kPieceBytes - 1) / kPieceBytes);
  std::size_t next_ = 0;  // of the pieces
  Owned<natsConnection> connection_ = {};
};

}  // namespace

Result<void> hand_in(const Place& place, const Member& own, std::string_view bytes, const HandIn& how) {
  TRY(check_names(own));
  Giver giver(place, own, bytes, how);
  bool has_told = false;
  while (!giver.is_done()) {
    const std::optional<base::Error> hindrance = TRY(giver.give_piece());
    if (!hindrance) continue;
    if (how.is_stopped() || giver.elapsed() >= how.wait) return std::unexpected(*hindrance);
    if (giver.elapsed() >= kTellAfter && !std::exchange(has_told, true))
      how.on_wait(giver.is_connected() ? "nobody collects there yet" : hindrance->message);
    std::this_thread::sleep_for(kAgain);
  }
  return {};
}

Result<Collected> collect(const Place& place, const Collecting& how) {
  const Owned<natsConnection> connection = TRY(connect(place));
  natsSubscription* subscribed = nullptr;
  // In one subscription, so that who began with this is known before they hand in.
  const std::string subject = fmt::format("gantry.{}.{}", place.name, how.process.empty() ? "summary.*" : ">");
  const natsStatus status = natsConnection_SubscribeSync(&subscribed, connection.get(), subject.c_str());
  const Owned<natsSubscription> subscription(subscribed);
  if (status != NATS_OK) return std::unexpected(failure(place, status));
  Collector collector(connection.get(), place, how);
  const auto until = steady_clock::now() + how.wait;
  while (!collector.is_done() && !how.is_stopped() && steady_clock::now() < until) {
    collector.announce();
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
