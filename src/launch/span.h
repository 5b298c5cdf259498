#pragma once

// A place in a document, in bytes. Everything that Gantry may change in a plan is kept as one of these over the original text, so
// that an edit touches exactly what it means to.

#include <cstddef>

namespace gantry::launch {

// Bytes [offset, offset + length).
struct Span {
  std::size_t offset = 0;
  std::size_t length = 0;
  std::size_t end() const { return offset + length; }
  friend bool operator==(const Span&, const Span&) = default;
};

}  // namespace gantry::launch
