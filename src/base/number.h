#pragma once

// Numbers as JSON-speaking programs exchange them, and as people write them.

#include "base/node.h"

#include <optional>
#include <string>
#include <string_view>

namespace gantry::base {

// A number read from a document. JSON has one kind of number, and Kubernetes' decoders turn 1.0, 1e3 and -0.0 into
// integers on the way (Go prints a whole float64 without a fraction, then reads an int64): a whole value that fits
// becomes an integer, with the digits Go would print; any other stays real.
Node number_node(double value, SourcePos pos);

// The whole text as a double: nothing when it is no decimal number or too large for one; too small is 0.
std::optional<double> parse_double(std::string_view text);

// The shortest text that reads back as the same double, always with a point or an exponent.
// NaN and infinities as ".nan", ".inf", "-.inf".
std::string format_double(double value);

}  // namespace gantry::base
