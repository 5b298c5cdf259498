#include "load/script_engine.h"

#include "load/engine/entry.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gantry::load {
namespace {

struct Case {
  const char* library;
  std::string_view build;
};
constexpr Case kOthers[] = {{GANTRY_OTHER_ENGINE, "0.0.9-other"},
                            {GANTRY_SILENT_ENGINE, "one that does not say which"}};

// What it would give could not be read, so that it is not even asked.
TEST(ScriptEngine, OfAnotherBuildIsRefused) {
  for (const Case& each : kOthers) {
    const base::Result<ScriptEngine> engine = open_engine(each.library);
    ASSERT_FALSE(engine) << each.build;
    EXPECT_EQ(engine.error().message,
              fmt::format("the script engine cannot be used: {} is of another build of Gantry ({}) than this program "
                          "({})",
                          each.library, each.build, engine_build()));
  }
}

TEST(ScriptEngine, ThatIsNotThereIsNamed) {
  const base::Result<ScriptEngine> engine = open_engine("/nowhere/gantry-script-engine.so");
  ASSERT_FALSE(engine);
  EXPECT_TRUE(engine.error().message.starts_with("the script engine cannot be loaded: /nowhere/"))
      << engine.error().message;
  EXPECT_FALSE(script_engine_stands_still());
}

}  // namespace
}  // namespace gantry::load
