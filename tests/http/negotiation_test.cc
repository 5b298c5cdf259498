#include "http/negotiation.h"

#include <gtest/gtest.h>

namespace gantry::http {
namespace {

TEST(AcceptsGzip, FollowsAcceptEncoding) {
  struct Case {
    const char* value;
    bool accepts;
  };
  constexpr Case kCases[] = {
      {"gzip", true},
      {"GZIP", true},
      {"x-gzip", true},
      {"deflate, gzip;q=1.0, *;q=0.5", true},
      {"br, gzip ; q=0.001", true},
      {"", false},
      {"identity", false},
      {"deflate", false},
      {"gzipped", false},
      {"gzip;q=0", false},
      {"gzip;q=0.000", false},
      {"*", true},
      {"*;q=0", false},
      {"gzip;q=0, *", false},  // a name says more than the star
      {"gzip, *;q=0", true},
  };
  for (const Case& c : kCases) EXPECT_EQ(accepts_gzip({{"accept-encoding", c.value}}), c.accepts) << c.value;
  EXPECT_FALSE(accepts_gzip({}));
  EXPECT_TRUE(accepts_gzip({{"Accept-Encoding", "br"}, {"Accept-Encoding", "gzip"}}));
}

TEST(BodyCoding, KnowsGzipAlone) {
  struct Case {
    Headers headers;
    BodyCoding coding;
  };
  const Case kCases[] = {
      {{}, BodyCoding::identity},
      {{{"Content-Encoding", "identity"}}, BodyCoding::identity},
      {{{"content-encoding", "GZip"}}, BodyCoding::gzip},
      {{{"Content-Encoding", "deflate"}}, BodyCoding::unknown},
      {{{"Content-Encoding", "gzip, gzip"}}, BodyCoding::unknown},
      {{{"Content-Encoding", "gzip"}, {"Content-Encoding", "br"}}, BodyCoding::unknown},
  };
  for (const Case& c : kCases) EXPECT_EQ(body_coding(c.headers), c.coding) << testing::PrintToString(c.headers.size());
}

TEST(IsCompressible, IsForText) {
  for (const char* type :
       {"application/json", "text/html; charset=utf-8", "text/plain", "application/problem+json", "image/svg+xml"})
    EXPECT_TRUE(is_compressible(type)) << type;
  for (const char* type : {"", "image/png", "application/octet-stream", "application/gzip", "json"})
    EXPECT_FALSE(is_compressible(type)) << type;
}

TEST(ChooseCompression, LeavesAloneWhatItWouldSpoil) {
  const Headers asks = {{"Accept-Encoding", "gzip"}};
  const Response json = Response::json("{}");
  EXPECT_EQ(choose_compression(asks, json, 5000), Compression::gzip);
  EXPECT_EQ(choose_compression(asks, json, std::nullopt), Compression::gzip);  // a stream
  EXPECT_EQ(choose_compression({}, json, 5000), Compression::unasked);
  EXPECT_EQ(choose_compression(asks, json, 60), Compression::unfit);
  for (const Headers::Field& field :
       Headers{{"Content-Encoding", "br"}, {"Content-Range", "bytes 0-1/2"}, {"Cache-Control", "no-transform"}}) {
    Response response = json;
    response.headers.add(field.name, field.value);
    EXPECT_EQ(choose_compression(asks, response, 5000), Compression::unfit) << field.name;
  }
}

}  // namespace
}  // namespace gantry::http
