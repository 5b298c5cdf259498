#include "base/time.h"

#include <cstdint>
#include <cstdlib>

// A time or a duration that is understood can be written, and what was written is understood as the same; so a date in a
// plan does not move when Gantry writes the plan back.

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_time(std::string_view text) {
  const gantry::base::Result<gantry::base::Timestamp> time = gantry::base::parse_rfc3339(text);
  if (!time) {
    require(!time.error().message.empty());
    return;
  }
  const std::string written = gantry::base::format_rfc3339(*time);
  require(gantry::base::parse_rfc3339(written) == time);
  require(written.starts_with(gantry::base::format_date(*time)));
}

void check_duration(std::string_view text) {
  const gantry::base::Result<std::chrono::milliseconds> duration = gantry::base::parse_duration(text);
  if (!duration) return;
  require(duration->count() >= 0);
  const std::string written = gantry::base::format_duration(*duration);
  require(gantry::base::parse_duration(written) == duration);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_time(text);
  check_duration(text);
  return 0;
}
