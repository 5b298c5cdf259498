// Everything that somebody waits for, in a process of its own: from what `kubectl get -o json` printed to the matrix of
// all pairs, the lints and 20 claims, and then one changed policy. Each step is a counter in milliseconds of processor
// time, and so is `peak_mb`, the most memory that the process had until then. bench/netpol/README.md has the aims.
//
// ctest runs small sizes; GANTRY_BENCH_LARGE=1 makes them as large as they are meant to be.

#include "base/json.h"
#include "base/yaml.h"
#include "netpol/claims.h"
#include "netpol/cluster_generator.h"
#include "netpol/lint.h"
#include "netpol/needs.h"
#include "netpol/reachability.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gantry::netpol {
namespace {

// ---- What the process says about itself ----

enum Figure : std::size_t {
  json_ms,
  snapshot_ms,
  analysis_ms,
  matrix_ms,
  lints_ms,
  claims_ms,
  until_here_ms,  // the sum of these
  peak_mb,        // by now
  change_ms,      // of one policy, afterwards
  classes,
  regions,
  groups,
  openings,
  findings,
  refuted,
  kFigures
};
constexpr std::array<const char*, kFigures> kNames = {"1_json_ms",   "2_snapshot_ms", "3_analysis_ms",   "4_matrix_ms",
                                                      "5_lints_ms",  "6_claims_ms",   "7_until_here_ms", "8_peak_mb",
                                                      "9_change_ms", "classes",       "regions",         "groups",
                                                      "openings",    "findings",      "refuted"};
using Figures = std::array<double, kFigures>;

double processor_ms() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

double most_memory_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
}

// Adds the time that a step takes to its figure, and gives what the step gives.
template <typename Step>
auto timed(Figures& figures, Figure figure, Step&& step) {
  const double before = processor_ms();
  auto result = step();
  figures.at(figure) += processor_ms() - before;
  return result;
}

// ---- The questions ----

