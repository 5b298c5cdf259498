#pragma once

// What in the policies is probably not meant: the catalogue of the network policy reference, §15, each rule by its id.

#include "base/finding.h"
#include "netpol/needs.h"
#include "netpol/reachability.h"

#include <span>
#include <string_view>
#include <vector>

namespace gantry::netpol {

struct LintContext {
  const Reachability& reach;
  const Needs& needs;
};

struct LintRule {
  std::string_view id;  // "NP001"
  base::Severity severity = base::Severity::medium;
  std::string_view title;
  // Adds what it finds. One file for each topic; one line in the table for each rule.
  void (*run)(const LintContext& context, std::vector<base::Finding>& findings) = nullptr;
};

// NP001 … NP044, in order. NP022, NP033, NP034, NP038, NP039 and NP043 restate what loading found, under their ids.
std::span<const LintRule> lint_rules();

std::vector<base::Finding> lint(const Reachability& reach, const Needs& needs);

}  // namespace gantry::netpol
