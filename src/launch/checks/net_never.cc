// net.never: none of the sources reaches the destination.

#include "launch/checks/checks.h"
#include "launch/checks/claims/claim_check.h"

#include <array>

namespace gantry::launch {

namespace {

constexpr std::array kFields = {kDestinationField, kPortsField,   kSourcesField, kPodRangesField,
                                kProfileField,     kDiffersField, kWorldField};

base::Result<CheckOutcome> run(CheckContext& context) { return run_claim(context, netpol::ClaimKind::never); }

}  // namespace

const CheckType kNetNever = {.name = "net.never",
                             .summary = "none of the named sources reaches the destination",
                             .fields = kFields,
                             .version = 2,
                             .run = run,
                             .missing_engine = {},
                             .validate = validate_claim<netpol::ClaimKind::never>};

}  // namespace gantry::launch
