// What the Dockerfile builds and what the Deployment runs are one image. Neither can be run here.

#include "base/yaml.h"
#include "support/golden.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace kgents {
namespace {

using gantry::base::Node;
using testing::HasSubstr;

std::string read(std::string_view under_example) {
  std::ifstream file(gantry::test::repository_path("examples/kgents-saas/" + std::string(under_example)));
  EXPECT_TRUE(file) << under_example;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(Image, IsWhatTheDeploymentRuns) {
  const auto documents =
      gantry::base::load_yaml(read("impl/claude/infra/k8s/manifests/api/deployment.yaml"), "deployment.yaml");
  ASSERT_TRUE(documents) << describe(documents.error());
  const Node* const pod = documents->at(0).find("spec", "template", "spec");
  ASSERT_NE(pod, nullptr);
  const std::string dockerfile = read("api/Dockerfile");
  EXPECT_THAT(dockerfile, HasSubstr(fmt::format("\nUSER {}:{}\n", pod->find("securityContext", "runAsUser")->integer(),
                                                pod->find("securityContext", "runAsGroup")->integer())));
  const Node* const container = pod->find("containers", 0);
  EXPECT_THAT(dockerfile,
              HasSubstr(fmt::format("\nEXPOSE {}\n", container->find("ports", 0, "containerPort")->integer())));
  const std::string_view image = container->text("image");
  EXPECT_THAT(dockerfile, HasSubstr(std::string(image.substr(0, image.rfind(':')))));
  EXPECT_THAT(read("api/CMakeLists.txt"),
              HasSubstr(fmt::format("KGENT_API_VERSION=\"{}\"", image.substr(image.rfind(':') + 1))));
}

}  // namespace
}  // namespace kgents
