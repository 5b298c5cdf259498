#pragma once

// Durations as k6 reads and writes them (k6 reference, §4): Go's units, which may be combined, with a leading day part where an
// option holds one.

#include "base/result.h"

#include <chrono>
#include <string>
#include <string_view>

namespace gantry::load {

using Duration = std::chrono::nanoseconds;

// "300ms", "1.5h", "1m30s", "-2s"; "0". What the flags --duration and --min-iteration-duration take. Errors: input, naming the text:
// no unit, an unknown one, more than Go's 292 years.
base::Result<Duration> parse_go_duration(std::string_view text);

// What options take: the above, a leading day part ("2d", "1d12h"), or only a number, which is milliseconds. Errors as above.
base::Result<Duration> parse_option_duration(std::string_view text);
// The same for an option that is a number. Errors: input: not finite, or too large.
base::Result<Duration> milliseconds_to_duration(double milliseconds);

// As Go prints one: "1m30s", "1.5s", "300ms", "2µs", "0s".
std::string format_go_duration(Duration duration);

}  // namespace gantry::load
