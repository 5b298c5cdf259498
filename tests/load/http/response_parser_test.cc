#include "load/http/response_parser.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <iterator>
#include <random>
#include <string>

namespace gantry::load {
namespace {

using Body = ResponseParser::Body;

// What became of the bytes when they came in parts of that size: "200 OK [headers] body", how many were not its own, whether the
// connection may be used again; or the error.
std::string parse(std::string_view bytes, std::size_t part, bool without_body = false,
                  ResponseParser::KnownHeads* known = nullptr) {
  ResponseParser parser(Body::keep, without_body, {.known_heads = known});
  std::size_t used = 0;
  for (std::size_t at = 0; at < bytes.size() && !parser.is_done(); at += part) {
    const auto taken = parser.feed(bytes.substr(at, part));
    if (!taken) return fmt::format("error: {}", to_string(taken.error()));
    used += *taken;
  }
  const bool was_done = parser.is_done();
  if (!was_done)
    if (const auto ended = parser.end(); !ended) return fmt::format("error: {}", to_string(ended.error()));
  std::string said =
      fmt::format("{} {} {}", to_string(parser.head().version).substr(5), parser.head().status, parser.head().reason);
  const Headers& headers = parser.head().headers;
  for (std::size_t i = 0; i < headers.size(); ++i) said += fmt::format(" [{}={}]", headers[i].first, headers[i].second);
  return said + fmt::format(" \"{}\" {} left{}", parser.take_body().text(), bytes.size() - used,
                            parser.may_reuse() ? ", reuse" : "");
}

struct Case {
  std::string_view bytes;
  std::string_view expected;
};

constexpr Case kCases[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "1.1 200 OK [Content-Length=2] \"hi\" 0 left, reuse"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1", "1.1 200 OK [Content-Length=2] \"hi\" 8 left, reuse"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "1.1 200 OK [Content-Length=0] \"\" 0 left, reuse"},
    {"HTTP/1.1 204 No Content\r\n\r\n", "1.1 204 No Content \"\" 0 left, reuse"},
    {"HTTP/1.1 304\r\nContent-Length: 5\r\n\r\n", "1.1 304  [Content-Length=5] \"\" 0 left, reuse"},
    {"HTTP/1.1 200 \r\nA:\r\nB:  x y \r\ncontent-length:1\r\n\r\n1",
     "1.1 200  [A=] [B=x y] [content-length=1] \"1\" 0 left, reuse"},
    {"HTTP/1.1 200 OK\nContent-Length: 1\n\n1", "1.1 200 OK [Content-Length=1] \"1\" 0 left, reuse"},
    {"HTTP/1.1 200 OK\r\nA: b\r\n  c\r\nContent-Length: 0\r\n\r\n",
     "1.1 200 OK [A=b c] [Content-Length=0] \"\" 0 left, reuse"},
    {"HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 1\r\n\r\n1",
     "1.1 200 OK [Connection=x, Close] [Content-Length=1] \"1\" 0 left"},
    {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n1", "1.0 200 OK [Content-Length=1] \"1\" 0 left"},
    {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n1",
     "1.0 200 OK [Connection=keep-alive] [Content-Length=1] \"1\" 0 left, reuse"},
    {"HTTP/1.1 200 OK\r\n\r\nuntil the end", "1.1 200 OK \"until the end\" 0 left"},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: "
     "1\r\n\r\n1",
     "1.1 200 OK [Content-Length=1] \"1\" 0 left, reuse"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nT: t\r\n\r\nrest",
     "1.1 200 OK [Transfer-Encoding=chunked] \"abc0123456789\" 4 left, reuse"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
     "1.1 200 OK [Transfer-Encoding=gzip, Chunked] [Content-Length=5] \"\" 0 left, reuse"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
     "1.1 200 OK [Content-Length=3] [Content-Length=3] \"abc\" 0 left, reuse"},

