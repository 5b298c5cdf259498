#pragma once

// One connection's bytes, plain or through TLS, as an Asio stream that Beast's WebSocket can stand on. Private to the room.

#include "http/loop.h"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/role.hpp>

#include <memory>
#include <utility>

namespace gantry::http {

class Stream {
 public:
  using executor_type = Executor;

  // Stays where it is: the TLS half refers to the socket. Plain without a context.
  Stream(Socket socket, asio::ssl::context* tls) : socket_(std::move(socket)) {
    if (tls) tls_ = std::make_unique<asio::ssl::stream<Socket&>>(socket_, *tls);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  executor_type get_executor() { return socket_.get_executor(); }
  bool is_tls() const { return tls_ != nullptr; }

  template <typename Buffers, typename Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    if (tls_) return tls_->async_read_some(buffers, std::forward<Token>(token));
    return socket_.async_read_some(buffers, std::forward<Token>(token));
  }
  template <typename Buffers, typename Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    if (tls_) return tls_->async_write_some(buffers, std::forward<Token>(token));
    return socket_.async_write_some(buffers, std::forward<Token>(token));
  }

  // False when the client does not speak TLS as we do.
  Task<bool> shake_hands();
  // Says that nothing more will be written; what still comes can be read where there is no TLS.
  Task<void> finish_writing();
  // Calls it when the connection has broken: reset by the client, or given up by the kernel since nothing came back. Not when the
  // client has only finished writing; not after cancel(). Urgent data counts too: HTTP has none.
  template <typename Callback>
  void when_broken(Callback callback) {
    socket_.async_wait(asio::socket_base::wait_error, [call = std::move(callback)](const error_code& error) mutable {
      if (!error) call();
    });
  }
  // Ends what is waited for; the stream can still be used.
  void cancel() {
    error_code ignored;
    socket_.cancel(ignored);
  }
  // Closes without delivering what the client has not taken: it would take its time with that too.
  void abort() {
    error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
  }
  void close() {
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  Socket socket_;
  std::unique_ptr<asio::ssl::stream<Socket&>> tls_;
};

// What Beast's WebSocket asks of a stream: an end without ceremony, since the connection closes it afterwards.
inline void teardown(boost::beast::role_type, Stream& stream, error_code& error) {
  stream.close();
  error = {};
}
template <typename Handler>
void async_teardown(boost::beast::role_type, Stream& stream, Handler&& handler) {
  stream.close();
  asio::post(stream.get_executor(), [h = std::forward<Handler>(handler)]() mutable { h(error_code()); });
}
inline void beast_close_socket(Stream& stream) { stream.close(); }

}  // namespace gantry::http
