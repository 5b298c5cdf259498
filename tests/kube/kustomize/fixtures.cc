#include "kube/kustomize/fixtures.h"

#include "base/yaml.h"
#include "support/golden.h"

#include <fmt/format.h>

#include <filesystem>
#include <iterator>

namespace gantry::kube {

Fixture fixture(const std::string& name) {
  const std::string root = test::test_path(fmt::format("{}/{}/input", kFixtures, name));
  return {.name = name, .root = root, .directory = std::filesystem::is_directory(root + "/overlay") ? "overlay" : ""};
}

std::vector<Fixture> fixtures() {
  std::vector<Fixture> all;
  for (const std::string& name : test::scenario_names(kFixtures)) all.push_back(fixture(name));
  return all;
}

base::Result<Rendered> render(const Fixture& fixture) {
  const std::unique_ptr<base::FileSystem> files = TRY(base::open_directory(fixture.root));
  return render_kustomization(*files, fixture.directory);
}

std::string show_objects(const std::vector<base::Node>& objects) {
  std::string text;
  for (const base::Node& object : objects) text += (text.empty() ? "" : "---\n") + base::dump_yaml(object);
  return text;
}

std::string show_findings(const std::vector<base::Finding>& findings) {
  std::string text;
  for (const base::Finding& finding : findings) {
    fmt::format_to(std::back_inserter(text), "{} ({}) {}: {}\n", finding.rule, to_string(finding.severity),
                   to_string(finding.where), finding.message);
  }
  return text;
}

}  // namespace gantry::kube
