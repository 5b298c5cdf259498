// gantry drain: what happens when nodes drain, are upgraded, or are lost.

#include "cli/command.h"
#include "cli/commands/drain_input.h"

#include "base/text.h"
#include "launch/launch.h"
#include "report/drain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <memory>
#include <system_error>
#include <utility>

namespace gantry::cli {

using base::Result;
using disruption::Cluster;
using disruption::GroupSearch;
using disruption::Rehearsal;

namespace {

constexpr std::array<std::string_view, 3> kFormats = {"text", "json", "svg"};
constexpr std::int64_t kOrdersMax = 200;  // of --all, unless --orders says otherwise
constexpr std::array<std::string_view, 3> kTogether = {"rollout", "scale-down", "crash"};

struct DrainCommandFlags {
  std::vector<std::string> words;  // NODE, then paths; paths alone where another flag says what happens
  bool all = false;
  bool upgrade = false;
  std::string zone;
  std::string context;
  std::string name_space = "default";
  std::vector<std::string> down;
  std::int64_t parallel = 1;
  std::optional<std::int64_t> surge;
  std::string deadline;
  bool keep_cordoned = false;
  std::vector<std::string> with;
  std::optional<std::int64_t> orders_max;
  ClusterFlags cluster;
  KubectlFlags kubectl;
  std::string format = "text";
  bool json = false;
  bool verbose = false;
};

// What was asked for, with everything that the flags and gantry.yaml say about it.
struct Job {
  std::vector<std::string> nodes;  // empty: all
  NetInput input;
  disruption::ClusterOptions cluster;
  disruption::DrainFlags flags;
};

// What came out; the report refers to it.
struct Outcome {
  std::optional<disruption::OrderSearch> orders;
  std::optional<Rehearsal> single;
  std::vector<GroupSearch> groups;
  std::vector<disruption::QuorumVerdict> quorums;
  std::optional<disruption::SmallestCluster> smallest;
  std::vector<base::Finding> findings;

