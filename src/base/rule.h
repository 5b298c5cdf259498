#pragma once

// A rule as the tables of engines have it: its id, how bad it is, and why it matters. Ids are stable, since waivers and reports name
// them.
//
//   constexpr std::array kRules = {Rule{"hpa.flaps", Severity::medium, "Pods come and go faster than they start."}};
//   Finding finding = make_finding(find_rule(kRules, "hpa.flaps"), object, where, message, fix);

#include "base/finding.h"

#include <span>
#include <string>
#include <string_view>

namespace gantry::base {

struct Rule {
  std::string_view id;
  Severity severity = Severity::medium;
  std::string_view explanation;  // why it matters at launch
};

// The table has it: an id that no table has is a mistake of the program.
const Rule& find_rule(std::span<const Rule> rules, std::string_view id);

// With the rule's severity and explanation.
Finding make_finding(const Rule& rule, std::string object, SourcePos where, std::string message, std::string fix);

}  // namespace gantry::base
