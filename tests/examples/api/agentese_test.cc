#include "api/agentese.h"

#include "base/json.h"

#include <gtest/gtest.h>

namespace kgents {
namespace {

TEST(Agentese, ShowsAHandleToAnObserver) {
  const Handle* const forest = find_handle("concept.forest");
  ASSERT_NE(forest, nullptr);
  EXPECT_EQ(gantry::base::dump_json(manifest_of(*forest, "soak-1")),
            R"({"path":"concept.forest","context":"concept","holon":"forest",)"
            R"("description":"Many agents that grow together",)"
            R"("aspects":["manifest","witness","refine","relate"],"observer":{"id":"soak-1"}})");
  EXPECT_TRUE(forest->has_aspect("refine"));
  EXPECT_FALSE(forest->has_aspect("sip"));
}

TEST(Agentese, PathsAreExact) {
  for (const char* path : {"", "concept", "concept.", "concept.forest.manifest", "Concept.forest", "zzz", "a"})
    EXPECT_EQ(find_handle(path), nullptr) << path;
}

}  // namespace
}  // namespace kgents
