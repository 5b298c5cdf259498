// net.only: nobody but the sources reaches the ports of the destination, and those who are needed do.

#include "launch/checks/checks.h"
#include "launch/checks/claims/claim_check.h"

#include <array>

namespace gantry::launch {

namespace {

constexpr Field kNamedPortsField{"ports", FieldKind::any, Need::required,
                                 "container ports: numbers or names, with /UDP or /SCTP behind where it is not TCP"};
constexpr Field kNeededField{"needed", FieldKind::any, Need::optional,
                             "everyone who must reach them, in the same form"};
constexpr std::array kFields = {kDestinationField, kNamedPortsField, kSourcesField, kNeededField,
                                kPodRangesField,   kProfileField,    kDiffersField, kWorldField};

base::Result<CheckOutcome> run(CheckContext& context) { return run_claim(context, netpol::ClaimKind::only); }

}  // namespace

const CheckType kNetOnly = {.name = "net.only",
                            .summary = "nobody but the named sources reaches the ports, and those who must do",
                            .fields = kFields,
                            .version = 3,
                            .run = run,
                            .missing_engine = {},
                            .validate = validate_claim<netpol::ClaimKind::only>};

}  // namespace gantry::launch
