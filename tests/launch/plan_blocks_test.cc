// Gantry blocks: YAML inside Markdown inside a plan, and every place in it a place of the plan.

#include "launch/plan_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gantry::launch {
namespace {

using testing::HasSubstr;

PlanFrame steps(const std::string& markdown) { return {.tracks = "### Track A: T\n" + markdown}; }

struct Case {
  const char* what;
  const char* markdown;  // from line 10 on
  const char* blocks;
};

constexpr Case kBlocks[] = {
    {"a map", "1. s\n\n   ```gantry\n   check: a.b\n   path: x\n   ```\n", R"({"check":"a.b","path":"x"})"},
    {"a list", "1. s\n   ```gantry\n   - check: a\n   - check: b\n   ```\n", R"([{"check":"a"},{"check":"b"}])"},
    {"several", "1. s\n   ```gantry\n   check: a\n   ```\n   ~~~gantry\n   check: b\n   ~~~\n",
     "{\"check\":\"a\"}\n{\"check\":\"b\"}"},
    {"attributes", "1. s\n   ```gantry {.x}\n   check: a\n   ```\n", R"({"check":"a"})"},
    {"below a nested item", "1. s\n   - t\n     ```gantry\n     check: a\n     ```\n", R"({"check":"a"})"},
    {"nested values", "1. s\n   ```gantry\n   check: a\n   to:\n     ports: [1, 2]\n   ```\n",
     R"({"check":"a","to":{"ports":[1,2]}})"},
    {"strings, numbers and truth", "1. s\n   ```gantry\n   check: a\n   b: 'yes'\n   c: true\n   d: 1\n   ```\n",
     R"({"check":"a","b":"yes","c":true,"d":1})"},
    {"another language is none", "1. s\n   ```yaml\n   check: a\n   ```\n", ""},
    {"indented code is none", "1. s\n\n       check: a\n", ""},
};

TEST(GantryBlock, IsReadUnderAStep) {
  for (const Case& c : kBlocks) EXPECT_EQ(dump_of(steps(c.markdown).text(), "    block "), c.blocks) << c.what;
}

TEST(GantryBlock, BindsACriterionToo) {
  const PlanFrame frame = {
      .criteria =
          "- [ ] a\n\n  ```gantry\n  check: x\n  ```\n- [ ] b\n  - [ ] c\n    ```gantry\n    check: z\n    ```\n"};
  const base::Result<Plan> plan = Plan::parse(frame.text(), "p.md");
  ASSERT_TRUE(plan) << base::describe(plan.error());
  ASSERT_EQ(plan->criteria.size(), 3U);
  EXPECT_EQ(plan->criteria[0].blocks.size(), 1U);
  EXPECT_EQ(plan->criteria[1].blocks.size(), 0U);
  EXPECT_EQ(plan->criteria[2].blocks.size(), 1U);
}

TEST(GantryBlock, PlacesAreThoseOfThePlan) {
  const base::Result<Plan> plan =
      Plan::parse(steps("1. s\n\n   ```gantry\n   check: a\n   to:\n     - name: x\n   ```\n").text(), "docs/plan.md");
  ASSERT_TRUE(plan);
  const GantryBlock& block = plan->tracks[0].steps[0].blocks[0];
  EXPECT_EQ(base::to_string(block.where), "docs/plan.md:12:4");
  EXPECT_EQ(base::to_string(block.content.pos()), "docs/plan.md:13:4");
  EXPECT_EQ(base::to_string(block.content.get("check")->pos()), "docs/plan.md:13:11");
  EXPECT_EQ(base::to_string(*block.content.key_pos("to")), "docs/plan.md:14:4");
  EXPECT_EQ(base::to_string(block.content.find("to", 0, "name")->pos()), "docs/plan.md:15:14");
}

struct ErrorCase {
  const char* what;
  const char* markdown;
  const char* message;  // a part of it
  const char* where;
};

constexpr ErrorCase kErrors[] = {
    {"not YAML", "1. s\n   ```gantry\n   check: [a\n   ```\n", "", "plan.md:12:"},
    {"a word that readers of YAML disagree about", "1. s\n   ```gantry\n   check: a\n   b: yes\n   ```\n", "yes",
     "plan.md:13:7"},
    {"a repeated key", "1. s\n   ```gantry\n   check: a\n   check: b\n   ```\n", "check", "plan.md:13:4"},
    {"no check", "1. s\n   ```gantry\n   path: a\n   ```\n", "names no `check`", "plan.md:12:4"},
    {"a check that is no name", "1. s\n   ```gantry\n   check: [a]\n   ```\n", "must be the name", "plan.md:12:11"},
    {"an empty check", "1. s\n   ```gantry\n   check: ''\n   ```\n", "must be the name", "plan.md:12:11"},
    {"text", "1. s\n   ```gantry\n   just text\n   ```\n", "this is a string", "plan.md:12:4"},
    {"empty", "1. s\n   ```gantry\n   ```\n", "is empty", "plan.md:11:4"},
    {"an empty list", "1. s\n   ```gantry\n   []\n   ```\n", "is empty", "plan.md:11:4"},
    {"a list with something else", "1. s\n   ```gantry\n   - check: a\n   - b\n   ```\n", "this is a string",
     "plan.md:13:6"},
    {"two documents", "1. s\n   ```gantry\n   check: a\n   ---\n   check: b\n   ```\n", "", "plan.md:1"},
    {"aliases without end",
     "1. s\n   ```gantry\n   check: a\n   b: &b [x, x, x, x, x, x, x, x, x, x]\n   c: &c [*b, *b, *b, *b, *b, *b, *b, "
     "*b, *b, *b]\n"
     "   d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n   e: [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\n   ```\n",
     "", "plan.md:1"},
};

TEST(GantryBlock, ErrorsNameThePlaceInThePlan) {
  for (const ErrorCase& c : kErrors) {
    const base::Result<Plan> plan = Plan::parse(steps(c.markdown).text(), "plan.md");
    ASSERT_FALSE(plan) << c.what;
    EXPECT_EQ(plan.error().kind, base::ErrorKind::input) << c.what;
    EXPECT_THAT(plan.error().message, HasSubstr(c.message)) << c.what;
    ASSERT_TRUE(plan.error().where) << c.what;
    EXPECT_THAT(base::to_string(*plan.error().where), HasSubstr(c.where)) << c.what;
  }
}

TEST(GantryBlock, ThatBindsNothingIsReported) {
  const std::string finding = ": this gantry block belongs to no step and no exit criterion";
  const std::pair<const char*, const char*> cases[] = {
      {"1. s\n\n```gantry\ncheck: a\n```\n", "12:1"},                             // beside its step
      {"1. s\n\n- bullet\n  ```gantry\n  check: a\n  ```\n", "13:3"},             // in a bullet
      {"1. s\n   > ```gantry\n   > check: a\n   > ```\n", "11:6"},                // in a quote
      {"1. s\n\n## Other\n\n1. t\n   ```gantry\n   check: a\n   ```\n", "15:4"},  // in another section
  };
  for (const auto& [markdown, where] : cases) {
    const std::string text = steps(markdown).text();
    EXPECT_EQ(dump_of(text, "    block "), "") << markdown;
    EXPECT_EQ(dump_of(text, "finding "), std::string("plan.block-unattached high ") + where + finding) << markdown;
  }
}

}  // namespace
}  // namespace gantry::launch
