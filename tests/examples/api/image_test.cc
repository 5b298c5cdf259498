// What the Dockerfile builds and what the Deployment runs are one image. Neither can be run here; what is commonly wrong with such a
// file can be looked for.

#include "base/json.h"
#include "base/yaml.h"
#include "support/golden.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

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

struct Instruction {
  std::string keyword;
  std::string arguments;
};

// Without comments, continued lines as one (docs.docker.com, Dockerfile reference: "Format").
std::vector<Instruction> parse_dockerfile(const std::string& text) {
  std::vector<Instruction> instructions;
  std::istringstream lines(text);
  bool is_continued = false;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin == std::string::npos || line[begin] == '#') continue;
    line.erase(0, begin);
    const bool continues = line.ends_with('\\');
    if (continues) line.pop_back();
    if (is_continued) {
      instructions.back().arguments += " " + line;
    } else {
      const std::size_t space = std::min(line.find(' '), line.size());
      instructions.push_back({line.substr(0, space), line.substr(std::min(space + 1, line.size()))});
    }
    is_continued = continues;
  }
  return instructions;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

// What hadolint would say about the same (its rule behind each), and what it can't know: that this repository has what is copied.
class Lint {
 public:
  std::vector<std::string> complaints(const std::string& dockerfile) {
    for (const Instruction& i : parse_dockerfile(dockerfile)) {
      const auto rule = std::ranges::find(kRules, i.keyword, &Rule::keyword);
      if (rule == std::end(kRules)) {
        complain(i, "is no instruction that this file needs");  // ADD and MAINTAINER are among them
      } else if (stages_.empty() && i.keyword != "FROM" && i.keyword != "ARG") {
        complain(i, "stands before FROM");  // DL3061
      } else if (rule->check) {
        (this->*rule->check)(i);
      }
    }
    if (stages_.empty() || !stages_.back().has_user) complain({"USER", ""}, "is missing in the last stage");  // DL3002
    if (stages_.empty() || !stages_.back().has_entry) complain({"ENTRYPOINT", ""}, "is missing in the last stage");
    return std::move(complaints_);
  }

 private:
  struct Rule {
    std::string_view keyword;
    void (Lint::*check)(const Instruction& i);
  };
  struct Stage {
    std::string image;
    std::string name = {};
    bool has_user = false;
    bool has_entry = false;
    bool fails_in_pipes = false;
  };
  static const Rule kRules[9];

  void complain(const Instruction& i, std::string_view what) {
    complaints_.push_back(fmt::format("{} {} {}", i.keyword, i.arguments, what));
  }
  bool is_stage(const std::string& name) const {
    return std::ranges::find(stages_, name, &Stage::name) != stages_.end();
  }

  void from(const Instruction& i) {
    const std::vector<std::string> words = words_of(i.arguments);
    const std::string image = words.empty() ? "" : words[0];
    const bool is_versioned = image.contains(':') && !image.ends_with(":latest");  // DL3006, DL3007
    if (image != "scratch" && !is_stage(image) && !is_versioned) complain(i, "names no version");
    stages_.push_back({.image = image});
    if (words.size() == 3) stages_.back().name = words[2];
  }
  void copy(const Instruction& i) {
    std::vector<std::string> words = words_of(i.arguments);
    if (words.size() >= 3 && words[0].starts_with("--from=")) {
      const std::string stage = words[0].substr(words[0].find('=') + 1);
      const bool is_earlier = is_stage(stage) && stage != stages_.back().name;
      if (!is_earlier) complain(i, "copies from no earlier stage");  // DL3022, DL3023
      return;
    }
    if (words.size() < 2) return complain(i, "copies nothing");
    words.pop_back();
    for (const std::string& source : words)
      if (!std::filesystem::exists(gantry::test::repository_path(source))) complain(i, "copies what is not there");
  }
  void run(const Instruction& i) {
    const Stage& stage = stages_.back();
    if (stage.image == "scratch") complain(i, "runs where there is no shell");
    if (i.arguments.contains(" | ") && !stage.fails_in_pipes) complain(i, "hides what fails in a pipe");  // DL4006
    if (!i.arguments.contains("apt-get install")) return;
    for (const char* const wanted : {"--yes", "--no-install-recommends", "rm -rf /var/lib/apt/lists"})
      if (!i.arguments.contains(wanted)) complain(i, fmt::format("lacks {}", wanted));  // DL3014, DL3015, DL3009
  }
  void shell(const Instruction& i) { stages_.back().fails_in_pipes = i.arguments.contains("pipefail"); }
  void user(const Instruction& i) {
    // By number: Kubernetes' runAsNonRoot can't tell whether a name is root's.
    const bool is_number = i.arguments.find_first_not_of("0123456789:") == std::string::npos;
    if (!is_number || i.arguments.starts_with("0")) complain(i, "is root, or a name");
    stages_.back().has_user = true;
  }
  void workdir(const Instruction& i) {
    if (!i.arguments.starts_with('/')) complain(i, "depends on what was before");  // DL3000
  }
  void expose(const Instruction& i) {
    if (i.arguments.find_first_not_of("0123456789") != std::string::npos) complain(i, "is no port");  // DL3011
  }
  void entrypoint(const Instruction& i) {
    // In a shell's words SIGTERM goes to the shell.
    const auto words = gantry::base::load_json(i.arguments, "ENTRYPOINT");
    if (!words || !words->text(0).starts_with('/'))
      complain(i, "is not a list of words that begins with a path");  // DL3025
    stages_.back().has_entry = true;
  }

