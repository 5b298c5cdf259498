// Any text as something that names hosts: what comes out is a host, stands in the text in that order, and reads back as itself.

#include "netpol/needs/host_text.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace gantry::netpol {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void read(std::string_view text) {
  std::size_t offset = 0;
  for (const HostText& host : find_hosts(text)) {
    require(host.is_address() || is_host_name(host.host));
    require(host.offset >= offset && host.offset < text.size());
    offset = host.offset;
    const std::vector<HostText> again = read_hosts(to_string(host));
    require(again.size() == 1 && again.front().host == host.host && again.front().port == host.port);
    require(again.front().scheme == host.scheme);
  }
}

}  // namespace
}  // namespace gantry::netpol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  gantry::netpol::read(text);
  return 0;
}
