#include "load/options/secrets.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace gantry::load {
namespace {

base::Result<std::string> read_file(const std::string& path) {
  if (path == "a.env") return "token=abc\r\nempty=\n\n";
  return base::environment_error(fmt::format("{} does not exist", path));
}

// What secrets.source(source).get(name) gives.
std::string told(const std::vector<std::string>& given, std::string_view source, std::string_view name) {
  auto sources = read_secret_sources(given, read_file);
  if (!sources) return "usage: " + sources.error().message;
  Secrets secrets(*std::move(sources));
  const auto value = secrets.get(source, name);
  return value ? std::string(*value) : "error: " + value.error().message;
}

struct Case {
  std::vector<std::string> given;
  std::string_view source;
  std::string_view name;
  std::string_view told;
};

const Case kCases[] = {
    {{}, "default", "a", "error: no secret sources are configured"},
    {{"mock=a=1,b=x=y"}, "default", "b", "x=y"},
    {{"mock=a=1"}, "mock", "a", "1"},
    {{"mock=a=1"}, "default", "b", "error: no value"},
    {{"mock=a=1"}, "other", "a", "error: no secret source with name \"other\" is configured"},
    {{"file=a.env"}, "default", "token", "abc"},
    {{"file=name=prod,filename=a.env", "mock=default,a=1"}, "prod", "token", "abc"},
    {{"file=name=prod,a.env", "mock=default,a=1"}, "default", "a", "1"},
    {{"file=a.env", "mock=a=1"}, "default", "a", "error: no secret source with name \"default\" is configured"},
    {{"file=gone.env"}, "default", "a", "usage: gone.env does not exist"},
    {{"vault=x"}, "default", "a", "usage: --secret-source vault: there is no such kind of source here"},
    {{"mock=a=1", "mock=b=2"}, "mock", "a", "usage: --secret-source: two are called mock"},
    {{"mock=default,a=1", "file=default,a.env"}, "default", "a", "usage: --secret-source: two are called default"},
    {{"mock=hunter2"}, "default", "a", "usage: --secret-source: a secret without \"=\""},
};

TEST(Secrets, AreFoundByNameAndSource) {
  for (const Case& c : kCases) EXPECT_EQ(told(c.given, c.source, c.name), c.told);
}

TEST(Secrets, AreRedactedOnceTheyAreTold) {
  Secrets secrets(*read_secret_sources(std::vector<std::string>{"mock=a=abc,b=abcd,c= "}, read_file));
  EXPECT_EQ(secrets.redact("abc"), "abc");
  for (const char* name : {"a", "b", "c", "a"}) ASSERT_TRUE(secrets.get("default", name));
  EXPECT_EQ(secrets.redact("abc abcd ab xabcx"),
            "***SECRET_REDACTED*** ***SECRET_REDACTED*** ab x***SECRET_REDACTED***x");
}

}  // namespace
}  // namespace gantry::load
