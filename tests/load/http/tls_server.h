#pragma once

// The server's side of TLS, for receivers that tests make up.

#include "support/certificate.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace gantry::load {

using ServerContext = std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)>;

// `client` is the certificate, in PEM, that whoever comes has to show; nobody's where it is empty.
inline ServerContext make_server_context(const test::Certificate& own, const std::string& client = "") {
  const auto open = [](const std::string& pem) {
    return std::unique_ptr<BIO, int (*)(BIO*)>(::BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), ::BIO_free);
  };
  const auto certificate = [&](const std::string& pem) {
    return std::unique_ptr<X509, void (*)(X509*)>(::PEM_read_bio_X509(open(pem).get(), nullptr, nullptr, nullptr),
                                                  ::X509_free);
  };
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
      ::PEM_read_bio_PrivateKey(open(own.key).get(), nullptr, nullptr, nullptr), ::EVP_PKEY_free);
  ServerContext context(::SSL_CTX_new(::TLS_server_method()), ::SSL_CTX_free);
  EXPECT_EQ(::SSL_CTX_use_certificate(context.get(), certificate(own.chain).get()), 1);
  EXPECT_EQ(::SSL_CTX_use_PrivateKey(context.get(), key.get()), 1);
  if (client.empty()) return context;
  ::X509_STORE_add_cert(::SSL_CTX_get_cert_store(context.get()), certificate(client).get());
  ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return context;
}

}  // namespace gantry::load
