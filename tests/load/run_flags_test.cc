// The flags of k6 run: what each becomes, and which are refused.

#include "load/options/run_flags.h"

#include "base/json.h"
#include "base/text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

namespace gantry::load {
namespace {

// The settings after these flags, apart by blanks: options as JSON, then what else there is.
std::string to_text(const RunSettings& settings) {
  std::string text = base::dump_json(settings.overrides);
  for (const auto& [name, value] : settings.env) text += fmt::format(" {}={}", name, value);
  if (!settings.judges_thresholds) text += " without thresholds";
  for (const auto& [name, value] : settings.of_caller) text += fmt::format(" [{}:{}]", name, value);
  for (const std::string& output : settings.outputs) text += " to " + output;
  for (const std::string& warning : settings.warnings) text += fmt::format(" ({})", warning);
  return text;
}

std::string settings_of(std::string_view flags) {
  RunSettings settings;
  for (const std::string_view flag : base::split(flags, ' '))
    if (const base::Result<void> applied = apply_run_flag(flag, settings); !applied)
      return fmt::format("error: {}; {}", applied.error().message, applied.error().help);
  return to_text(settings);
}

struct Case {
  std::string_view flags;
  std::string_view settings;
};

constexpr Case kCases[] = {
    {"--vus=50 --duration=5m", R"({"vus":50,"duration":"5m"})"},
    {"--vus=50 --vus=3", R"({"vus":3})"},
    {"--vus=many", "error: --vus many: that is no whole number; "},
    {"--stage=1m:10 --stage=2m:0", R"({"stages":[{"duration":"1m","target":10},{"duration":"2m","target":0}]})"},
    {"--stage=1m:10,2m:0 --stage=5s:3",
     R"({"stages":[{"duration":"1m","target":10},{"duration":"2m","target":0},{"duration":"5s","target":3}]})"},
    {"--stage=10", "error: --stage 10: the name or the value is missing; write --stage TIME:N"},
    {"--tag=a=b=c --tag=d=", R"({"tags":{"a":"b=c","d":""}})"},
    {"--env=HOST=http://x?a=b --env=EMPTY", "{} EMPTY= HOST=http://x?a=b"},
    {"--env=1A=1",
     "error: --env 1A=1: \"1A\" is no name of a variable; take letters, digits and _, and no digit first"},
    {"--env==1", "error: --env =1: \"\" is no name of a variable; take letters, digits and _, and no digit first"},
    {"--system-tags= --stage= --tag= --env=", R"({"systemTags":[],"stages":[]})"},
    {"--system-tags=url --system-tags=", R"({"systemTags":["url"]})"},
    {"--no-setup --no-teardown", R"({"noSetup":true,"noTeardown":true})"},
    {"--summary-trend-stats=avg,p(99.9)", R"~({"summaryTrendStats":["avg","p(99.9)"]})~"},
    {"--no-setup=true --no-teardown=false", R"({"noSetup":true,"noTeardown":false})"},
    {"--no-setup=perhaps", "error: --no-setup=perhaps: that is neither true nor false; "},
    {"--no-thresholds", "{} without thresholds"},
    {"--no-thresholds --quiet --no-thresholds=false --quiet=0", "{}"},
    {"--local-ips=10.0.0.1,fd::/64", R"({"localIPs":"10.0.0.1,fd::/64"})"},
    {"--traces-output=none --traces-output=otel", "{} (--traces-output has no effect yet)"},
    {"--summary-export=x.json --quiet", "{} [quiet:] [summary-export:x.json]"},
    {"--paused --linger --address=:1", R"({"paused":true} [address::1] [linger:])"},
    {"--no-usage-report", "{} (--no-usage-report has no effect here: nothing is ever reported to anybody)"},
    {"--out=json=x.json", "{} to json=x.json"},
    {"--execution-segment=0:1/2 --execution-segment-sequence=0,1/2,1",
     R"({"executionSegment":"0:1/2","executionSegmentSequence":"0,1/2,1"})"},
    {"--dns=ttl=5m,foo=bar",
     "error: --dns ttl=5m,foo=bar: unknown DNS configuration field: foo; it has ttl, select and policy: --dns "
     "ttl=5m,select=random,policy=preferIPv4"},
    {"--summary-time-unit=us", R"({"summaryTimeUnit":"us"})"},
    {"--summary-time-unit=m", "error: --summary-time-unit m: that is no unit of the summary; write s, ms or us"},
    {"--iteration=5", "error: k6 run has no flag --iteration; did you mean --iterations?"},
};

TEST(RunFlags, BecomeSettings) {
  for (const Case& c : kCases) EXPECT_EQ(settings_of(c.flags), c.settings) << c.flags;
}

struct VariableCase {
  std::string_view name;
  std::string_view value;
  std::string_view settings;
};

constexpr VariableCase kVariables[] = {
    {"K6_VUS", "5", R"({"vus":5})"},
    {"K6_STAGES", "5s:10,5m:20", R"({"stages":[{"duration":"5s","target":10},{"duration":"5m","target":20}]})"},
    {"K6_TAGS", "a=b,c=d", R"({"tags":{"a":"b","c":"d"}})"},
    {"K6_NO_SETUP", "true", R"({"noSetup":true})"},
    {"K6_NO_COOKIES_RESET", "0", R"({"noCookiesReset":false})"},
    {"K6_NO_SETUP", "perhaps", "error: K6_NO_SETUP=perhaps: that is neither true nor false"},
    {"K6_NO_THRESHOLDS", "true", "{} without thresholds"},
    {"K6_NO_THRESHOLDS", "false", "{}"},
    {"K6_SETUP_TIMEOUT", "5s", R"({"setupTimeout":"5s"})"},
    {"K6_HOSTS", R"({"a.example":"127.0.0.1"})", R"({"hosts":{"a.example":"127.0.0.1"}})"},
    {"K6_DNS", "ttl=0,select=first", R"({"dns":{"ttl":"0","select":"first"}})"},
    {"K6_SUMMARY_EXPORT", "x.json", "{} [summary-export:x.json]"},
    {"K6_VUS", "", "{}"},
    {"K6_ELSE", "1", "{}"},
};

TEST(RunFlags, HaveVariables) {
  for (const VariableCase& c : kVariables) {
    const auto read = read_run_variables({{std::string(c.name), std::string(c.value)}});
    EXPECT_EQ(read ? to_text(*read) : "error: " + read.error().message, c.settings) << c.name;
  }
}

TEST(RunFlags, HaveNamesAndLettersOfTheirOwn) {
  std::set<std::string_view> names;
  std::set<char> letters;
  for (const RunFlag& flag : run_flags()) {
    EXPECT_TRUE(names.insert(flag.name).second) << flag.name;
    EXPECT_TRUE(flag.letter == 0 || letters.insert(flag.letter).second) << flag.name;
    EXPECT_FALSE(flag.help.empty()) << flag.name;
  }
}

}  // namespace
}  // namespace gantry::load
