#include "base/digest.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace gantry::base {
namespace {

// FIPS 180-4, the examples published with it.
TEST(Sha256, KnownAnswers) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, TakesBytesOfAnyValue) {
  EXPECT_EQ(sha256_hex(std::string_view("\0", 1)), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

TEST(DigestBuilder, IsTheDigestOfLengthsAndFields) {
  constexpr char kFields[] =
      "\0\0\0\0\0\0\0\x03"
      "abc"
      "\0\0\0\0\0\0\0\0";
  EXPECT_EQ(DigestBuilder().add("abc").add("").hex(), sha256_hex({kFields, sizeof kFields - 1}));
}

TEST(DigestBuilder, KeepsFieldsApart) {
  const std::vector<std::vector<std::string>> lists = {{},         {""},       {"", ""},   {"ab"},
                                                       {"a", "b"}, {"", "ab"}, {"ab", ""}, {"b", "a"}};
  std::vector<std::string> digests;
  for (const std::vector<std::string>& list : lists) {
    DigestBuilder builder;
    for (const std::string& field : list) builder.add(field);
    digests.push_back(builder.hex());
  }
  for (std::size_t i = 0; i < digests.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(digests[i], digests[j]) << "lists " << i << " and " << j;
  }
}

TEST(DigestBuilder, BuildersDoNotDisturbEachOther) {
  DigestBuilder a;
  DigestBuilder b;
  a.add("one");
  b.add("other");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(a.hex(), DigestBuilder().add("one").hex());
  EXPECT_EQ(b.hex(), DigestBuilder().add("other").hex());
}

TEST(Sha256, WorksOnSeveralThreadsAtOnce) {
  const std::string expected = sha256_hex("threads");
  std::vector<std::string> digests(4);
  {
    std::vector<std::jthread> threads;
    for (std::string& digest : digests) threads.emplace_back([&digest] { digest = sha256_hex("threads"); });
  }
  EXPECT_EQ(digests, std::vector<std::string>(4, expected));
}

}  // namespace
}  // namespace gantry::base
