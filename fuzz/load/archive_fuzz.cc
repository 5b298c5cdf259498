// Any bytes as an archive of a script: an error with words for it, or files that stay below their root and are the same once they are
// written and read again.

#include "load/archive/archive.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace gantry::load {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void read(std::string_view bytes) {
  const auto archive = read_archive(bytes);
  if (!archive) return require(!archive.error().message.empty());
  require(archive->files.contains(archive->script));
  for (const auto& [path, content] : archive->files) require(!path.starts_with('/') && !path.starts_with("../"));
  const auto written = write_archive(*archive, base::Timestamp());
  require(written.has_value() && is_archive(*written));
  const auto again = read_archive(*written);
  require(again && again->files == archive->files && again->script == archive->script && again->env == archive->env);
}

}  // namespace
}  // namespace gantry::load

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gantry::load::read(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
