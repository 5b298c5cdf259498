#include "cli/commands/drain_input.h"

#include "base/text.h"
#include "base/time.h"
#include "launch/launch.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <utility>

namespace gantry::cli {

using base::Node;
using base::Result;

namespace {

// A whole number where it is one, else text: as YAML would read it.
Node scalar(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = !text.empty() && error == std::errc() && end == text.data() + text.size();
  return is_number ? Node(number) : Node(text);
}

// "pods=nats,of=3,needs=2" as the map that a block has.
Result<Node> read_pairs(std::string_view text, std::string_view option, std::string_view example) {
  Node map(Node::Map{});
  for (const std::string_view pair : base::split(text, ',')) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0)
      return base::usage_error(fmt::format("{} {} is not made of KEY=VALUE", option, text),
                               fmt::format("write it as {}", example));
    map.set(std::string(base::trim(pair.substr(0, equals))), scalar(base::trim(pair.substr(equals + 1))));
  }
  return map;
}

// "kgent-api=1" says the same as "service=kgent-api,min=1".
Result<Node> read_available(std::string_view text) {
  if (text.starts_with("service=")) return read_pairs(text, "--available", "--available kgent-api=1");
  const std::size_t equals = text.rfind('=');
  Node map(Node::Map{});
  map.set("service", Node(text.substr(0, equals)));
  if (equals != std::string_view::npos) map.set("min", scalar(text.substr(equals + 1)));
  return map;
}

// What the reader of blocks says, about an option.
std::unexpected<base::Error> about(std::string_view option, const base::Error& error) {
  return base::usage_error(fmt::format("{}: {}", option, error.message), error.help);
}

Result<std::optional<std::chrono::milliseconds>> read_time(const std::string& text, std::string_view option) {
  if (text.empty()) return std::nullopt;
  const Result<std::chrono::milliseconds> time = base::parse_duration(text);
  if (!time) return about(option, time.error());
  return *time;
}

Node zones_of(const std::string& text) {
  Node zones = scalar(text);
  if (zones.is_integer()) return zones;
  Node::Array names;
  for (const std::string_view name : base::split(text, ',')) names.emplace_back(base::trim(name));
  return Node(std::move(names));
}

}  // namespace

void ClusterFlags::define(CLI::App& app) {
  constexpr auto kNodes = "The cluster";
  app.add_option("--nodes", nodes, "How many nodes there are, where the input has no Node objects")
      ->type_name("N")
      ->group(kNodes);
  app.add_option("--node-cpu", cpu, "Allocatable CPU of each (default: not judged)")->type_name("CPU")->group(kNodes);
  app.add_option("--node-memory", memory, "Allocatable memory of each (default: not judged)")
      ->type_name("BYTES")
      ->group(kNodes);
  app.add_option("--zones", zones, "Zones that the nodes are spread over: how many, or their names a,b,c")
      ->type_name("N")
      ->group(kNodes);
  app.add_option("--start", start, "From scheduled until the containers run (default: 5s)")
      ->type_name("TIME")
      ->group(kNodes);
  app.add_option("--catch-up", catch_up, "From running until a member of a group votes (default: 30s)")
      ->type_name("TIME")
      ->group(kNodes);
  constexpr auto kHold = "What must hold";
  app.add_option("--quorum", quorums, "pods=nats,of=3,needs=2: the group keeps so many members (may be repeated)")
      ->type_name("CLAIM")
      ->group(kHold);
  app.add_option("--available", available, "kgent-api=1: the Service keeps so many ready pods (may be repeated)")
      ->type_name("CLAIM")
      ->group(kHold);
  app.add_flag("!--no-infer", infer, "Only what is claimed must hold; infer nothing from what runs")->group(kHold);
}

