// Any text as a segment and, behind a line's end, as the sequence that it is of: an error with words for it, or a deal that gives every
// part its own.

#include "load/options/segment.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void read(std::string_view text) {
  const std::size_t line = text.find('\n');
  const auto segment = parse_segment(text.substr(0, line));
  if (!segment) return require(!segment.error().message.empty());
  require(parse_segment(to_string(*segment)) == *segment);
  std::vector<Segment> sequence;
  if (line != std::string_view::npos) {
    const auto read = parse_segment_sequence(text.substr(line + 1));
    if (!read) return require(!read.error().message.empty());
    require(parse_segment_sequence(to_string(*read)) == *read);
    sequence = *read;
  }
  // Small parts take as long to deal as they are rare.
  for (const Segment& each : sequence)
    if (each.from.denominator > 1000 || each.to.denominator > 1000) return;
  if (segment->from.denominator > 1000 || segment->to.denominator > 1000) return;
  const auto deal = Deal::create(*segment, sequence);
  if (!deal) return require(!deal.error().message.empty());
  for (std::int64_t own = 0; own < 100; ++own) {
    const std::int64_t number = deal->stripe().nth(own);
    require(number >= own && deal->stripe().scale(number) == own && deal->stripe().scale(number + 1) == own + 1);
  }
  for (const std::int64_t vus : {1, 7, 100})
    if (const auto among = deal->among(vus)) require(among->stripe().scale(vus) == deal->stripe().scale(vus));
}

}  // namespace
}  // namespace gantry::load

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gantry::load::read(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
