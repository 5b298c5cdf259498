#pragma once

// Options as k6 understands them, which reads them less strictly than they are written (k6 reference, §5). Private to load.

#include "base/node.h"

namespace gantry::load {

// Go knows names in whatever case they are written (preAllocatedVus), a whole number may be a text, as those of __ENV are (vus: '10'), and ''
// is one that is not set; null among tags is ''. What is wrong in other ways stays as it is, and so does a name that nobody knows.
base::Node normalize_options(base::Node options);

}  // namespace gantry::load
