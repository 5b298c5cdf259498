#pragma once

// Words for messages. Private to kube.

#include "base/node.h"

#include <string_view>

namespace gantry::kube {

// "a string", "an integer", "null".
std::string_view with_article(base::Node::Kind kind);

}  // namespace gantry::kube
