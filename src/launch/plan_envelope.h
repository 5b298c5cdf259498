#pragma once

// What a plan comes wrapped in (reference §2.1): a code fence around the whole document, front matter before it.

#include "launch/document_lines.h"

#include <cstddef>
#include <optional>

namespace gantry::launch {

struct PlanEnvelope {
  // The document's own lines: [first, last).
  std::size_t first = 0;
  std::size_t last = 0;
  // The line of a fence that opens a wrapper which nothing closes. Such a document is not unwrapped.
  std::optional<std::size_t> open_fence;
};

// Half of the real plans are wrapped whole in ```markdown … ```, and hold fences of the same length inside. By CommonMark the
// wrapper would end at the first of those; what was meant is everything between the first and the last line.
PlanEnvelope open_envelope(const DocumentLines& document);

}  // namespace gantry::launch
