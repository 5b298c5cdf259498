#pragma once

// Handles: paths like "concept.forest" that stand for something an observer can look at or act on. A path is a context and a
// holon; what can be done with it are its aspects.

#include "base/node.h"

#include <optional>
#include <span>
#include <string_view>

namespace kgents {

struct Handle {
  std::string_view path;
  std::string_view description;
  std::span<const std::string_view> aspects;  // the first is what is meant when none is named

  bool has_aspect(std::string_view aspect) const;
};

// Null where there is none of that path.
const Handle* find_handle(std::string_view path);

// What a handle shows to an observer: path, context, holon, description, aspects, observer.
gantry::base::Node manifest_of(const Handle& handle, std::string_view observer);

}  // namespace kgents