    {"", "error: unexpected EOF"},
    {"HTTP/1.1 200 OK\r\n", "error: unexpected EOF"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", "error: unexpected EOF"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", "error: unexpected EOF"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "error: unexpected EOF"},
    {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "error: malformed HTTP response"},
    {"HTTP/2.0 200 OK\r\n\r\n", "error: malformed HTTP response"},
    {"HTTP/1.1 2000 OK\r\n\r\n", "error: malformed HTTP response"},
    {"HTTP/1.1 099 OK\r\n\r\n", "error: malformed HTTP response"},
    {"HTTP/1.1 -20 OK\r\n\r\n", "error: malformed HTTP response"},
    {"HTTP/1.1 200 OK\r\nNo colon\r\n\r\n", "error: malformed HTTP response"},
    {"HTTP/1.1 200 OK\r\nA b: c\r\n\r\n", "error: malformed HTTP response"},
    {"HTTP/1.1 200 OK\r\n: c\r\n\r\n", "error: malformed HTTP response"},
    {"HTTP/1.1 200 OK\r\n folded\r\n\r\n", "error: malformed HTTP response"},
    {"HTTP/1.1 204 OK\r\nA: b \r\n\t c\r\nD:\r\n e\r\n  \r\nF: g\r\n\r\n",
     "1.1 204 OK [A=b c] [D=e] [F=g] \"\" 0 left, reuse"},
    {"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\r\nContent-Length: 0\r\n\r\n", "error: malformed HTTP response"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc", "error: malformed HTTP response"},
    {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "error: malformed HTTP response"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", "error: malformed HTTP response"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "error: malformed HTTP response"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "error: malformed HTTP response"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", "error: malformed HTTP response"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", "error: malformed HTTP response"},
};

TEST(ResponseParser, ReadsWhatComesWhole) {
  for (const Case& c : kCases)
    EXPECT_EQ(parse(c.bytes, std::max<std::size_t>(1, c.bytes.size())), c.expected) << c.bytes;
}

// However the network cuts it, the answer is the same.
TEST(ResponseParser, ReadsWhatComesInPieces) {
  for (const Case& c : kCases)
    for (std::size_t part = 1; part < c.bytes.size(); ++part)
      ASSERT_EQ(parse(c.bytes, part), c.expected) << c.bytes << " in parts of " << part;
}

// Whatever heads came before, an answer is what it is by itself.
TEST(ResponseParser, ReadsWhatItKnowsAsWhatItDoesNot) {
  ResponseParser::KnownHeads known;
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    // Few at a time, so that most are known.
    const Case& c = kCases[(static_cast<std::size_t>(i) / 500 + random() % 6) % std::size(kCases)];
    const std::size_t part = std::max<std::size_t>(1, random() % 2 == 0 ? c.bytes.size() : random() % 80);
    const bool without_body = random() % 8 == 0;
    ASSERT_EQ(parse(c.bytes, part, without_body, &known), parse(c.bytes, part, without_body))
        << c.bytes << " in parts of " << part;
  }
}

TEST(ResponseParser, SharesTheHeadsThatItKnows) {
  ResponseParser::KnownHeads known;
  const auto head_of = [&known](std::string_view bytes) {
    ResponseParser parser(Body::keep, false, {.known_heads = &known});
    static_cast<void>(parser.feed(bytes));
    return parser.take_head();
  };
  const std::string first = "HTTP/1.1 200 OK\r\nDate: 1\r\nContent-Length: 1\r\n\r\n";
  const ResponseHead before = head_of(first + "a");
  EXPECT_EQ(head_of(first + "b").headers.text().data(), before.headers.text().data());
  const std::string next = "HTTP/1.1 200 OK\r\nDate: 2\r\nContent-Length: 1\r\n\r\n";
  EXPECT_EQ(head_of(next + "a").header("date"), "2");
  EXPECT_EQ(head_of(first + "c").headers.text().data(), before.headers.text().data());
  // Long ones are read each time, and drive nobody out.
  const std::string longer = "HTTP/1.1 200 OK\r\nA: " + std::string(5000, 'a') + "\r\nContent-Length: 0\r\n\r\n";
  // So are those that are folded, and those that come in pieces.
  const std::string folded = "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n";
  const auto in_pieces = [&known](std::string_view bytes) {
    ResponseParser parser(Body::keep, false, {.known_heads = &known});
    for (const std::string_view piece : {bytes.substr(0, 20), bytes.substr(20)}) static_cast<void>(parser.feed(piece));
    return parser.take_head();
  };
  const ResponseHead kept = head_of(longer);
  for (int i = 0; i < 20; ++i) {
    EXPECT_NE(head_of(longer).headers.text().data(), kept.headers.text().data());
    EXPECT_EQ(head_of(folded).header("a"), "b c");
    EXPECT_EQ(in_pieces(next).header("date"), "2");
  }
  EXPECT_EQ(head_of(first + "d").headers.text().data(), before.headers.text().data());
}

TEST(ResponseParser, LimitsHeadsThatItKnowsToo) {
  ResponseParser::KnownHeads known;
  const std::string last = "HTTP/1.1 204 No Content\r\n\r\n";
  ASSERT_EQ(parse(last, last.size(), false, &known), "1.1 204 No Content \"\" 0 left, reuse");
  ResponseParser parser(Body::keep, false, {.known_heads = &known});
  const std::string interim = "HTTP/1.1 103 Early Hints\r\nX: " + std::string(1 << 20, 'x') + "\r\n\r\n";
  std::size_t bytes = 0;
  for (; bytes + interim.size() <= ResponseParser::kHeadBytesMax; bytes += interim.size())
    ASSERT_TRUE(parser.feed(interim));
  const std::string rest =
      "HTTP/1.1 103 Early Hints\r\nX: " + std::string(ResponseParser::kHeadBytesMax - bytes - 35, 'x') + "\r\n\r\n";
  ASSERT_TRUE(parser.feed(rest));
  const auto fed = parser.feed(last);
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error(), ResponseError::head_too_long);
}

