// `gantry net matrix`: each form as a file beside the manifests, and what scripts rely on.

#include "cli/program.h"
#include "support/golden.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace gantry::cli {
namespace {

using test::TempDir;

const std::string kFixture = "cli/net/three-namespaces";

Ran matrix(const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {"net", "matrix", "manifests"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return gantry(all, test::test_path(kFixture));
}

struct Form {
  const char* file;
  std::vector<std::string> arguments;
};

const Form kForms[] = {
    {"expected.txt", {}},
    {"expected.csv", {"--format", "csv"}},
    {"expected-pods.csv", {"--pods", "--format", "csv"}},
    {"expected.json", {"--format", "json"}},
    {"expected-pods.json", {"--pods", "--format", "json"}},
    {"expected.dot", {"--format", "dot"}},
    {"expected.svg", {"--format", "svg"}},
    {"expected.matrix", {"--format", "matrix"}},
};

TEST(NetMatrix, LooksAsExpectedInEveryForm) {
  for (const Form& form : kForms) {
    SCOPED_TRACE(form.file);
    const Ran ran = matrix(form.arguments);
    EXPECT_EQ(ran.status, 0) << ran;
    EXPECT_EQ(ran.err, "") << ran;
    EXPECT_TRUE(test::matches_golden(ran.out, kFixture + "/" + form.file));
  }
}

TEST(NetMatrix, CsvHasOneRowForEachPairAndProtocol) {
  const Ran ran = matrix({"--pods", "--format", "csv"});
  std::istringstream lines(ran.out);
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(line, "src,dst,protocol,ports,verdict_note");
  std::set<std::string> keys;
  while (std::getline(lines, line)) {
    std::vector<std::string> fields;
    std::istringstream cells(line + ",");
    for (std::string cell; std::getline(cells, cell, ',');) fields.push_back(cell);
    ASSERT_EQ(fields.size(), 5U) << line;
    EXPECT_NE(fields[0], fields[1]) << "a pod and itself";
    EXPECT_NE(fields[3], "") << line;
    EXPECT_TRUE(keys.insert(fields[0] + "," + fields[1] + "," + fields[2]).second) << "twice: " << line;
  }
  EXPECT_TRUE(keys.contains("shop/web-0,shop/api-0,TCP")) << ran;
  EXPECT_TRUE(keys.contains("edge/proxy-0,shop/web-1,TCP")) << ran;
  EXPECT_TRUE(keys.contains("0.0.0.0/0,edge/proxy-0,TCP")) << ran;
  EXPECT_FALSE(keys.contains("shop/web-0,shop/db-0,TCP")) << ran;
}

TEST(NetMatrix, PodsAndWorkloadsSayTheSame) {
  const nlohmann::json pods = matrix({"--pods", "--format", "json"}).json();
  const nlohmann::json workloads = matrix({"--format", "json"}).json();
  EXPECT_EQ(pods["schema"], "gantry.net-matrix/v1");
  EXPECT_EQ(pods["rectangles"].size(), workloads["rectangles"].size());
  EXPECT_GT(pods["endpoints"].size(), workloads["endpoints"].size());
}

TEST(NetMatrix, ReadsStandardInputFilesFoldersAndTheWorkspace) {
  const std::string folder = test::test_path(kFixture);
  const Ran whole = matrix({"--format", "csv"});
  const TempDir dir;
  copy_folder(folder + "/manifests", dir.path("k8s"));
  EXPECT_EQ(gantry({"net", "matrix", dir.path("k8s"), "--format", "csv"}, "/").out, whole.out);
  dir.write("gantry.yaml", "manifests: k8s\n");
  EXPECT_EQ(gantry({"net", "matrix", "--format", "csv"}, dir).out, whole.out);
  dir.make_directory("below");
  EXPECT_EQ(gantry({"net", "matrix", "--format", "csv"}, dir.path("below")).out, whole.out);
  const std::string files = fmt::format(
      "for f in manifests/*.yaml; do cat $f; echo '---'; done | {} net matrix --format csv -", program_path());
  EXPECT_EQ(run({"/bin/sh", "-c", files}, folder).out, whole.out);
}

TEST(NetMatrix, EndsQuietlyWhenNobodyReadsOn) {
  RunningProgram running({"net", "matrix", test::test_path(kFixture) + "/manifests", "--pods", "--format", "csv"}, "/",
                         RunningProgram::Output::reader_gone);
  ASSERT_TRUE(running.ends_within(std::chrono::seconds(20)));
  const Ran ran = running.wait();
  EXPECT_EQ(ran.err, "") << ran;
  EXPECT_EQ(ran.status, 0) << ran;
}

struct Misused {
  const char* what;
  std::vector<std::string> arguments;
  int status;
  std::vector<std::string> on_stderr;
};

const Misused kMisused[] = {
    {"a misspelt command", {"net", "matirx"}, 2, {"no command \"net matirx\"", "did you mean `gantry net matrix`?"}},
    {"no command at all", {"net"}, 2, {"gantry net --help"}},
    {"nothing to look at", {"net", "matrix"}, 2, {"there are no manifests", "gantry.yaml"}},
    {"a folder that is not there", {"net", "matrix", "nowhere"}, 3, {"nowhere"}},
    {"a form that is not there",
     {"net", "matrix", "manifests", "--format", "xml"},
     2,
     {"--format", "gantry net matrix --help"}},
    {"a profile that is not there",
     {"net", "matrix", "manifests", "--profile", "cillium"},
     2,
     {"no profile \"cillium\"", "did you mean cilium?"}},
    {"a topic that is not there",
     {"net", "matrix", "manifests", "--differs", "end-prot"},
     2,
     {"no topic \"end-prot\"", "did you mean end-port?"}},
    {"a range that is none",
     {"net", "matrix", "manifests", "--pod-cidr", "10.0.0.0/99"},
     2,
     {"10.0.0.0/99", "--pod-cidr"}},
};

TEST(NetMatrix, AnswersAWrongCommandLine) {
  const TempDir dir;
  copy_folder(test::test_path(kFixture) + "/manifests", dir.path("manifests"));
  for (const Misused& misused : kMisused) {
    SCOPED_TRACE(misused.what);
    const Ran ran = gantry(misused.arguments, dir);
    expect_failure(ran, misused.status, misused.on_stderr);
    EXPECT_EQ(ran.out, "") << ran;
  }
}

}  // namespace
}  // namespace gantry::cli
