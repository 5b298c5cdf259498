// net.isolated: nobody reaches the destination, or, with direction egress, it reaches nobody.

#include "launch/checks/checks.h"
#include "launch/checks/claims/claim_check.h"

#include <array>

namespace gantry::launch {

namespace {

constexpr std::array<std::string_view, 2> kDirectionWords = {"ingress", "egress"};
constexpr Field kDirectionField{"direction", FieldKind::word, Need::optional,
                                "ingress: nobody reaches it; egress: it reaches nobody. Without, ingress",
                                kDirectionWords};
constexpr std::array kFields = {kDestinationField, kPortsField,   kDirectionField, kPodRangesField,
                                kProfileField,     kDiffersField, kWorldField};

base::Result<CheckOutcome> run(CheckContext& context) { return run_claim(context, netpol::ClaimKind::isolated); }

}  // namespace

const CheckType kNetIsolated = {.name = "net.isolated",
                                .summary = "nobody reaches the destination, or is reached by it",
                                .fields = kFields,
                                .version = 2,
                                .run = run,
                                .missing_engine = {},
                                .validate = validate_claim<netpol::ClaimKind::isolated>};

}  // namespace gantry::launch
