#include "http/gzip.h"

#include "http/client.h"

#include <gtest/gtest.h>

#include <random>

namespace gantry::http {
namespace {

// What comes out of these bytes, given `step` at a time; or the refusal.
std::string read(std::string_view bytes, std::size_t step, std::uint64_t bytes_max = 1 << 20) {
  GzipReader reader(bytes_max);
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    const auto fed = reader.feed(bytes.substr(at, step), [&](std::string_view piece) { text += piece; });
    if (!fed) return std::to_string(fed.error().status) + " " + std::string(fed.error().message);
  }
  const auto finished = reader.finish();
  return finished ? text : std::to_string(finished.error().status) + " " + std::string(finished.error().message);
}

TEST(Gzip, GivesBackWhatWentIn) {
  std::mt19937 random(1);  // a fixed seed: the same texts each time
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{16384}, std::size_t{16385}, std::size_t{200'000}}) {
    std::string text(size, '\0');
    for (char& c : text) c = static_cast<char>("abcdefgh"[random() % 8]);
    const std::string zipped = gzip(text);
    for (const std::size_t step : {std::size_t{1}, std::size_t{1000}, zipped.size()})
      EXPECT_TRUE(read(zipped, step) == text) << size << " bytes, " << step << " at a time";
  }
}

TEST(Gzip, ReadsMembersAsOne) { EXPECT_EQ(read(gzip("one ") + gzip("") + gzip("two"), 3), "one two"); }

TEST(Gzip, RefusesWhatIsNone) {
  const std::string zipped = gzip("hello");
  std::string damaged = zipped;
  damaged[zipped.size() - 5] ^= 1;  // the checksum
  EXPECT_EQ(read("hello, world", 12), "400 body is no gzip");
  EXPECT_EQ(read(zipped + "x", 100), "400 gzip body ends too early");  // might be a second member
  EXPECT_EQ(read(zipped + "trailing bytes", 100), "400 body is no gzip");
  EXPECT_EQ(read(damaged, 100), "400 body is no gzip");
  EXPECT_EQ(read(zipped.substr(0, zipped.size() - 1), 100), "400 gzip body ends too early");
  EXPECT_EQ(read("", 1), "400 gzip body ends too early");
}

TEST(Gzip, StopsABombAtTheLimit) {
  const std::string bomb = gzip(std::string(10 << 20, 'a'));
  ASSERT_LT(bomb.size(), 64u << 10);
  GzipReader reader(100'000);
  std::size_t handed = 0;
  const auto fed = reader.feed(bomb, [&](std::string_view piece) { handed += piece.size(); });
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error(), (Refusal{413, "decompressed body too large"}));
  EXPECT_LE(handed, 100'000u);
  // Exactly the limit is no bomb.
  EXPECT_EQ(read(gzip(std::string(1000, 'a')), 1 << 20, 1000).size(), 1000u);
  EXPECT_EQ(read(gzip(std::string(1001, 'a')), 1 << 20, 1000), "413 decompressed body too large");
}

TEST(Gzip, AFlushedPieceCanBeReadAtOnce) {
  GzipWriter writer;
  GzipReader reader(1000);
  std::string text;
  for (const char* piece : {"one", "two", "three"}) {
    text.clear();
    ASSERT_TRUE(reader.feed(writer.feed(piece, Flush::now), [&](std::string_view out) { text += out; }));
    EXPECT_EQ(text, piece);
  }
  ASSERT_TRUE(reader.feed(writer.feed("", Flush::end), [](std::string_view) {}));
  EXPECT_TRUE(reader.finish());
}

}  // namespace
}  // namespace gantry::http
