#pragma once

// What in the policies is probably not meant: the catalogue of the network policy reference, §15, each rule by its id.
// docs/reference/network-policy-lints.md shows it to users.
//
//   for (const base::Finding& finding : lint(reach, needs)) …
//
// One mistake is one finding: what has several symptoms is told by its cause, and what is wrong in several places in the same
// way names the first and lists the others as related places.

#include "base/finding.h"
#include "netpol/needs.h"
#include "netpol/reachability.h"

#include <span>
#include <string_view>
#include <vector>

namespace gantry::netpol {

struct LintRule {
  std::string_view id;                               // "NP001"
  base::Severity severity = base::Severity::medium;  // unless a finding says otherwise
  std::string_view title;
  std::string_view why;  // it matters at launch; the explanation of its findings
};

// NP001 … NP044, in order. NP022, NP033, NP034, NP038, NP039 and NP043 restate what loading found, under their ids.
std::span<const LintRule> lint_rules();

// In the order of every report. At most kLintFindingsMax of each rule.
std::vector<base::Finding> lint(const Reachability& reach, const Needs& needs);

// More of one kind than anybody mends in one go.
inline constexpr std::size_t kLintFindingsMax = 500;

}  // namespace gantry::netpol
