#include "load/http/connection.h"

#include "base/text.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace gantry::load {

namespace {

using std::chrono::steady_clock;

// What has come until it is parsed, between which nobody waits: one for all connections of a thread, which keeps it in the cache.
constexpr std::size_t kBufferBytes = std::size_t{16} << 10;
thread_local std::array<char, kBufferBytes> buffer;
// VUs ask for the same. No other fiber has its turn between a look at it and a copy of what was found.
thread_local ResponseParser::KnownHeads known_heads;
using Done = std::expected<void, HttpFailure>;
// However long the request may take (k6 reference, §18).
constexpr auto kDialTimeout = std::chrono::seconds(30);

std::string to_text(const Address& address) {
  const bool is_ipv6 = address.storage.ss_family == AF_INET6;
  return fmt::format("{}{}{}:{}", is_ipv6 ? "[" : "", address.ip, is_ipv6 ? "]" : "", address.port);
}

HttpFailure dial_failure(int error, const Address& peer, const Address* from, std::string_view call = "connect") {
  const std::string whom = fmt::format("dial tcp {}{}{}", from ? to_text(*from) : "", from ? "->" : "", to_text(peer));
  if (error == ECONNREFUSED) return {1212, "dial: connection refused", whom + ": connect: connection refused"};
  if (error == ETIMEDOUT) return {1211, "dial: i/o timeout", whom + ": i/o timeout"};
  const std::string text = base::to_lower_ascii(std::strerror(error));
  return {1213, fmt::format("dial: unknown errno {} error with msg `{}`", error, text),
          fmt::format("{}: {}: {}", whom, call, text)};
}

HttpFailure read_failure(int error) {
  if (error == ECONNRESET) return {1220, "read: connection reset by peer"};
  return {1200, fmt::format("read: {}", std::strerror(error))};
}

HttpFailure write_failure(int error) {
  if (error == EPIPE) return {1201, "write: broken pipe"};
  if (error == ECONNRESET) return {1220, "write: connection reset by peer"};
  return {1200, fmt::format("write: {}", std::strerror(error))};
}

// Whether the other side has gone. What it said before that can still be read, and may be the reason: an alert, a good-bye.
bool is_gone(int send_error) { return send_error == EPIPE || send_error == ECONNRESET; }

std::expected<void, HttpFailure> wait_for(Waiting waiting, Socket& socket, std::uint32_t wanted, SteadyTime deadline) {
  switch (waiting.crew.wait(waiting.member, socket, wanted, deadline)) {
    case Wake::ready: return {};
    case Wake::timed_out: return std::unexpected(timed_out());
    case Wake::interrupted: return std::unexpected(interrupted());
  }
  return {};
}

}  // namespace

HttpFailure timed_out() { return {1050, "request timeout"}; }
HttpFailure interrupted() { return {0, "interrupted"}; }

