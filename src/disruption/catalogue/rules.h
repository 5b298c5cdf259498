#pragma once

// Findings by rule. Private to disruption.

#include "disruption/findings.h"
#include "kube/snapshot.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::disruption {

// Severity and explanation are the rule's; the id is one of finding_rules().
base::Finding make_finding(std::string_view rule, std::string object, base::SourcePos where, std::string message,
                           std::string fix);

// W15: a store that may keep as much as its container may use.
void judge_memory(const kube::Snapshot& snapshot, const kube::Workload& workload, std::vector<base::Finding>& findings);
// W5: a shutdown that takes longer than its grace period, or that asks nobody to take over.
void judge_shutdown(const kube::Snapshot& snapshot, const kube::Workload& workload,
                    std::vector<base::Finding>& findings);

// What is run by a shell somewhere: each text of a ConfigMap, and each container's command.
struct Script {
  std::string text;
  std::string object;  // "ConfigMap shop/chaos"
  base::SourcePos where;
};
std::vector<Script> collect_scripts(const kube::Snapshot& snapshot);
// W17: scripts that go round what they are to test.
void judge_scripts(const kube::Snapshot& snapshot, std::vector<base::Finding>& findings);
// T5: scripts that ask for Jobs by the labels of their pods.
void judge_job_labels(const kube::Snapshot& snapshot, std::vector<base::Finding>& findings);

}  // namespace gantry::disruption
