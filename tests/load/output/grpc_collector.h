#pragma once

// A collector that speaks gRPC, on nghttp2: it keeps what it is sent, and answers as it is told.

#include "load/http/scripted_server.h"
#include "load/http/tls_server.h"
#include "support/certificate.h"

#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gantry::load {

struct GrpcCall {
  std::map<std::string, std::string, std::less<>> headers;  // ":path" and its like are among them
  std::string body;                                         // frames and all
};

// "\0\0\0\0\2hi"
inline std::string grpc_frame(std::string_view message, char flag = 0) {
  const auto byte = [&](int shift) { return static_cast<char>(message.size() >> shift); };
  return std::string({flag, byte(24), byte(16), byte(8), byte(0)}) + std::string(message);
}

struct GrpcReply {
  using Lines = std::vector<std::pair<std::string, std::string>>;
  Lines head = {{":status", "200"}, {"content-type", "application/grpc"}};
  std::string body = grpc_frame("");
  Lines trailers = {{"grpc-status", "0"}};
  bool is_last = false;  // the connection ends behind it
  bool never_comes = false;
};

// A status as most servers send it: in the head, with nothing behind it.
inline GrpcReply grpc_status(const std::string& code, const std::string& message = "", GrpcReply::Lines more = {}) {
  GrpcReply reply{.body = "", .trailers = {}};
  reply.head.emplace_back("grpc-status", code);
  if (!message.empty()) reply.head.emplace_back("grpc-message", message);
  reply.head.insert(reply.head.end(), more.begin(), more.end());
  return reply;
}

// Of a collector with TLS: its certificate, and whose it wants to see.
struct CollectorTls {
  test::Certificate certificate = test::make_certificate("localhost");
  std::string client = {};    // in PEM; nobody's where it is empty
  std::string speaks = "h2";  // by ALPN; "" for nothing
};

class GrpcCollector {
 public:
  using Answer = std::function<GrpcReply(std::size_t number)>;  // of the calls, from 0
  explicit GrpcCollector(
      Answer answer = [](std::size_t) { return GrpcReply(); }, std::optional<CollectorTls> tls = {})
      : answer_(std::move(answer)), tls_(std::move(tls)) {
    if (tls_) prepare_tls();
  }
  std::string address(std::string_view host = "127.0.0.1") const {
    return std::string(host) + ":" + std::to_string(server_.port);
  }
  std::vector<GrpcCall> calls() {
    const std::lock_guard lock(mutex_);
    return calls_;
  }

 private:
  // What a connection's bytes go through.
  struct Wire {
    std::function<int(std::span<char>)> read;
    std::function<void(std::string_view)> write;
    std::function<void()> end = {};  // of what is written
  };
  struct Stream {
    GrpcCall call;
    GrpcReply reply;
    std::string_view unsent;
  };
  struct Serving {
    GrpcCollector& self;
    std::map<std::int32_t, Stream> streams = {};
    bool is_over = false;
  };

