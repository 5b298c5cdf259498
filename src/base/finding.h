#pragma once

// One thing found by a check: what, where, why it matters, and how to mend it. Engines return findings; only `report`
// renders them.

#include "base/source.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::base {

// Ordered: a later one is worse. `high` and above block a launch unless waived (the gate's default policy).
enum class Severity { info, low, medium, high, critical };
std::string_view to_string(Severity severity);  // "info" … "critical"
std::optional<Severity> find_severity(std::string_view text);

// Another place that belongs to the finding: the other half of a pair, an earlier definition.
struct RelatedPlace {
  SourcePos where = {};
  std::string note = {};  // "first defined here"
  friend bool operator==(const RelatedPlace&, const RelatedPlace&) = default;
};

struct Finding {
  std::string rule = {};  // stable id, dotted lower case: "ref.configmap-missing", "plan.mojibake", "NP001"
  Severity severity = Severity::medium;
  std::string object = {};       // "NetworkPolicy kgents-agents/allow-nats", a step id, or "" for a whole file
  SourcePos where = {};          // may have no file when the fact is about something absent
  std::string message = {};      // one sentence: what is wrong, with the names involved
  std::string explanation = {};  // why it matters at launch; may be empty
  std::string fix = {};          // what to do, in the imperative; may be empty
  std::vector<RelatedPlace> related = {};

  // Lower-case hex; equal for the same rule, object and message wherever the lines have moved to. Waivers bind to it, so a
  // message must not hold what changes by itself: a line number, a time, a count of something else.
  std::string fingerprint() const;

  friend bool operator==(const Finding&, const Finding&) = default;
};

// Most severe first, then by file (none first), line, rule and object: the order in which every report shows them.
void sort_findings(std::vector<Finding>& findings);

}  // namespace gantry::base
