#include "base/base64.h"

#include <gtest/gtest.h>

namespace gantry::base {
namespace {

struct Pair {
  std::string_view bytes;
  std::string_view text;
};

// Those of RFC 4648, §10, and bytes of all kinds.
constexpr Pair kPairs[] = {{"", ""},
                           {"f", "Zg=="},
                           {"fo", "Zm8="},
                           {"foo", "Zm9v"},
                           {"foob", "Zm9vYg=="},
                           {"fooba", "Zm9vYmE="},
                           {"foobar", "Zm9vYmFy"},
                           {std::string_view("\0\xff\xfe", 3), "AP/+"}};

TEST(Base64, GoesOutAndIn) {
  for (const Pair& pair : kPairs) {
    EXPECT_EQ(encode_base64(pair.bytes), pair.text);
    EXPECT_EQ(decode_base64(pair.text), pair.bytes) << pair.text;
  }
}

}  // namespace
}  // namespace gantry::base
