#pragma once

// One run of SARIF 2.1.0, whatever its findings are about (docs/formats/sarif.md).

#include "report/board_facts.h"
#include "report/json_values.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::report {

// A message: inert, and without what SARIF would read as an embedded link (2.1.0, 3.11.6).
std::string sarif_text(std::string_view untrusted);
Json sarif_message(std::string_view untrusted);

// Letters, digits, '.' and '_' as they are, anything else a single '-'.
std::string slug_of(std::string_view text);

struct SarifRun {
  std::string gantry_version;
  std::string category;  // "gantry/saas-phase7/files-alone/": tells runs of one repository apart
  Json invocation;       // with "toolExecutionNotifications", a list
};

// Beyond what code scanning shows, the most severe are kept, unwaived before waived, and a notification says so.
std::string dump_sarif(std::vector<CollectedFinding> findings, SarifRun run);

}  // namespace gantry::report
