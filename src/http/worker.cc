#include "http/worker.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace gantry::http {

namespace {

using namespace std::chrono_literals;

constexpr int kBacklog = 4096;  // the kernel cuts it to its own limit

std::string describe_endpoint(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("[{}]:{}", address, endpoint.port())
                                    : fmt::format("{}:{}", address, endpoint.port());
}

// Deadlines are looked at so often: a quarter of the shortest is exact enough, and a sweep over 10,000 connections takes a
// tenth of a millisecond.
std::chrono::milliseconds tick_of(const Limits& limits) {
  const auto shortest = std::min({limits.idle_time_max, limits.head_time_max, limits.answer_time_max,
                                  limits.transfer_time_min, limits.stall_time_max});
  return std::clamp<std::chrono::milliseconds>(shortest / 4, 5ms, 250ms);
}

// IMF-fixdate, RFC 9110 §5.6.7
std::string format_http_date(base::Timestamp time) {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

// One more connection than we want: it is told so if its socket takes the words at once, and forgotten.
void turn_away(Socket socket) {
  constexpr std::string_view kAnswer =
      "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: close\r\n\r\n";
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(kAnswer), ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
  // What it has sent already must be read, or closing resets the connection before the words are read.
  std::array<char, 4096> unread;
  constexpr int kReadsMax = 16;  // whoever sends more than 64 KB unasked may be reset
  for (int i = 0; i < kReadsMax && !ignored; ++i) socket.read_some(asio::buffer(unread), ignored);
}

// A machine that is gone sends no FIN, and the kernel by itself waits a quarter of an hour for an acknowledgement, and for ever where
// none is due. Connections inherit this from the socket that listens.
void notice_the_vanished(int socket, std::chrono::milliseconds time_max) {
  const int seconds = static_cast<int>(std::chrono::ceil<std::chrono::seconds>(time_max).count());
  struct SocketOption {
    int level;
    int name;
    int value;
  };
  const std::array options = {
      SocketOption{SOL_SOCKET, SO_KEEPALIVE, 1},
      SocketOption{IPPROTO_TCP, TCP_KEEPIDLE, std::max(1, seconds / 2)},  // of silence before the first question
      SocketOption{IPPROTO_TCP, TCP_KEEPINTVL, std::max(1, seconds / 6)},
      // For an answer, and for the acknowledgement of anything else.
      SocketOption{IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(time_max.count())},
  };
  for (const SocketOption& option : options)
    ::setsockopt(socket, option.level, option.name, &option.value, sizeof option.value);
}

base::Error address_error(const tcp::endpoint& endpoint, const error_code& error) {
  return base::environment_error(fmt::format("cannot listen on {}: {}", describe_endpoint(endpoint), error.message()),
                                 "choose another address or port, or stop the program that has it")
      .error();
}

}  // namespace

base::Result<std::unique_ptr<Worker>> Worker::create(Shared& shared, const tcp::endpoint& endpoint,
                                                     PortSharing sharing) {
  std::unique_ptr<Worker> worker(new Worker(shared));
  TRY(worker->listen(endpoint, sharing));
  return worker;
}

Worker::Worker(Shared& shared)
    : shared_(shared),
      acceptor_(loop_.get_executor()),
      ticker_(loop_.get_executor()),
      pause_(loop_.get_executor()),
      spare_(loop_.get_executor()) {}

base::Result<void> Worker::listen(const tcp::endpoint& endpoint, PortSharing sharing) {
  error_code error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && sharing == PortSharing::with_other_workers) {
    const int on = 1;
    ::setsockopt(acceptor_.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  }
  notice_the_vanished(acceptor_.native_handle(), shared_.options.limits.stall_time_max);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(kBacklog, error);
  if (!error) acceptor_.non_blocking(true, error);
  open_spare();
  if (error) return std::unexpected(address_error(endpoint, error));
  return {};
}

tcp::endpoint Worker::endpoint() const {
  error_code ignored;
  return acceptor_.local_endpoint(ignored);
}

void Worker::run() {
  asio::co_spawn(loop_, accept_connections(), asio::detached);
  asio::co_spawn(loop_, watch_time(), asio::detached);
  loop_.run();
  report_.finished = busy_at_stop_ - report_.cut;
}

void Worker::request_stop() {
  asio::post(loop_, [this] { begin_stop(); });
}

void Worker::request_cut() {
  asio::post(loop_, [this] { cut_all(); });
}

Task<void> Worker::accept_connections() {
  while (!is_stopping_) {
    auto [error, socket] = co_await acceptor_.async_accept(kAwait);
    if (!error) {
      admit(std::move(socket));
    } else if (!is_stopping_ && !turn_one_away()) {
      // Those who are connected are served meanwhile, and one may leave.
      pause_.expires_after(20ms);
      co_await pause_.async_wait(kAwait);
    }
  }
}

// After an accept that failed, most likely for want of a file descriptor. Without an answer the next one would wait in the kernel's queue
// until somebody leaves.
bool Worker::turn_one_away() {
  error_code error;
  spare_.close(error);
  Socket socket(loop_.get_executor());
  acceptor_.accept(socket, error);
  if (!error) turn_away(std::move(socket));
  open_spare();
  return !error;
}

void Worker::open_spare() {
  error_code ignored;
  spare_.open(tcp::v4(), ignored);
}

void Worker::admit(Socket socket) {
  if (shared_.connections.fetch_add(1) >= shared_.options.limits.connections_max) {
    shared_.connections.fetch_sub(1);
    return turn_away(std::move(socket));
  }
  error_code error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  socket.set_option(tcp::no_delay(true), error);
  auto connection = std::make_shared<Connection>(std::move(socket), describe_endpoint(peer), shared_, date_);
  connections_.insert(connection.get());
  asio::co_spawn(loop_, serve(std::move(connection)), asio::detached);
}

Task<void> Worker::serve(std::shared_ptr<Connection> connection) {
  // Memory that ran out while serving one connection must not end the others.
  try {
    co_await connection->run();
  } catch (...) {
    connection->cut();
  }
  connections_.erase(connection.get());
  shared_.connections.fetch_sub(1);
  if (is_stopping_ && connections_.empty()) ticker_.cancel();
}

// Deadlines are swept instead of each having a timer: setting one is then an assignment, and there are several a request.
Task<void> Worker::watch_time() {
  const std::chrono::milliseconds tick = tick_of(shared_.options.limits);
  while (!is_stopping_ || !connections_.empty()) {
    if (shared_.options.clock) date_ = format_http_date(shared_.options.clock->now());
    const SteadyClock::time_point now = SteadyClock::now();
    for (Connection* connection : connections_) connection->check_deadline(now);
    ticker_.expires_after(tick);
    co_await ticker_.async_wait(kAwait);
  }
}

void Worker::begin_stop() {
  is_stopping_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  for (Connection* connection : connections_) {
    if (connection->is_busy()) ++busy_at_stop_;
    connection->begin_stop();
  }
  if (connections_.empty()) ticker_.cancel();
}

void Worker::cut_all() {
  for (Connection* connection : connections_) {
    if (connection->is_busy()) ++report_.cut;
    connection->cut();
  }
}

}  // namespace gantry::http
