#include "launch/text_encoding.h"

#include <gtest/gtest.h>

namespace gantry::launch {
namespace {

struct Utf8Case {
  const char* what;
  std::string text;
  std::optional<std::size_t> invalid_at;
};

// Unicode 15, table 3-7.
TEST(InvalidUtf8, IsFoundWhereItStarts) {
  const Utf8Case cases[] = {
      {"nothing", "", {}},
      {"ASCII", "abc", {}},
      {"two, three and four bytes", "\xC3\xA9\xE2\x9F\xBF\xF0\x9F\x9A\x80", {}},
      {"a continuation byte alone", "a\x80", 1},
      {"a byte that never occurs", "ab\xFF", 2},
      {"cut short", "a\xE2\x9F", 1},
      {"followed by ASCII", "a\xC3z", 1},
      {"overlong", "\xC0\xAF", 0},
      {"overlong in three bytes", "\xE0\x80\xAF", 0},
      {"overlong in four bytes", "\xF0\x80\x80\xAF", 0},
      {"a surrogate", "\xED\xA0\x80", 0},
      {"above U+10FFFF", "\xF4\x90\x80\x80", 0},
      {"the last code point", "\xF4\x8F\xBF\xBF", {}},
  };
  for (const Utf8Case& c : cases) EXPECT_EQ(find_invalid_utf8(c.text), c.invalid_at) << c.what;
}

struct DamageCase {
  const char* what;
  const char* text;
  const char* repairs;  // "offset+length=character" for each
};

constexpr DamageCase kDamages[] = {
    {"the arrow", "âŸ¿", "0+6=⟿"},
    {"the halt sign", "a âŸ‚", "2+7=⟂"},
    {"a dash and a quote", "a â€“ donâ€™t", "2+8=– 14+8=’"},
    {"an emoji", "ðŸš€", "0+9=🚀"},
    {"a byte that Windows-1252 does not have", "\xC3\xA2\xC2\x9F\xC2\xBF", "0+6=⟿"},
    {"two in a row", "âŸ¿âŸ¿", "0+6=⟿ 6+6=⟿"},
    {"cut short", "âŸ", ""},
    {"letters with accents", "théâtre âge Ã©", ""},
    {"the characters themselves", "⟿ – 🚀", ""},
    {"an overlong form", "à€€", ""},
};

TEST(DoubleEncoded, IsFoundAndItsRepairOffered) {
  for (const DamageCase& c : kDamages) {
    std::string repairs;
    for (const DoubleEncoded& damaged : find_double_encoded(c.text)) {
      if (!repairs.empty()) repairs += " ";
      repairs +=
          std::to_string(damaged.span.offset) + "+" + std::to_string(damaged.span.length) + "=" + damaged.repaired;
    }
    EXPECT_EQ(repairs, c.repairs) << c.what;
  }
}

}  // namespace
}  // namespace gantry::launch
