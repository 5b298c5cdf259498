#include "load/http/ocsp.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509.h>

#include <array>
#include <ctime>
#include <memory>

namespace gantry::load {

namespace {

template <typename T, void (*free)(T*)>
struct Free {
  void operator()(T* value) const { free(value); }
};
using Answer = std::unique_ptr<OCSP_RESPONSE, Free<OCSP_RESPONSE, ::OCSP_RESPONSE_free>>;
using Basic = std::unique_ptr<OCSP_BASICRESP, Free<OCSP_BASICRESP, ::OCSP_BASICRESP_free>>;

// RFC 5280, §5.3.1, by number.
constexpr std::array<std::string_view, 11> kReasons = {
    "unspecified",     "key_compromise",         "ca_compromise",    "affiliation_changed",
    "superseded",      "cessation_of_operation", "certificate_hold", "",
    "remove_from_crl", "privilege_withdrawn",    "aa_compromise"};

std::int64_t to_seconds(const ASN1_GENERALIZEDTIME* time) {
  std::tm parts{};
  if (!time || ::ASN1_TIME_to_tm(time, &parts) != 1) return OcspStaple::kNever;
  return ::timegm(&parts);
}

// An answer may bring the certificate of who signed it. Whether that one may is not asked: nobody relies on it.
bool is_signed(const OCSP_BASICRESP* basic) {
  const STACK_OF(X509)* const signers = ::OCSP_resp_get0_certs(basic);
  if (::sk_X509_num(signers) <= 0) return true;
  // sk_X509_value(), which is a macro with a cast.
  const auto* const first = static_cast<const X509*>(::OPENSSL_sk_value(ossl_check_const_X509_sk_type(signers), 0));
  EVP_PKEY* const key = ::X509_get0_pubkey(first);
  return key && ::ASN1_item_verify(ASN1_ITEM_rptr(OCSP_RESPDATA), ::OCSP_resp_get0_tbs_sigalg(basic),
                                   ::OCSP_resp_get0_signature(basic), ::OCSP_resp_get0_respdata(basic), key) == 1;
}

bool asks_for_more(OCSP_SINGLERESP* single) {
  for (int i = 0; i < ::OCSP_SINGLERESP_get_ext_count(single); ++i)
    if (::X509_EXTENSION_get_critical(::OCSP_SINGLERESP_get_ext(single, i)) != 0) return true;
  return false;
}

std::optional<OcspStaple> read(OCSP_BASICRESP* basic) {
  OCSP_SINGLERESP* const single = ::OCSP_resp_count(basic) == 1 ? ::OCSP_resp_get0(basic, 0) : nullptr;
  if (!single || asks_for_more(single) || !is_signed(basic)) return std::nullopt;
  int reason = -1;
  ASN1_GENERALIZEDTIME* revoked = nullptr;
  ASN1_GENERALIZEDTIME* updated = nullptr;
  ASN1_GENERALIZEDTIME* next = nullptr;
  const int status = ::OCSP_single_get0_status(single, &reason, &revoked, &updated, &next);
  OcspStaple staple{.produced_at = to_seconds(::OCSP_resp_get0_produced_at(basic)),
                    .this_update = to_seconds(updated),
                    .next_update = to_seconds(next)};
  if (status == V_OCSP_CERTSTATUS_GOOD) staple.status = "good";
  if (status != V_OCSP_CERTSTATUS_REVOKED) return staple;
  staple.status = "revoked";
  staple.revoked_at = to_seconds(revoked);
  if (reason >= 0)
    staple.revocation_reason =
        static_cast<std::size_t>(reason) < kReasons.size() ? kReasons[static_cast<std::size_t>(reason)] : "";
  return staple;
}

}  // namespace

std::optional<OcspStaple> parse_ocsp_staple(std::span<const unsigned char> bytes) {
  const unsigned char* at = bytes.data();
  const Answer answer(::d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(bytes.size())));
  const bool is_whole = answer && at == bytes.data() + bytes.size() &&
                        ::OCSP_response_status(answer.get()) == OCSP_RESPONSE_STATUS_SUCCESSFUL;
  const Basic basic(is_whole ? ::OCSP_response_get1_basic(answer.get()) : nullptr);
  std::optional<OcspStaple> staple = basic ? read(basic.get()) : std::nullopt;
  ::ERR_clear_error();
  return staple;
}

}  // namespace gantry::load
