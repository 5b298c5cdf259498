#include "load/http/content_coding.h"

#include <gtest/gtest.h>

#include <string>

namespace gantry::load {
namespace {

constexpr std::size_t kMax = std::size_t{1} << 20;

TEST(ContentCoding, UndoesWhatItDoes) {
  for (const std::string& body : {std::string(), std::string("hello"), std::string(200'000, 'x')})
    for (const std::string_view codings : {"gzip", "deflate", "br", "zstd", "gzip, br", "zstd,deflate , gzip"}) {
      const auto encoded = encode_content(body, codings);
      ASSERT_TRUE(encoded) << codings;
      EXPECT_EQ(decode_content(*encoded, codings, kMax).value_or("error"), body) << codings;
    }
}

TEST(ContentCoding, LeavesWhatItDoesNotKnow) {
  EXPECT_EQ(decode_content("hello", "identity", kMax).value_or("error"), "hello");
  EXPECT_EQ(decode_content("hello", "", kMax).value_or("error"), "hello");
  EXPECT_EQ(encode_content("hello", "lzma").error(),
            "unknown compression algorithm lzma, supported algorithms are [gzip deflate zstd br]");
}

TEST(ContentCoding, TakesAllThatFollowOneAnother) {
  for (const std::string_view coding : {"gzip", "zstd"}) {
    const std::string members = *encode_content("hello, ", coding) + *encode_content("", coding) +
                                *encode_content(std::string(200'000, 'x'), coding);
    EXPECT_EQ(decode_content(members, coding, kMax).value_or("error"), "hello, " + std::string(200'000, 'x')) << coding;
    EXPECT_FALSE(decode_content(members + "and more", coding, kMax)) << coding;
    EXPECT_FALSE(decode_content(members, coding, 100'000)) << coding;
  }
}

TEST(ContentCoding, RefusesWhatIsBroken) {
  for (const std::string_view coding : {"gzip", "deflate", "br", "zstd"}) {
    const std::string whole = *encode_content(std::string(1'000, 'x') + "end", coding);
    EXPECT_FALSE(decode_content("this is none of them, by far", coding, kMax)) << coding;
    EXPECT_FALSE(decode_content(whole.substr(0, whole.size() / 2), coding, kMax)) << coding;
    EXPECT_FALSE(decode_content("", coding, kMax)) << coding;
    const std::string bomb = *encode_content(std::string(10 * kMax, '\0'), coding);
    const auto unpacked = decode_content(bomb, coding, kMax);
    ASSERT_FALSE(unpacked) << coding;
    EXPECT_EQ(unpacked.error(), "it unpacks to more than a body may have") << coding;
  }
}

}  // namespace
}  // namespace gantry::load
