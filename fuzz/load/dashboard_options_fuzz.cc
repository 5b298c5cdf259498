// Any text as what --out tells the web dashboard: an error with words for it, or options that read the same when they are written out.

#include "load/dashboard/options.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace gantry::load {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

// Every byte of it.
std::string escape(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789aBcDeF";
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    escaped += {'%', kDigits[byte / 16], kDigits[byte % 16]};
  }
  return escaped;
}

void read(std::string_view text) {
  const base::Result<DashboardOptions> options = read_dashboard_options(text, {});
  if (!options) return require(!options.error().message.empty() && !options.error().help.empty());
  require(options->period > Duration(0));
  std::string written = "period=" + escape(format_go_duration(options->period));
  written += "&port=" + (options->port ? std::to_string(*options->port) : "-7");
  written += "&host=" + escape(options->host) + "&export=" + escape(options->export_file);
  if (options->opens_browser) written += "&open";
  const base::Result<DashboardOptions> again = read_dashboard_options(written, {});
  require(again && *again == *options);
}

}  // namespace
}  // namespace gantry::load

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gantry::load::read(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
