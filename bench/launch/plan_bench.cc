// Reading plans: the real one, and one as large as is allowed. Time must grow with the text and no faster: the large plan has
// to be read within a second.

#include "launch/plan.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <string>

namespace gantry::launch {
namespace {

std::string load_real_plan() {
  std::ifstream file(GANTRY_SOURCE_DIR "/tests/launch/plans/saas-phase7-production-launch.md", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Ten steps to a track, with a command, a gantry block and prose; then as many exit criteria as steps.
std::string make_plan(std::size_t bytes) {
  std::string text = "a.plan[phase=PLAN][sprint=large]@span=bench\n\n## Your Mission\n\n";
  std::size_t steps = 0;
  for (int track = 0; text.size() < bytes * 3 / 4; ++track) {
    // Three letters name 17,576 tracks.
    const std::string letters = {static_cast<char>('A' + track / 676 % 26), static_cast<char>('A' + track / 26 % 26),
                                 static_cast<char>('A' + track % 26)};
    text += fmt::format("### Track {}: A part of the launch\n", letters);
    for (int step = 1; step <= 10; ++step, ++steps) {
      text += fmt::format(
          "{0}. Apply the {0}th part: `kubectl apply -k manifests/part-{0}/` and look at `docs/part-{0}.md`\n\n"
          "   Some prose about **why** this is needed, and what it depends on (see [the runbook](docs/runbook.md)).\n\n"
          "   ```gantry\n   check: doc.exists\n   path: docs/part-{0}.md\n   ```\n",
          step);
    }
  }
  text += "\n## Exit Criteria\n\n";
  for (std::size_t i = 0; text.size() < bytes - 100; ++i)
    text += fmt::format("- [ ] Part {} is applied and verified\n", i % steps);
  return text;
}

void read_plan(benchmark::State& state, const std::string& text, std::size_t steps_min) {
  for ([[maybe_unused]] const auto _ : state) {
    base::Result<Plan> plan = Plan::parse(text, "plan.md");
    std::size_t steps = 0;
    if (plan) {
      for (const PlanTrack& track : plan->tracks) steps += track.steps.size();
    }
    if (!plan || steps < steps_min || plan->text() != text) state.SkipWithError("the plan was not read as it is");
    benchmark::DoNotOptimize(plan);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}

void real_plan(benchmark::State& state) { read_plan(state, load_real_plan(), 20); }
BENCHMARK(real_plan)->Unit(benchmark::kMicrosecond);

void large_plan(benchmark::State& state) {
  const auto bytes = static_cast<std::size_t>(state.range(0)) << 20;
  read_plan(state, make_plan(bytes), bytes / 1000);
}
// One to ten megabytes, to see that time grows in proportion.
BENCHMARK(large_plan)->Arg(1)->Arg(5)->Arg(10)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace gantry::launch
