#pragma once

// Asio as this room uses it: one event loop per worker, coroutines on it, errors as values. Private to the room.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace gantry::http {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

// The loop's own executor instead of Asio's type-erased default: half a microsecond less for each request.
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using SteadyClock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>, Executor>;

// g++ 12.2 lays out the frame of a coroutine wrongly when a condition (of an if, a while, a for) holds a co_await, and the program
// crashes: give what is awaited a name first. It can be written the short way when we build with g++ 13.
template <typename T>
using Task = asio::awaitable<T, Executor>;
// co_await socket.async_read_some(buffer, kAwait) is (error_code, size), and throws nothing.
inline constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<Executor>{});

// Lets a coroutine sleep until something on its own thread calls notify(), before or after.
class Signal {
 public:
  explicit Signal(const Executor& executor) : timer_(executor) {}

  void notify() {
    is_set_ = true;
    timer_.cancel();
  }
  Task<void> wait();

 private:
  Timer timer_;
  bool is_set_ = false;
};

}  // namespace gantry::http