  static std::string_view text(const std::uint8_t* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
  }
  static std::vector<nghttp2_nv> pairs(const GrpcReply::Lines& lines) {
    std::vector<nghttp2_nv> all;
    for (const auto& [name, value] : lines)
      all.push_back({reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
                     reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
                     NGHTTP2_NV_FLAG_NONE});
    return all;
  }

  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                       const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* serving) {
    GrpcCall& call = static_cast<Serving*>(serving)->streams[frame->hd.stream_id].call;
    call.headers.emplace(text(name, name_size), text(value, value_size));
    return 0;
  }
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data, std::size_t size,
                     void* serving) {
    static_cast<Serving*>(serving)->streams[id].call.body += text(data, size);
    return 0;
  }
  static int on_frame(nghttp2_session* session, const nghttp2_frame* frame, void* serving) {
    const bool is_whole = (frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS) &&
                          (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (is_whole)
      static_cast<Serving*>(serving)->self.reply(session, frame->hd.stream_id, *static_cast<Serving*>(serving));
    return 0;
  }
  static ssize_t on_read(nghttp2_session* session, std::int32_t id, std::uint8_t* into, std::size_t most,
                         std::uint32_t* flags, nghttp2_data_source* source, void*) {
    auto& stream = *static_cast<Stream*>(source->ptr);
    const std::size_t size = std::min(most, stream.unsent.size());
    std::memcpy(into, stream.unsent.data(), size);
    stream.unsent.remove_prefix(size);
    if (!stream.unsent.empty()) return static_cast<ssize_t>(size);
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (stream.reply.trailers.empty()) return static_cast<ssize_t>(size);
    *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    const std::vector<nghttp2_nv> trailers = pairs(stream.reply.trailers);
    ::nghttp2_submit_trailer(session, id, trailers.data(), trailers.size());
    return static_cast<ssize_t>(size);
  }

  void reply(nghttp2_session* session, std::int32_t id, Serving& serving) {
    Stream& stream = serving.streams[id];
    std::size_t number = 0;
    {
      const std::lock_guard lock(mutex_);
      number = calls_.size();
      calls_.push_back(std::move(stream.call));
    }
    stream.reply = answer_(number);
    if (stream.reply.never_comes) return;
    stream.unsent = stream.reply.body;
    const std::vector<nghttp2_nv> head = pairs(stream.reply.head);
    const nghttp2_data_provider body{.source = {.ptr = &stream}, .read_callback = on_read};
    const bool is_head_only = stream.reply.body.empty() && stream.reply.trailers.empty();
    ::nghttp2_submit_response(session, id, head.data(), head.size(), is_head_only ? nullptr : &body);
    if (stream.reply.is_last) ::nghttp2_submit_goaway(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR, nullptr, 0);
    serving.is_over = stream.reply.is_last;
  }

  void serve(int fd) {
    // OpenSSL writes to whoever has gone, too.
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    if (!tls_) {
      speak({[fd](std::span<char> into) { return static_cast<int>(::read(fd, into.data(), into.size())); },
             // Who has enough of an answer may be gone.
             [fd](std::string_view bytes) { static_cast<void>(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL)); },
             // Who closes before all is read that has come, resets the connection.
             [fd] { ::shutdown(fd, SHUT_WR); }});
      return;
    }
    const std::unique_ptr<SSL, void (*)(SSL*)> session(::SSL_new(context_.get()), ::SSL_free);
    ::SSL_set_fd(session.get(), fd);
    if (::SSL_accept(session.get()) != 1) return;
    speak({[&](std::span<char> into) { return ::SSL_read(session.get(), into.data(), static_cast<int>(into.size())); },
           [&](std::string_view bytes) { ::SSL_write(session.get(), bytes.data(), static_cast<int>(bytes.size())); }});
  }

  void speak(const Wire& wire) {
    Serving serving{*this};
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session* session = nullptr;
    ::nghttp2_session_callbacks_new(&callbacks);
    ::nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    ::nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    ::nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    ::nghttp2_session_server_new(&session, callbacks, &serving);
    ::nghttp2_session_callbacks_del(callbacks);
    const std::unique_ptr<nghttp2_session, void (*)(nghttp2_session*)> owner(session, ::nghttp2_session_del);
    ::nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, nullptr, 0);
    std::array<char, 16384> buffer;
    for (;;) {
      // In one piece: small ones would wait for each other.
      std::string output;
      const std::uint8_t* bytes = nullptr;
      while (const ssize_t size = ::nghttp2_session_mem_send(session, &bytes)) {
        if (size < 0) return;
        output += text(bytes, static_cast<std::size_t>(size));
      }
      if (!output.empty()) wire.write(output);
      if (serving.is_over) wire.end();
      const int count = wire.read(buffer);
      if (count <= 0) return;
      const auto* const came = reinterpret_cast<const std::uint8_t*>(buffer.data());
      if (::nghttp2_session_mem_recv(session, came, static_cast<std::size_t>(count)) < 0) return;
    }
  }

  static int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                             unsigned offered_size, void* self) {
    const std::string& speaks = static_cast<GrpcCollector*>(self)->tls_->speaks;
    for (unsigned at = 0; at < offered_size; at += 1U + offered[at]) {
      if (text(offered + at + 1, offered[at]) != speaks) continue;
      *chosen = offered + at + 1;
      *size = offered[at];
      return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_NOACK;
  }

  void prepare_tls() {
    context_ = make_server_context(tls_->certificate, tls_->client);
    ::SSL_CTX_set_alpn_select_cb(context_.get(), choose_protocol, this);
  }

  Answer answer_;
  std::optional<CollectorTls> tls_;
  ServerContext context_{nullptr, ::SSL_CTX_free};
  std::mutex mutex_ = {};
  std::vector<GrpcCall> calls_ = {};
  ScriptedServer server_{[this](int fd, int) { serve(fd); }};
};

}  // namespace gantry::load
