#include "base/version.h"

namespace gantry::base {

std::string_view version() { return GANTRY_VERSION; }

}  // namespace gantry::base
