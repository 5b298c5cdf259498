#pragma once

// What compilers leak: TRY in the braces of an initialiser returns from a function that has made the elements before it already, and
// neither g++ nor clang destroys those (they would where an exception is thrown). The first element of all has none before it.

#include "house/source_tree.h"

#include <string>
#include <vector>

namespace gantry::house {

// Every TRY of src/ behind another element of the braces that it is in, or of braces around those: "src/kube/labels.cc:3: …", in order.
std::vector<std::string> find_leaking_tries(const SourceTree& tree);

}  // namespace gantry::house
