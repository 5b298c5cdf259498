#pragma once

// Which network plugin a check judges by: what its block says, else what gantry.yaml says for all.

#include "base/result.h"
#include "launch/check.h"
#include "launch/network_fields.h"
#include "netpol/profile.h"

namespace gantry::launch {

// Of a block that has passed its validation. Errors: input, with position and the nearest right name.
base::Result<netpol::Profile> read_plugin(const CheckContext& context);
// For CheckType::validate.
base::Result<void> validate_plugin(const base::Node& block);

}  // namespace gantry::launch
