#include "launch/proposals.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::launch {

namespace {

// Words that a step must all contain, in lower case, and the block that it then most likely means. {path} is the first quoted
// path of the step, else the handle whose name the step mentions, else a blank to fill in. The first row that fits wins.
struct Proposal {
  std::array<std::string_view, 3> words;
  std::string_view block;
};

constexpr std::array kProposals = {
    Proposal{
        {"only", "accessible", ""},
        "check: net.only\ndestination: {namespace: NAMESPACE, pods: {app.kubernetes.io/name: NAME}}\nports: [PORT]\n"
        "sources:\n  - namespaces: {LABEL: VALUE}\n"},
    Proposal{{"re-audit", "checklist", ""}, "check: checklist.audit\npath: {path}\n"},
    Proposal{{"audit", "checklist", ""}, "check: checklist.audit\npath: {path}\n"},
    Proposal{{"runbook", "", ""}, "check: doc.section\npath: {path}\nheading: HEADING\n"},
    Proposal{{"announcement", "", ""}, "check: doc.announcement\npath: {path}\n"},
    Proposal{{"hydrate", "", ""}, "check: doc.hydrate\npath: {path}\n"},
    Proposal{{"epilogue", "", ""}, "check: doc.epilogue\n"},
    Proposal{{"commit", "results", ""}, "check: doc.committed\npath: {path}\n"},
    Proposal{{"baseline", "metrics", ""}, "check: load.baseline\npath: {path}\n"},
    Proposal{{"thresholds", "re-run", ""}, "check: load.compare\n"},
    Proposal{{"start", "api", ""}, "check: load.target\ntarget: NAME\n"},
    Proposal{{"evaluate", "options", ""}, "check: decision\n"},
    Proposal{{"log", "panel", ""}, "check: dashboard.panel\n"},
    Proposal{{"log", "collection", ""}, "check: logs.coverage\nnamespaces: [NAMESPACE]\n"},
    Proposal{{"deploy", "manifest", ""}, "check: manifests.render\npath: {path}\n"},
    Proposal{{"create", "`", ".md"}, "check: doc.exists\npath: {path}\n"},
};

constexpr std::string_view kHuman = "check: signoff\nrole: ROLE\nsubject: {step}\n";

bool fits(const Proposal& proposal, std::string_view text) {
  return std::ranges::all_of(proposal.words,
                             [text](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

std::string first_quoted_path(std::string_view text) {
  for (std::size_t open = text.find('`'); open != std::string_view::npos; open = text.find('`', open + 1)) {
    const std::size_t close = text.find('`', open + 1);
    if (close == std::string_view::npos) return {};
    const std::string_view quoted = text.substr(open + 1, close - open - 1);
    if (quoted.find('/') != std::string_view::npos && quoted.find(' ') == std::string_view::npos)
      return std::string(quoted);
    open = close;
  }
  return {};
}

std::string path_for(const PlanStep& step, const Plan& plan, std::string_view lower_text) {
  if (std::string quoted = first_quoted_path(step.text); !quoted.empty()) return quoted;
  for (const Handle& handle : plan.handles)
    if (lower_text.find(base::to_lower_ascii(handle.name)) != std::string_view::npos) return handle.path;
  return "PATH";
}

std::string fill_in(std::string_view text, std::string_view blank, std::string_view value) {
  std::string filled(text);
  if (const std::size_t at = filled.find(blank); at != std::string::npos) filled.replace(at, blank.size(), value);
  return filled;
}

}  // namespace

std::string propose_block(const PlanStep& step, const Plan& plan) {
  const std::string text = base::to_lower_ascii(step.text);
  const auto proposal =
      std::ranges::find_if(kProposals, [&text](const Proposal& candidate) { return fits(candidate, text); });
  if (proposal == kProposals.end()) return fill_in(kHuman, "{step}", step.id);
  return fill_in(proposal->block, "{path}", path_for(step, plan, text));
}

}  // namespace gantry::launch
