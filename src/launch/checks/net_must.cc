// net.must: every source reaches the ports of the destination.

#include "launch/checks/checks.h"
#include "launch/checks/claims/claim_check.h"

#include <array>

namespace gantry::launch {

namespace {

constexpr Field kNamedPortsField{"ports", FieldKind::any, Need::required,
                                 "container ports: numbers or names, with /UDP or /SCTP behind where it is not TCP"};
constexpr std::array kFields = {kDestinationField, kNamedPortsField, kSourcesField, kPodRangesField,
                                kProfileField,     kDiffersField,    kWorldField};

base::Result<CheckOutcome> run(CheckContext& context) { return run_claim(context, netpol::ClaimKind::must); }

}  // namespace

const CheckType kNetMust = {.name = "net.must",
                            .summary = "every named source reaches the ports",
                            .fields = kFields,
                            .version = 2,
                            .run = run,
                            .missing_engine = {},
                            .validate = validate_claim<netpol::ClaimKind::must>};

}  // namespace gantry::launch
