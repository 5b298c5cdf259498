#include "http/stream.h"

namespace gantry::http {

Task<bool> Stream::shake_hands() {
  if (!tls_) co_return true;
  const auto [error] = co_await tls_->async_handshake(asio::ssl::stream_base::server, kAwait);
  co_return !error;
}

Task<void> Stream::finish_writing() {
  if (tls_) co_await tls_->async_shutdown(kAwait);
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

}  // namespace gantry::http
