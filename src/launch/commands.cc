#include "launch/commands.h"

#include "base/text.h"
#include "launch/arguments.h"
#include "launch/document_lines.h"
#include "launch/recogniser.h"
#include "launch/shell_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace gantry::launch {

using base::Node;

namespace {

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
  const std::expected<std::string, std::string> path = recogniser.path_of(arguments.words[1]);
  if (!path) return recogniser.give_up(path.error());
  for (const Option& option : arguments.options) {
    if (option.value && !option.value->is_literal)
      return recogniser.give_up(fmt::format("only a shell knows the value of --{}", option.name));
  }
  Recogniser::Parameters parameters = {{"script", Node(*path)}};
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
  if (name == "cd") return recogniser.change_directory(words.subspan(1));
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
