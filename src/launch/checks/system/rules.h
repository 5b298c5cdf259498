#pragma once

// Every rule of the checks that look at manifests, in one table: its id, how bad it is, and why it matters. Ids are stable,
// since waivers and reports name them. Rules of reading a single object (object.*) are kube's, in kube/snapshot.h.

#include "base/rule.h"

#include <span>
#include <string>
#include <string_view>

namespace gantry::launch {

// Sorted by id.
std::span<const base::Rule> manifest_rules();

// A finding of a rule of the table, with its severity and explanation.
base::Finding make_finding(std::string_view rule, std::string object, base::SourcePos where, std::string message,
                           std::string fix);

}  // namespace gantry::launch
