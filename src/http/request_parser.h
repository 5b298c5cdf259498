#pragma once

// Bytes of a connection to a request, in steps, on Beast's parser. It is pure: no socket, no clock. Where Beast is lenient
// and a proxy in front of us might read the same bytes otherwise (request smuggling, RFC 9112 §11.2), this one refuses: any
// transfer coding but "chunked", a length beside it, a second length, a field line that is folded, no or two Hosts.
//
//   RequestParser parser(limits);
//   while (true) {
//     const auto step = parser.step(bytes);         // or a Refusal: answer it and close
//     bytes.remove_prefix(step->consumed);
//     switch (step->part) { need_more: …  head: parser.request()  piece: step->piece  end: … }
//   }

#include "http/message.h"
#include "http/refusal.h"

#include <cstdint>
#include <expected>
#include <memory>
#include <string_view>

namespace gantry::http {

struct ParserLimits {
  std::size_t head_bytes_max;
  std::size_t target_bytes_max;
};

enum class Part {
  need_more,  // call again with these bytes and further ones
  head,       // request() and framing() are whole; the body, if any, follows
  piece,      // of the body
  end,        // of the request
};

struct Step {
  std::size_t consumed = 0;  // bytes that must not be given again
  Part part = Part::need_more;
  std::string_view piece = {};  // in the bytes given
};

// What the head says about the message and the connection, apart from what handlers see.
struct Framing {
  bool is_http_1_1 = true;
  bool keeps_alive = true;
  bool has_body = false;
  bool expects_continue = false;
  bool asks_for_upgrade = false;
  std::optional<std::uint64_t> content_length = {};  // nothing when chunked
};

class RequestParser {
 public:
  explicit RequestParser(const ParserLimits& limits);
  ~RequestParser();
  RequestParser(RequestParser&&) noexcept;
  RequestParser& operator=(RequestParser&&) noexcept;

  // The next part of the request. Not to be called after `end`. A body's pieces are counted against body_bytes_max, 413.
  std::expected<Step, Refusal> step(std::string_view bytes);
  // Ready for the next request.
  void reset();

  // After the head. Refuses a length that is known to be too much at once.
  std::expected<void, Refusal> limit_body(std::uint64_t bytes_max);

  Request& request();
  const Request& request() const;
  const Framing& framing() const;
  std::uint64_t body_bytes() const;  // so far
  // Whether a byte of a request has been consumed or given.
  bool has_begun() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gantry::http
