#pragma once

// What is said about the network plugin: fields of the blocks of net.* that judge flows, and of `network:` in gantry.yaml, which
// holds for every block that does not say otherwise.

#include "launch/fields.h"

#include <array>

namespace gantry::launch {

inline constexpr Field kProfileField{"profile", FieldKind::text, Need::optional,
                                     "the network plugin: conformant, cilium or basic. Without, conformant"};
inline constexpr Field kDiffersField{"differs", FieldKind::text_list, Need::optional,
                                     "topics that the plugin answers otherwise than its profile: [end-port, …]"};

inline constexpr std::array kNetworkFields = {kProfileField, kDiffersField};

}  // namespace gantry::launch
