#pragma once

#include <string>
#include <string_view>

namespace gantry::test {

// Both PEM.
struct Certificate {
  std::string chain;
  std::string key;
};

// For that name, for an hour, signed by itself: whoever has it among the authorities trusts it.
Certificate make_certificate(std::string_view name);

}  // namespace gantry::test
