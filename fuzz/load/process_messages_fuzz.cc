// What processes of one run say to each other. What is read is written as it came, and the same in pieces of any size.

#include "load/processes/gathering.h"
#include "load/processes/messages.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace {

using namespace gantry;

// The messages at the beginning of the bytes, written anew.
std::string read_and_write(std::string_view bytes, std::size_t piece) {
  load::MessageReader reader;
  std::string written;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    reader.feed(bytes.substr(0, piece));
    for (;;) {
      const base::Result<std::optional<load::Message>> message = reader.next();
      if (!message) return written;
      if (!*message) break;
      written += load::write_message((*message)->word, (*message)->bytes);
    }
  }
  return written;
}

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string whole = read_and_write(bytes, std::max<std::size_t>(size, 1));
  // "go 007" is a length too.
  require(read_and_write(whole, 1) == whole && read_and_write(whole, 3) == whole);
  if (const auto line = load::read_log_line(bytes))
    require(load::read_log_line(load::write_log_line(line->level, line->text, line->source)) == *line);
  if (const auto texts = load::read_texts(bytes)) require(load::read_texts(load::write_texts(*texts)) == *texts);
  return 0;
}
