// Any JSON as the summary of a part of a run: an error with words for it, or a part that is the same once it is written and read again,
// and that merges.

#include "base/json.h"
#include "base/version.h"
#include "load/summary/data.h"
#include "load/summary/merge.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::load {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void read(std::string_view text) {
  auto node = base::load_json(text, "summary");
  if (!node) return;
  // Those of other versions are read no further, and what was kept of earlier searches is.
  if (node->is_map()) node->set("format", "gantry-load-run/4"), node->set("version", base::version());
  auto part = read_mergeable(*node, "summary");
  if (!part) return require(!part.error().message.empty());
  const std::string written = base::dump_json(make_mergeable(part->outcome, part->identity));
  auto again = read_mergeable(*base::load_json(written, "again"), "again");
  require(again && base::dump_json(make_mergeable(again->outcome, again->identity)) == written);
  std::vector<PartOfRun> parts;
  parts.push_back(*std::move(part));
  parts.push_back(*std::move(again));
  const auto merged = merge_runs(std::move(parts));
  require(merged && !base::dump_json(make_summary_export(merged->outcome)).empty());
}

}  // namespace
}  // namespace gantry::load

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gantry::load::read(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
