#include "load/http/tls_identity.h"

#include "base/text.h"
#include "load/http/resolver.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>

namespace gantry::load {

namespace {

using base::input_error;
using Bio = std::unique_ptr<BIO, int (*)(BIO*)>;
using Certificate = std::unique_ptr<X509, void (*)(X509*)>;
using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;

Bio open_text(const std::string& text) {
  return {::BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), ::BIO_free};
}

std::string take_complaint() {
  const char* const reason = ::ERR_reason_error_string(::ERR_peek_last_error());
  ::ERR_clear_error();
  return reason ? reason : "unknown";
}

// OpenSSL would ask whoever sits at the terminal.
int give_password(char* into, int size, int, void* password) {
  const auto& text = *static_cast<const std::string*>(password);
  const int count = std::min(size, static_cast<int>(text.size()));
  std::copy_n(text.begin(), count, into);
  return count;
}

}  // namespace

struct TlsIdentity::Parts {
  std::vector<Certificate> chain = {};  // its own first
  Key key{nullptr, ::EVP_PKEY_free};
};

TlsIdentity::TlsIdentity() : parts_(std::make_unique<Parts>()) {}
TlsIdentity::~TlsIdentity() = default;

base::Result<std::shared_ptr<const TlsIdentity>> TlsIdentity::parse(const std::string& certificate,
                                                                    const std::string& key, const std::string& password,
                                                                    std::vector<std::string> domains) {
  std::shared_ptr<TlsIdentity> identity(new TlsIdentity);
  Parts& parts = *identity->parts_;
  ::ERR_clear_error();
  const Bio certificates = open_text(certificate);
  while (X509* one = ::PEM_read_bio_X509(certificates.get(), nullptr, nullptr, nullptr))
    parts.chain.emplace_back(one, ::X509_free);
  ::ERR_clear_error();  // of the end of the text
  if (parts.chain.empty()) return input_error("cert has no certificate in PEM");
  const Bio text = open_text(key);
  std::string secret = password;
  parts.key.reset(::PEM_read_bio_PrivateKey(text.get(), nullptr, give_password, &secret));
  if (!parts.key)
    return input_error(fmt::format("key cannot be read: {}", take_complaint()), std::nullopt,
                       "it is to be a private key in PEM, with its password beside it where it is encrypted");
  if (::X509_check_private_key(parts.chain.front().get(), parts.key.get()) != 1)
    return input_error("key is not that of the certificate");
  for (const std::string& domain : domains) identity->domains_.push_back(base::to_lower_ascii(domain));
  return identity;
}

bool TlsIdentity::is_for(std::string_view host) const {
  return domains_.empty() ||
         std::ranges::any_of(domains_, [host](const std::string& domain) { return matches_host(domain, host); });
}

void TlsIdentity::apply(ssl_st* session) const {
  ::SSL_use_certificate(session, parts_->chain.front().get());
  ::SSL_use_PrivateKey(session, parts_->key.get());
  for (std::size_t i = 1; i < parts_->chain.size(); ++i)
    ::SSL_ctrl(session, SSL_CTRL_CHAIN_CERT, 1,
               parts_->chain[i].get());  // SSL_add1_chain_cert(), which is a macro with a cast
}

}  // namespace gantry::load
