#include "load/dashboard/options.h"

#include "base/text.h"
#include "load/http/url.h"
#include "load/options/go_integer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <utility>
#include <vector>

namespace gantry::load {

namespace {

using base::Result;

Result<void> set_port(DashboardOptions& options, std::string_view value, std::string_view said) {
  const std::optional<std::int64_t> number = parse_go_integer(value);
  if (!number || *number > std::numeric_limits<std::uint16_t>::max())
    return base::usage_error(fmt::format("{}={}: that is no port", said, value), "write 0 to 65535, or -1 for no page");
  options.port = *number < 0 ? std::nullopt : std::optional(static_cast<std::uint16_t>(*number));
  return {};
}

Result<void> set_period(DashboardOptions& options, std::string_view value, std::string_view said) {
  const Result<Duration> period = parse_go_duration(value);
  if (!period || *period < kDashboardPeriodMin)
    return base::usage_error(
        fmt::format("{}={}: that is no duration of {} or more", said, value, format_go_duration(kDashboardPeriodMin)),
        "write 10s, or 500ms");
  options.period = *period;
  return {};
}

Result<void> set_host(DashboardOptions& options, std::string_view value, std::string_view) {
  options.host = value;
  return {};
}

Result<void> set_open(DashboardOptions& options, std::string_view value, std::string_view) {
  options.opens_browser = options.opens_browser || value == "true";
  return {};
}

Result<void> set_export(DashboardOptions& options, std::string_view value, std::string_view) {
  options.export_file = value;
  return {};
}

Result<void> refuse_record(DashboardOptions&, std::string_view, std::string_view said) {
  return base::usage_error(fmt::format("{} is not there yet: only k6's own page reads such a recording", said),
                           "--out json=FILE writes every sample, and export=FILE a report");
}

// Later ones win. `report` is what k6 called `export` once. Of `tags` only k6's recording makes use.
struct Setting {
  std::string_view key;
  Result<void> (*set)(DashboardOptions& options, std::string_view value, std::string_view said);
};
constexpr std::array kSettings = {Setting{"host", set_host},       Setting{"port", set_port},
                                  Setting{"period", set_period},   Setting{"open", set_open},
                                  Setting{"report", set_export},   Setting{"export", set_export},
                                  Setting{"record", refuse_record}};

// As in the query of a URL; nothing where an escape is broken.
std::optional<std::string> decode(std::string_view text) {
  if (find_bad_escape(text)) return std::nullopt;
  std::string spaced(text);
  std::ranges::replace(spaced, '+', ' ');
  return percent_decode(spaced);
}

// Of a key that is there more than once, the first counts (Go's url.Values).
using Pairs = std::map<std::string, std::string, std::less<>>;

Result<Pairs> read_argument(std::string_view argument) {
  Pairs pairs;
  for (const std::string_view pair : base::split(argument, '&')) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::optional<std::string> key = decode(pair.substr(0, equals));
    const std::optional<std::string> value = decode(pair.substr(std::min(equals + 1, pair.size())));
    if (!key || !value)
      return base::usage_error(fmt::format("--out web-dashboard: {} has a broken escape", pair), "write % as %25");
    if (!key->empty()) pairs.emplace(*key, *value);
  }
  // Open by itself is enough.
  if (const auto open = pairs.find("open"); open != pairs.end() && open->second.empty()) open->second = "true";
  return pairs;
}

std::string variable_of(std::string_view key) {
  std::string name = "K6_WEB_DASHBOARD_";
  for (const char c : key) name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

}  // namespace

Result<DashboardOptions> read_dashboard_options(std::string_view argument,
                                                const std::map<std::string, std::string>& environment) {
  DashboardOptions options;
  for (const Setting& setting : kSettings) {
    const std::string name = variable_of(setting.key);
    const auto said = environment.find(name);
    if (said != environment.end() && !said->second.empty()) TRY(setting.set(options, said->second, name));
  }
  const Pairs pairs = TRY(read_argument(argument));
  for (const Setting& setting : kSettings) {
    const auto said = pairs.find(setting.key);
    if (said != pairs.end() && !said->second.empty())
      TRY(setting.set(options, said->second, fmt::format("--out web-dashboard: {}", setting.key)));
  }
  return options;
}

}  // namespace gantry::load
