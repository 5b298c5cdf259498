// k6's variables of its web dashboard, and the argument of --out.

#include "load/dashboard/options.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>

namespace gantry::load {
namespace {

std::string to_text(const base::Result<DashboardOptions>& read) {
  if (!read) return fmt::format("error: {}", read.error().message);
  const std::string port = read->port ? fmt::format("{}", *read->port) : "none";
  return fmt::format("[{}]:{} every {}{}{}", read->host, port, format_go_duration(read->period),
                     read->opens_browser ? ", opened" : "",
                     read->export_file.empty() ? "" : ", to " + read->export_file);
}

struct Case {
  std::string_view argument;
  std::map<std::string, std::string> variables;  // without K6_WEB_DASHBOARD_
  std::string_view options;
};

// k6 2.2: internal/dashboard/options.go
const Case kCases[] = {
    {"", {}, "[]:5665 every 10s"},
    {"port=0&period=500ms&host=::1&open&export=a%20b+c.html", {}, "[::1]:0 every 500ms, opened, to a b c.html"},
    {"",
     {{"PORT", "80"}, {"HOST", "0.0.0.0"}, {"PERIOD", "1m30s"}, {"OPEN", "true"}, {"EXPORT", "x.html"}},
     "[0.0.0.0]:80 every 1m30s, opened, to x.html"},
    // The argument wins, the first of two; what is empty says nothing.
    {"port=1&port=2&host=", {{"PORT", "3"}, {"HOST", "::1"}, {"PERIOD", ""}}, "[::1]:1 every 10s"},
    {"open=false", {{"OPEN", "1"}}, "[]:5665 every 10s"},
    {"open=false", {{"OPEN", "true"}}, "[]:5665 every 10s, opened"},
    {"open=true", {}, "[]:5665 every 10s, opened"},
    // What `export` was once called.
    {"", {{"REPORT", "old.html"}}, "[]:5665 every 10s, to old.html"},
    {"report=old.html", {{"EXPORT", "new.html"}}, "[]:5665 every 10s, to old.html"},
    {"export=new.html&report=old.html", {}, "[]:5665 every 10s, to new.html"},
    // Nowhere.
    {"port=-1", {}, "[]:none every 10s"},
    {"", {{"PORT", "-1"}}, "[]:none every 10s"},
    {"port=%2B8080", {}, "[]:8080 every 10s"},
    // Only a recording has tags; of what else there may be k6 takes no notice either.
    {"tags=group,method&tag=a&theme=dark&", {{"TAGS", "group"}, {"THEME", "dark"}}, "[]:5665 every 10s"},
    {"port=many", {}, "error: --out web-dashboard: port=many: that is no port"},
    {"", {{"PORT", "65536"}}, "error: K6_WEB_DASHBOARD_PORT=65536: that is no port"},
    {"", {{"PORT", "80 "}}, "error: K6_WEB_DASHBOARD_PORT=80 : that is no port"},
    {"port=%2B-1", {}, "error: --out web-dashboard: port=+-1: that is no port"},
    {"", {{"PERIOD", "10"}}, "error: K6_WEB_DASHBOARD_PERIOD=10: that is no duration of 100ms or more"},
    {"period=0s", {}, "error: --out web-dashboard: period=0s: that is no duration of 100ms or more"},
    {"period=99ms", {}, "error: --out web-dashboard: period=99ms: that is no duration of 100ms or more"},
    {"period=100ms", {}, "[]:5665 every 100ms"},
    {"period=-1s", {}, "error: --out web-dashboard: period=-1s: that is no duration of 100ms or more"},
    {"", {{"PERIOD", "1d"}}, "error: K6_WEB_DASHBOARD_PERIOD=1d: that is no duration of 100ms or more"},
    {"export=%zz", {}, "error: --out web-dashboard: export=%zz has a broken escape"},
    {"export=%2", {}, "error: --out web-dashboard: export=%2 has a broken escape"},
    {"",
     {{"RECORD", "x.gz"}},
     "error: K6_WEB_DASHBOARD_RECORD is not there yet: only k6's own page reads such a recording"},
};

TEST(DashboardOptions, AreReadAsK6ReadsThem) {
  for (const Case& c : kCases) {
    std::map<std::string, std::string> environment;
    for (const auto& [name, value] : c.variables) environment.emplace("K6_WEB_DASHBOARD_" + name, value);
    EXPECT_EQ(to_text(read_dashboard_options(c.argument, environment)), c.options) << c.argument;
  }
}

}  // namespace
}  // namespace gantry::load
