#pragma once

// Small kustomizations under tests/kube/kustomize/fixtures/<a sentence>/: `input/` is what is read, and its folder
// `overlay/` is what is rendered, or `input/` itself when there is none. Beside it: `expected.yaml` or `expected-error.txt`,
// and `expected-findings.txt` when there are findings.

#include "base/file.h"
#include "kube/kustomize.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::kube {

inline constexpr std::string_view kFixtures = "kube/kustomize/fixtures";

struct Fixture {
  std::string name;
  std::string root;       // of its file system, absolute
  std::string directory;  // to render, below the root
};

std::vector<Fixture> fixtures();
Fixture fixture(const std::string& name);

base::Result<Rendered> render(const Fixture& fixture);

// Objects with "---" between them, as in expected.yaml.
std::string show_objects(const std::vector<base::Node>& objects);
// One line for each finding: rule, severity, place, message.
std::string show_findings(const std::vector<base::Finding>& findings);

}  // namespace gantry::kube
