#pragma once

// The checks that this version has, one file each. A new one is a file here and a line in table.cc.

#include "launch/check.h"

#include <memory>
#include <string>
#include <string_view>

namespace gantry::launch {

extern const CheckType kCapacityHolds;
extern const CheckType kChecklistRead;
extern const CheckType kCommand;
extern const CheckType kDocCommitted;
extern const CheckType kDocExists;
extern const CheckType kDocSection;
extern const CheckType kDrainRehearse;
extern const CheckType kHpaFits;
extern const CheckType kLoadBaseline;
extern const CheckType kLoadCompare;
extern const CheckType kLoadRun;
extern const CheckType kLoadTarget;
extern const CheckType kManifestsApply;
extern const CheckType kManifestsRender;
extern const CheckType kManifestsValid;
extern const CheckType kNetContained;
extern const CheckType kNetDiff;
extern const CheckType kNetEqual;
extern const CheckType kNetIsolated;
extern const CheckType kNetLint;
extern const CheckType kNetMust;
extern const CheckType kNetNeeds;
extern const CheckType kNetNever;
extern const CheckType kNetOnly;
extern const CheckType kNetPolicies;
extern const CheckType kPdbProtects;
extern const CheckType kReleaseTag;
extern const CheckType kSignoff;
extern const CheckType kUpgradeRehearse;

// A place in a file of the workspace.
base::SourcePos file_pos(std::string_view path, std::uint32_t line);

// Fails when a finding is of high severity or worse, else passes.
base::Verdict verdict_of(const std::vector<base::Finding>& findings);

}  // namespace gantry::launch
