// What check() costs a script: by whether it has tags, and by how many names there are.

#include "base/file.h"
#include "load/load.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdint>

namespace gantry::load {
namespace {

// A run of so many calls, with its beginning and end, which take some 20 ms.
void BM_Check(benchmark::State& bench, const char* arguments) {
  base::MemoryFileSystem files;
  files.write("main.js", fmt::format("import {{ check }} from 'k6';\n"
                                     "export default () => {{ for (let i = 0; i < {}; ++i) check(i, {}); }};",
                                     bench.range(0), arguments));
  for (auto _ : bench) {
    const RunOutcome outcome = run_script({.files = files, .script = "main.js"});
    std::int64_t passed = 0;
    for (const ScriptCheck& check : outcome.checks.by_name) passed += static_cast<std::int64_t>(check.passes);
    if (passed != bench.range(0)) bench.SkipWithError("a check was not counted");
  }
  bench.SetItemsProcessed(bench.iterations() * bench.range(0));
}
void with_sizes(benchmark::internal::Benchmark* bench) {
  bench->RangeMultiplier(10)->Range(1'000, 100'000)->UseRealTime();
}
BENCHMARK_CAPTURE(BM_Check, one_name, "{ holds: true }")->Apply(with_sizes);
BENCHMARK_CAPTURE(BM_Check, one_name_with_tags, "{ holds: true }, { team: 'shop' }")->Apply(with_sizes);
BENCHMARK_CAPTURE(BM_Check, new_names, "{ [`holds ${i}`]: true }")->Apply(with_sizes);
BENCHMARK_CAPTURE(BM_Check, new_names_with_tags, "{ [`holds ${i}`]: true }, { team: 'shop' }")->Apply(with_sizes);
BENCHMARK_CAPTURE(BM_Check, new_tags, "{ holds: true }, { number: i }")->Apply(with_sizes);

}  // namespace
}  // namespace gantry::load
