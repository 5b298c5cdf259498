// From what `kubectl get -o json` prints to who reaches whom. Reading the text, building the snapshot, the analysis and
// the matrix of all pairs are timed apart, each once with its memory; `Whole` is the sum that somebody waits for. Aims
// on two cores: 10,000 pods with 2,000 policies in 1 s and 500 MB, 100,000 pods with 75,000 policies in 20 s and 4 GB,
// parsing included; one changed policy in 50 ms; the adversaries within ten times of what a cluster of their size
// costs.
//
// ctest runs the small sizes; GANTRY_BENCH_LARGE=1 adds the largest cluster, and makes the adversaries ten times as
// large.

#include "base/json.h"
#include "netpol/cluster_generator.h"
#include "netpol/reachability.h"

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace gantry::netpol {
namespace {

const ClusterShape kUsual{.pods = 10'000, .policies = 2'000, .namespaces = 100};
const ClusterShape kLarge{.pods = 100'000, .policies = 75'000, .namespaces = 25'000};

ClusterShape shape_of(const benchmark::State& state) { return state.range(0) > 10'000 ? kLarge : kUsual; }

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("pods")->Arg(10'000)->Unit(benchmark::kMillisecond);
  if (std::getenv("GANTRY_BENCH_LARGE")) benchmark->Arg(100'000);
}

double megabytes_in_use() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd) / 1e6;
}

AnalysisOptions usual_options() {
  AnalysisOptions options;
  options.endpoints.pod_ranges = {*kube::Cidr::parse("10.64.0.0/10"), *kube::Cidr::parse("fd00::/64")};
  return options;
}

// What the matrix holds, so that no part of it can be left out.
struct MatrixCounts {
  std::size_t openings = 0;
  std::uint64_t pairs = 0;  // of endpoints, once for each port set that is open between them
};

MatrixCounts fill_matrix(const Reachability& reach) {
  MatrixCounts counts;
  const std::size_t end = reach.endpoints().size();
  for (std::size_t id = 0; id < end; ++id)
    for (const Opening& opening : reach.sources_of(EndpointId{static_cast<std::uint32_t>(id)})) {
      ++counts.openings;
      counts.pairs += opening.possible.size();
    }
  return counts;
}

void report(benchmark::State& state, const Reachability& reach, const MatrixCounts& matrix) {
  const AnalysisCounts& counts = reach.counts();
  state.counters["classes"] = static_cast<double>(counts.pod_classes);
  state.counters["regions"] = static_cast<double>(counts.regions);
  state.counters["groups"] = static_cast<double>(counts.subject_groups);
  state.counters["openings"] = static_cast<double>(matrix.openings);
  state.counters["pairs"] = static_cast<double>(matrix.pairs);
}

// ---- Step by step ----

void ReadText(benchmark::State& state) {
  const std::vector<std::string> lists = make_cluster_lists(shape_of(state));
  double text_mb = 0;
  for (const std::string& list : lists) text_mb += static_cast<double>(list.size()) / 1e6;
  for (auto _ : state)
    for (const std::string& list : lists) {
      auto document = base::load_json(list, "cluster.json");
      if (!document) state.SkipWithError(document.error().message.c_str());
      benchmark::DoNotOptimize(document);
    }
  state.counters["text_mb"] = text_mb;
}
BENCHMARK(ReadText)->Apply(sizes);

void BuildSnapshot(benchmark::State& state) {
  const std::vector<std::string> lists = make_cluster_lists(shape_of(state));
  double kept_mb = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const double before = megabytes_in_use();
    std::vector<base::Node> documents;
    for (const std::string& list : lists) documents.push_back(*base::load_json(list, "cluster.json"));
    state.ResumeTiming();
    auto snapshot =
        kube::build_snapshot(std::move(documents), {.documents = kube::SnapshotOptions::Documents::without_live_pods});
    state.PauseTiming();
    if (!snapshot || (*snapshot)->pods.size() < shape_of(state).pods)
      state.SkipWithError("the cluster reads otherwise");
    kept_mb = megabytes_in_use() - before;
    snapshot = kube::Snapshot();  // giving it back is not what is timed
    state.ResumeTiming();
  }
  state.counters["kept_mb"] = kept_mb;
}
BENCHMARK(BuildSnapshot)->Apply(sizes);

void Analyse(benchmark::State& state) {
  const kube::Snapshot snapshot = *read_lists(make_cluster_lists(shape_of(state)));
  const double before = megabytes_in_use();
  const Reachability kept = *analyse(snapshot, usual_options());
  state.counters["kept_mb"] = megabytes_in_use() - before;
  if (kept.counts().pods < shape_of(state).pods) state.SkipWithError("the analysis left pods out");
  for (auto _ : state) benchmark::DoNotOptimize(analyse(snapshot, usual_options()));
}
BENCHMARK(Analyse)->Apply(sizes);

void FillMatrix(benchmark::State& state) {
  const kube::Snapshot snapshot = *read_lists(make_cluster_lists(shape_of(state)));
  const Reachability reach = *analyse(snapshot, usual_options());
  MatrixCounts matrix;
  for (auto _ : state) matrix = fill_matrix(reach);
  if (matrix.pairs == 0) state.SkipWithError("nobody reaches anybody");
  report(state, reach, matrix);
}
BENCHMARK(FillMatrix)->Apply(sizes);

// One policy replaced: a default-deny, which selects every pod of its namespace.
void ChangeOnePolicy(benchmark::State& state) {
  const kube::Snapshot snapshot = *read_lists(make_cluster_lists(shape_of(state)));
  const Reachability reach = *analyse(snapshot, usual_options());
  const kube::NetworkPolicy* policy = kube::find_named(snapshot->network_policies, "team-7", "default-deny");
  if (!policy) return state.SkipWithError("the cluster has other policies");
  kube::NetworkPolicy changed = *policy;
  changed.isolates_egress = false;
  for (auto _ : state) {
    const Reachability after = reach.with_policy(changed);
    if (&after.endpoints() != &reach.endpoints()) state.SkipWithError("everything was analysed again");
  }
}
BENCHMARK(ChangeOnePolicy)->Apply(sizes);

// What `net explain` asks, other network plugins included.
void ExplainOneFlow(benchmark::State& state) {
  const kube::Snapshot snapshot = *read_lists(make_cluster_lists(shape_of(state)));
  const Reachability reach = *analyse(snapshot, usual_options());
  const std::size_t classes = reach.endpoints().pod_class_count();
  std::size_t flow = 0;
  for (auto _ : state) {
    flow += 7919;
    const Explanation why = reach.explain({.source = EndpointId{static_cast<std::uint32_t>(flow % classes)},
                                           .destination = EndpointId{static_cast<std::uint32_t>(flow / 3 % classes)},
                                           .port = kube::Port{8080}});
    if (why.sentence.empty()) state.SkipWithError("nothing was explained");
  }
}
BENCHMARK(ExplainOneFlow)->Apply(sizes);

void Whole(benchmark::State& state) {
  const std::vector<std::string> lists = make_cluster_lists(shape_of(state));
  MatrixCounts matrix;
  for (auto _ : state) {
    const base::Result<kube::Snapshot> snapshot = read_lists(lists);
    const Reachability reach = *analyse(*snapshot, usual_options());
    matrix = fill_matrix(reach);
    report(state, reach, matrix);
  }
  if (matrix.pairs == 0) state.SkipWithError("nobody reaches anybody");
}
BENCHMARK(Whole)->Apply(sizes)->Iterations(1);

// ---- Clusters that hurt ----

void adversaries(benchmark::internal::Benchmark* benchmark) {
  const struct {
    Adversary adversary;
    std::int64_t size;
  } rows[] = {{Adversary::unique_labels, 2'000}, {Adversary::many_blocks, 20'000},
              {Adversary::every_port, 20'000},   {Adversary::crowded_namespace, 10'000},
              {Adversary::deep_not_in, 2'000},   {Adversary::dual_stack, 10'000}};
  const std::int64_t share = std::getenv("GANTRY_BENCH_LARGE") ? 1 : 10;
  for (const auto& row : rows) benchmark->Args({static_cast<std::int64_t>(row.adversary), row.size / share});
  benchmark->ArgNames({"adversary", "size"})->Unit(benchmark::kMillisecond);
}

void Adversarial(benchmark::State& state) {
  const auto adversary = static_cast<Adversary>(state.range(0));
  const kube::Snapshot snapshot =
      *read_lists(make_adversary_lists(adversary, static_cast<std::size_t>(state.range(1))));
  MatrixCounts matrix;
  for (auto _ : state) {
    const Reachability reach = *analyse(snapshot, usual_options());
    matrix = fill_matrix(reach);
    report(state, reach, matrix);
  }
  state.SetLabel(std::string(to_string(adversary)));
}
BENCHMARK(Adversarial)->Apply(adversaries)->Iterations(1);

}  // namespace
}  // namespace gantry::netpol
