#pragma once

// One HTTP/1.1 response, from the bytes of a connection as they come (RFC 9112). What Go's client accepts, and so k6 does, is accepted
// here too: lines that end with a bare LF, a missing reason, a body until the end of the connection.
//
//   ResponseParser parser(ResponseParser::Kind::ordinary, sink);
//   const std::expected<std::size_t, ResponseError> used = parser.feed(bytes);   // less than all where the response ends among them

#include "load/http/kept_body.h"

#include <array>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::load {

// Names and values as they came, without blanks around the values: places in one text, so that a head is one copy of its bytes. They never
// change, so that copies share them.
class Headers {
 public:
  // Where a name and a value lie in the text.
  struct Place {
    std::uint32_t name_at = 0;
    std::uint32_t name_size = 0;
    std::uint32_t value_at = 0;
    std::uint32_t value_size = 0;
  };
  using Pair = std::pair<std::string_view, std::string_view>;

  Headers() = default;
  Headers(std::string text, std::vector<Place> places);

  std::size_t size() const { return places().size(); }
  Pair operator[](std::size_t i) const {
    const Place& place = places()[i];
    return {text().substr(place.name_at, place.name_size), text().substr(place.value_at, place.value_size)};
  }
  // The value of the first of that name, whatever the case of its letters.
  std::optional<std::string_view> find(std::string_view name) const;
  std::string_view text() const { return read_ ? std::string_view(read_->text) : std::string_view(); }
  std::span<const Place> places() const { return read_ ? std::span(read_->places) : std::span<const Place>(); }

 private:
  struct Read {
    std::string text;
    std::vector<Place> places;
    // Of its names: most that are looked for are not there, and have a mark that none of these has.
    std::uint64_t marks = 0;
  };
  std::shared_ptr<const Read> read_ = {};
};

// RFC 9110, §5.6.2: what methods and headers' names are.
bool is_token(std::string_view text);

enum class HttpVersion : std::uint8_t { http1_0, http1_1, http2 };
std::string_view to_string(HttpVersion version);  // "HTTP/1.1"; of HTTP/2 it is "HTTP/2.0", as Go has it

struct ResponseHead {
  HttpVersion version = HttpVersion::http1_1;
  int status = 0;
  std::string reason = {};  // "OK"; may be empty
  Headers headers = {};

  // As Headers::find(); empty where there is none.
  std::string_view header(std::string_view name) const { return headers.find(name).value_or(std::string_view()); }
  bool has_header(std::string_view name) const { return headers.find(name).has_value(); }
};

enum class ResponseError : std::uint8_t {
  malformed,      // what came is no HTTP response
  head_too_long,  // more than kHeadBytesMax
  body_too_long,  // more than a body may have was to be kept
  no_room,        // for one more: all bodies together have too much
  cut_off,        // the connection ended before the response did
};
std::string_view to_string(ResponseError error);

class ResponseParser {
 public:
  static constexpr std::size_t kHeadBytesMax = std::size_t{10} << 20;  // as Go's client; interim responses count too

  enum class Body : std::uint8_t { keep, discard };
  class KnownHeads;
  struct Options {
    std::size_t body_bytes_max = KeptBody::kBytesMax;  // of one that is kept
    KnownHeads* known_heads = nullptr;                 // outlives the parser; null: each head is read
  };
  // `without_body`: the answer to HEAD.
  ResponseParser(Body keep, bool without_body, Options options)
      : keep_(keep),
        is_without_body_(without_body),
        body_bytes_max_(options.body_bytes_max),
        known_(without_body ? nullptr : options.known_heads) {}
  ResponseParser(Body keep, bool without_body) : ResponseParser(keep, without_body, Options()) {}

  // How many of the bytes belong to this response: all, unless it ends among them.
  std::expected<std::size_t, ResponseError> feed(std::string_view bytes);
  // The connection has ended: fine where the body lasts until then.
  std::expected<void, ResponseError> end();

  bool has_head() const { return state_ != State::head; }
  bool is_done() const { return state_ == State::done; }
  // Whether the connection may serve another request. Once done.
  bool may_reuse() const { return may_reuse_; }
  const ResponseHead& head() const { return head_; }
  ResponseHead take_head() { return std::move(head_); }
  KeptBody take_body() { return std::move(body_); }
  std::uint64_t body_bytes() const { return body_bytes_; }  // as transferred, without the framing of chunks

 private:
  enum class State : std::uint8_t { head, fixed, chunk_size, chunk_data, chunk_end, trailer, until_end, done };

  std::expected<std::size_t, ResponseError> feed_head(std::string_view bytes);
  std::size_t take_known_head(std::string_view bytes);
  std::expected<void, ResponseError> read_head(std::string_view text);
  std::expected<void, ResponseError> read_framing();
  std::expected<std::size_t, ResponseError> feed_body(std::string_view bytes);
  std::expected<std::size_t, ResponseError> feed_line(std::string_view bytes);
  std::expected<void, ResponseError> read_line();
  std::expected<void, ResponseError> keep(std::string_view bytes);

  Body keep_;
  bool is_without_body_;
  std::size_t body_bytes_max_;
  KnownHeads* known_;
  State state_ = State::head;
  bool may_reuse_ = true;
  ResponseHead head_ = {};
  std::string line_ = {};  // what has come of the head, of a chunk's size or of a trailer
  std::size_t head_bytes_ = 0;
  std::uint64_t left_ = 0;  // of the body, or of the chunk
  std::uint64_t body_bytes_ = 0;
  KeptBody body_ = {};
};

// Heads of late, and what was read of them: a server says the same until the second in its Date is over, and to compare is far less than
// to read. For parsers of one thread.
class ResponseParser::KnownHeads {
 private:
  friend class ResponseParser;
  struct Known {
    ResponseHead head = {};  // its text is all that came of it, to the end of the empty line
    State state = State::head;
    bool may_reuse = true;
    std::uint64_t left = 0;
  };
  static constexpr std::size_t kBytesMax = 4096;  // of a head that is kept

  // Null where no head begins so.
  const Known* find(std::string_view bytes) const;
  void keep(Known known);

  std::array<Known, 8> known_ = {};  // as many as a journey has answers that are unlike
  std::size_t oldest_ = 0;
};

}  // namespace gantry::load
