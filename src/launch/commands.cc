#include "launch/commands.h"

#include "base/text.h"
#include "launch/arguments.h"
#include "launch/document_lines.h"
#include "launch/shell_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace gantry::launch {

using base::Node;

namespace {

// Collects what one simple command comes to.
class Recogniser {
 public:
  explicit Recogniser(const QuotedCommand& command) : command_(command) {}

  using Parameters = std::vector<std::pair<std::string_view, Node>>;
  void bind(std::string_view check, const Parameters& parameters, std::string note = {}) {
    Node::Map map;
    map.push_back({"check", Node(check, command_.where), command_.where});
    for (const auto& [name, value] : parameters) {
      map.push_back({std::string(name), value, command_.where});
      map.back().value.set_pos(command_.where);
    }
    result_.bindings.push_back({.block = Node(std::move(map), command_.where), .note = std::move(note)});
  }

  void give_up(std::string why, std::string fix = "put a gantry block under the step, or let a person sign it") {
    result_.findings.push_back({.rule = "plan.command-not-understood",
                                .severity = base::Severity::info,
                                .object = {},
                                .where = command_.where,
                                .message = fmt::format("`{}`: {}", base::fit_width(command_.text, 100), why),
                                .explanation = "what it does is not checked",
                                .fix = std::move(fix),
                                .related = {}});
  }

  Recognised take() { return std::move(result_); }

