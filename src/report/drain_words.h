#pragma once

// How reports of rehearsals call things.

#include "disruption/disruption.h"
#include "report/page.h"

#include <string>
#include <string_view>

namespace gantry::report {

// In JSON: "budget", "budget-short", "lost-node", …
std::string_view name_of(disruption::StuckReason::Kind kind);
std::string_view name_of(disruption::Invariant::Kind kind);
std::string_view name_of(disruption::Invariant::Origin origin);
std::string_view name_of(disruption::GroupSearch::Coverage coverage);

// For people: what a verdict means, in a few words.
std::string_view meaning_of(disruption::Verdict verdict);
Style style_of(disruption::Verdict verdict);
bool is_good(disruption::Verdict verdict);

// Whole seconds: nothing in a rehearsal is known more exactly. "1m5s".
std::string time_text(disruption::Instant time);

}  // namespace gantry::report
