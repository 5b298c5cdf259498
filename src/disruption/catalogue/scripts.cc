// Scripts among the manifests that go round what they are to test (disruption reference, §11.3, W17): pods that are killed at once,
// nodes that are emptied without asking a budget, always the same member.

#include "base/text.h"
#include "disruption/catalogue/rules.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <utility>

namespace gantry::disruption {

using base::Finding;

namespace {

struct Bypass {
  std::string_view verb;  // of kubectl, on the line
  std::string_view flag;  // and this besides; "": a pod with a number at its end
  std::string_view told;
};
constexpr Bypass kBypasses[] = {
    {"delete", "--force", "deletes pods with --force: no budget is asked, and nothing is shut down"},
    {"delete", "--grace-period=0", "deletes pods without grace: no budget is asked, and nothing is shut down"},
    {"delete", "--now", "deletes pods within a second: no budget is asked, and nothing is shut down"},
    {"drain", "--disable-eviction", "drains with --disable-eviction: no budget is asked"},
    {"delete", "", "always deletes the same member: who leads the group is not known before"},
};

// kubectl's flags may stand anywhere: "kubectl -n shop delete pods/nats-0".
bool runs(std::string_view line, std::string_view verb) {
  const std::size_t kubectl = line.find("kubectl");
  const std::size_t at =
      line.find(fmt::format(" {} ", verb), kubectl == std::string_view::npos ? line.size() : kubectl);
  if (at == std::string_view::npos) return false;
  const std::string_view rest = line.substr(at + verb.size() + 1);
  return verb != "delete" || rest.contains(" pod") || rest.contains(" po ") || rest.contains(" po/");
}

// "kubectl delete pod -n shop nats-0": a word that ends in a number behind a dash.
bool names_a_member(std::string_view line) {
  for (const std::string_view word : base::split(line, ' ')) {
    const std::size_t dash = word.rfind('-');
    if (dash == std::string_view::npos || dash == 0 || dash + 1 == word.size() || word.front() == '-') continue;
    bool digits = true;
    for (const char c : word.substr(dash + 1)) digits = digits && std::isdigit(static_cast<unsigned char>(c)) != 0;
    if (digits) return true;
  }
  return false;
}

const Bypass* find_bypass(std::string_view line) {
  if (line.starts_with('#')) return nullptr;
  for (const Bypass& bypass : kBypasses) {
    if (!runs(line, bypass.verb)) continue;
    if (bypass.flag.empty() ? names_a_member(line) : line.contains(bypass.flag)) return &bypass;
  }
  return nullptr;
}

void judge_script(const Script& script, std::vector<Finding>& findings) {
  for (const std::string_view raw : base::split(script.text, '\n')) {
    const std::string_view line = base::trim(raw);
    const Bypass* bypass = find_bypass(line);
    if (bypass == nullptr) continue;
    findings.push_back(make_finding("workload.bypasses-budgets", script.object, script.where,
                                    fmt::format("{} {}", script.object, bypass->told),
                                    "evict through the API (kubectl drain, or a client that asks for an eviction), and "
                                    "ask the group who leads it"));
    return;  // one finding for a script
  }
}

}  // namespace

std::vector<Script> collect_scripts(const kube::Snapshot& snapshot) {
  std::vector<Script> scripts;
  for (const kube::ConfigMap& config : snapshot->config_maps)
    for (const kube::ConfigEntry& entry : config.data)
      scripts.push_back({std::string(entry.value), to_string(config.object.id), config.object.pos()});
  for (const kube::Workload& workload : snapshot->workloads)
    for (const kube::Container& container : workload.pod_template.spec->containers) {
      std::string text;
      for (const std::vector<std::string>* words : {&container.command, &container.args})
        for (const std::string& word : *words) text.append(word).append(" ");
      scripts.push_back({std::move(text), to_string(workload.object.id), container.where});
    }
  return scripts;
}

void judge_scripts(const kube::Snapshot& snapshot, std::vector<Finding>& findings) {
  for (const Script& script : collect_scripts(snapshot)) judge_script(script, findings);
}

}  // namespace gantry::disruption
