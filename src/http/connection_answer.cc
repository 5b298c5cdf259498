// Writing: whole responses, streamed ones, and the server's own.

#include "http/connection.h"
#include "http/negotiation.h"
#include "http/response_head.h"

namespace gantry::http {

namespace {

// Up to here a body is copied behind its head, which is cheaper than a second buffer for the kernel.
constexpr std::size_t kCopiedBytesMax = 16 << 10;
constexpr std::size_t kKeptBytesMax = 64 << 10;  // of the buffer that responses are put together in

// A streamed body on its way to bytes: compressed, then in chunks.
class BodyEncoder {
 public:
  BodyEncoder(bool is_gzip, bool is_chunked) : is_chunked_(is_chunked) {
    if (is_gzip) zip_.emplace();
  }

  void append(std::string& out, std::string_view bytes, bool is_last) {
    std::string zipped;
    if (zip_ && (is_last || !bytes.empty())) {
      zipped = zip_->feed(bytes, is_last ? Flush::end : Flush::now);
      bytes = zipped;
    }
    if (!is_chunked_) {
      out += bytes;
      return;
    }
    append_chunk(out, bytes);
    if (is_last) out += kLastChunk;
  }

 private:
  std::optional<GzipWriter> zip_;
  bool is_chunked_;
};

}  // namespace

Response with_header(Response response, std::string_view name, std::string value) {
  response.headers.set(name, std::move(value));
  return response;
}

// Waits for the handler to answer, and sends what it does.
Task<void> Connection::await_answer(ExchangeState& state) {
  wait_for(Waiting::answer, limits_.answer_time_max);
  while (true) {
    ExchangeState::News news = state.take();
    if (news.head) {
      wait_for(Waiting::nothing, {});
      if (news.is_whole) co_return co_await send(*std::move(news.head));
      co_return co_await stream_body(state, std::move(news));
    }
    if (news.is_abandoned) co_return co_await send(own_response(500, "no answer"));
    if (is_cut_) co_return give_up();
    if (has_expired_) {
      facts_.outcome = Outcome::timed_out;
      co_return co_await send(own_response(503, "no answer in time"));
    }
    co_await signal_.wait();
  }
}

Task<void> Connection::stream_body(ExchangeState& state, ExchangeState::News news) {
  Response response = *std::move(news.head);
  const bool has_body = !facts_.is_head_method && may_have_body(response.status);
  if (!parser_.framing().is_http_1_1) keeps_alive_ = false;  // the body ends where the connection does
  const HeadFacts head = begin_response(response, std::nullopt);
  BodyEncoder encoder(head.is_gzip, head.is_http_1_1);
  out_.clear();
  append_head(out_, response, head);
  std::size_t head_bytes = out_.size();
  watch_for_end();
  while (true) {
    if (has_body) encoder.append(out_, news.bytes, news.is_finished);
    facts_.response_bytes += out_.size() - std::exchange(head_bytes, 0);
    const bool is_written = co_await write({asio::buffer(out_), {}});
    out_.clear();
    if (!is_written || news.is_cut) co_return give_up();
    state.written(news.bytes.size());
    if (news.is_finished || !has_body) break;
    news = state.take();
    while (news.bytes.empty() && !news.is_finished && !news.is_cut) {
      if (is_cut_) co_return give_up();
      co_await signal_.wait();
      news = state.take();
    }
  }
  stream_.cancel();  // the watch
  forget_output();
}

Task<void> Connection::send(Response response) {
  HeadFacts head = begin_response(response, response.body.size());
  if (head.is_gzip) {
    response.body = GzipWriter().feed(response.body, Flush::end);
    head.content_length = response.body.size();
  }
  const bool has_body = !facts_.is_head_method && may_have_body(response.status);
  std::string_view body = has_body ? std::string_view(response.body) : std::string_view();
  facts_.response_bytes = body.size();
  out_.clear();
  append_head(out_, response, head);
  if (body.size() <= kCopiedBytesMax) {
    out_ += body;
    body = {};
  }
  const bool is_written = co_await write({asio::buffer(out_), asio::buffer(body)});
  if (!is_written) give_up();
  forget_output();
}

Task<void> Connection::send_refusal() {
  keeps_alive_ = false;
  has_unread_ = true;
  co_await send(own_response(refusal_->status, refusal_->message));
}

// What every response gets, and how its head is framed.
HeadFacts Connection::begin_response(Response& response, std::optional<std::size_t> body_bytes) {
  const Headers& asked = parser_.request().headers;
  facts_.status = response.status;
  add_cors_headers(shared_.options.cors, asked, response);
  if (shared_.options.access_log) facts_.response_headers = response.headers;
  const Compression compression =
      may_have_body(response.status) ? choose_compression(asked, response, body_bytes) : Compression::unfit;
  if (is_stopping_) keeps_alive_ = false;
  return {.content_length = body_bytes,
          .is_http_1_1 = parser_.framing().is_http_1_1,
          .keeps_alive = keeps_alive_,
          .date = date_,
          .is_gzip = compression == Compression::gzip,
          .varies_by_encoding = compression != Compression::unfit};
}

// False when the client has gone, or took it too slowly.
Task<bool> Connection::write(std::array<asio::const_buffer, 2> buffers) {
  const SteadyClock::time_point start = SteadyClock::now();
  std::size_t written = 0;
  waiting_ = Waiting::write;
  while (asio::buffer_size(buffers) > 0) {
    deadline_ = transfer_deadline(start, written);
    const auto [error, size] = co_await stream_.async_write_some(buffers, kAwait);
    if (error) co_return false;
    written += size;
    const std::size_t from_first = std::min(size, buffers[0].size());
    buffers[0] += from_first;
    buffers[1] += size - from_first;
  }
  wait_for(Waiting::nothing, {});
  co_return true;
}

void Connection::forget_output() {
  out_.clear();
  if (out_.capacity() > kKeptBytesMax) out_ = {};
}

}  // namespace gantry::http