TEST(ResponseParser, ExpectsNoBodyAfterHead) {
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 7, true),
            "1.1 200 OK [Content-Length=5] \"\" 0 left, reuse");
}

TEST(ResponseParser, CountsWhatItDiscards) {
  ResponseParser parser(Body::discard, false);
  ASSERT_TRUE(parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n"));
  const std::string part(1 << 20, 'x');
  for (int i = 0; i < 600; ++i) ASSERT_TRUE(parser.feed(part));
  EXPECT_EQ(parser.body_bytes(), std::uint64_t{600} << 20);
  EXPECT_EQ(parser.take_body(), "");
}

std::string_view error_of(const std::expected<std::size_t, ResponseError>& fed) {
  return fed ? "none" : to_string(fed.error());
}

TEST(ResponseParser, LimitsWhatItKeeps) {
  const std::string line = "X: " + std::string(60'000, 'x') + "\r\n";
  ResponseParser endless_head(Body::keep, false);
  ASSERT_TRUE(endless_head.feed("HTTP/1.1 200 OK\r\n"));
  std::expected<std::size_t, ResponseError> fed = 0;
  for (int i = 0; i < 200 && fed; ++i) fed = endless_head.feed(line);
  EXPECT_EQ(error_of(fed), to_string(ResponseError::head_too_long));

  ResponseParser endless_interim(Body::keep, false);
  fed = 0;
  const std::string interim = "HTTP/1.1 103 Early Hints\r\n" + line + "\r\n";
  for (int i = 0; i < 200 && fed; ++i) fed = endless_interim.feed(interim);
  EXPECT_EQ(error_of(fed), to_string(ResponseError::head_too_long));

  ResponseParser endless_trailer(Body::keep, false);
  ASSERT_TRUE(endless_trailer.feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"));
  fed = 0;
  const std::string trailer = "X: " + std::string(4'000, 'x') + "\r\n";
  for (int i = 0; i < 3'000 && fed; ++i) fed = endless_trailer.feed(trailer);
  EXPECT_EQ(error_of(fed), to_string(ResponseError::head_too_long));

  ResponseParser long_size(Body::keep, false);
  ASSERT_TRUE(long_size.feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
  EXPECT_EQ(error_of(long_size.feed(std::string(5'000, '0'))), to_string(ResponseError::malformed));
}

TEST(ResponseParser, FindsHeadersWhateverTheirCase) {
  ResponseParser parser(Body::keep, false);
  ASSERT_TRUE(parser.feed("HTTP/1.1 200 OK\r\ncOnTent-TYPE: a\r\nContent-Type: b\r\n\r\n"));
  EXPECT_EQ(parser.head().header("Content-Type"), "a");
  EXPECT_EQ(parser.head().header("Gone"), "");
  // As long as one that is there, and with its first letter.
  EXPECT_FALSE(parser.head().has_header("Content-Tape"));
  EXPECT_FALSE(ResponseHead().has_header(""));
}

}  // namespace
}  // namespace gantry::load
