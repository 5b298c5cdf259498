// Any text as a summary of a load test and as the blocks of both checks: an error with words for it, or numbers that a sizing takes.

#include "base/json.h"
#include "base/yaml.h"
#include "capacity/inputs.h"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace gantry::capacity {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void size_it(SizingInput input) {
  const base::Result<Sizing> sizing = size(input);
  if (!sizing) return require(!sizing.error().message.empty());
  for (const Figure& figure : sizing->figures)
    require(std::isfinite(figure.value) && figure.value >= 0 && !figure.arithmetic.empty());
}

void read_summary(std::string_view text) {
  const base::Result<base::Node> document = base::load_json(text, "fuzz.json");
  if (!document) return;
  base::Result<Baseline> baseline = parse_summary(*document);
  if (!baseline) return require(!baseline.error().message.empty());
  require(baseline->rate > 0);
  SizingInput input;
  input.baseline = *std::move(baseline);
  input.cpu_ms_per_request = 5;
  input.target.rate = 100;
  size_it(std::move(input));
}

void read_blocks(std::string_view text) {
  const base::Result<base::Node> block = base::load_yaml_document(text, "fuzz.yaml");
  if (!block) return;
  const base::Result<SimulationRequest> simulation = parse_simulation(*block);
  if (!simulation) require(!simulation.error().message.empty());
  const base::Result<SizingRequest> sizing = parse_sizing(*block);
  if (!sizing) return require(!sizing.error().message.empty());
  if (sizing->summary.empty()) size_it(sizing->input);
}

}  // namespace
}  // namespace gantry::capacity

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  gantry::capacity::read_summary(text);
  gantry::capacity::read_blocks(text);
  return 0;
}
