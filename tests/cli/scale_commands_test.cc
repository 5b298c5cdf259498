// `gantry scale`, from outside: what is kept beside its fixture, what is refused, and how it ends.

#include "cli/program.h"
#include "support/golden.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace gantry::cli {
namespace {

using test::TempDir;

const std::string kFixture = "cli/scale/web-shop";

Ran scale(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "scale");
  return gantry(arguments, test::test_path(kFixture));
}

struct Kept {
  const char* file;
  std::vector<std::string> arguments;
  int status;
};

const Kept kKept[] = {
    {"expected-simulate.txt", {"simulate", "manifests", "--block", "sale.yaml"}, 1},
    {"expected-simulate.json", {"simulate", "manifests", "--block", "sale.yaml", "--json"}, 1},
    {"expected-simulate.svg", {"simulate", "manifests", "--block", "sale.yaml", "--format", "svg"}, 1},
    {"expected-simulate.openmetrics",
     {"simulate", "manifests", "--block", "sale.yaml", "--format", "openmetrics", "--start", "2026-11-27T09:00:00Z"},
     1},
    {"expected-monday.txt", {"simulate", "manifests", "--trace", "monday.csv", "--cpu-per-request", "10"}, 0},
    {"expected-size.txt", {"size", "manifests", "--block", "size.yaml"}, 1},
    {"expected-size.json", {"size", "manifests", "--block", "size.yaml", "--json"}, 1},
    {"expected-size.yaml",
     {"size", "--summary", "summary.json", "--cpu", "1.2", "--measured-replicas", "2", "--rate", "100", "--format",
      "yaml"},
     0},
};

TEST(ScaleCommands, PrintWhatIsKept) {
  for (const Kept& kept : kKept) {
    SCOPED_TRACE(kept.file);
    const Ran ran = scale(kept.arguments);
    EXPECT_EQ(ran.status, kept.status) << ran;
    EXPECT_EQ(ran.err, "") << ran;
    EXPECT_TRUE(test::matches_golden(ran.out, kFixture + "/" + kept.file));
  }
}

// The autoscaler that a sizing writes is one that Gantry reads, and it fits the traffic that it was made for.
TEST(ScaleCommands, WhatSizeWritesFits) {
  const TempDir dir;
  copy_folder(test::test_path(kFixture), dir.path("shop"));
  const Ran written = gantry({"scale", "size", "shop/manifests", "--block", "size.yaml", "--format", "yaml"}, dir);
  EXPECT_EQ(written.status, 3) << "the block is not here: " << written;
  const std::string shop = dir.path("shop");
  const Ran sized = gantry(
      {"scale", "size", "manifests", "--workload", "shop/web", "--block", "size.yaml", "--format", "yaml"}, shop);
  ASSERT_EQ(sized.status, 1) << sized;
  std::string manifest = dir.read("shop/manifests/shop.yaml");
  manifest.resize(manifest.find("---"));
  const std::size_t cpu = manifest.find("cpu: 400m");
  manifest.replace(cpu, std::string("cpu: 400m").size(), "cpu: 860m");
  dir.write("sized/shop.yaml", manifest + "---\n" + sized.out);
  const Ran fits = gantry({"scale", "simulate", dir.path("sized"), "--block", "sale.yaml", "--json"}, shop);
  EXPECT_EQ(fits.json()["answers"]["saturated_seconds"], 0) << fits;
  EXPECT_EQ(fits.status, 0) << fits;
}

