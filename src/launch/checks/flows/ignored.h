#pragma once

// What a block asks to be passed over, and why. Nothing is passed over in silence: what was found is told with the reason, and an
// entry that no longer means anything is told too.

#include "base/finding.h"
#include "base/result.h"
#include "launch/fields.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

inline constexpr std::string_view kIgnoreKey = "ignore";

struct Ignored {
  std::string what;    // a rule, or an object
  std::string object;  // "" for whatever object
  std::string reason;
  base::SourcePos where;
};

// A list of maps: `subject` says what, and is required, as `reason` is; with `with_object` there may be an `object` beside it.
// Errors: input, with position.
enum class IgnoreForm { subject_alone, with_object };
base::Result<std::vector<Ignored>> read_ignored(const base::Node& block, const Field& subject, IgnoreForm form);

// An entry that means nothing of what was found.
base::Finding ignored_in_vain(const Ignored& ignored);

}  // namespace gantry::launch
