#pragma once

// Words for messages. Private to kube.

#include "base/node.h"

#include <string>
#include <string_view>

namespace gantry::kube {

// In quotes, cut after 60 characters: documents may hold texts of any length.
std::string quoted(std::string_view text);

// "a string", "an integer", "null".
std::string_view with_article(base::Node::Kind kind);

}  // namespace gantry::kube