  std::vector<Stage> stages_;
  std::vector<std::string> complaints_;
};

const Lint::Rule Lint::kRules[9] = {
    {"FROM", &Lint::from}, {"COPY", &Lint::copy},       {"RUN", &Lint::run},       {"SHELL", &Lint::shell},
    {"USER", &Lint::user}, {"WORKDIR", &Lint::workdir}, {"EXPOSE", &Lint::expose}, {"ENTRYPOINT", &Lint::entrypoint},
    {"ENV", nullptr},
};

TEST(Image, ItsDockerfileIsSound) {
  const std::string dockerfile = read("api/Dockerfile");
  EXPECT_THAT(Lint().complaints(dockerfile), testing::IsEmpty());
  // What it builds is there to be built.
  EXPECT_THAT(dockerfile, HasSubstr("cmake --preset release && cmake --build --preset release --target kgent-api\n"));
  std::ifstream presets(gantry::test::repository_path("CMakePresets.json"));
  EXPECT_THAT(std::string(std::istreambuf_iterator<char>(presets), {}), HasSubstr("\"name\": \"release\""));
  EXPECT_THAT(read("api/CMakeLists.txt"), HasSubstr("add_executable(kgent-api "));
}

// The file as above, changed for the worse.
struct Worse {
  const char* from;
  const char* to;
  const char* complaint;
};
constexpr Worse kWorse[] = {
    {"debian:bookworm-slim", "debian", "names no version"},
    {"debian:bookworm-slim", "debian:latest", "names no version"},
    {"FROM debian", "WORKDIR /src\nFROM debian", "stands before FROM"},
    {"WORKDIR /src", "WORKDIR src", "depends on what was before"},
    {"COPY . .", "ADD . .", "is no instruction"},
    {"COPY scripts/setup", "COPY scripts/set-up", "copies what is not there"},
    {"--from=build", "--from=built", "copies from no earlier stage"},
    {"--no-install-recommends", "", "lacks --no-install-recommends"},
    {" && rm -rf /var/lib/apt/lists/*", "", "lacks rm -rf"},
    {"\"-o\", \"pipefail\", ", "", "hides what fails in a pipe"},
    {"USER 10001:10001", "USER root", "is root, or a name"},
    {"USER 10001:10001", "USER 0:0", "is root, or a name"},
    {"USER 10001:10001\n", "", "is missing in the last stage"},
    {"EXPOSE 8000", "EXPOSE http", "is no port"},
    {"[\"/usr/bin/kgent-api\"]", "kgent-api", "is not a list of words"},
    {"EXPOSE 8000", "RUN true", "runs where there is no shell"},
};

TEST(Image, TheLintSeesWhatIsWrong) {
  for (const Worse& worse : kWorse) {
    std::string dockerfile = read("api/Dockerfile");
    const std::size_t at = dockerfile.find(worse.from);
    ASSERT_NE(at, std::string::npos) << worse.from;
    dockerfile.replace(at, std::string_view(worse.from).size(), worse.to);
    EXPECT_THAT(Lint().complaints(dockerfile), testing::Contains(HasSubstr(worse.complaint))) << worse.to;
  }
}

}  // namespace
}  // namespace kgents
