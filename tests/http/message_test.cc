#include "http/message.h"

#include <gtest/gtest.h>

namespace gantry::http {
namespace {

TEST(Headers, NamesCompareWithoutRegardToCase) {
  Headers headers = {{"Content-Type", "a"}, {"content-type", "b"}, {"X", "c"}};
  EXPECT_EQ(headers.find("CONTENT-TYPE"), "a");
  EXPECT_EQ(headers.find("Content"), std::nullopt);
  headers.set("content-TYPE", "d");
  EXPECT_EQ(headers, (Headers{{"X", "c"}, {"content-TYPE", "d"}}));
}

TEST(DecodePercent, TakesOnlyWholeEscapes) {
  struct Case {
    const char* text;
    std::optional<std::string> decoded;
  };
  const Case kCases[] = {
      {"", ""},    {"a b+c", "a b+c"}, {"%41%2f%2F", "A//"}, {"%00", std::string(1, '\0')}, {"%", {}}, {"%4", {}},
      {"%4g", {}}, {"%%41", {}},       {"a%c3%a9", "aé"},    {"%25%34%31", "%41"},  // once, not twice
  };
  for (const Case& c : kCases) EXPECT_EQ(decode_percent(c.text), c.decoded) << c.text;
}

TEST(Request, ReadsItsQuery) {
  const Request request{.query = "q=a%20b+c&empty&=x&&broken=%zz&q=second&%71=third"};
  EXPECT_EQ(request.query_value("q"), "a b c");
  EXPECT_EQ(request.query_value("empty"), "");
  EXPECT_EQ(request.query_value("broken"), std::nullopt);
  EXPECT_EQ(request.query_value("none"), std::nullopt);
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"q", "a b c"}, {"empty", ""}, {"", "x"}, {"q", "second"}, {"q", "third"}};
  EXPECT_EQ(request.query_values(), expected);
}

TEST(Request, ParametersThatThePatternDoesNotNameAreEmpty) {
  const Request request{.parameters = {{"id", "7"}}};
  EXPECT_EQ(request.parameter("id"), "7");
  EXPECT_EQ(request.parameter("name"), "");
}

TEST(Response, ErrorsAreJsonWhateverTheMessage) {
  EXPECT_EQ(Response::error(404, "no \"such\" route").body,
            R"({"error":{"message":"no \"such\" route","status":404}})");
  EXPECT_EQ(Response::error(400, "\xff").body, "{\"error\":{\"message\":\"\xef\xbf\xbd\",\"status\":400}}");
}

TEST(ReasonPhrase, IsKnownForWhatTheServerAnswers) {
  for (const int status : {200, 400, 401, 403, 404, 405, 408, 413, 414, 415, 417, 426, 431, 500, 501, 503, 505})
    EXPECT_NE(reason_phrase(status), "Unknown") << status;
  EXPECT_EQ(reason_phrase(299), "Unknown");
  EXPECT_EQ(reason_phrase(999), "Unknown");
}

}  // namespace
}  // namespace gantry::http
