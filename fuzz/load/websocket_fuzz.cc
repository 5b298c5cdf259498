// Any bytes as a server's frames: in one piece or in many they say the same, and what is kept is no more than what came, but for what was
// compressed.

#include "load/http/websocket_frames.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace gantry::load {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

std::string tell(std::string_view bytes, WebSocketCompression compression, std::size_t piece) {
  WebSocketReader reader(compression);
  for (std::size_t at = 0; at < bytes.size(); at += piece) reader.feed(bytes.substr(at, piece));
  std::string told;
  bool is_last = false;
  while (const std::optional<WebSocketEvent> event = reader.next()) {
    require(!is_last);
    is_last = event->kind == WebSocketEvent::Kind::close || event->kind == WebSocketEvent::Kind::failed;
    require(is_last == (event->code != 0));
    require(compression == WebSocketCompression::deflate || event->kind == WebSocketEvent::Kind::failed ||
            event->data.size() <= bytes.size());
    told += static_cast<char>('0' + static_cast<int>(event->kind));
    told += event->data + "\n";
  }
  require(is_last == reader.is_over());
  return told;
}

}  // namespace
}  // namespace gantry::load

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gantry::load;
  if (size < 2) return 0;
  const auto compression = (data[0] & 1) != 0 ? WebSocketCompression::deflate : WebSocketCompression::none;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  require(tell(bytes, compression, std::max<std::size_t>(bytes.size(), 1)) ==
          tell(bytes, compression, data[1] % 16 + 1U));
  return 0;
}
