#pragma once

// An answer of a certificate authority, as servers staple them.

#include <openssl/ocsp.h>
#include <openssl/x509.h>

#include <memory>
#include <vector>

namespace gantry::test {

struct StapleTerms {
  int status = V_OCSP_CERTSTATUS_GOOD;
  int reason = -1;  // none
  bool has_next = true;
  int answers = 1;
  bool brings_signer = true;
  bool is_forged = false;
  bool is_successful = true;
};

// About certificates that do not exist, updated at 1,000,000,000 seconds since 1970.
inline std::vector<unsigned char> make_staple(const StapleTerms& terms) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> signer(X509_new(), X509_free);
  X509_NAME* const name = X509_get_subject_name(signer.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("authority"), -1, -1, 0);
  X509_set_issuer_name(signer.get(), name);
  X509_gmtime_adj(X509_getm_notBefore(signer.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(signer.get()), 3600);
  X509_set_pubkey(signer.get(), key.get());
  X509_sign(signer.get(), key.get(), EVP_sha256());

  const auto time = [](time_t at) {
    return std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)>(ASN1_GENERALIZEDTIME_set(nullptr, at), ASN1_TIME_free);
  };
  const auto revoked = time(900'000'000);
  const auto updated = time(1'000'000'000);
  const auto next = time(2'000'000'000);
  const std::unique_ptr<OCSP_BASICRESP, decltype(&OCSP_BASICRESP_free)> basic(OCSP_BASICRESP_new(),
                                                                              OCSP_BASICRESP_free);
  const std::unique_ptr<OCSP_CERTID, decltype(&OCSP_CERTID_free)> id(
      OCSP_cert_to_id(nullptr, signer.get(), signer.get()), OCSP_CERTID_free);
  const bool is_revoked = terms.status == V_OCSP_CERTSTATUS_REVOKED;
  for (int i = 0; i < terms.answers; ++i)
    OCSP_basic_add1_status(basic.get(), id.get(), terms.status, terms.reason, is_revoked ? revoked.get() : nullptr,
                           updated.get(), terms.has_next ? next.get() : nullptr);
  OCSP_basic_sign(basic.get(), signer.get(), key.get(), EVP_sha256(), nullptr, terms.brings_signer ? 0 : OCSP_NOCERTS);
  const ASN1_OCTET_STRING* const signature = OCSP_resp_get0_signature(basic.get());
  if (terms.is_forged)
    const_cast<unsigned char*>(ASN1_STRING_get0_data(signature))[ASN1_STRING_length(signature) - 1] ^= 1;
  const std::unique_ptr<OCSP_RESPONSE, decltype(&OCSP_RESPONSE_free)> whole(
      OCSP_response_create(terms.is_successful ? OCSP_RESPONSE_STATUS_SUCCESSFUL : OCSP_RESPONSE_STATUS_TRYLATER,
                           terms.is_successful ? basic.get() : nullptr),
      OCSP_RESPONSE_free);
  unsigned char* bytes = nullptr;
  const int size = i2d_OCSP_RESPONSE(whole.get(), &bytes);
  std::vector<unsigned char> made(bytes, bytes + size);
  OPENSSL_free(bytes);
  return made;
}

}  // namespace gantry::test
