#pragma once

// Options as they may be shown and kept: without what is nobody else's business.

#include "base/node.h"

namespace gantry::load {

// Without the keys, certificates and passwords of `tlsAuth` and the tokens of `cloud` and `ext`, and with "…" for each value of a scenario's `env`, where tokens stand.
base::Node redact_options(base::Node options);

}  // namespace gantry::load
