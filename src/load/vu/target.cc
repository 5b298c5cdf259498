#include "load/vu/target.h"

#include <fmt/format.h>

namespace gantry::load {

Target make_target(std::string_view text, std::string_view user_agent) {
  Target target{.text = std::string(text), .url = Url::parse(text)};
  if (target.url)
    target.head = fmt::format(" {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\n", target.url->target,
                              target.url->authority, user_agent);
  return target;
}

}  // namespace gantry::load
