#include "base/source.h"

#include <fmt/format.h>

namespace gantry::base {

std::string to_string(const SourcePos& pos) {
  if (!pos.file) return {};
  if (pos.line == 0) return *pos.file;
  if (pos.column == 0) return fmt::format("{}:{}", *pos.file, pos.line);
  return fmt::format("{}:{}:{}", *pos.file, pos.line, pos.column);
}

}  // namespace gantry::base