Result<disruption::ClusterOptions> ClusterFlags::options(disruption::ClusterOptions given) const {
  disruption::ClusterOptions options = std::move(given);
  if (nodes) {
    Node group(Node::Map{});
    group.set("count", Node(*nodes));
    if (!cpu.empty()) group.set("cpu", Node(cpu));
    if (!memory.empty()) group.set("memory", Node(memory));
    if (!zones.empty()) group.set("zones", zones_of(zones));
    Result<std::vector<disruption::NodeGroup>> groups = disruption::parse_nodes(group);
    if (!groups) return about("--nodes", groups.error());
    options.nodes = *std::move(groups);
  } else if (!cpu.empty() || !memory.empty() || !zones.empty()) {
    return base::usage_error("--node-cpu, --node-memory and --zones describe declared nodes, and none are declared",
                             "say how many with --nodes");
  }
  if (!quorums.empty()) options.invariants.quorums.clear();
  for (const std::string& text : quorums) {
    const Node claim = TRY(read_pairs(text, "--quorum", "--quorum pods=nats,of=3,needs=2"));
    const Result<std::vector<disruption::QuorumClaim>> parsed = disruption::parse_quorums(claim);
    if (!parsed) return about("--quorum", parsed.error());
    options.invariants.quorums.push_back(parsed->front());
    options.invariants.quorums.back().where.reset();  // an option has no place
  }
  if (!available.empty()) options.invariants.available.clear();
  for (const std::string& text : available) {
    const Result<std::vector<disruption::AvailabilityClaim>> parsed =
        disruption::parse_availability(TRY(read_available(text)));
    if (!parsed) return about("--available", parsed.error());
    options.invariants.available.push_back(parsed->front());
    options.invariants.available.back().where.reset();
  }
  if (!infer) options.invariants.infer = false;
  if (const auto time = TRY(read_time(start, "--start"))) options.times.start = *time;
  if (const auto time = TRY(read_time(catch_up, "--catch-up"))) options.times.catch_up = *time;
  return options;
}

void KubectlFlags::define(CLI::App& app) {
  constexpr auto kGroup = "As kubectl drain";
  app.add_flag("--force", force, "Evict pods that nothing controls: they are gone for ever")->group(kGroup);
  app.add_flag("--ignore-daemonsets", ignore_daemonsets, "Leave the pods of DaemonSets where they are")->group(kGroup);
  app.add_flag("--delete-emptydir-data", delete_emptydir_data, "Accept the loss of what is in emptyDir volumes")
      ->group(kGroup);
  app.add_flag("--disable-eviction", disable_eviction, "Delete instead of evicting: budgets are not asked")
      ->group(kGroup);
  app.add_option("--grace-period", grace_period_seconds, "Seconds that each pod gets to stop (default -1: its own)")
      ->type_name("N")
      ->group(kGroup);
  app.add_option("--timeout", timeout, "How long one node may take (default 0s: for ever)")
      ->type_name("TIME")
      ->group(kGroup);
  app.add_option("--pod-selector", pod_selector, "Evict only the pods with these labels")
      ->type_name("SELECTOR")
      ->group(kGroup);
}

Result<disruption::DrainFlags> KubectlFlags::flags(disruption::DrainFlags given) const {
  disruption::DrainFlags flags = std::move(given);
  flags.force = flags.force || force;
  flags.ignore_daemonsets = flags.ignore_daemonsets || ignore_daemonsets;
  flags.delete_emptydir_data = flags.delete_emptydir_data || delete_emptydir_data;
  flags.disable_eviction = flags.disable_eviction || disable_eviction;
  if (grace_period_seconds.value_or(0) < -1)
    return base::usage_error(fmt::format("--grace-period {} is below -1", *grace_period_seconds),
                             "write -1 for the pods' own, or seconds");
  if (grace_period_seconds) flags.grace_period.reset();
  if (grace_period_seconds.value_or(-1) >= 0) flags.grace_period = std::chrono::seconds(*grace_period_seconds);
  // kubectl takes 0 as well as 0s.
  const auto time = TRY(read_time(timeout == "0" ? "0s" : timeout, "--timeout"));
  if (time) flags.timeout.reset();
  if (time && time->count() > 0) flags.timeout = std::chrono::ceil<std::chrono::seconds>(*time);
  if (!pod_selector.empty()) {
    Result<kube::LabelSelector> selector = kube::LabelSelector::parse_text(pod_selector);
    if (!selector) return about("--pod-selector", selector.error());
    flags.pod_selector = *std::move(selector);
  }
  return flags;
}

Result<disruption::GivenDrain> given_by_workspace(const NetInput& input) {
  if (!input.paths.empty()) return disruption::GivenDrain{};
  const std::optional<launch::WorkspaceFolder> workspace = TRY(launch::find_workspace("."));
  if (!workspace) return disruption::GivenDrain{};
  const Node drain = TRY(launch::drain_of(*workspace));
  disruption::GivenDrain given = TRY(disruption::parse_given(Node(), drain));
  if (!input.context.empty()) given.cluster.nodes.clear();
  return given;
}

}  // namespace gantry::cli
