#include "launch/checks/system/plugin.h"

#include "base/json.h"
#include "netpol/profiles.h"

namespace gantry::launch {

using base::Result;

Result<netpol::Profile> read_plugin(const CheckContext& context) {
  // What the block says is part of the evidence's key already.
  if (context.config.network.is_map()) context.inputs.note("option:network", base::dump_json(context.config.network));
  const netpol::PluginChoice own = TRY(netpol::parse_plugin(context.block));
  if (!context.config.network.is_map()) return own.answers();
  return own.or_else(TRY(netpol::parse_plugin(context.config.network))).answers();
}

Result<void> validate_plugin(const base::Node& block) {
  TRY(netpol::parse_plugin(block));
  return {};
}

}  // namespace gantry::launch
