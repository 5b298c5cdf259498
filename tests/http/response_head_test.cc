#include "http/response_head.h"

#include <gtest/gtest.h>

namespace gantry::http {
namespace {

struct Case {
  const char* what;
  Response response;
  HeadFacts facts;
  const char* head;
};

const Case kCases[] = {
    {"a body of known length",
     Response::json("{}"),
     {.content_length = 2},
     "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n"},
    {"a stream", {.status = 200}, {}, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"a stream to HTTP/1.0",
     {.status = 200},
     {.is_http_1_1 = false, .keeps_alive = false},
     "HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n"},
    {"keeping HTTP/1.0 alive",
     {.status = 200},
     {.content_length = 0, .is_http_1_1 = false},
     "HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n"},
    {"no body", {.status = 204}, {.content_length = 0}, "HTTP/1.1 204 No Content\r\n\r\n"},
    {"not modified",
     {.status = 304, .headers = {{"ETag", "\"x\""}}},
     {.content_length = 0},
     "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n"},
    {"everything of the server's",
     {.status = 404},
     {.content_length = 9, .keeps_alive = false, .date = "D", .is_gzip = true, .varies_by_encoding = true},
     "HTTP/1.1 404 Not Found\r\nDate: D\r\nVary: Accept-Encoding\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n"
     "Connection: close\r\n\r\n"},
    {"what the handler may not say",
     {.status = 200,
      .headers = {{"content-length", "7"}, {"Transfer-Encoding", "chunked"}, {"Connection", "x"}, {"Date", "x"}}},
     {.content_length = 0},
     "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
    {"a value that would end the head",
     {.status = 200, .headers = {{"Location", "/a\r\n\r\n<script>\n\x7f"}}},
     {.content_length = 0},
     "HTTP/1.1 200 OK\r\nLocation: /a    <script>  \r\nContent-Length: 0\r\n\r\n"},
    {"a name that is none",
     {.status = 200, .headers = {{"X: y\r\nSet-Cookie", "a"}, {"", "b"}}},
     {.content_length = 0},
     "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
    {"a status nobody has named",
     {.status = 299},
     {.content_length = 0},
     "HTTP/1.1 299 Unknown\r\nContent-Length: 0\r\n\r\n"},
};

TEST(AppendHead, WritesStatusAndFields) {
  for (const Case& c : kCases) {
    std::string out = "before ";
    append_head(out, c.response, c.facts);
    EXPECT_EQ(out, "before " + std::string(c.head)) << c.what;
  }
}

TEST(AppendChunk, NeverEndsTheBody) {
  std::string out;
  append_chunk(out, "");
  append_chunk(out, "0123456789abcdef");
  EXPECT_EQ(out, "10\r\n0123456789abcdef\r\n");
}

}  // namespace
}  // namespace gantry::http