// Options count more than the file.
TEST(ScaleCommands, OptionsReplaceTheBlock) {
  const Ran ran =
      scale({"simulate", "manifests", "--block", "sale.yaml", "--stages", "5m:40", "--start-rate", "40", "--json"});
  EXPECT_EQ(ran.json()["traffic"]["duration_seconds"], 300) << ran;
  EXPECT_EQ(ran.json()["pod"]["start_up_seconds"], 45) << ran;
  EXPECT_EQ(ran.status, 0) << ran;
  const Ran doubled = scale({"simulate", "manifests", "--block", "sale.yaml", "--doubling", "20", "--json"});
  EXPECT_EQ(doubled.json()["traffic"]["rate_peak"], 40) << doubled;
  const Ran trace = scale({"simulate", "manifests", "--block", "sale.yaml", "--trace", "monday.csv", "--json"});
  EXPECT_EQ(trace.json()["traffic"]["duration_seconds"], 86400) << trace;
  const Ran script = scale(
      {"simulate", "manifests", "--block", "sale.yaml", "--script", "options.json", "--scenario", "sale", "--json"});
  EXPECT_EQ(script.json()["traffic"]["duration_seconds"], 720) << script;
  EXPECT_EQ(script.json()["traffic"]["rate_peak"], 200) << script;
}

struct Refused {
  std::vector<std::string> arguments;
  std::vector<std::string> on_stderr;
};

TEST(ScaleCommands, RefuseWithAHint) {
  const Refused kRefused[] = {
      {{"simulate", "manifests", "--cpu-per-request", "8"}, {"nothing says what traffic comes"}},
      {{"simulate", "manifests", "--stages", "5m:40"}, {"nothing says what a request costs", "cpu_ms_per_request"}},
      {{"simulate", "manifests", "--stages", "5m:40", "--doubling", "20"}, {"said in two ways"}},
      {{"simulate", "manifests", "--script", "load.js", "--cpu-per-request", "8"},
       {"load.js is a script", "k6 inspect load.js > options.json"}},
      {{"simulate", "manifests", "--script", "options.json", "--scenario", "soak", "--cpu-per-request", "8"},
       {"options.json", "soak", "rate_per_vu"}},
      {{"simulate", "manifests", "--script", "options.json", "--trace", "monday.csv", "--cpu-per-request", "8"},
       {"keep one of trace and script"}},
      {{"simulate", "manifests", "--stages", "5m:40", "--cpu-per-request", "much"},
       {"--cpu-per-request", "is no number"}},
      {{"simulate", "manifests", "--stages", "5m:40", "--cpu-per-request", "-8"}, {"no less than 0, and is -8"}},
      {{"simulate", "manifests", "--stages", "5m:40", "--replicas", "1000000000"}, {"from 0 to 150000"}},
      {{"simulate", "manifests", "--stages", "5m:40", "--cpu-per-request", "8", "--autoscaler", "shop/wep"},
       {"shop/wep", "did you mean shop/web?"}},
      {{"simulate", "manifests", "--trace", "summary.json", "--cpu-per-request", "8"},
       {"summary.json:2", "columns instead of two"}},
      {{"simulate", "manifests", "--trace", "tuesday.csv", "--cpu-per-request", "8"}, {"tuesday.csv"}},
      {{"size"}, {"nothing says what rate is the target"}},
      {{"size", "--rate", "100"}, {"nothing says what was measured"}},
      {{"size", "--rate", "100", "--summary", "size.yaml"}, {"size.yaml"}},
      {{"size", "--rate", "100", "--summary", "summary.json", "--measured-rate", "5"}, {"said by the summary"}},
      {{"size", "--rate", "100", "--summary", "summary.json", "--format", "yaml"},
       {"without CPU there is no autoscaler"}},
      {{"size", "manifests", "--rate", "100", "--summary", "summary.json", "--workload", "shop/wbe"},
       {"did you mean shop/web?"}},
  };
  for (const Refused& refused : kRefused) {
    const Ran ran = scale(refused.arguments);
    SCOPED_TRACE(testing::PrintToString(refused.arguments));
    EXPECT_TRUE(ran.status == 2 || ran.status == 3) << ran;
    expect_failure(ran, ran.status, refused.on_stderr);
  }
}

}  // namespace
}  // namespace gantry::cli