  report::RehearsalReport report() const {
    return {.rehearsal = orders ? orders->worst : *single,
            .orders = orders ? &*orders : nullptr,
            .groups = groups,
            .quorums = quorums,
            .smallest = smallest ? &*smallest : nullptr,
            .findings = findings};
  }
};

// What is rehearsed.
enum Mode : unsigned { kNode = 1, kAll = 2, kUpgrade = 4, kZone = 8 };

Mode mode_of(const DrainCommandFlags& flags) {
  if (flags.all) return kAll;
  if (flags.upgrade) return kUpgrade;
  return flags.zone.empty() ? kNode : kZone;
}

// Options that mean something to some rehearsals only: with another they would be left out without a word.
struct ModeRow {
  std::string_view option;
  bool (*is_given)(const DrainCommandFlags& flags);
  unsigned modes;
  std::string_view told;
  std::string_view help;
};
constexpr ModeRow kModeRows[] = {
    {"--surge", [](const DrainCommandFlags& flags) { return flags.surge.has_value(); }, kUpgrade,
     "adds nodes to an upgrade, and none is asked for", "add --upgrade"},
    {"--deadline", [](const DrainCommandFlags& flags) { return !flags.deadline.empty(); }, kUpgrade,
     "belongs to an upgrade", "write --timeout for a drain, or add --upgrade"},
    {"--timeout", [](const DrainCommandFlags& flags) { return !flags.kubectl.timeout.empty(); }, kNode | kAll,
     "is kubectl's, which drains nodes", "write --deadline for an upgrade"},
    {"--node-down", [](const DrainCommandFlags& flags) { return !flags.down.empty(); }, kNode | kAll,
     "is about nodes that are lost before others are drained", "drain a node, or write --all"},
    {"--parallel", [](const DrainCommandFlags& flags) { return flags.parallel != 1; }, kNode | kAll | kUpgrade,
     "says how many nodes are emptied at once, and a lost zone is emptied by nobody", "leave it out"},
    {"--with", [](const DrainCommandFlags& flags) { return !flags.with.empty(); }, kAll,
     "searches every course of events while all nodes are drained", "write --all"},
    {"--orders", [](const DrainCommandFlags& flags) { return flags.orders_max.has_value(); }, kAll,
     "says how many orders of all nodes are tried", "write --all"},
    {"--keep-cordoned", [](const DrainCommandFlags& flags) { return flags.keep_cordoned; }, kAll,
     "is about nodes that are drained one after another", "write --all; several nodes of one command stay cordoned"},
};

Result<void> check_mode(const DrainCommandFlags& flags) {
  const int modes = int{flags.all} + int{flags.upgrade} + int{!flags.zone.empty()};
  if (modes > 1)
    return base::usage_error("--all, --upgrade and --zone are three rehearsals", "ask for one of them at a time");
  if (modes == 0 && flags.words.empty())
    return base::usage_error("it is not said what is drained", "name a node, or write --all, --upgrade or --zone ZONE");
  for (const ModeRow& row : kModeRows)
    if (row.is_given(flags) && (row.modes & mode_of(flags)) == 0)
      return base::usage_error(fmt::format("{} {}", row.option, row.told), std::string(row.help));
  if (flags.orders_max.value_or(1) < 1)
    return base::usage_error("--orders takes 1 or more", "leave it out to try 200 of them");
  for (const std::string& word : flags.with)
    if (std::ranges::find(kTogether, word) == kTogether.end())
      return base::usage_error(fmt::format("nothing is called \"{}\" that could come together with a drain", word),
                               fmt::format("there are: {}", fmt::join(kTogether, ", ")));
  return {};
}

// Whoever forgets the node has written the manifests in its place.
Result<void> check_node_word(const std::vector<std::string>& words) {
  const std::string& word = words.front();
  const bool reads_as_path = word.contains('/') || word.ends_with(".yaml") || word.ends_with(".yml");
  std::error_code failure;
  if (!reads_as_path && (words.size() > 1 || !std::filesystem::exists(word, failure))) return {};
  return base::usage_error(
      fmt::format("it is not said which node drains: {} is a path, and the node comes first", word),
      fmt::format("write gantry drain NODE {0}, or gantry drain --all {0}", word));
}

Result<Job> job_of(const DrainCommandFlags& flags) {
  TRY(check_mode(flags));
  Job job;
  std::vector<std::string> paths = flags.words;
  if (!flags.all && !flags.upgrade && flags.zone.empty()) {
    TRY(check_node_word(paths));
    for (const std::string_view name : base::split(paths.front(), ',')) job.nodes.emplace_back(base::trim(name));
    paths.erase(paths.begin());
  }
  job.input.paths = std::move(paths);
  job.input.context = flags.context;
  disruption::GivenDrain given = TRY(given_by_workspace(job.input));
  job.cluster = TRY(flags.cluster.options(std::move(given.cluster)));
  job.flags = TRY(flags.kubectl.flags(std::move(given.flags)));
  return job;
}

Result<Cluster> build_cluster(const DrainCommandFlags& flags, Job& job, const kube::Snapshot& snapshot) {
  if (snapshot->workloads.empty() && snapshot->pods.empty())
    return base::input_error("there is no workload and no pod among the manifests", {},
                             "name the manifests of the workloads too");
  if (job.cluster.nodes.empty() && snapshot->nodes.empty())
    return base::usage_error("the manifests have no Node objects, so nobody knows what could be drained",
                             "declare nodes, for example --nodes 3, or nodes: 3 under drain: in gantry.yaml, or read a "
                             "cluster with --context");
  // The usual upgrade adds one machine before it takes one away.
  if (flags.upgrade) job.cluster.surge_nodes = flags.surge.value_or(1);
  return Cluster::build(snapshot, job.cluster);
}

disruption::DrainOptions drain_options(const DrainCommandFlags& flags, const Job& job) {
  return {.nodes = job.nodes,
          .flags = job.flags,
          .parallel = flags.parallel,
          .cordon_all_first = job.nodes.size() > 1,
          .after = flags.keep_cordoned || job.nodes.size() > 1 ? disruption::AfterDrain::leave_cordoned
                                                               : disruption::AfterDrain::uncordon,
          .down = flags.down};
}

Result<Rehearsal> rehearse_upgrade(const DrainCommandFlags& flags, const Job& job, const Cluster& cluster) {
  disruption::UpgradeOptions options{.surge = job.cluster.surge_nodes, .parallel = flags.parallel};
  options.flags.grace_period = job.flags.grace_period;
  options.flags.pod_selector = job.flags.pod_selector;
  options.flags.disable_eviction = job.flags.disable_eviction;
  if (!flags.deadline.empty())
    options.deadline = std::chrono::ceil<std::chrono::seconds>(TRY(base::parse_duration(flags.deadline)));
  return disruption::rehearse_upgrade(cluster, options);
}

// Every course of events of each group that votes; of what is too large to be searched, the rehearsal alone speaks.
Result<std::vector<GroupSearch>> search_groups(const Invocation& invocation, const DrainCommandFlags& flags,
                                               const Cluster& cluster, base::Progress& progress) {
  const auto has = [&](std::string_view word) { return std::ranges::find(flags.with, word) != flags.with.end(); };
  const disruption::SearchOptions options{.parallel = flags.parallel,
                                          .rollout = has("rollout"),
                                          .scale_down = has("scale-down"),
                                          .crash = has("crash"),
                                          .after = flags.keep_cordoned
                                                       ? disruption::SearchOptions::After::leave_cordoned
                                                       : disruption::SearchOptions::After::uncordon,
                                          .stop = invocation.stop};
  std::vector<GroupSearch> groups;
  const std::vector<disruption::Invariant>& invariants = cluster.invariants();
  progress.begin("searching groups", invariants.size());
  for (std::size_t i = 0; i < invariants.size() && !invocation.stop.stop_requested(); ++i) {
    progress.advance(i);
    const disruption::Invariant& invariant = invariants[i];
    const bool votes = invariant.kind == disruption::Invariant::Kind::quorum;
    if (!votes || invariant.of > static_cast<std::int64_t>(disruption::kSearchMembersMax)) continue;
    groups.push_back(TRY(search_group(cluster, disruption::InvariantIndex(static_cast<std::uint32_t>(i)), options)));
  }
  progress.end();
  return groups;
}

Result<Outcome> rehearse(const Invocation& invocation, const DrainCommandFlags& flags, const Job& job,
                         const Cluster& cluster) {
  ProgressLine progress(invocation.terminal);
  Outcome outcome;
  if (flags.upgrade) {
    outcome.single = TRY(rehearse_upgrade(flags, job, cluster));
  } else if (!flags.zone.empty()) {
    outcome.single = TRY(disruption::rehearse_zone_loss(cluster, flags.zone));
  } else if (flags.all) {
    // One order of a large cluster takes about a second: more of them than somebody waits for are a sample.
    const std::size_t pods = std::max<std::size_t>(cluster.pods().size(), 1);
    const auto bearable = std::max<std::size_t>(300'000 / pods, 1);
    outcome.orders = TRY(disruption::search_orders(
        cluster, drain_options(flags, job),
        {.orders_max = std::min(static_cast<std::size_t>(flags.orders_max.value_or(kOrdersMax)), bearable),
         .stop = invocation.stop,
         .progress = &progress}));
    outcome.groups = TRY(search_groups(invocation, flags, cluster, progress));
  } else {
    outcome.single = TRY(disruption::rehearse_drain(cluster, drain_options(flags, job)));
  }
  return outcome;
}

Result<void> judge_quorums(const Cluster& cluster, Outcome& outcome) {
  for (std::uint32_t i = 0; i < cluster.invariants().size(); ++i)
    if (cluster.invariants()[i].kind == disruption::Invariant::Kind::quorum)
      outcome.quorums.push_back(TRY(disruption::judge_quorum(cluster, disruption::InvariantIndex(i))));
  return {};
}

// What a flag destroys was accepted by whoever gave the flag: it is told, here as in the checks, and is no reason to say no.
ExitCode exit_code_of(const report::RehearsalReport& report) {
  const auto late = [](const disruption::NodeOutcome& node) { return node.timed_out; };
  if (std::ranges::any_of(report.rehearsal.nodes, late) || !report.rehearsal.unplaced.empty()) return kNo;
  return verdict_of(report) <= disruption::Verdict::unsafe_flags ? kYes : kNo;
}

Result<int> drain(const Invocation& invocation, const DrainCommandFlags& flags) {
  Job job = TRY(job_of(flags));
  NetAssumptions assumptions;
  assumptions.name_space = flags.name_space;
  const LoadedManifests loaded = TRY(job.input.load(invocation, assumptions));
  const Cluster cluster = TRY(build_cluster(flags, job, loaded.snapshot));
  Outcome outcome = TRY(rehearse(invocation, flags, job, cluster));
  if (invocation.stop.stop_requested()) return kInterrupted;
  TRY(judge_quorums(cluster, outcome));
  outcome.findings = find_budget_mistakes(cluster);
  std::ranges::move(find_workload_mistakes(cluster), std::back_inserter(outcome.findings));
  if (flags.all && !job.cluster.nodes.empty())
    outcome.smallest = TRY(disruption::find_smallest_cluster(loaded.snapshot, job.cluster, job.flags));
  if (invocation.stop.stop_requested()) return kInterrupted;
  const report::RehearsalReport report = outcome.report();
  const ExitCode code = exit_code_of(report);
  if (flags.json || flags.format == "json") return finish(invocation, render_rehearsal_json(report), code);
  if (flags.format == "svg") return finish(invocation, render_rehearsal_svg(report), code);
  report::RenderOptions render = invocation.terminal.render_options();
  render.detail = flags.verbose ? report::Detail::verbose : report::Detail::normal;
  return finish(invocation, render_rehearsal(report, render), code);
}

void define_input(CLI::App& app, DrainCommandFlags& flags) {
  app.add_option("NODE", flags.words,
                 "The node (several with commas: as one kubectl command drains them), then manifests: files, folders, "
                 "kustomizations, - for standard input (default: the `manifests` of gantry.yaml). With --all, "
                 "--upgrade and --zone only manifests")
      ->type_name("[PATH...]");
  app.add_flag("--all", flags.all, "Drain every node, one after the other, in every order that differs");
  app.add_flag("--upgrade", flags.upgrade, "Replace every node, as managed upgrades do");
  app.add_option("--zone", flags.zone, "Lose every node of this zone at once")->type_name("ZONE");
  app.add_option("--context", flags.context, "Read a live cluster (a kubectl context) instead of, or besides, files")
      ->type_name("NAME");
  app.add_option("-n,--namespace", flags.name_space, "The namespace of objects that name none (default: default)")
      ->type_name("NAME");
  app.add_flag("--json", flags.json, "Print as JSON");
  app.add_option("--format", flags.format, "text (default), json, or svg (the timeline as a picture)")
      ->type_name("FORM")
      ->check(CLI::IsMember(std::vector<std::string>(kFormats.begin(), kFormats.end())));
  app.add_flag("-v,--verbose", flags.verbose, "Show every pod of the timeline, and the commands");
}

void define_course(CLI::App& app, DrainCommandFlags& flags) {
  constexpr auto kGroup = "The course of events";
  app.add_option("--node-down", flags.down, "This node is lost before the drain begins (may be repeated)")
      ->type_name("NODE")
      ->group(kGroup);
  app.add_option("--parallel", flags.parallel, "How many nodes are emptied at once (default: 1)")
      ->type_name("N")
      ->group(kGroup);
  app.add_option("--surge", flags.surge, "Of an upgrade: nodes that join before the first is emptied (default: 1)")
      ->type_name("N")
      ->group(kGroup);
  app.add_option("--deadline", flags.deadline, "Of an upgrade: after it, what is left on a node is deleted")
      ->type_name("TIME")
      ->group(kGroup);
  app.add_flag("--keep-cordoned", flags.keep_cordoned, "With --all: leave each node cordoned, as kubectl does")
      ->group(kGroup);
  app.add_option("--with", flags.with,
                 "With --all: search groups that vote while this comes together with a drain: rollout, scale-down, "
                 "crash (a node is lost at the worst instant)")
      ->delimiter(',')
      ->type_name("EVENTS")
      ->group(kGroup);
  app.add_option("--orders", flags.orders_max, "With --all: at most so many orders, a sample of them (default: 200)")
      ->type_name("N")
      ->group(kGroup);
}

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<DrainCommandFlags>();
  define_input(app, *flags);
  define_course(app, *flags);
  flags->cluster.define(app);
  flags->kubectl.define(app);
  app.callback([flags, &action] { action = result_action(flags, drain); });
}

}  // namespace

const Command kDrainCommand = {
    .name = "drain",
    .summary = "Rehearse node drains, upgrades and lost zones",
    .examples =
        "  gantry drain node-1 manifests/ --nodes 3                  one node of three\n"
        "  gantry drain --all manifests/ --nodes 3 --node-cpu 4 --node-memory 16Gi --zones a,b,c\n"
        "  gantry drain --all --context prod --ignore-daemonsets --with crash\n"
        "  gantry drain --upgrade --surge 1 --parallel 2 manifests/ --nodes 6\n"
        "  gantry drain --zone a manifests/ --nodes 6 --zones a,b,c\n"
        "  gantry drain --all manifests/ --nodes 3 --quorum pods=nats,of=3,needs=2 --available kgent-api=1\n"
        "  gantry drain --all manifests/ --nodes 3 --format svg > drain.svg\n\n"
        "Nothing is drained: a model of the cluster is, with the API's answers and kubectl's refusals.\n"
        "Exit status: 0 every node empties and everything holds, 1 it does not, 2 a name or number that cannot be, "
        "3 undecided.",
    .define = define};

}  // namespace gantry::cli
