#pragma once

// Where something stands in a document.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace gantry::base {

// A place in a text file. Lines and columns count from 1, columns in bytes; 0 means "the file as a whole".
// The file's name is shared by all positions in it: copying a position costs a reference count, no allocation.
struct SourcePos {
  std::shared_ptr<const std::string> file = {};  // relative to the workspace where there is one; null: no file
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  // Empty when there is no file.
  std::string_view file_name() const { return file ? std::string_view(*file) : std::string_view(); }
  friend bool operator==(const SourcePos& a, const SourcePos& b) {
    return a.line == b.line && a.column == b.column && a.file_name() == b.file_name();
  }
};

// "manifests/web.yaml:14:12", "manifests/web.yaml:14", "manifests/web.yaml", or "" without a file.
std::string to_string(const SourcePos& pos);

}  // namespace gantry::base
