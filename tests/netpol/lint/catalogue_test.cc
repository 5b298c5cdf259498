// The table of lints, and the page that shows it to users.

#include "netpol/lint.h"
#include "support/golden.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace gantry::netpol {
namespace {

TEST(LintCatalogue, HasTheIdsInOrder) {
  int number = 0;
  for (const LintRule& rule : lint_rules()) EXPECT_EQ(rule.id, fmt::format("NP{:03}", ++number));
  EXPECT_EQ(number, 44);
}

TEST(LintCatalogue, SaysOfEachRuleWhatAndWhy) {
  for (const LintRule& rule : lint_rules()) {
    EXPECT_FALSE(rule.title.empty()) << rule.id;
    EXPECT_TRUE(rule.why.ends_with('.')) << rule.id;
    EXPECT_GE(rule.severity, base::Severity::low) << rule.id;
  }
}

TEST(LintCatalogue, IsWhatThePageShows) {
  std::ifstream file(test::repository_path("docs/reference/network-policy-lints.md"));
  ASSERT_TRUE(file);
  std::vector<std::string> rows;
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("| NP")) rows.push_back(line);
  ASSERT_EQ(rows.size(), lint_rules().size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const LintRule& rule = lint_rules()[i];
    EXPECT_TRUE(rows[i].starts_with(fmt::format("| {} | {} | {} | ", rule.id, to_string(rule.severity), rule.title)))
        << rows[i];
    EXPECT_TRUE(rows[i].ends_with(fmt::format(" | {} |", rule.why))) << rows[i];
  }
}

}  // namespace
}  // namespace gantry::netpol
