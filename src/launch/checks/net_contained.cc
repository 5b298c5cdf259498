// net.contained: every flow that the policies allow is allowed by the others.

#include "launch/checks/checks.h"
#include "launch/checks/claims/claim_check.h"

#include <array>

namespace gantry::launch {

namespace {

constexpr Field kOthersField{"within", FieldKind::path, Need::required,
                             "the policies that must allow all of it: a file or folder"};
constexpr std::array kFields = {kPoliciesField, kOthersField,  kPodRangesField,
                                kProfileField,  kDiffersField, kWorldField};

base::Result<CheckOutcome> run(CheckContext& context) { return run_sets(context, netpol::ClaimKind::contained); }

}  // namespace

const CheckType kNetContained = {.name = "net.contained",
                                 .summary = "the policies allow nothing that the others do not",
                                 .fields = kFields,
                                 .version = 1,
                                 .run = run,
                                 .missing_engine = {},
                                 .validate = validate_claim<netpol::ClaimKind::contained>};

}  // namespace gantry::launch
