#pragma once

// One connection of a VU, plain or through TLS, and one request on it after the other. Times are taken where k6 takes them (k6 reference, §8):
// sending until the last byte is written, waiting until the first of the answer, receiving until its last.

#include "load/crew/crew.h"
#include "load/http/response_parser.h"
#include "load/http/tls.h"

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gantry::load {

// k6's numbers for what can go wrong, and its words (k6 reference, §10.10).
struct HttpFailure {
  int code = 1000;
  std::string text = {};
  std::string detail = {};  // more than that, where it is said to somebody who catches it
};

inline constexpr int kTlsAlert = 1010;  // what the other side of TLS finds wrong: to k6 an error of no network's
HttpFailure timed_out();                // 1050
HttpFailure interrupted();              // 0, which is no failure of the request's

struct Address {
  sockaddr_storage storage = {};
  socklen_t size = 0;
  std::string ip = {};  // as text
  std::uint16_t port = 0;
};

// Who is at the other end of a connection, and what was agreed on with them. It never changes.
struct Link {
  std::string ip = {};
  std::uint16_t port = 0;
  std::string tls_version = {};  // "tls1.3"; empty for plain
  std::string tls_cipher = {};   // TlsSession::cipher
  std::shared_ptr<const OcspStaple> ocsp = {};
};

// Of a connection.
struct Ends {
  Address to = {};
  const Address* from = nullptr;  // of this machine, and outlives the connecting; null for any
};

// One VU's fiber, and the crew that it waits in.
struct Waiting {
  Crew& crew;
  Member& member;
};

// On the wire, what a handshake takes too.
struct Traffic {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
};

struct ExchangeTimes {
  SteadyTime begun = {};  // never, where nothing was sent
  std::chrono::nanoseconds sending{0};
  std::chrono::nanoseconds waiting{0};
  std::chrono::nanoseconds receiving{0};

  std::chrono::nanoseconds duration() const { return sending + waiting + receiving; }
  SteadyTime ended() const { return begun + duration(); }
};

struct Exchange {
  ResponseHead head = {};
  KeptBody body = {};
  ExchangeTimes times = {};
};

struct BrokenExchange {
  HttpFailure failure = {};
  ExchangeTimes times = {};
  // No byte of an answer has come, and the connection had served before: most likely the server closed it while it was idle.
  bool was_stale = false;
  bool was_refused = false;  // the server says that it has not looked at it
  bool was_interrupted = false;
};

struct ExchangeOptions {
  std::string_view request = {};  // head and body
  ResponseParser::Body body = ResponseParser::Body::keep;
  std::size_t body_bytes_max = KeptBody::kBytesMax;  // of one that is kept
  Headers* trailers = nullptr;                       // where to put those of HTTP/2, for whoever asks for them
  bool is_head = false;
  SteadyTime deadline = kNever;
};

class Connection {
 public:
  // `traffic` is added to, and outlives this. Errors: as k6 has them: refused, timed out, unreachable; interrupted is code 0.
  static std::expected<std::unique_ptr<Connection>, HttpFailure> open(Waiting waiting, const Ends& ends,
                                                                      Traffic& traffic, SteadyTime deadline);
  // Who waits for the next exchange: at first who opened it.
  void serve(Waiting waiting) { member_ = &waiting.member; }
  // Before the first exchange: all goes through TLS from now on.
  std::expected<void, HttpFailure> start_tls(const TlsContext& context, const TlsPeer& peer, SteadyTime deadline);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  std::expected<Exchange, BrokenExchange> exchange(const ExchangeOptions& options);
  // For HTTP/2, whose requests take turns on it. queue() and flush() never wait: what the other side does not take yet stays unsent. That
  // it has gone is told by receive_some(), behind all that it has said before.
  std::expected<void, HttpFailure> queue(std::string_view bytes);
  std::expected<void, HttpFailure> flush();
  std::size_t unsent_bytes() const { return unsent_.size(); }
  // Waits until something came, or what is unsent may go on: nothing then. 0 at the end of the connection.
  std::expected<std::optional<std::size_t>, HttpFailure> receive_some(std::span<char> into, SteadyTime deadline);
  Crew& crew() { return crew_; }
  // When the crew saw the last that has come.
  SteadyTime heard_at() const { return socket_.seen; }

  // Whether another request may be sent on it: the answer before allowed it, and the server has not closed it since.
  bool may_reuse() const { return may_reuse_ && (socket_.events & Socket::ended) == 0; }
  // For who speaks something else than HTTP on it. What comes is valid until the next call, and empty at the end of the connection.
  std::expected<void, HttpFailure> send(std::string_view bytes, SteadyTime deadline) {
    return send_all(bytes, deadline);
  }
  std::expected<std::string_view, HttpFailure> receive_next(SteadyTime deadline);
  // Whether receive_next() may have something without waiting for the other side.
  bool may_have_more() const { return tls_.has_value() || (socket_.events & Socket::readable) != 0; }
  Socket& socket() { return socket_; }

  // Never null. Of TLS once that has shaken hands.
  const std::shared_ptr<const Link>& link() const { return link_; }
  const std::optional<TlsSession>& tls() const { return tls_; }

 private:
  Connection(Waiting waiting, int fd, Address peer, Traffic& traffic)
      : crew_(waiting.crew),
        member_(&waiting.member),
        socket_{.fd = fd},
        peer_(std::move(peer)),
        link_(std::make_shared<const Link>(Link{.ip = peer_.ip, .port = peer_.port})),
        traffic_(traffic) {}
  Waiting waiting() const { return {crew_, *member_}; }
  std::expected<void, HttpFailure> connect(SteadyTime deadline, const Address* from);
  std::expected<void, HttpFailure> send_all(std::string_view bytes, SteadyTime deadline);
  int send_some(std::string_view& bytes);
  std::expected<void, HttpFailure> send_on_wire(std::string_view bytes, SteadyTime deadline);
  // How many bytes came; 0 at the end of the connection.
  std::expected<std::size_t, HttpFailure> receive(SteadyTime deadline);
  std::expected<std::size_t, HttpFailure> receive_from_wire(SteadyTime deadline);
  // When the first byte of an answer was there, and the last.
  struct Arrival {
    SteadyTime first = {};
    SteadyTime last = {};
  };
  std::expected<void, HttpFailure> hear_before_asking();
  std::expected<void, HttpFailure> send_rest(Outgoing& outgoing, ResponseParser& parser, SteadyTime deadline,
                                             Arrival& arrival);
  std::expected<void, HttpFailure> hear_while_asking(ResponseParser& parser, Arrival& arrival);
  void note_received(std::size_t count);
  std::expected<void, HttpFailure> take_from_wire(ResponseParser& parser, std::string_view bytes, const Arrival& when,
                                                  Arrival& arrival);
  std::expected<void, HttpFailure> take(ResponseParser& parser, std::string_view bytes);
  std::expected<void, HttpFailure> take_first(ResponseParser& parser, const Incoming& incoming, Arrival& arrival);
  std::expected<void, HttpFailure> receive_response(ResponseParser& parser, SteadyTime deadline, Arrival& arrival);

  Crew& crew_;
  Member* member_;
  Socket socket_;
  Address peer_;
  std::optional<TlsSession> tls_ = {};
  std::shared_ptr<const Link> link_;
  bool may_reuse_ = true;
  bool has_served_ = false;
  std::string unsent_ = {};  // for the wire
  int send_error_ = 0;       // an errno: of flush(), once the other side has gone
  Traffic& traffic_;
  std::uint64_t bytes_received_ = 0;
  std::uint64_t answer_bytes_ = 0;  // of those that are HTTP
};

}  // namespace gantry::load
