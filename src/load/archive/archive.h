#pragma once

// A script and all that it reads in one file, as `k6 archive` writes it (k6 reference, §15.1): a tar with metadata.json, the script as
// "data", and the files below "file/". Either program runs what the other wrote. Read and written by the script engine
// (script_engine.h): the library for it brings many others.

#include "base/node.h"
#include "base/result.h"
#include "base/time.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace gantry::load {

struct Archive {
  std::string script = {};                        // its path among the files
  std::map<std::string, std::string> files = {};  // by normal path, the script too
  std::map<std::string, std::string> env = {};    // __ENV
  base::Node options = {};                        // as they were in force, null where nobody set one
};

// `now` is when the files were changed, as the tar has it. Errors: environment (no memory).
base::Result<std::string> write_archive(const Archive& archive, base::Timestamp now);

// Whether a file is one, by its first bytes.
inline bool is_archive(std::string_view bytes) {
  constexpr std::size_t kMagicAt = 257;  // of a tar
  return bytes.size() > kMagicAt && bytes.substr(kMagicAt).starts_with("ustar");
}
// Errors: input: no tar, no metadata, a path that leads elsewhere, a link, more than it may hold.
base::Result<Archive> read_archive(std::string_view bytes);

}  // namespace gantry::load
