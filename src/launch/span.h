#pragma once

#include <cstddef>

namespace gantry::launch {

// Bytes [offset, offset + length) of a document.
struct Span {
  std::size_t offset = 0;
  std::size_t length = 0;
  std::size_t end() const { return offset + length; }
  friend bool operator==(const Span&, const Span&) = default;
};

}  // namespace gantry::launch
