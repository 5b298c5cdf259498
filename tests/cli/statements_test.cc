// `gantry sign` and `gantry waive`: what people say, and how long it holds.

#include "cli/program.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace gantry::cli {
namespace {

using nlohmann::json;
using test::TempDir;

json step(const json& board, std::string_view id) {
  for (const json& track : board["tracks"])
    for (const json& step : track["steps"])
      if (step["id"] == id) return step;
  ADD_FAILURE() << "no step " << id;
  return {};
}

TEST(Sign, SettlesAStepThatNoCheckDecides) {
  const TempDir dir;
  copy_workspace("a-person-has-to-sign-what-no-check-decides", dir);
  EXPECT_EQ(gantry({"run", "plan.md"}, dir).status, 1);
  const Ran ran = gantry({"sign", "plan.md", "B.2", "--as", "Ada Byron", "--role", "security"}, dir);
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_TRUE(ran.out.contains("Ada Byron (security) approves B.2")) << ran;
  const Ran after = gantry({"status", "plan.md", "--json"}, dir);
  EXPECT_EQ(after.status, 0) << after;
  EXPECT_EQ(step(after.json(), "B.2")["state"], "signed-off");
}

TEST(Sign, NoLongerHoldsWhenTheStepChanges) {
  const TempDir dir;
  copy_workspace("a-person-has-to-sign-what-no-check-decides", dir);
  EXPECT_EQ(gantry({"sign", "plan.md", "B.2", "--as", "Ada", "--role", "security"}, dir).status, 0);
  std::string plan = dir.read("plan.md");
  const std::string asked = "Ask the security team";
  plan.replace(plan.find(asked), asked.size(), "Ask two security teams");
  dir.write("plan.md", plan);
  EXPECT_EQ(step(gantry({"status", "plan.md", "--json"}, dir).json(), "B.2")["state"], "unverified");
}

TEST(Sign, ARejectionIsNoGo) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  EXPECT_EQ(gantry({"run", "plan.md"}, dir).status, 0);
  const Ran ran = gantry(
      {"sign", "plan.md", "launch", "--as", "Ada", "--role", "security", "--reject", "--note", "no rotation yet"}, dir);
  EXPECT_EQ(ran.status, 0) << ran;
  const Ran after = gantry({"status", "plan.md"}, dir);
  EXPECT_EQ(after.status, 1) << after;
  EXPECT_TRUE(after.out.contains("rejected by Ada (security)")) << after;
}

TEST(Waive, CoversTheFindingsThereAreAndNoNewOne) {
  const TempDir dir;
  copy_workspace("a-service-selects-no-pod", dir);
  EXPECT_EQ(gantry({"run", "plan.md"}, dir).status, 1);
  const std::vector<std::string> accept = {"waive",     "plan.md", "A.1",  "--why", "the shop opens later",
                                           "--impact",  "no page", "--as", "Ada",   "--role",
                                           "operations"};
  const Ran ran = gantry(accept, dir);
  EXPECT_EQ(ran.status, 0) << ran;
  const Ran waived = gantry({"run", "plan.md", "--json"}, dir);
  EXPECT_EQ(waived.status, 0) << waived;
  EXPECT_EQ(step(waived.json(), "A.1")["state"], "waived");
  std::string shop = dir.read("manifests/shop.yaml");
  const std::string account = "serviceAccountName: shop";
  shop.replace(shop.find(account), account.size(), "serviceAccountName: nobody-has-it");
  dir.write("manifests/shop.yaml", shop);
  const Ran another = gantry({"run", "plan.md", "--json"}, dir);
  EXPECT_EQ(another.status, 1) << another;
  EXPECT_EQ(step(another.json(), "A.1")["state"], "failed");
}

const std::vector<std::string> kAcceptance = {"--why", "w", "--impact", "i", "--as", "Ada", "--role", "security"};

std::vector<std::string> waive(std::string subject) {
  std::vector<std::string> arguments = {"waive", "plan.md", std::move(subject)};
  arguments.insert(arguments.end(), kAcceptance.begin(), kAcceptance.end());
  return arguments;
}

void replace(const TempDir& dir, const std::string& file, std::string_view old_text, std::string_view new_text) {
  std::string text = dir.read(file);
  const std::size_t at = text.find(old_text);
  ASSERT_NE(at, std::string::npos) << file << " does not hold " << old_text;
  dir.write(file, text.replace(at, old_text.size(), new_text));
}

TEST(Waive, EndsWhenTheStepIsWordedOtherwise) {
  const TempDir dir;
  copy_workspace("a-person-has-to-sign-what-no-check-decides", dir);
  EXPECT_EQ(gantry({"run", "plan.md"}, dir).status, 1);
  EXPECT_EQ(gantry(waive("B.2"), dir).status, 0);
  EXPECT_EQ(gantry({"run", "plan.md"}, dir).status, 0);
  replace(dir, "plan.md", "Ask the security team", "Ask the security team and the lawyers");
  const Ran ran = gantry({"run", "plan.md"}, dir);
  EXPECT_EQ(ran.status, 1) << ran;
  EXPECT_TRUE(ran.out.contains("waiver no longer holds")) << ran;
}

// What a criterion fails for is in the steps that decide it; accepting the criterion as a whole would hide what they find later.
TEST(Waive, OfAFailedCriterionNamesTheStepsInstead) {
  const TempDir dir;
  copy_workspace("a-service-selects-no-pod", dir);
  EXPECT_EQ(gantry({"run", "plan.md"}, dir).status, 1);
  expect_failure(gantry(waive("criterion 1"), dir), 2, {"criterion 1 has failed", "the steps that decide it"});
}

