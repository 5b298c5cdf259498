#include "base/file.h"

#include <cstdint>
#include <cstdlib>

// The input is a small world of symlinks, "name>target" line by line, and paths, all other lines. Whatever they are:
// a normal path stays normal and has no way out; a path that resolves is normal, has no symlink on its way, and is the same
// file as before.

namespace {

using gantry::base::FileKind;
using gantry::base::MemoryFileSystem;
using gantry::base::Result;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_normal(std::string_view path) {
  const Result<std::string> normal = gantry::base::normal_path(path);
  if (!normal) return;
  require(gantry::base::normal_path(*normal) == normal);
  require(!("/" + *normal + "/").contains("/../"));
  require(!normal->starts_with('/') && !normal->ends_with('/') && !normal->contains("//"));
  require(gantry::base::join_path(gantry::base::directory_of(*normal), gantry::base::base_name_of(*normal)) == normal);
}

void check_resolved(const MemoryFileSystem& files, std::string_view path) {
  const Result<std::string> resolved = files.resolve(path);
  if (!resolved) {
    require(files.kind(path).value_or(FileKind::missing) == FileKind::missing);
    require(!files.read(path).has_value());
    return;
  }
  check_normal(*resolved);
  require(files.resolve(*resolved) == resolved);
  require(files.kind(*resolved) == files.kind(path));
  const Result<std::string> content = files.read(path);
  require(content.has_value() == (files.kind(path).value() == FileKind::regular));
  if (content) require(files.read(*resolved) == content);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  MemoryFileSystem files({{"a/b/c", "c"}, {"a/d", "d"}, {"e", "e"}});
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::size_t arrow = line.find('>');
    if (arrow == std::string_view::npos) {
      check_normal(line);
      check_resolved(files, line);
    } else if (const Result<std::string> name = gantry::base::normal_path(line.substr(0, arrow));
               name && !name->empty()) {
      files.symlink(*name, line.substr(arrow + 1));
    }
  }
  return 0;
}
