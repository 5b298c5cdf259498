#pragma once

// The signature of a webhook: `Stripe-Signature: t=1492774577,v1=5257a869…,v1=…`, HMAC-SHA256 over "timestamp.payload" under
// the endpoint's secret (https://docs.stripe.com/webhooks#verify-manually). While a secret is changed there are two v1: one of
// them must be right. Other schemes (v0) are not looked at.

#include "base/time.h"

#include <string>
#include <string_view>

namespace kgents {

enum class [[nodiscard]] SignatureCheck{
    valid,
    malformed,  // no t, no v1, not what it should look like
    forged,     // no v1 is ours
    stale,      // ours, and from more than five minutes ago or ahead
};

std::string_view to_string(SignatureCheck check);

inline constexpr std::chrono::minutes kSignatureTolerance{5};

// Takes as long for a wrong signature as for a nearly right one. A replay within the tolerance is valid: that it takes no
// effect again is up to the id inside.
SignatureCheck check_stripe_signature(std::string_view header, std::string_view payload, std::string_view secret,
                                      gantry::base::Timestamp now);

// The header for a payload: what a sender writes.
std::string sign_stripe_payload(std::string_view payload, std::string_view secret, gantry::base::Timestamp time);

}  // namespace kgents