std::expected<std::unique_ptr<Connection>, HttpFailure> Connection::open(Waiting waiting, const Ends& ends,
                                                                         Traffic& traffic, SteadyTime deadline) {
  if (ends.from && ends.from->storage.ss_family != ends.to.storage.ss_family) {
    const std::string text = fmt::format("dial tcp: address {}: no suitable address found", to_text(*ends.from));
    return std::unexpected(HttpFailure{1210, text, text});
  }
  const int fd = ::socket(ends.to.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return std::unexpected(HttpFailure{1210, fmt::format("dial: {}", std::strerror(errno))});
  std::unique_ptr<Connection> connection(new Connection(waiting, fd, ends.to, traffic));
  connection->socket_.tell_when_it_comes();
  const int yes = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
  // A port is chosen when it is known where to, so that an address has all its ports for each target.
  if (ends.from) ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
  if (Done connected = connection->connect(deadline, ends.from); !connected)
    return std::unexpected(std::move(connected).error());
  return connection;
}

Connection::~Connection() {
  crew_.unwatch(socket_);
  ::close(socket_.fd);
}

Done Connection::connect(SteadyTime deadline, const Address* from) {
  if (from && ::bind(socket_.fd, reinterpret_cast<const sockaddr*>(&from->storage), from->size) != 0)
    return std::unexpected(dial_failure(errno, peer_, from, "bind"));
  const auto* address = reinterpret_cast<const sockaddr*>(&peer_.storage);
  if (::connect(socket_.fd, address, peer_.size) != 0 && errno != EINPROGRESS)
    return std::unexpected(dial_failure(errno, peer_, from));
  if (const base::Result<void> watched = crew_.watch(socket_); !watched)
    return std::unexpected(HttpFailure{1210, fmt::format("dial: {}", watched.error().message)});
  const SteadyTime give_up = steady_clock::now() + kDialTimeout;
  if (Done writable = wait_for(waiting(), socket_, Socket::writable, std::min(deadline, give_up)); !writable) {
    const bool is_dial_late = writable.error().code == 1050 && give_up < deadline;
    return is_dial_late ? std::unexpected(dial_failure(ETIMEDOUT, peer_, from)) : writable;
  }
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket_.fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return std::unexpected(dial_failure(error, peer_, from));
  return {};
}

// Each flight of ours until the other side has nothing more to ask.
Done Connection::start_tls(const TlsContext& context, const TlsPeer& peer, SteadyTime deadline) {
  tls_.emplace(context, peer);
  for (;;) {
    const std::expected<bool, HttpFailure> is_done = tls_->handshake();
    // An alert tells the server what is wrong with it.
    if (Done sent = send_on_wire(tls_->take_output(), deadline); !sent && is_done) return sent;
    if (!is_done) return std::unexpected(is_done.error());
    if (*is_done) {
      link_ = std::make_shared<const Link>(
          Link{peer_.ip, peer_.port, std::string(tls_->version()), std::string(tls_->cipher()), tls_->ocsp()});
      return {};
    }
    std::expected<std::size_t, HttpFailure> count = receive_from_wire(deadline);
    if (!count) return std::unexpected(std::move(count).error());
    if (*count == 0) return std::unexpected(HttpFailure{1000, "EOF"});
    tls_->feed({buffer.data(), *count});
  }
}

Done Connection::send_all(std::string_view bytes, SteadyTime deadline) {
  if (!tls_) return send_on_wire(bytes, deadline);
  if (Done written = tls_->write(bytes); !written) return written;
  return send_on_wire(tls_->take_output(), deadline);
}

// An errno, as Socket::send.
int Connection::send_some(std::string_view& bytes) {
  const std::size_t before = bytes.size();
  const int error = socket_.send(bytes);
  traffic_.sent += before - bytes.size();
  return error;
}

Done Connection::send_on_wire(std::string_view bytes, SteadyTime deadline) {
  while (!bytes.empty()) {
    const int error = send_some(bytes);
    if (error != 0 && error != EAGAIN) return std::unexpected(write_failure(error));
    if (error == 0) continue;
    if (Done writable = wait_for(waiting(), socket_, Socket::writable, deadline); !writable) return writable;
  }
  return {};
}

std::expected<std::size_t, HttpFailure> Connection::receive(SteadyTime deadline) {
  if (!tls_) return receive_from_wire(deadline);
  for (;;) {
    std::expected<std::size_t, HttpFailure> count = tls_->read(buffer);
    if (!count || *count > 0 || tls_->has_ended()) return count;
    // What the server asks of the session itself, such as new keys.
    if (Done sent = send_on_wire(tls_->take_output(), deadline); !sent) return std::unexpected(std::move(sent).error());
    std::expected<std::size_t, HttpFailure> came = receive_from_wire(deadline);
    if (!came || *came == 0) return came;
    tls_->feed({buffer.data(), *came});
  }
}

std::expected<std::size_t, HttpFailure> Connection::receive_from_wire(SteadyTime deadline) {
  for (;;) {
    // What has not been seen to be readable is not asked: the answer to a request just sent is never there yet.
    if (Done readable = wait_for(waiting(), socket_, Socket::readable, deadline); !readable)
      return std::unexpected(std::move(readable).error());
    const std::expected<std::optional<std::size_t>, int> came = socket_.receive(buffer);
    if (!came) return std::unexpected(read_failure(came.error()));
    if (!*came) continue;
    note_received(**came);
    return **came;
  }
}

Done Connection::queue(std::string_view bytes) {
  if (tls_) {
    if (Done written = tls_->write(bytes); !written) return written;
    bytes = tls_->take_output();
  }
  unsent_ += bytes;
  return {};
}

Done Connection::flush() {
  std::string_view rest = unsent_;
  int error = 0;
  while (!rest.empty() && error == 0) error = send_some(rest);
  if (is_gone(error)) {
    if (send_error_ == 0) send_error_ = error;
    may_reuse_ = false;
    rest = {};
  } else if (error != 0 && error != EAGAIN) {
    return std::unexpected(write_failure(error));
  }
  unsent_.erase(0, unsent_.size() - rest.size());
  // Who waits for what comes is to go on when this can.
  if (!unsent_.empty() && socket_.waiter) socket_.wanted |= Socket::writable;
  return {};
}

std::expected<std::optional<std::size_t>, HttpFailure> Connection::receive_some(std::span<char> into,
                                                                                SteadyTime deadline) {
  for (;;) {
    if (tls_) {
      std::expected<std::size_t, HttpFailure> count = tls_->read(into);
      if (!count) return std::unexpected(std::move(count).error());
      if (*count > 0 || tls_->has_ended()) return *count;
      // What the server asks of the session itself, such as new keys.
      unsent_ += tls_->take_output();
      if (Done flushed = flush(); !flushed) return std::unexpected(std::move(flushed).error());
    }
    const std::uint32_t wanted = Socket::readable | (unsent_.empty() ? 0 : Socket::writable);
    if (Done ready = wait_for(waiting(), socket_, wanted, deadline); !ready)
      return std::unexpected(std::move(ready).error());
    if ((socket_.events & Socket::readable) == 0) return std::nullopt;
    std::expected<std::size_t, HttpFailure> came = receive_from_wire(deadline);
    if (send_error_ != 0 && came.value_or(0) == 0) return std::unexpected(write_failure(send_error_));
    if (!came) return std::unexpected(std::move(came).error());
    if (tls_ && *came > 0) {
      tls_->feed({buffer.data(), *came});
      continue;
    }
    std::copy_n(buffer.begin(), std::min(*came, into.size()), into.begin());
    return *came;
  }
}

std::expected<std::string_view, HttpFailure> Connection::receive_next(SteadyTime deadline) {
  const std::expected<std::size_t, HttpFailure> count = receive(deadline);
  if (!count) return std::unexpected(count.error());
  return std::string_view(buffer.data(), *count);
}

void Connection::note_received(std::size_t count) {
  bytes_received_ += count;
  traffic_.received += count;
}

// What has come of an answer, or its end.
Done Connection::take(ResponseParser& parser, std::string_view bytes) {
  if (bytes.empty()) {
    if (const auto ended = parser.end(); !ended)
      return std::unexpected(HttpFailure{1000, parser.has_head() ? std::string(to_string(ended.error())) : "EOF"});
    return {};
  }
  answer_bytes_ += bytes.size();
  const auto used = parser.feed(bytes);
  if (!used) return std::unexpected(HttpFailure{1000, std::string(to_string(used.error()))});
  // A server that says more than it was asked is not listened to again.
  if (*used < bytes.size()) may_reuse_ = false;
  return {};
}

// What has come over the wire. By TLS there may be nothing of an answer in it.
Done Connection::take_from_wire(ResponseParser& parser, std::string_view bytes, const Arrival& when, Arrival& arrival) {
  if (!tls_) {
    arrival = when;
    return take(parser, bytes);
  }
  tls_->feed(bytes);
  const std::expected<std::size_t, HttpFailure> count = tls_->read(buffer);
  if (!count) return std::unexpected(count.error());
  if (*count == 0) return {};
  arrival = when;
  return take(parser, {buffer.data(), *count});
}

// What the crew has fetched.
Done Connection::take_first(ResponseParser& parser, const Incoming& incoming, Arrival& arrival) {
  if (incoming.error != 0) return std::unexpected(read_failure(incoming.error));
  if (!incoming.count) return {};
  note_received(*incoming.count);
  return take_from_wire(parser, {incoming.buffer.data(), *incoming.count}, {incoming.seen, incoming.ended}, arrival);
}

Done Connection::receive_response(ResponseParser& parser, SteadyTime deadline, Arrival& arrival) {
  while (!parser.is_done()) {
    const std::uint64_t received_before = bytes_received_;
    std::expected<std::size_t, HttpFailure> count = receive(deadline);
    if (!count) return std::unexpected(std::move(count).error());
    // Else it has come with what was here already. The turn to read it may be long after it has come.
    if (arrival.last == SteadyTime()) arrival.last = socket_.is_exact ? socket_.seen : steady_clock::now();
    if (bytes_received_ != received_before) arrival.last = std::max(arrival.last, socket_.seen);
    if (arrival.first == SteadyTime()) arrival.first = arrival.last;
    if (Done taken = take(parser, {buffer.data(), *count}); !taken) return taken;
  }
  return {};
}

// What a server has said of its own accord since its last answer. By TLS that may be that it is going to say no more, although the
// connection stays.
Done Connection::hear_before_asking() {
  while ((socket_.events & Socket::readable) != 0) {
    const std::expected<std::size_t, HttpFailure> count = receive_from_wire(SteadyTime());
    if (!count && count.error().code == timed_out().code) break;  // an event about nothing
    if (!count) return std::unexpected(count.error());
    if (*count == 0) return std::unexpected(HttpFailure{1000, "EOF"});
    tls_->feed({buffer.data(), *count});
  }
  if (!tls_->has_input()) return {};
  const std::expected<std::size_t, HttpFailure> count = tls_->read(buffer);
  if (!count) return std::unexpected(count.error());
  if (*count > 0 || tls_->has_ended()) return std::unexpected(HttpFailure{1000, "EOF"});
  return {};
}

// What the crew has not sent at once. A server may answer before it has read all, and read no more then: the rest is not for it.
Done Connection::send_rest(Outgoing& outgoing, ResponseParser& parser, SteadyTime deadline, Arrival& arrival) {
  while (!outgoing.bytes.empty()) {
    if (outgoing.error == EAGAIN) {
      if (Done ready = wait_for(waiting(), socket_, Socket::readable | Socket::writable, deadline); !ready)
        return ready;
      if (Done heard = hear_while_asking(parser, arrival); !heard || parser.has_head()) return heard;
    } else if (outgoing.error != 0) {
      may_reuse_ = false;
      Done heard = receive_response(parser, deadline, arrival);
      const bool is_why = heard || parser.has_head() || heard.error().code == kTlsAlert;
      return is_why ? heard : std::unexpected(write_failure(outgoing.error));
    }
    outgoing.error = socket_.send(outgoing.bytes);
    outgoing.ended = steady_clock::now();
  }
  return {};
}

Done Connection::hear_while_asking(ResponseParser& parser, Arrival& arrival) {
  if ((socket_.events & Socket::readable) == 0) return {};
  const std::expected<std::size_t, HttpFailure> count = receive_from_wire(SteadyTime());
  if (!count && count.error().code == timed_out().code) return {};  // an event about nothing
  if (!count) return std::unexpected(count.error());
  const SteadyTime now = steady_clock::now();
  Done taken = take_from_wire(parser, {buffer.data(), *count}, {now, now}, arrival);
  if (parser.has_head()) may_reuse_ = false;
  return taken;
}

std::expected<Exchange, BrokenExchange> Connection::exchange(const ExchangeOptions& options) {
  const std::uint64_t answered_before = answer_bytes_;
  ExchangeTimes times;
  const auto broken = [&](HttpFailure failure) {
    may_reuse_ = false;
    const bool was_interrupted = failure.code == interrupted().code;
    const bool has_closed = !was_interrupted && failure.code != timed_out().code;
    return std::unexpected(BrokenExchange{.failure = std::move(failure),
                                          .times = times,
                                          .was_stale = has_served_ && has_closed && answer_bytes_ == answered_before,
                                          .was_refused = has_closed && times.begun == SteadyTime(),
                                          .was_interrupted = was_interrupted});
  };
  Outgoing outgoing{.bytes = options.request};
  if (tls_) {
    if (Done open = hear_before_asking(); !open) return broken(std::move(open).error());
    if (Done written = tls_->write(options.request); !written) return broken(std::move(written).error());
    outgoing.bytes = tls_->take_output();
  }
  const std::size_t bytes = outgoing.bytes.size();
  std::array<char, kBufferBytes> first_bytes;
  Incoming incoming{.buffer = first_bytes};
  const Wake wake = crew_.converse(*member_, socket_, outgoing, incoming, options.deadline);
  ResponseParser parser(options.body, options.is_head,
                        {.body_bytes_max = options.body_bytes_max, .known_heads = &known_heads});
  Arrival arrival;
  Done done;
  if (wake == Wake::timed_out) done = std::unexpected(timed_out());
  if (wake == Wake::interrupted) done = std::unexpected(interrupted());
  if (done) done = send_rest(outgoing, parser, options.deadline, arrival);
  traffic_.sent += bytes - outgoing.bytes.size();
  times.begun = outgoing.begun;
  times.sending = outgoing.ended - outgoing.begun;
  if (done) done = take_first(parser, incoming, arrival);
  if (done) done = receive_response(parser, options.deadline, arrival);
  if (!done || arrival.first == SteadyTime()) arrival.last = steady_clock::now();
  // A server may have answered before the kernel came back from sending.
  if (arrival.first != SteadyTime()) arrival.first = std::max(arrival.first, outgoing.ended);
  arrival.last = std::max(arrival.last, arrival.first);
  if (outgoing.begun != SteadyTime())
    times.waiting = (arrival.first == SteadyTime() ? arrival.last : arrival.first) - outgoing.ended;
  times.receiving = arrival.first == SteadyTime() ? std::chrono::nanoseconds(0) : arrival.last - arrival.first;
  if (!done) return broken(std::move(done).error());
  has_served_ = true;
  may_reuse_ = may_reuse_ && parser.may_reuse();
  return Exchange{.head = parser.take_head(), .body = parser.take_body(), .times = times};
}

}  // namespace gantry::load
