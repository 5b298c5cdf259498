#include "api/stripe_signature.h"

#include <cstdint>
#include <cstdlib>

// Whatever stands in the header: it is valid only where it has the signature that we would have written for its timestamp.

namespace {

constexpr std::string_view kPayload = R"({"id":"evt_1"})";
constexpr std::string_view kSecret = "whsec_test";

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view header(reinterpret_cast<const char*>(data), size);
  const gantry::base::Timestamp now{std::chrono::seconds(1'765'704'600)};
  if (kgents::check_stripe_signature(header, kPayload, kSecret, now) != kgents::SignatureCheck::valid) return 0;
  bool is_ours = false;
  for (auto time = now - kgents::kSignatureTolerance; time <= now + kgents::kSignatureTolerance;
       time += std::chrono::seconds(1)) {
    const std::string ours = kgents::sign_stripe_payload(kPayload, kSecret, time);
    is_ours = is_ours || header.contains(std::string_view(ours).substr(ours.find("v1=")));
  }
  require(is_ours);
  return 0;
}
