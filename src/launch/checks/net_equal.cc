// net.equal: two policy sets allow the same flows.

#include "launch/checks/checks.h"
#include "launch/checks/claims/claim_check.h"

#include <array>

namespace gantry::launch {

namespace {

constexpr Field kOthersField{"to", FieldKind::path, Need::required,
                             "the policies that must allow the same: a file or folder"};
constexpr std::array kFields = {kPoliciesField, kOthersField,  kPodRangesField,
                                kProfileField,  kDiffersField, kWorldField};

base::Result<CheckOutcome> run(CheckContext& context) { return run_sets(context, netpol::ClaimKind::equal); }

}  // namespace

const CheckType kNetEqual = {.name = "net.equal",
                             .summary = "both policy sets allow the same flows",
                             .fields = kFields,
                             .version = 1,
                             .run = run,
                             .missing_engine = {},
                             .validate = validate_claim<netpol::ClaimKind::equal>};

}  // namespace gantry::launch
