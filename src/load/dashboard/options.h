#pragma once

// What k6's web dashboard is told (k6 reference, §14): by the argument of --out web-dashboard=port=0&period=1s and by K6_WEB_DASHBOARD_…,
// which the argument wins over. An option is written as in k6, and means the same but for these: without a host the dashboard
// is there for this machine only, where k6 listens to all; a negative port listens nowhere, where k6's server gets some port; a period may not
// be shorter than kDashboardPeriodMin; and a recording is refused.

#include "base/result.h"
#include "load/options/duration.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::load {

inline constexpr std::uint16_t kDashboardPort = 5665;
inline constexpr std::chrono::milliseconds kDashboardPeriodMin{100};  // a run waits while it is looked at

struct DashboardOptions {
  std::string host = {};                               // "" for this machine only
  std::optional<std::uint16_t> port = kDashboardPort;  // 0 for any that is free; nothing for no server
  Duration period = std::chrono::seconds(10);          // from one look at the run to the next
  bool opens_browser = false;
  std::string export_file = {};  // of the report
  friend bool operator==(const DashboardOptions&, const DashboardOptions&) = default;
};

// What nobody knows is passed over, as in k6. Errors: usage, naming the variable or the key: a port or a period that is none, a broken
// escape, a recording.
base::Result<DashboardOptions> read_dashboard_options(std::string_view argument,
                                                      const std::map<std::string, std::string>& environment);

}  // namespace gantry::load
