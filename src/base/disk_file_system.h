#pragma once

// The FileSystem of open_directory(), over a root opened in whichever way.

#include "base/confined_root.h"
#include "base/file.h"

#include <memory>

namespace gantry::base {

std::unique_ptr<FileSystem> make_disk_file_system(ConfinedRoot root);

}  // namespace gantry::base
