#include "load/vu/target.h"

#include <fmt/format.h>

namespace gantry::load {

Target make_target(std::string_view text) {
  Target target{.text = std::string(text), .url = Url::parse(text)};
  if (target.url)
    target.head = fmt::format(" {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\n", target.url->target,
                              target.url->authority, kUserAgent);
  return target;
}

}  // namespace gantry::load
