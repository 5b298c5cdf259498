#include "api/settings.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>

// An address that is understood can be written as a URL, and what was written is understood as the same.

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

std::string encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) encoded += fmt::format("%{:02x}", static_cast<unsigned char>(c));
  return encoded;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto address = kgents::parse_redis_url(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!address) {
    require(!address.error().message.empty());
    return 0;
  }
  const std::string written = fmt::format("redis://{}:{}@{}:{}/{}", encode(address->user), encode(address->password),
                                          address->host, address->port, address->database);
  require(kgents::parse_redis_url(written) == address);
  return 0;
}
