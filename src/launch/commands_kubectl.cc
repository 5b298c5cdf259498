#include "base/text.h"
#include "base/time.h"
#include "kube/kustomize.h"
#include "kube/labels.h"
#include "launch/arguments.h"
#include "launch/recogniser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>

namespace gantry::launch {

using base::Node;

namespace {

constexpr OptionSpec kKubectlOptions[] = {
    {"namespace", 'n', true},
    {"filename", 'f', true},
    {"kustomize", 'k', true},
    {"selector", 'l', true},
    {"output", 'o', true},
    {"container", 'c', true},
    {"server", 's', true},
    {"recursive", 'R', false},
    {"watch", 'w', false},
    {"all-namespaces", 'A', false},
    {"v", 'v', true},
    {"patch", 'p', true},
    {"context", 0, true},
    {"cluster", 0, true},
    {"user", 0, true},
    {"kubeconfig", 0, true},
    {"field-selector", 0, true},
    {"field-manager", 0, true},
    {"timeout", 0, true},
    {"grace-period", 0, true},
    {"pod-selector", 0, true},
    {"request-timeout", 0, true},
    {"as", 0, true},
    {"as-group", 0, true},
    {"token", 0, true},
    {"to-revision", 0, true},
    {"revision", 0, true},
    {"for", 0, true},
    {"prune-allowlist", 0, true},
    {"type", 0, true},
    {"replicas", 0, true},
    {"sort-by", 0, true},
};

void add_namespace(const Arguments& arguments, std::string_view field, Recogniser::Parameters& parameters) {
  const ShellWord* value = arguments.value("namespace");
  if (value != nullptr && value->is_literal && !value->text.empty()) parameters.emplace_back(field, Node(value->text));
}

enum class Rendering { kustomized, raw };

void bind_applied_path(const ShellWord& word, Rendering rendering, const Arguments& arguments, Recogniser& recogniser) {
  if (rendering == Rendering::kustomized && kube::is_remote_base(word.text))
    return recogniser.give_up(fmt::format("'{}' is on another machine, and nothing is ever fetched", word.text),
                              "copy it into the repository and apply the copy");
  const std::expected<std::string, std::string> path = recogniser.path_of(word);
  if (!path) return recogniser.give_up(path.error());
  Recogniser::Parameters parameters = {{"path", Node(*path)}};
  if (rendering == Rendering::raw) parameters.emplace_back("raw", Node(true));
  if (rendering == Rendering::raw && arguments.has("recursive")) parameters.emplace_back("recursive", Node(true));
  add_namespace(arguments, "into", parameters);
  recogniser.bind("manifests.render", parameters);
  recogniser.bind("manifests.valid", parameters);
  recogniser.bind("manifests.apply", parameters);
}

void read_apply(const Arguments& arguments, Recogniser& recogniser) {
  const std::vector<ShellWord> folders = arguments.values("kustomize");
  const std::vector<ShellWord> files = arguments.values("filename");
  if (folders.empty() && files.empty())
    return recogniser.give_up("it names nothing to apply", "give it -k FOLDER or -f PATH");
  for (const ShellWord& folder : folders) bind_applied_path(folder, Rendering::kustomized, arguments, recogniser);
  for (const ShellWord& list : files) {
    // kubectl takes several paths in one value, with commas between.
    for (const std::string_view file : base::split(list.text, ',')) {
      bind_applied_path({.text = std::string(file), .is_literal = list.is_literal}, Rendering::raw, arguments,
                        recogniser);
    }
  }
}

// "networkpolicies.networking.k8s.io/allow-nats" -> "networkpolicies".
std::string resource_of(const Arguments& arguments) {
  if (arguments.words.size() < 2) return {};
  const std::string_view word = arguments.words[1].text;
  return base::to_lower_ascii(word.substr(0, word.find_first_of("./,")));
}

void read_describe(const Arguments& arguments, Recogniser& recogniser) {
  constexpr std::array<std::string_view, 3> kNames = {"networkpolicy", "networkpolicies", "netpol"};
  const std::string resource = resource_of(arguments);
  Recogniser::Parameters parameters;
  add_namespace(arguments, "namespace", parameters);
  if (std::ranges::find(kNames, resource) != kNames.end()) return recogniser.bind("net.policies", parameters);
  if (resource.empty()) return recogniser.give_up("it names nothing to describe");
  parameters.emplace(parameters.begin(), "resource", Node(resource));
  recogniser.bind("live.read", parameters, "reads state; it tests nothing");
}

void read_get(const Arguments& arguments, Recogniser& recogniser) {
  const std::string resource = resource_of(arguments);
  if (resource.empty()) return recogniser.give_up("it names nothing to get");
  Recogniser::Parameters parameters = {{"resource", Node(resource)}};
  add_namespace(arguments, "namespace", parameters);
  recogniser.bind("live.read", parameters, "reads state; it tests nothing");
}

void read_rollout(const Arguments& arguments, Recogniser& recogniser) {
  if (arguments.words.size() < 2) return recogniser.give_up("it does not say what to do with a rollout");
  const std::string& action = arguments.words[1].text;
  if (action != "status" && action != "history") return recogniser.give_up("it changes the cluster");
  Recogniser::Parameters parameters = {{"resource", Node("rollout")}};
  if (arguments.words.size() > 2 && arguments.words[2].is_literal)
    parameters.emplace_back("name", Node(arguments.words[2].text));
  add_namespace(arguments, "namespace", parameters);
  recogniser.bind("live.read", parameters, "reads state; it tests nothing");
}

// "node-1,node-2"; "" where a name is only known when the command runs, or none is written: then every node is meant.
std::string drained_nodes(const Arguments& arguments) {
  std::string names;
  for (std::size_t i = 1; i < arguments.words.size(); ++i) {
    if (!arguments.words[i].is_literal) return {};
    names += fmt::format("{}{}", names.empty() ? "" : ",", arguments.words[i].text);
  }
  return names;
}

// The flags of a drain that have a value, as the rehearsal takes them. Why not, where one says nothing that it could take.
std::string read_drain_values(const Arguments& arguments, Recogniser::Parameters& parameters) {
  if (const ShellWord* grace = arguments.value("grace-period")) {
    std::int64_t seconds = 0;
    const char* end = grace->text.data() + grace->text.size();
    const auto [rest, failure] = std::from_chars(grace->text.data(), end, seconds);
    if (failure != std::errc() || rest != end || seconds < -1)
      return fmt::format("its grace period '{}' is no number of seconds", grace->text);
    // -1 leaves each pod its own.
    if (seconds >= 0) parameters.emplace_back("grace_period", Node(fmt::format("{}s", seconds)));
  }
  if (const ShellWord* timeout = arguments.value("timeout")) {
    const std::string text = timeout->text == "0" ? "0s" : timeout->text;
    if (!base::parse_duration(text)) return fmt::format("its time limit '{}' is no duration", timeout->text);
    parameters.emplace_back("timeout", Node(text));
  }
  if (const ShellWord* selector = arguments.value("pod-selector")) {
    if (!selector->is_literal || !kube::LabelSelector::parse_text(selector->text))
      return fmt::format("its pod selector '{}' is no label selector", selector->text);
    parameters.emplace_back("pod_selector", Node(selector->text));
  }
  return {};
}

// The dry run of a drain only lists pods; the rehearsal drains a model of the cluster (shared reference: disruption, §4.5).
void read_drain(const Arguments& arguments, Recogniser& recogniser) {
  const ShellWord* dry_run = nullptr;
  for (const Option& option : arguments.options) {
    if (option.name == "dry-run" && option.value) dry_run = &*option.value;
  }
  if (!arguments.has("dry-run") || (dry_run != nullptr && dry_run->text == "none")) {
    return recogniser.give_up("it drains a node for real",
                              "rehearse it: kubectl drain --dry-run, or a block with check: drain.rehearse");
  }
  Recogniser::Parameters parameters;
  if (const std::string nodes = drained_nodes(arguments); !nodes.empty()) parameters.emplace_back("node", Node(nodes));
  // A flag that is not written is gantry.yaml's to say.
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kFlags = {
      {{"force", "force"},
       {"ignore-daemonsets", "ignore_daemonsets"},
       {"delete-emptydir-data", "delete_emptydir_data"},
       {"disable-eviction", "disable_eviction"}}};
  for (const auto& [flag, field] : kFlags)
    if (arguments.has(flag)) parameters.emplace_back(field, Node(true));
  if (const std::string problem = read_drain_values(arguments, parameters); !problem.empty())
    return recogniser.give_up(problem);
  recogniser.bind("drain.rehearse", parameters, "a dry run only lists pods; every eviction is rehearsed instead");
  recogniser.bind("pdb.protects", {});
}

struct Verb {
  std::string_view name;
  void (*read)(const Arguments&, Recogniser&);
};
constexpr Verb kKubectlVerbs[] = {
    {"apply", read_apply},     {"describe", read_describe}, {"get", read_get},
    {"rollout", read_rollout}, {"drain", read_drain},
};

}  // namespace

void read_kubectl(std::span<const ShellWord> words, Recogniser& recogniser) {
  const Arguments arguments = parse_arguments(words, kKubectlOptions);
  if (arguments.words.empty()) return recogniser.give_up("it names nothing to do");
  const auto* verb = std::ranges::find(kKubectlVerbs, arguments.words.front().text, &Verb::name);
  if (verb == std::end(kKubectlVerbs))
    return recogniser.give_up(fmt::format("no check does what kubectl {} does", arguments.words.front().text));
  verb->read(arguments, recogniser);
}

}  // namespace gantry::launch
