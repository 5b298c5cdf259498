// Each folder of tests/netpol/lint/scenarios is one mistake: NPxxx-what-it-is. `bad` has it, and expected.txt holds all that the
// catalogue says about it; `good` is what should have been written, and must not be reported under that id. options.yaml, where
// there is one, says which ranges pods and Services have.

#include "base/file.h"
#include "base/yaml.h"
#include "kube/sources.h"
#include "netpol/lint.h"
#include "support/golden.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace gantry::netpol {
namespace {

constexpr std::string_view kScenarios = "netpol/lint/scenarios";

AnalysisOptions read_options(const std::string& folder) {
  AnalysisOptions options;
  if (!std::filesystem::exists(test::test_path(folder + "/options.yaml"))) return options;
  const auto documents = base::load_yaml(test::read_test_file(folder + "/options.yaml"), "options.yaml");
  EXPECT_TRUE(documents) << folder;
  if (!documents) return options;
  const auto read = [&](std::string_view key, std::vector<kube::Cidr>& ranges) {
    const base::Node* list = documents->front().get(key);
    for (std::size_t i = 0; list && list->get(i); ++i) ranges.push_back(*kube::Cidr::parse(list->get(i)->string()));
  };
  read("pod_ranges", options.endpoints.pod_ranges);
  read("service_ranges", options.endpoints.service_ranges);
  read("node_ranges", options.endpoints.node_ranges);
  return options;
}

std::vector<base::Finding> lint_folder(const std::string& scenario, const std::string& folder) {
  const auto files = base::open_directory(test::test_path(scenario));
  EXPECT_TRUE(files) << scenario;
  if (!files) return {};
  const auto snapshot = kube::load_snapshot(**files, {kube::Source::path(folder)});
  EXPECT_TRUE(snapshot) << scenario << ": " << base::describe(snapshot.error());
  if (!snapshot) return {};
  const auto reach = analyse(*snapshot, read_options(scenario));
  EXPECT_TRUE(reach) << scenario << ": " << base::describe(reach.error());
  return reach ? lint(*reach, infer_needs(*snapshot)) : std::vector<base::Finding>();
}

std::string show(const std::vector<base::Finding>& findings) {
  std::string text;
  for (const base::Finding& finding : findings) {
    text += fmt::format("{} {} {}\n  at   {}\n  says {}\n", finding.rule, to_string(finding.severity), finding.object,
                        to_string(finding.where), finding.message);
    if (!finding.fix.empty()) text += fmt::format("  fix  {}\n", finding.fix);
    for (const base::RelatedPlace& related : finding.related)
      text += fmt::format("  also {} ({})\n", to_string(related.where), related.note);
  }
  return text;
}

bool has(const std::vector<base::Finding>& findings, std::string_view id) {
  return std::ranges::any_of(findings, [&](const base::Finding& finding) { return finding.rule == id; });
}

TEST(LintScenarios, EachMistakeIsToldAndItsCorrectionIsNot) {
  for (const std::string& name : test::scenario_names(kScenarios)) {
    SCOPED_TRACE(name);
    const std::string folder = fmt::format("{}/{}", kScenarios, name);
    const std::string id = name.substr(0, name.find('-'));
    const std::vector<base::Finding> bad = lint_folder(folder, "bad");
    EXPECT_TRUE(has(bad, id)) << show(bad);
    EXPECT_TRUE(test::matches_golden(show(bad), folder + "/expected.txt"));
    const std::vector<base::Finding> good = lint_folder(folder, "good");
    EXPECT_FALSE(has(good, id)) << show(good);
    for (const base::Finding& finding : bad) {
      EXPECT_FALSE(finding.object.empty()) << finding.message;
      EXPECT_FALSE(finding.explanation.empty()) << finding.message;
    }
  }
}

TEST(LintScenarios, EveryRuleHasOne) {
  std::set<std::string> ids;
  for (const std::string& name : test::scenario_names(kScenarios)) ids.insert(name.substr(0, name.find('-')));
  for (const LintRule& rule : lint_rules())
    EXPECT_TRUE(ids.contains(std::string(rule.id))) << rule.id << " " << rule.title;
}

}  // namespace
}  // namespace gantry::netpol
