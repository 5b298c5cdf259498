#pragma once

// What a URL says about a request, found once: scripts ask the same few again and again.

#include "load/http/url.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace gantry::load {

struct Target {
  std::string text = {};  // as the script has it
  std::optional<Url> url = {};
  // " /path HTTP/1.1", Host and User-Agent: what follows the method of a request that sets neither.
  std::string head = {};
};

Target make_target(std::string_view text, std::string_view user_agent);

}  // namespace gantry::load
