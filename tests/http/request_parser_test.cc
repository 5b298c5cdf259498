#include "http/request_parser.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace gantry::http {
namespace {

constexpr ParserLimits kLimits{.head_bytes_max = 256, .target_bytes_max = 64};

std::string dump_head(const RequestParser& parser) {
  const Request& request = parser.request();
  const Framing& framing = parser.framing();
  std::string text = request.method + " " + request.path;
  if (!request.query.empty()) text += "?" + request.query;
  for (const Headers::Field& field : request.headers) text += fmt::format(" {}={}", field.name, field.value);
  if (!framing.is_http_1_1) text += " [1.0]";
  if (!framing.keeps_alive) text += " [close]";
  if (framing.expects_continue) text += " [continue]";
  if (framing.asks_for_upgrade) text += " [upgrade]";
  return text;
}

// What a connection makes of these bytes, given `step_bytes` more at a time: heads, "body" and "end" of each request, the
// refusal that ends it, "…" when more is needed.
std::string parse(std::string_view bytes, std::size_t step_bytes) {
  RequestParser parser(kLimits);
  std::string text;
  std::string body;
  std::size_t given = 0;
  std::size_t start = 0;
  while (true) {
    const auto step = parser.step(bytes.substr(start, given - start));
    if (!step) return text + fmt::format("{} {}", step.error().status, step.error().message);
    start += step->consumed;
    switch (step->part) {
      case Part::need_more:
        if (given == bytes.size()) return text + (parser.has_begun() ? "…" : "");
        given = std::min(bytes.size(), given + step_bytes);
        break;
      case Part::head: text += dump_head(parser) + " | "; break;
      case Part::piece: body += step->piece; break;
      case Part::end:
        if (!body.empty()) text += std::exchange(body, {}) + " | ";
        parser.reset();
        break;
    }
  }
}

struct Case {
  const char* what;
  std::string bytes;
  std::string parsed;
};

std::string with_host(std::string_view line, std::string_view rest = "\r\n") {
  return fmt::format("{}\r\nHost: h\r\n{}", line, rest);
}

const Case kCases[] = {
    {"the simplest", with_host("GET / HTTP/1.1"), "GET / Host=h | "},
    {"a query", with_host("GET /a?b=c?d HTTP/1.1"), "GET /a?b=c?d Host=h | "},
    {"an absolute target says whom it is for, and Host is not heard", with_host("GET http://i:80/a?b HTTP/1.1"),
     "GET /a?b Host=i:80 | "},
    {"also in HTTP/1.0", "GET http://i/ HTTP/1.0\r\n\r\n", "GET / Host=i [1.0] [close] | "},
    {"an absolute target without a path", with_host("GET http://i?b HTTP/1.1"), "GET /?b Host=i | "},
    {"OPTIONS *", with_host("OPTIONS * HTTP/1.1"), "OPTIONS * Host=h | "},
    {"a method nobody knows", with_host("BREW /pot HTTP/1.1"), "BREW /pot Host=h | "},
    {"HTTP/1.0 closes", "GET / HTTP/1.0\r\n\r\n", "GET / [1.0] [close] | "},
    {"HTTP/1.0 that keeps alive", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
     "GET / Connection=keep-alive [1.0] | "},
    {"closing", with_host("GET / HTTP/1.1", "Connection: close\r\n\r\n"), "GET / Host=h Connection=close [close] | "},
    {"spaces around a value", with_host("GET / HTTP/1.1", "X:  a b\t\r\n\r\n"), "GET / Host=h X=a b | "},
    {"empty lines before a request", "\r\n\r\n" + with_host("GET / HTTP/1.1"), "GET / Host=h | "},
    {"two requests", with_host("GET /a HTTP/1.1") + with_host("GET /b HTTP/1.1"), "GET /a Host=h | GET /b Host=h | "},
    {"a body with a length", with_host("POST / HTTP/1.1", "Content-Length: 5\r\n\r\nhelloGET"),
     "POST / Host=h Content-Length=5 | hello | …"},
    {"no body", with_host("POST / HTTP/1.1", "Content-Length: 0\r\n\r\n"), "POST / Host=h Content-Length=0 | "},
    {"chunks",
     with_host("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=\"y\"\r\n0123456789\r\n0\r\n\r\n"),
     "POST / Host=h Transfer-Encoding=chunked | abc0123456789 | "},
    {"trailers are dropped",
     with_host("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: y\r\n\r\n"),
     "POST / Host=h Transfer-Encoding=chunked | a | "},
    {"half a body", with_host("POST / HTTP/1.1", "Content-Length: 5\r\n\r\nhel"), "POST / Host=h Content-Length=5 | …"},
    {"half a head", "GET / HTTP/1.1\r\nHost: h\r\n", "…"},
    {"a client that waits", with_host("POST / HTTP/1.1", "Expect: 100-continue\r\nContent-Length: 1\r\n\r\na"),
     "POST / Host=h Expect=100-continue Content-Length=1 [continue] | a | "},
    {"an upgrade", with_host("GET / HTTP/1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
     "GET / Host=h Connection=Upgrade Upgrade=websocket [upgrade] | "},

    // Malformed.
    {"no HTTP", "hello\r\n\r\n", "400 malformed request"},
    {"TLS to a plain port", std::string("\x16\x03\x01\x02\x00\x01\x00", 7) + "\r\n\r\n", "400 malformed request"},
    {"no version", with_host("GET /"), "400 malformed request"},
    {"another protocol", with_host("GET / SMTP/1.1"), "400 malformed request"},
    {"HTTP/2", with_host("GET / HTTP/2.0"), "505 HTTP version not supported"},
    {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505 HTTP version not supported"},
    {"no slash", with_host("GET a HTTP/1.1"), "400 malformed request target"},
    {"* for another method", with_host("GET * HTTP/1.1"), "400 malformed request target"},
    {"a target of another scheme", with_host("GET ftp://h/ HTTP/1.1"), "400 malformed request target"},
    {"a target for nobody", with_host("GET http:///a HTTP/1.1"), "400 malformed request target"},
    {"a target with a user", with_host("GET http://u@h/a HTTP/1.1"), "400 malformed request target"},
    {"CONNECT", with_host("CONNECT h:443 HTTP/1.1"), "400 malformed request target"},
    {"a fragment", with_host("GET /a#b HTTP/1.1"), "400 malformed request target"},
    {"a space in the target", with_host("GET /a b HTTP/1.1"), "400 malformed request"},
    {"a line that is no field", with_host("GET / HTTP/1.1", "what\r\n\r\n"), "400 malformed request"},
    {"a field without a name", with_host("GET / HTTP/1.1", ": x\r\n\r\n"), "400 malformed request"},
    {"a bare line feed", "GET / HTTP/1.1\nHost: h\n\n\r\n\r\n", "400 malformed request"},
    {"a line feed in a value", with_host("GET / HTTP/1.1", "X: a\nY: b\r\n\r\n"), "400 malformed request"},
    {"a carriage return in a value", with_host("GET / HTTP/1.1", "X: a\rY: b\r\n\r\n"), "400 malformed request"},
    {"a NUL in a value", with_host("GET / HTTP/1.1", std::string("X: a\0b\r\n\r\n", 10)), "400 malformed request"},
    {"no Host", "GET / HTTP/1.1\r\n\r\n", "400 no Host"},
    {"two Hosts", with_host("GET / HTTP/1.1", "Host: i\r\n\r\n"), "400 more than one Host"},
    {"an expectation of another kind", with_host("POST / HTTP/1.1", "Expect: tea\r\n\r\n"), "417 unknown expectation"},

    // Two programs could read these as different requests (RFC 9112 §11.2).
    {"a length and chunks",
     with_host("POST / HTTP/1.1", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
     "400 bad Transfer-Encoding"},
    {"chunks and a length",
     with_host("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"),
     "400 bad Content-Length"},
    {"two lengths", with_host("POST / HTTP/1.1", "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd"),
     "400 more than one Content-Length"},
    {"one length twice", with_host("POST / HTTP/1.1", "Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd"),
     "400 bad Content-Length"},
    {"a list of lengths", with_host("POST / HTTP/1.1", "Content-Length: 4, 4\r\n\r\nabcd"), "400 bad Content-Length"},
    {"a length with a sign", with_host("POST / HTTP/1.1", "Content-Length: +4\r\n\r\nabcd"), "400 bad Content-Length"},
    {"a length below zero", with_host("POST / HTTP/1.1", "Content-Length: -4\r\n\r\nabcd"), "400 bad Content-Length"},
    {"a length in hex", with_host("POST / HTTP/1.1", "Content-Length: 0x4\r\n\r\nabcd"), "400 bad Content-Length"},
    {"no length", with_host("POST / HTTP/1.1", "Content-Length:\r\n\r\nabcd"), "400 bad Content-Length"},
    {"a length past 64 bits", with_host("POST / HTTP/1.1", "Content-Length: 18446744073709551616\r\n\r\n"),
     "400 bad Content-Length"},
    {"a coding of another kind", with_host("POST / HTTP/1.1", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
     "501 unknown Transfer-Encoding"},
    {"identity", with_host("POST / HTTP/1.1", "Transfer-Encoding: identity\r\n\r\n"), "501 unknown Transfer-Encoding"},
    {"two codings", with_host("POST / HTTP/1.1", "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
     "501 unknown Transfer-Encoding"},
    {"chunked, then identity", with_host("POST / HTTP/1.1", "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
     "501 unknown Transfer-Encoding"},
    {"chunked twice",
     with_host("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
     "400 bad Transfer-Encoding"},
    {"a space before the colon", with_host("POST / HTTP/1.1", "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
     "400 malformed request"},
    {"a folded field", with_host("POST / HTTP/1.1", "X: a\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
     "400 folded field line"},
    {"a folded coding", with_host("POST / HTTP/1.1", "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"),
     "400 folded field line"},
    {"chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     "400 Transfer-Encoding in HTTP/1.0"},

    // Chunks that are none.
    {"a size that is no number",
     with_host("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n"),
     "POST / Host=h Transfer-Encoding=chunked | 400 malformed chunk"},
    {"a size with a sign", with_host("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n"),
     "POST / Host=h Transfer-Encoding=chunked | 400 malformed chunk"},
    {"a size past 64 bits",
     with_host("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n\r\n10000000000000003\r\nabc\r\n"),
     "POST / Host=h Transfer-Encoding=chunked | 400 malformed chunk"},
    {"a chunk longer than it says",
     with_host("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n"),
     "POST / Host=h Transfer-Encoding=chunked | 400 malformed chunk"},
    {"a length in a trailer",
     with_host("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 3\r\n\r\n"),
     "POST / Host=h Transfer-Encoding=chunked | 400 bad Content-Length"},

    // Too much.
    {"a long URL", with_host("GET /" + std::string(64, 'a') + " HTTP/1.1"), "414 URL too long"},
    {"a URL at the limit", with_host("GET /" + std::string(63, 'a') + " HTTP/1.1"),
     "GET /" + std::string(63, 'a') + " Host=h | "},
    {"a URL without end", "GET /" + std::string(400, 'a'), "414 URL too long"},
    {"a long field", with_host("GET / HTTP/1.1", "X: " + std::string(300, 'a') + "\r\n\r\n"),
     "431 request head too large"},
    {"a field without end", with_host("GET / HTTP/1.1", "X: " + std::string(300, 'a')), "431 request head too large"},
    {"a chunk's extension without end",
     with_host("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(400, 'a')),
     "POST / Host=h Transfer-Encoding=chunked | 400 chunk header or trailer too large"},
    {"trailers without end",
     with_host("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + std::string(400, 'a')),
     "POST / Host=h Transfer-Encoding=chunked | 400 chunk header or trailer too large"},
};

// The bytes come as they like: the answer must not depend on where one read ends.
TEST(RequestParser, ReadsRequestsHoweverTheyAreCut) {
  for (const Case& c : kCases) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{7}, c.bytes.size()})
      EXPECT_EQ(parse(c.bytes, step), c.parsed) << c.what << ", " << step << " bytes at a time";
  }
}

TEST(RequestParser, LimitsBodies) {
  struct Body {
    const char* what;
    std::string rest;
    bool fits_head;
    bool fits;
  };
  const Body kBodies[] = {
      {"a length at the limit", "Content-Length: 4\r\n\r\nabcd", true, true},
      {"a length over it is known at once", "Content-Length: 5\r\n\r\nabcde", false, false},
      {"chunks at the limit", "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n", true, true},
      {"chunks over it", "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n", true, false},
  };
  for (const Body& body : kBodies) {
    RequestParser parser(kLimits);
    const std::string bytes = with_host("POST / HTTP/1.1", body.rest);
    std::string_view rest = bytes;
    std::expected<Step, Refusal> step = parser.step(rest);
    ASSERT_TRUE(step && step->part == Part::head) << body.what;
    EXPECT_EQ(parser.limit_body(4).has_value(), body.fits_head) << body.what;
    while (step && step->part != Part::end) {
      rest.remove_prefix(step->consumed);
      step = parser.step(rest);
    }
    EXPECT_EQ(step.has_value(), body.fits) << body.what;
    if (!step) {
      EXPECT_EQ(step.error(), (Refusal{413, "request body too large"})) << body.what;
    }
  }
}

}  // namespace
}  // namespace gantry::http
