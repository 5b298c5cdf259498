#pragma once

// One HTTP/1.1 server for everything in Gantry that listens: the console, the log store, the sample API. It is meant to
// stand in the open: whatever a stranger controls has a limit with a name.
//
//   const Router router = TRY(Router::create({{.pattern = "/health", .handler = [](const Request&) {
//                                                return Response::json(R"({"status":"ok"})"); }}}));
//   const std::unique_ptr<Server> server = TRY(Server::start({.port = 8000}, router));
//   ...                                          // server->port() is the real one where 0 was asked for
//   server->stop(std::chrono::seconds(30));      // finishes what is under way
//
// Each worker thread has its own event loop and its own listening socket (SO_REUSEPORT); a connection lives and dies on
// one of them. Pipelined requests are answered in order. HTTP/2 is not spoken: put a proxy in front where it is wanted.

#include "base/result.h"
#include "base/time.h"
#include "http/handlers.h"
#include "http/message.h"
#include "http/router.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::http {

// Everything a stranger could have too much of. What is answered stands behind each.
struct Limits {
  std::size_t head_bytes_max = 16 << 10;            // request line and fields: 431
  std::size_t target_bytes_max = 8 << 10;           // the URL in it: 414
  std::uint64_t body_bytes_max = 1 << 20;           // as sent: 413. Routes may have their own
  std::uint64_t decompressed_bytes_max = 16 << 20;  // of a compressed body: 413, at the limit and not after it
  std::size_t message_bytes_max = 1 << 20;          // one WebSocket message: close code 1009

  std::size_t connections_max = 10'000;        // 503 and closed; also where the process may have no more files open
  std::size_t requests_in_flight_max = 1'000;  // with a head read and no answer yet, uploads and streams included: 503
  std::size_t send_queue_bytes_max = 8 << 20;  // written by a handler and not yet taken by the client: cut
  std::size_t send_queue_bytes_full = 256 << 10;  // from here on SendState::full

  std::chrono::milliseconds idle_time_max = std::chrono::seconds(75);  // between requests: closed
  std::chrono::milliseconds head_time_max =
      std::chrono::seconds(10);  // from a request's first byte to the head's last: 408
  std::chrono::milliseconds answer_time_max = std::chrono::seconds(60);  // for an AsyncHandler to answer: 503
  // A body must come, and a response be taken, at this pace; both have a start of so long. Slower clients are cut (408 where
  // nothing was answered yet).
  std::chrono::milliseconds transfer_time_min = std::chrono::seconds(20);
  std::uint64_t transfer_rate_min = 1 << 10;  // bytes a second
  // In the middle of a body or a response, without a byte taken or sent, however quick it was before; and in a response that
  // a handler streams, without an acknowledgement from the client's machine, also while there is nothing to send: cut. So
  // a client whose network has gone without a word is noticed.
  std::chrono::milliseconds stall_time_max = std::chrono::seconds(60);
  std::chrono::milliseconds ping_time =
      std::chrono::seconds(30);  // of silence before a WebSocket is pinged, and before it is cut
};

// PEM texts, read by the caller. TLS 1.2 and later.
struct Tls {
  std::string certificate_chain = {};
  std::string private_key = {};
};

// Who may read answers from a page of another origin (https://fetch.spec.whatwg.org/#http-cors-protocol). Preflights
// are answered without a token and without a handler. A WebSocket is opened from the server's own origin and these only.
struct Cors {
  std::vector<std::string> origins = {};  // "https://console.example.com"; "*" is everybody; none: no CORS at all
  std::vector<std::string> headers = {"Authorization", "Content-Type"};  // that a request may have
  std::vector<std::string> exposed_headers = {};                         // that a page may read
  std::chrono::seconds age_max = std::chrono::seconds(600);  // how long a browser keeps a preflight's answer
};

// How one request ended.
enum class Outcome {
  answered,   // the whole response was sent
  cut,        // the client left, or was cut off for being slow, before it had it
  timed_out,  // the handler did not answer in time
  upgraded,   // to a WebSocket, which has ended now
};

// "answered", "cut", "timed_out", "upgraded"
std::string_view to_string(Outcome outcome);

// The facts of one request, when it is over. The views live as long as the call.
struct AccessRecord {
  std::string_view method;  // empty when the request was not even readable
  std::string_view path;    // without the query, which may hold secrets
  std::string_view route;   // the pattern; empty when none matched: a label for metrics that strangers can't multiply
  std::string_view peer;
  const Headers& request_headers;
  const Headers& response_headers;  // those of the handler, or of error_response, and what was added to them
  int status = 0;
  std::uint64_t request_bytes = 0;         // of the body as sent
  std::uint64_t response_bytes = 0;        // of the body as sent
  std::chrono::nanoseconds duration = {};  // from the request's first byte to the response's last
  Outcome outcome = Outcome::answered;
};

struct Options {
  std::string host = "127.0.0.1";  // an address, or "localhost"
  std::uint16_t port = 0;          // 0: any free one
  unsigned workers = 1;            // threads, each with its own event loop
  // Requests must carry "Authorization: Bearer <token>", except for routes with Access::open.
  std::optional<std::string> token = {};
  // Allows an address that is not loopback without a token.
  bool insecure = false;
  // The names this server goes by: a request whose Host is another is answered 421. Always right are addresses, "localhost" and
  // "….localhost", which nobody can point elsewhere. None given: any name will do, unless the server listens on loopback and
  // asks for no token. What protects it then is that only this machine reaches it, and a page from anywhere does through a
  // browser here, as soon as its owner lets the page's own name resolve to 127.0.0.1 (DNS rebinding); only that name in Host
  // tells. "*" stands for any name there too. Nor can a page of another origin make such a server do anything: what it asks for
  // with another method than GET, HEAD or OPTIONS is answered 403 where `cors` does not allow that origin.
  std::vector<std::string> hosts = {};
  std::optional<Tls> tls = {};
  Cors cors = {};
  Limits limits = {};
  // Called on worker threads, several at once when there are several; must not block.
  std::function<void(const AccessRecord&)> access_log = {};
  // Makes the responses that the server answers with by itself: 404, 413, … Headers that it needs (Allow, Retry-After,
  // WWW-Authenticate) are added. Response::error where there is none.
  std::function<Response(int status, std::string_view message)> error_response = {};
  // For the Date of responses, which have none without it; outlives the server.
  const base::Clock* clock = nullptr;
};

// How a stop went.
struct StopReport {
  std::size_t finished = 0;  // connections with a request under way, or a WebSocket, that ended by themselves
  std::size_t cut = 0;       // those that the deadline ended
};

class Server {
 public:
  // Listening when it returns. Errors: usage (an address that is not loopback with neither token nor `insecure`; no
  // worker; an empty token), environment (address in use or not ours), input (a certificate or key that is none).
  static base::Result<std::unique_ptr<Server>> start(Options options, Router router);

  // Stops at once when nobody has before.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  std::string url() const;  // "http://127.0.0.1:8000"
  std::size_t connections() const;

  // Accepts nothing more, closes idle connections, lets requests that have begun finish (their responses say "Connection:
  // close"), closes WebSockets with going_away, and cuts what is left after that time. Blocks until no thread is
  // left; not to be called from a handler. Further calls return the first one's report.
  StopReport stop(std::chrono::milliseconds grace);

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gantry::http