TEST(Waive, OfACriterionNamesTheFindingsOfItsOwnBlocks) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  replace(dir, "plan.md", "- [ ] People know what to do\n",
          "- [ ] People know what to do\n- [ ] Prices are published\n\n  ```gantry\n  check: doc.exists\n  path: "
          "docs/prices.md\n  ```\n");
  EXPECT_EQ(gantry({"run", "plan.md"}, dir).status, 1);
  EXPECT_EQ(gantry(waive("criterion 4"), dir).status, 0);
  EXPECT_EQ(gantry({"run", "plan.md"}, dir).status, 0);
  dir.write("docs/prices.md", "  \n");
  EXPECT_EQ(gantry({"run", "plan.md"}, dir).status, 1) << "an empty document is another finding than a missing one";
}

TEST(Waive, NeverReplacesASignOff) {
  const TempDir dir;
  copy_workspace("a-person-has-to-sign-what-no-check-decides", dir);
  replace(dir, "plan.md", "for its approval\n",
          "for its approval\n\n   ```gantry\n   check: signoff\n   role: security\n   subject: B.1\n   ```\n");
  EXPECT_EQ(gantry({"run", "plan.md"}, dir).status, 1);
  expect_failure(gantry(waive("B.2"), dir), 2, {"a missing sign-off cannot be waived", "B.2", "gantry sign"});
  EXPECT_EQ(gantry({"run", "plan.md"}, dir).status, 1);
  EXPECT_EQ(gantry({"sign", "plan.md", "B.1", "--as", "Ada", "--role", "security"}, dir).status, 0);
  EXPECT_EQ(gantry({"run", "plan.md"}, dir).status, 0);
}

TEST(Sign, SaysWhenNothingAsksForIt) {
  const TempDir dir;
  copy_workspace("a-person-has-to-sign-what-no-check-decides", dir);
  EXPECT_EQ(gantry({"run", "plan.md"}, dir).status, 1);
  const auto sign = [&dir](std::string subject) {
    return gantry({"sign", "plan.md", std::move(subject), "--as", "Ada", "--role", "security"}, dir);
  };
  EXPECT_FALSE(sign("B.2").out.contains("note:")) << "no check decides it";
  for (const char* subject : {"A.1", "criterion 1", "launch"}) {
    const Ran ran = sign(subject);
    EXPECT_EQ(ran.status, 0) << ran;
    EXPECT_TRUE(ran.out.contains("note: nothing asks for this approval")) << ran;
  }
  dir.write("gantry.yaml", dir.read("gantry.yaml") + "gate: {required_roles: [security]}\n");
  EXPECT_FALSE(sign("launch").out.contains("note:"));
}

TEST(Sign, KnowsTheRolesThatGantryYamlLists) {
  const TempDir dir;
  copy_workspace("a-person-has-to-sign-what-no-check-decides", dir);
  dir.write("gantry.yaml", dir.read("gantry.yaml") + "gate: {roles: [operations], required_roles: [security]}\n");
  EXPECT_EQ(gantry({"run", "plan.md"}, dir).status, 1);
  const auto sign = [&dir](std::string role) {
    return gantry({"sign", "plan.md", "B.2", "--as", "Ada", "--role", std::move(role)}, dir);
  };
  expect_failure(sign("secuirty"), 2, {"no role \"secuirty\"", "did you mean \"security\"?"});
  expect_failure(sign("marketing"), 2, {"no role \"marketing\"", "operations"});
  std::vector<std::string> accept = waive("B.2");
  accept.back() = "marketing";
  expect_failure(gantry(accept, dir), 2, {"no role \"marketing\""});
  EXPECT_EQ(sign("operations").status, 0);
  EXPECT_EQ(sign("security").status, 0);
}

struct Refused {
  const char* what;
  std::vector<std::string> arguments;
  std::vector<std::string> on_stderr;
};

const Refused kRefused[] = {
    {"a step that the plan does not have",
     {"sign", "plan.md", "Z.9", "--as", "Ada", "--role", "security"},
     {"Z.9", "B.2"}},
    {"a step to waive that the plan does not have",
     {"waive", "plan.md", "A.9", "--why", "w", "--impact", "i", "--as", "Ada", "--role", "security"},
     {"the plan has no \"A.9\"", "A.1", "B.2"}},
    {"an approval for ever",
     {"sign", "plan.md", "B.2", "--as", "Ada", "--role", "security", "--valid-for", "400d"},
     {"14d", "--valid-for"}},
    {"what has nothing to waive",
     {"waive", "plan.md", "A.1", "--why", "w", "--impact", "i", "--as", "Ada", "--role", "security"},
     {"there is nothing to waive", "A.1"}},
    {"a finding that is not there",
     {"waive", "plan.md", "B.2", "--finding", "ref.secret-missing", "--why", "w", "--impact", "i", "--as", "Ada",
      "--role", "security"},
     {"ref.secret-missing", "gantry status --json"}},
    {"the whole launch",
     {"waive", "plan.md", "launch", "--why", "w", "--impact", "i", "--as", "Ada", "--role", "security"},
     {"launch", "a step or a criterion"}},
};

TEST(Statements, AreRefusedWithWhatToDoInstead) {
  const TempDir dir;
  copy_workspace("a-person-has-to-sign-what-no-check-decides", dir);
  EXPECT_EQ(gantry({"run", "plan.md"}, dir).status, 1);
  const Ran before = gantry({"status", "plan.md"}, dir);
  for (const Refused& refused : kRefused) {
    SCOPED_TRACE(refused.what);
    expect_failure(gantry(refused.arguments, dir), 2, refused.on_stderr);
  }
  EXPECT_EQ(gantry({"status", "plan.md"}, dir).out, before.out) << "nothing was recorded";
}

}  // namespace
}  // namespace gantry::cli