// Five claims of each kind about the applications of five teams; some hold, some do not.
std::string claims_about_teams() {
  std::string text;
  for (int i = 0; i < 5; ++i) {
    const int team = 10 * i + 7;
    text += fmt::format(R"(
- claim: only
  destination: {{namespace: team-{0}, pods: {{tier: data}}}}
  ports: [5432]
  sources: [team-{0}/*]
- claim: never
  destination: {{namespaces: {{env: prod}}, pods: {{tier: data}}}}
  ports: [5432, 8080]
  sources: [{{namespace: team-{1}}}, {{cidr: 203.0.113.{0}/32}}]
- claim: must
  destination: {{namespaces: {{team: team-{0}}}, pods: {{tier: front}}}}
  ports: [metrics]
  sources: [monitoring/prometheus]
- claim: isolated
  destination: {{namespace: team-{0}, pods: {{tier: worker}}}}
  direction: {2}
)",
                        team, team + 1, i % 2 == 0 ? "ingress" : "egress");
  }
  return text;
}

constexpr std::string_view kClaimsAboutTheCrowd = R"(
- claim: only
  destination: {namespace: crowd}
  ports: [8080]
  sources: [{namespace: crowd, pods: {half: h1}}]
- claim: never
  destination: {namespace: crowd, pods: {half: h0}}
  sources: [{cidr: 203.0.113.0/24}]
)";

// All pairs, in rectangles.
std::size_t count_openings(const Reachability& reach) {
  std::size_t count = 0;
  for (const kube::IpFamily family : reach.endpoints().families())
    for (std::uint32_t id = 0; id < reach.endpoints().size(); ++id)
      count += reach.sources_of(EndpointId{id}, family).size();
  return count;
}

// ---- The process ----

struct Question {
  std::vector<std::string> files;
  std::string claims;
};

std::string read_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(std::filesystem::file_size(path), '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  return text;
}

std::vector<base::Node> load(const std::vector<std::string>& files) {
  std::vector<base::Node> documents;
  for (const std::string& file : files) documents.push_back(*base::load_json(read_whole(file), file));
  return documents;
}

std::size_t count_refuted(const Reachability& reach, const std::vector<Claim>& claims) {
  std::size_t count = 0;
  for (const Claim& claim : claims) {
    const base::Result<ClaimResult> result = judge_claim(reach, claim);
    // In a small cluster a team may have none of the pods that are asked about, which is an error.
    if (result && result->verdict == ClaimVerdict::refuted) ++count;
  }
  return count;
}

// A policy that selects everybody in its namespace isolates them no more in one direction.
std::size_t change_a_policy(const Reachability& reach) {
  const auto& policies = reach.snapshot()->network_policies;
  const kube::NetworkPolicy* policy = kube::find_named(policies, "team-7", "default-deny");
  kube::NetworkPolicy changed = policy ? *policy : policies.front();
  changed.isolates_egress = !changed.isolates_egress;
  return reach.with_policy(changed).counts().subject_groups;
}

Figures answer(const Question& question) {
  Figures figures{};
  std::vector<base::Node> documents = timed(figures, json_ms, [&] { return load(question.files); });
  const kube::Snapshot snapshot = timed(figures, snapshot_ms, [&] {
    constexpr auto kSlim = kube::SnapshotOptions::Documents::without_live_pods;
    return *kube::build_snapshot(std::move(documents), {.documents = kSlim});
  });
  const std::vector<Claim> claims = *parse_claims(*base::load_yaml_document(question.claims, "claims.yaml"));
  AnalysisOptions options;
  options.endpoints.pod_ranges = {*kube::Cidr::parse("10.64.0.0/10"), *kube::Cidr::parse("fd00::/64")};
  add_to(options.endpoints, claims);
  const Reachability reach = timed(figures, analysis_ms, [&] { return *analyse(snapshot, options); });
  figures[openings] = static_cast<double>(timed(figures, matrix_ms, [&] { return count_openings(reach); }));
  figures[findings] =
      static_cast<double>(timed(figures, lints_ms, [&] { return lint(reach, infer_needs(snapshot)).size(); }));
  figures[refuted] = static_cast<double>(timed(figures, claims_ms, [&] { return count_refuted(reach, claims); }));
  for (std::size_t i = json_ms; i < until_here_ms; ++i) figures[until_here_ms] += figures.at(i);
  figures[peak_mb] = most_memory_mb();
  timed(figures, change_ms, [&] { return change_a_policy(reach); });
  figures[classes] = static_cast<double>(reach.counts().pod_classes);
  figures[regions] = static_cast<double>(reach.counts().regions);
  figures[groups] = static_cast<double>(reach.counts().subject_groups);
  return figures;
}

// In a child, so that memory is that of this question alone, and nothing is warm.
std::optional<Figures> answer_apart(const Question& question) {
  std::array<int, 2> pipe_ends{};
  if (pipe(pipe_ends.data()) != 0) return std::nullopt;
  const pid_t child = fork();
  if (child == 0) {
    const Figures figures = answer(question);
    const bool is_told = write(pipe_ends[1], &figures, sizeof figures) == sizeof figures;
    _exit(is_told ? 0 : 1);
  }
  close(pipe_ends[1]);
  Figures figures{};
  const bool is_told = child > 0 && read(pipe_ends[0], &figures, sizeof figures) == sizeof figures;
  close(pipe_ends[0]);
  if (child > 0) waitpid(child, nullptr, 0);
  return is_told ? std::optional(figures) : std::nullopt;
}

// Lists as files, as `kubectl get -o json > FILE` leaves them; gone with this.
class SavedLists {
 public:
  explicit SavedLists(const std::vector<std::string>& lists) {
    for (const std::string& list : lists) {
      files_.push_back((folder_ / fmt::format("list-{}.json", files_.size())).string());
      std::ofstream(files_.back(), std::ios::binary) << list;
    }
  }
  ~SavedLists() { std::filesystem::remove_all(folder_); }
  SavedLists(const SavedLists&) = delete;
  SavedLists& operator=(const SavedLists&) = delete;
  const std::vector<std::string>& files() const { return files_; }

 private:
  static std::filesystem::path make_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "gantry-bench-XXXXXX").string();
    return mkdtemp(name.data());
  }
  std::filesystem::path folder_ = make_folder();
  std::vector<std::string> files_;
};

void measure(benchmark::State& state, const std::vector<std::string>& lists, std::string claims) {
  const SavedLists saved(lists);
  for (auto _ : state) {
    const std::optional<Figures> figures = answer_apart({.files = saved.files(), .claims = claims});
    if (!figures) return state.SkipWithError("the process died");
    if ((*figures)[openings] == 0) return state.SkipWithError("nobody reaches anybody");
    state.SetIterationTime((*figures)[until_here_ms] / 1e3);
    for (std::size_t i = 0; i < kFigures; ++i) state.counters[kNames.at(i)] = figures->at(i);
  }
}

// ---- Clusters that people run ----

void Cluster(benchmark::State& state) {
  const auto number = [&](int i) { return static_cast<std::size_t>(state.range(i)); };
  const ClusterShape shape{
      .pods = number(0), .policies = number(1), .namespaces = number(2), .dual_stack = state.range(3) != 0};
  measure(state, make_cluster_lists(shape), claims_about_teams());
}

void clusters(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"pods", "policies", "namespaces", "dual_stack"});
  if (!std::getenv("GANTRY_BENCH_LARGE")) return static_cast<void>(benchmark->Args({2'000, 400, 100, 0}));
  benchmark->Args({10'000, 2'000, 100, 0})->Args({10'000, 2'000, 100, 1})->Args({100'000, 75'000, 25'000, 0});
}
BENCHMARK(Cluster)->Apply(clusters)->Unit(benchmark::kMillisecond)->UseManualTime()->Iterations(1);

// ---- Clusters that hurt ----

void Adversarial(benchmark::State& state) {
  const auto adversary = static_cast<Adversary>(state.range(0));
  measure(state, make_adversary_lists(adversary, static_cast<std::size_t>(state.range(1))),
          std::string(kClaimsAboutTheCrowd));
  state.SetLabel(std::string(to_string(adversary)));
}

void adversaries(benchmark::internal::Benchmark* benchmark) {
  struct Size {
    Adversary adversary;
    std::int64_t small, large;
  };
  constexpr Size kSizes[] = {{Adversary::unique_labels, 300, 10'000}, {Adversary::many_blocks, 100, 20'000},
                             {Adversary::every_port, 1'000, 65'535},  {Adversary::crowded_namespace, 300, 10'000},
                             {Adversary::deep_not_in, 20, 2'000},     {Adversary::dual_stack, 300, 10'000}};
  const bool is_large = std::getenv("GANTRY_BENCH_LARGE") != nullptr;
  benchmark->ArgNames({"adversary", "size"});
  for (const auto& [adversary, small, large] : kSizes)
    benchmark->Args({static_cast<std::int64_t>(adversary), is_large ? large : small});
}
BENCHMARK(Adversarial)->Apply(adversaries)->Unit(benchmark::kMillisecond)->UseManualTime()->Iterations(1);

}  // namespace
}  // namespace gantry::netpol
