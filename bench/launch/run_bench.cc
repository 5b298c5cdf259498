// `gantry run` of the example workspace: cold (nothing stored, as in a fresh clone) and warm (nothing changed), through the
// same calls as the command makes. The bar: 300 ms cold, 50 ms warm.

#include "launch/launch.h"

#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

namespace gantry::launch {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPlanFile = "saas-phase7-production-launch.md";

// A copy of the example in a folder of its own: the benchmark writes evidence.
class ExampleCopy {
 public:
  ExampleCopy() {
    std::string pattern = (fs::temp_directory_path() / "gantry-bench-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    fs::copy(fs::path(GANTRY_SOURCE_DIR) / "examples/kgents-saas", root_, fs::copy_options::recursive);
    forget();
  }
  ~ExampleCopy() { fs::remove_all(root_); }
  ExampleCopy(const ExampleCopy&) = delete;
  ExampleCopy& operator=(const ExampleCopy&) = delete;

  void forget() const { fs::remove_all(root_ / ".gantry"); }
  std::string plan() const { return (root_ / kPlanFile).string(); }

 private:
  fs::path root_;
};

int run_once(benchmark::State& state, const std::string& plan) {
  const base::SystemClock clock;
  base::NoProgress progress;
  const base::Result<Workspace> workspace = open_workspace(plan, std::nullopt);
  const base::Result<report::Board> board =
      workspace
          ? run_plan(*workspace, {.clock = clock, .progress = progress, .stop = {}, .kube_context = {}, .only = {}})
          : std::unexpected(workspace.error());
  if (!board) {
    state.SkipWithError(base::describe(board.error()).c_str());
    return 0;
  }
  // The example's honest answer.
  if (board->decision != report::Decision::no_go) state.SkipWithError("the example is expected to be NO-GO");
  return board->checks_run;
}

void BM_RunExampleCold(benchmark::State& state) {
  const ExampleCopy example;
  for (auto _ : state) {
    state.PauseTiming();
    example.forget();
    state.ResumeTiming();
    if (run_once(state, example.plan()) == 0) state.SkipWithError("no check ran");
  }
}
BENCHMARK(BM_RunExampleCold)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_RunExampleUnchanged(benchmark::State& state) {
  const ExampleCopy example;
  run_once(state, example.plan());
  for (auto _ : state)
    if (run_once(state, example.plan()) != 0) state.SkipWithError("a check ran although nothing changed");
}
BENCHMARK(BM_RunExampleUnchanged)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace gantry::launch
