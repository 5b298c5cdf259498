#include "load/output/output.h"

#include "base/text.h"
#include "load/output/kinds.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

namespace gantry::load {

namespace {

struct OutputKind {
  std::string_view name;
  base::Result<std::unique_ptr<SampleOutput>> (*make)(const OutputSetup& setup);
};
constexpr std::array kKinds = {
    OutputKind{"json", make_json_output},
    OutputKind{"csv", make_csv_output},
};

}  // namespace

base::Result<std::unique_ptr<SampleOutput>> make_output(std::string_view what,
                                                        const std::map<std::string, std::string>& environment,
                                                        const OpenSink& open) {
  const std::size_t at = what.find('=');
  const std::string_view name = what.substr(0, at);
  const auto* kind = std::ranges::find(kKinds, name, &OutputKind::name);
  if (kind != kKinds.end())
    return kind->make({at == std::string_view::npos ? std::string_view() : what.substr(at + 1), environment, open});
  std::vector<std::string_view> names;
  for (const OutputKind& each : kKinds) names.push_back(each.name);
  return base::usage_error(fmt::format("there is no output {}", name),
                           fmt::format("there are: {}", fmt::join(names, ", ")));
}

}  // namespace gantry::load
