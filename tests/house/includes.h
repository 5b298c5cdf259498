#pragma once

// What precompiled headers keep the compiler from noticing: a file that uses a name of the standard library or of {fmt} without the
// header that declares it.

#include "house/source_tree.h"

#include <string>
#include <vector>

namespace gantry::house {

// Every name that a file of src/ uses, while neither the file nor a file of ours that it includes includes its header:
// "src/kube/labels.cc:3: …", in order of file and header, once each.
std::vector<std::string> find_missing_includes(const SourceTree& tree);

}  // namespace gantry::house