 private:
  const QuotedCommand& command_;
  Recognised result_;
};

// ---- kubectl

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

void add_namespace(const Arguments& arguments, Recogniser::Parameters& parameters) {
  const ShellWord* value = arguments.value("namespace");
  if (value != nullptr && value->is_literal && !value->text.empty())
    parameters.emplace_back("namespace", Node(value->text));
}

// Why a word can't be used as a path of the workspace; "" when it can.
std::string path_problem(const ShellWord& word) {
  if (word.text == "-") return "it reads from its input";
  if (!word.is_literal) return fmt::format("only a shell knows what '{}' is", word.text);
  if (word.text.contains("://")) return fmt::format("'{}' is not in the workspace", word.text);
  return word.text.empty() ? "it names an empty path" : "";
}

enum class Rendering { kustomized, raw };

void bind_applied_path(const ShellWord& word, Rendering rendering, const Arguments& arguments, Recogniser& recogniser) {
  if (std::string problem = path_problem(word); !problem.empty()) return recogniser.give_up(std::move(problem));
  Recogniser::Parameters parameters = {{"path", Node(word.text)}};
  if (rendering == Rendering::raw) parameters.emplace_back("raw", Node(true));
  if (rendering == Rendering::raw && arguments.has("recursive")) parameters.emplace_back("recursive", Node(true));
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
  add_namespace(arguments, parameters);
  if (std::ranges::find(kNames, resource) != kNames.end()) return recogniser.bind("net.policies", parameters);
  if (resource.empty()) return recogniser.give_up("it names nothing to describe");
  parameters.emplace(parameters.begin(), "resource", Node(resource));
  recogniser.bind("live.read", parameters, "reads state; it tests nothing");
}

void read_get(const Arguments& arguments, Recogniser& recogniser) {
  const std::string resource = resource_of(arguments);
  if (resource.empty()) return recogniser.give_up("it names nothing to get");
  Recogniser::Parameters parameters = {{"resource", Node(resource)}};
  add_namespace(arguments, parameters);
  recogniser.bind("live.read", parameters, "reads state; it tests nothing");
}

void read_rollout(const Arguments& arguments, Recogniser& recogniser) {
  if (arguments.words.size() < 2) return recogniser.give_up("it does not say what to do with a rollout");
  const std::string& action = arguments.words[1].text;
  if (action != "status" && action != "history") return recogniser.give_up("it changes the cluster");
  Recogniser::Parameters parameters = {{"resource", Node("rollout")}};
  if (arguments.words.size() > 2 && arguments.words[2].is_literal)
    parameters.emplace_back("name", Node(arguments.words[2].text));
  add_namespace(arguments, parameters);
  recogniser.bind("live.read", parameters, "reads state; it tests nothing");
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
  if (arguments.words.size() > 1 && arguments.words[1].is_literal)
    parameters.emplace_back("node", Node(arguments.words[1].text));
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

void read_kubectl(std::span<const ShellWord> words, Recogniser& recogniser) {
  const Arguments arguments = parse_arguments(words, kKubectlOptions);
  if (arguments.words.empty()) return recogniser.give_up("it names nothing to do");
  const auto* verb = std::ranges::find(kKubectlVerbs, arguments.words.front().text, &Verb::name);
  if (verb == std::end(kKubectlVerbs))
    return recogniser.give_up(fmt::format("no check does what kubectl {} does", arguments.words.front().text));
  verb->read(arguments, recogniser);
}

// ---- other programs

constexpr OptionSpec kK6Options[] = {
    {"vus", 'u', true},
    {"duration", 'd', true},
    {"iterations", 'i', true},
    {"stage", 's', true},
    {"env", 'e', true},
    {"out", 'o', true},
    {"config", 'c', true},
    {"type", 't', true},
    {"execution-segment", 0, true},
    {"summary-export", 0, true},
    {"tag", 0, true},
    {"max-redirects", 0, true},
    {"rps", 0, true},
    {"batch", 0, true},
    {"user-agent", 0, true},
    {"log-output", 0, true},
    {"console-output", 0, true},
    {"address", 'a', true},
    {"summary-trend-stats", 0, true},
    {"quiet", 'q', false},
    {"paused", 'p', false},
    {"http-debug", 0, false},
    {"no-thresholds", 0, false},
};

// Flags keep their order: a later one overrides an earlier one.
Node flags_of(const Arguments& arguments, const base::SourcePos& where) {
  Node::Array flags;
  for (const Option& option : arguments.options) {
    std::string flag = "--" + option.name;
    if (option.value) flag += "=" + option.value->text;
    flags.emplace_back(std::move(flag), where);
  }
  return {std::move(flags), where};
}

void read_k6(std::span<const ShellWord> words, Recogniser& recogniser) {
  const Arguments arguments = parse_arguments(words, kK6Options);
  if (arguments.words.empty() || arguments.words.front().text != "run")
    return recogniser.give_up("only k6 run is checked");
  if (arguments.words.size() != 2) return recogniser.give_up("it names no script, or several");
  const ShellWord& script = arguments.words[1];
  if (std::string problem = path_problem(script); !problem.empty()) return recogniser.give_up(std::move(problem));
  for (const Option& option : arguments.options) {
    if (option.value && !option.value->is_literal)
      return recogniser.give_up(fmt::format("only a shell knows the value of --{}", option.name));
  }
  Recogniser::Parameters parameters = {{"script", Node(script.text)}};
  if (!arguments.options.empty()) parameters.emplace_back("flags", flags_of(arguments, {}));
  recogniser.bind("load.run", parameters);
}

constexpr OptionSpec kGitOptions[] = {
    {"message", 'm', true}, {"file", 'F', true},    {"local-user", 'u', true}, {"C", 'C', true},      {"c", 'c', true},
    {"list", 'l', false},   {"delete", 'd', false}, {"verify", 'v', false},    {"force", 'f', false},
};

void read_git(std::span<const ShellWord> words, Recogniser& recogniser) {
  const Arguments arguments = parse_arguments(words, kGitOptions);
  if (arguments.words.empty()) return recogniser.give_up("it names nothing to do");
  if (arguments.words.front().text != "tag")
    return recogniser.give_up(fmt::format("no check does what git {} does", arguments.words.front().text));
  if (arguments.has("list") || arguments.has("delete") || arguments.has("verify"))
    return recogniser.give_up("it makes no tag");
  if (arguments.words.size() < 2) return recogniser.give_up("it names no tag");
  if (!arguments.words[1].is_literal)
    return recogniser.give_up(fmt::format("only a shell knows what '{}' is", arguments.words[1].text));
  if (arguments.words.size() > 2) return recogniser.give_up("it tags another commit than the one that is judged");
  recogniser.bind("release.tag", {{"name", Node(arguments.words[1].text)}});
}

void read_helm(std::span<const ShellWord>, Recogniser& recogniser) {
  recogniser.give_up(
      "helm charts are not rendered here",
      "render it with `helm template`, keep the output in the workspace, and bind manifests.render to it");
}

// A scan's report is imported; the scan itself needs a database that a launch gate must not fetch.
void read_scanner(std::string_view tool, Recogniser& recogniser) {
  recogniser.bind("scan.import", {{"tool", Node(tool)}},
                  "the report of the scan is imported, bound to what was scanned");
}

void read_trivy(std::span<const ShellWord> words, Recogniser& recogniser) {
  constexpr OptionSpec kOptions[] = {
      {"format", 'f', true}, {"output", 'o', true}, {"severity", 's', true}, {"exit-code", 0, true}};
  const Arguments arguments = parse_arguments(words, kOptions);
  if (arguments.words.size() < 2 || arguments.words.front().text != "image")
    return recogniser.give_up("only trivy image is checked");
  Recogniser::Parameters parameters = {{"tool", Node("trivy")}};
  if (arguments.words[1].is_literal) parameters.emplace_back("image", Node(arguments.words[1].text));
  recogniser.bind("scan.import", parameters, "the report of the scan is imported, bound to what was scanned");
}

struct Program {
  std::string_view name;
  void (*read)(std::span<const ShellWord> arguments, Recogniser& recogniser);
};
constexpr Program kPrograms[] = {
    {"kubectl", read_kubectl},
    {"k6", read_k6},
    {"git", read_git},
    {"helm", read_helm},
    {"trivy", read_trivy},
    {"pip-audit", [](std::span<const ShellWord>, Recogniser& r) { read_scanner("pip-audit", r); }},
    {"osv-scanner", [](std::span<const ShellWord>, Recogniser& r) { read_scanner("osv-scanner", r); }},
    {"gitleaks", [](std::span<const ShellWord>, Recogniser& r) { read_scanner("gitleaks", r); }},
};

// Programs that change nothing a launch is about; a line of them leads to no check and to no finding.
constexpr std::string_view kQuietPrograms[] = {"cd",  "echo", "export", "set",  "source", "true", "sleep", "cat",
                                               "ls",  "grep", "jq",     "head", "tail",   "wc",   "tee",   "sort",
                                               "awk", "sed",  "mkdir",  "less", "watch",  "pwd"};

// Programs that plans quote besides those above. Inline code that starts with one of them, and goes on, is a command.
constexpr std::string_view kOtherPrograms[] = {
    "kustomize", "docker",    "podman", "make",      "npm",    "npx",      "pnpm",     "yarn",    "node",
    "python",    "python3",   "pip",    "pytest",    "uv",     "go",       "cargo",    "cmake",   "ctest",
    "terraform", "argocd",    "flux",   "aws",       "gcloud", "az",       "ssh",      "scp",     "rsync",
    "curl",      "wget",      "nats",   "redis-cli", "psql",   "mysql",    "vegeta",   "wrk",     "ab",
    "gantry",    "systemctl", "bash",   "sh",        "kind",   "minikube", "istioctl", "linkerd", "logcli"};

bool is_quiet(std::string_view program) {
  return std::ranges::find(kQuietPrograms, program) != std::end(kQuietPrograms);
}

bool is_assignment(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos || equals == 0 || is_digit(word[0])) return false;
  return std::ranges::all_of(word.substr(0, equals), [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

// Takes off what only says how to run a command: a prompt, variables, sudo, env, time. The rest may be empty.
std::span<const ShellWord> without_prefix(std::span<const ShellWord> words) {
  constexpr std::array<std::string_view, 7> kPrefixes = {"$", "%", "sudo", "env", "time", "nohup", "exec"};
  constexpr std::array<std::string_view, 4> kOptionsWithValue = {"-u", "-g", "--user", "--group"};  // of sudo
  bool has_prefix = false;
  while (!words.empty()) {
    const std::string_view word = words.front().text;
    const bool is_prefix = std::ranges::find(kPrefixes, word) != kPrefixes.end();
    const bool is_prefix_option = has_prefix && word.starts_with('-');
    if (!is_prefix && !is_prefix_option && !is_assignment(word)) break;
    has_prefix = has_prefix || is_prefix;
    const bool has_value = is_prefix_option && std::ranges::find(kOptionsWithValue, word) != kOptionsWithValue.end();
    words = words.subspan(std::min<std::size_t>(has_value ? 2 : 1, words.size()));
  }
  return words;
}

// "/usr/bin/kubectl" -> "kubectl".
std::string_view program_name(std::string_view word) { return word.substr(word.rfind('/') + 1); }

void recognise_simple(const ShellCommand& command, Recogniser& recogniser) {
  const std::span<const ShellWord> words = without_prefix(command.words);
  if (words.empty()) return;
  const std::string_view name = program_name(words.front().text);
  const auto* program = std::ranges::find(kPrograms, name, &Program::name);
  if (program != std::end(kPrograms)) return program->read(words.subspan(1), recogniser);
  if (!is_quiet(name)) recogniser.give_up(fmt::format("no check does what {} does", name));
}

}  // namespace

Recognised recognise(const QuotedCommand& command) {
  Recogniser recogniser(command);
  const ShellLine line = parse_shell_line(command.text);
  if (!line.problem.empty()) {
    recogniser.give_up(line.problem);
    return recogniser.take();
  }
  for (const ShellCommand& simple : line.commands) recognise_simple(simple, recogniser);
  return recogniser.take();
}

std::vector<CommandBinding> refine(const std::vector<CommandBinding>& bindings, std::span<const std::string> kinds) {
  struct Demand {
    std::string_view kind, check;
  };
  constexpr Demand kDemands[] = {{"NetworkPolicy", "net.policies"}, {"PodDisruptionBudget", "pdb.protects"}};
  std::vector<CommandBinding> added;
  for (const CommandBinding& binding : bindings) {
    if (binding.block.text("check") != "manifests.apply") continue;
    for (const Demand& demand : kDemands) {
      if (std::ranges::find(kinds, demand.kind) == kinds.end()) continue;
      CommandBinding extra{.block = binding.block, .note = {}};
      extra.block.set("check", Node(demand.check, binding.block.pos()));
      added.push_back(std::move(extra));
    }
  }
  return added;
}

bool looks_like_command(std::string_view code) {
  const ShellLine line = parse_shell_line(code);
  if (line.commands.empty()) return false;
  const std::span<const ShellWord> words = without_prefix(line.commands.front().words);
  if (words.size() < 2) return false;
  const std::string_view word = words.front().text;
  const std::string_view name = program_name(word);
  const bool is_known = std::ranges::find(kPrograms, name, &Program::name) != std::end(kPrograms) || is_quiet(name) ||
                        std::ranges::find(kOtherPrograms, name) != std::end(kOtherPrograms);
  return is_known || word.starts_with("./");
}

std::string find_here_document(std::string_view line) {
  const std::size_t start = line.find("<<");
  if (start == std::string_view::npos || line.substr(start).starts_with("<<<")) return {};
  std::string_view word = line.substr(start + 2);
  if (word.starts_with('-')) word.remove_prefix(1);
  word = base::trim(word);
  word = word.substr(0, word.find_first_of(" \t;|&<>)"));
  std::string end(word);
  std::erase_if(end, [](char c) { return c == '\'' || c == '"' || c == '\\'; });
  return end;
}

}  // namespace gantry::launch
