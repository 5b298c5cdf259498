#include "load/options/redacted.h"

#include "base/json.h"

#include <gtest/gtest.h>

namespace gantry::load {
namespace {

TEST(RedactedOptions, HaveNoKeysAndNoTokens) {
  const base::Result<base::Node> options = base::load_json(
      R"({"vus": 2, "tlsAuth": [{"cert": "C", "key": "K", "password": "P"}], "cloud": {"token": "T"}, "ext": {"loadimpact": {"token": "T"}},
          "scenarios": {"a": {"executor": "constant-vus", "env": {"TOKEN": "secret"}}, "b": {"vus": 1}}})",
      "options.json");
  ASSERT_TRUE(options);
  EXPECT_EQ(base::dump_json(redact_options(*options)),
            R"({"vus":2,"scenarios":{"a":{"executor":"constant-vus","env":{"TOKEN":"…"}},"b":{"vus":1}}})");
  EXPECT_EQ(base::dump_json(redact_options(base::Node(1))), "1");
}

}  // namespace
}  // namespace gantry::load
