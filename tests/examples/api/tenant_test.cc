#include "api/tenant.h"

#include <gtest/gtest.h>

namespace kgents {
namespace {

struct Case {
  const char* authorization;
  std::optional<std::string> tenant;
};
const Case kCases[] = {
    {"Bearer acme.3f2c9b", "acme"},
    {"bearer acme.3f2c9b", "acme"},
    {"Bearer  acme-2.x.y", "acme-2"},
    {"", std::nullopt},
    {"Bearer", std::nullopt},
    {"Bearer ", std::nullopt},
    {"Basic acme.3f2c9b", std::nullopt},
    // printf 3f2c9b | sha256sum
    {"Bearer 3f2c9b", "key-d17fd92f0683"},
    // A tenant that could not be a label's value is a secret like any other: printf 'Acme.3f2c9b' | sha256sum
    {"Bearer Acme.3f2c9b", "key-e621fe84838f"},
};

TEST(Tenant, OfAKey) {
  for (const Case& c : kCases) EXPECT_EQ(tenant_of(c.authorization), c.tenant) << c.authorization;
}

}  // namespace
}  // namespace kgents
