#pragma once

// What a handler is given and what it gives back: plain values that can be made in a test and compared.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::http {

// Header fields in the order they came or will be sent. Names compare without regard to case (RFC 9110 §5.1).
class Headers {
 public:
  struct Field {
    std::string name;
    std::string value;
    friend bool operator==(const Field&, const Field&) = default;
  };

  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  // The value of the first field of that name.
  std::optional<std::string_view> find(std::string_view name) const;
  bool contains(std::string_view name) const { return find(name).has_value(); }
  void add(std::string name, std::string value) { fields_.push_back({std::move(name), std::move(value)}); }
  // Replaces every field of that name by this one.
  void set(std::string_view name, std::string value);
  void clear() { fields_.clear(); }

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }
  bool empty() const { return fields_.empty(); }

  friend bool operator==(const Headers&, const Headers&) = default;

 private:
  std::vector<Field> fields_;
};

struct Request {
  std::string method = "GET";
  std::string path = "/";  // as it came, percent-encoding and all: "/v1/a%20b"
  std::string query = {};  // what follows the first '?', undecoded
  Headers headers = {};    // those of the head; trailers are dropped
  std::string body = {};   // whole and already decompressed; empty in an upload, whose handler is handed pieces
  std::string peer = {};   // "127.0.0.1:40312", "[::1]:40312"
  // What the pattern's {names} matched, decoded.
  std::vector<std::pair<std::string, std::string>> parameters = {};

  // Empty when the pattern has no such name.
  std::string_view parameter(std::string_view name) const;
  std::optional<std::string_view> header(std::string_view name) const { return headers.find(name); }
  // The first value of that name in the query, decoded ('+' is a space); "" for a name without '='.
  std::optional<std::string> query_value(std::string_view name) const;
  // All pairs of the query in order, decoded. A pair with a broken escape is left out.
  std::vector<std::pair<std::string, std::string>> query_values() const;
};

// The server adds Date, Content-Length or Transfer-Encoding, Connection, Vary and Content-Encoding; a handler that sets one of
// the first four is overruled. A body for which a handler has set Content-Encoding is sent as it is. Control characters
// in names and values become spaces, so that what a stranger wrote can be echoed.
struct Response {
  int status = 200;
  Headers headers = {};
  std::string body = {};  // not sent with 1xx, 204, 304 or to a HEAD

  static Response json(std::string body, int status = 200);  // application/json
  static Response text(std::string body, int status = 200);  // text/plain; charset=utf-8
  static Response empty(int status = 204);
  // What the server itself answers with: {"error": {"status": 404, "message": "no such route"}}.
  static Response error(int status, std::string_view message);

  friend bool operator==(const Response&, const Response&) = default;
};

// "Not Found"; "Unknown" for a status nobody has named.
std::string_view reason_phrase(int status);

// Percent-decoding (RFC 3986 §2.1); nothing for a '%' without two hex digits.
std::optional<std::string> decode_percent(std::string_view text);

}  // namespace gantry::http
