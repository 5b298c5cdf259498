#include "load/http/ocsp.h"

#include "load/http/staple.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gantry::load {
namespace {

using test::StapleTerms;

std::string tell(const std::vector<unsigned char>& bytes) {
  const std::optional<OcspStaple> staple = parse_ocsp_staple(bytes);
  if (!staple) return "none";
  return fmt::format("{} {} {} {} {} {}", staple->status, staple->revocation_reason,
                     staple->produced_at != OcspStaple::kNever, staple->this_update, staple->next_update,
                     staple->revoked_at);
}

TEST(OcspStaple, SaysWhatTheAuthoritySaid) {
  struct Case {
    StapleTerms terms;
    std::string expected;
  };
  const Case cases[] = {
      {{}, "good unspecified true 1000000000 2000000000 -62135596800"},
      {{.has_next = false}, "good unspecified true 1000000000 -62135596800 -62135596800"},
      {{.status = V_OCSP_CERTSTATUS_UNKNOWN}, "unknown unspecified true 1000000000 2000000000 -62135596800"},
      {{.status = V_OCSP_CERTSTATUS_REVOKED}, "revoked unspecified true 1000000000 2000000000 900000000"},
      {{.status = V_OCSP_CERTSTATUS_REVOKED, .reason = 1},
       "revoked key_compromise true 1000000000 2000000000 900000000"},
      {{.status = V_OCSP_CERTSTATUS_REVOKED, .reason = 8},
       "revoked remove_from_crl true 1000000000 2000000000 900000000"},
      {{.status = V_OCSP_CERTSTATUS_REVOKED, .reason = 10},
       "revoked aa_compromise true 1000000000 2000000000 900000000"},
      {{.status = V_OCSP_CERTSTATUS_REVOKED, .reason = 99}, "revoked  true 1000000000 2000000000 900000000"},
      {{.answers = 2}, "none"},
      {{.brings_signer = false, .is_forged = true}, "good unspecified true 1000000000 2000000000 -62135596800"},
      {{.is_forged = true}, "none"},
      {{.is_successful = false}, "none"},
  };
  for (const Case& c : cases) EXPECT_EQ(tell(test::make_staple(c.terms)), c.expected);
}

TEST(OcspStaple, IsNothingWhereItCannotBeRead) {
  const std::vector<unsigned char> whole = test::make_staple({});
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(tell({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}), "none") << size;
  std::vector<unsigned char> longer = whole;
  longer.push_back(0);
  EXPECT_EQ(tell(longer), "none");
}

}  // namespace
}  // namespace gantry::load
