#include "http/tls.h"

#include <fmt/format.h>

#include <span>
#include <string_view>

namespace gantry::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

// The one protocol we speak, as ALPN (RFC 7301) has it: a length, then the name.
constexpr std::string_view kProtocol = "\x08http/1.1";

// A client that names protocols and ours not among them is told so instead of being misunderstood.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                    unsigned offered_size, void*) {
  unsigned char* found = nullptr;
  const auto* ours = reinterpret_cast<const unsigned char*>(kProtocol.data());
  const int outcome =
      SSL_select_next_proto(&found, chosen_size, ours, static_cast<unsigned>(kProtocol.size()), offered, offered_size);
  *chosen = found;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

base::Result<std::unique_ptr<asio::ssl::context>> make_tls_context(const Tls& tls) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  // Renegotiation has only ever been a way to make a server work; idle connections need no buffers.
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
  error_code error;
  context->use_certificate_chain(asio::buffer(tls.certificate_chain), error);
  if (error) return base::input_error(fmt::format("the certificate chain is no PEM: {}", error.message()));
  context->use_private_key(asio::buffer(tls.private_key), asio::ssl::context::pem, error);
  if (error)
    return base::input_error(fmt::format("the private key is none, or not the certificate's: {}", error.message()));
  return context;
}

}  // namespace gantry::http
