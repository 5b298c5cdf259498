// The rules that the page on plans lists are those that the sources know: a rule is a promise to whoever waives or filters it.

#include "launch/plan.h"
#include "support/golden.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace gantry::launch {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Every word "plan.xyz" that stands between two of the quote characters.
void collect_rules(const std::string& text, char quote, std::set<std::string>& rules) {
  const std::string start = std::string(1, quote) + "plan.";
  for (std::size_t at = text.find(start); at != std::string::npos; at = text.find(start, at + 1)) {
    const std::size_t end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", at + start.size());
    if (end != std::string::npos && text[end] == quote) rules.insert(text.substr(at + 1, end - at - 1));
  }
}

TEST(PlanRules, AreAllDocumentedAndAllThere) {
  std::set<std::string> known;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(test::repository_path("src/launch"))) {
    if (entry.path().extension() == ".cc") collect_rules(read_file(entry.path()), '"', known);
  }
  std::set<std::string> documented;
  collect_rules(read_file(test::repository_path("docs/formats/plan.md")), '`', documented);
  ASSERT_GT(documented.size(), 20U);  // nothing was looked at otherwise
  EXPECT_THAT(documented, testing::ContainerEq(known));
}

// The page's own example has to be one.
TEST(PlanRules, AreDocumentedWithAPlanThatBreaksNone) {
  const std::string page = read_file(test::repository_path("docs/formats/plan.md"));
  const std::size_t start = page.find("````markdown\n");
  const std::size_t end = page.find("\n````\n", start);
  ASSERT_NE(end, std::string::npos);
  const base::Result<Plan> plan = Plan::parse(page.substr(start, end + 6 - start), "plan.md");
  ASSERT_TRUE(plan) << base::describe(plan.error());
  EXPECT_THAT(plan->findings, testing::IsEmpty()) << dump(*plan);
  EXPECT_EQ(plan->tracks.size(), 2U);
  EXPECT_EQ(plan->find_step("A.2")->blocks.size(), 1U);
  EXPECT_EQ(plan->find_step("B.1")->commands.size(), 1U);
}

}  // namespace
}  // namespace gantry::launch
