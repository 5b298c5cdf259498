#include "load/http/tls.h"

#include "load/http/cipher_suites.h"
#include "load/http/connection.h"
#include "load/http/tls_alerts.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gantry::load {

namespace {

using base::Result;

struct Version {
  int number;  // OpenSSL's
  std::string_view name;
};
constexpr std::array<Version, 4> kVersions = {
    {{TLS1_VERSION, "tls1.0"}, {TLS1_1_VERSION, "tls1.1"}, {TLS1_2_VERSION, "tls1.2"}, {TLS1_3_VERSION, "tls1.3"}}};

int number_of(TlsVersion version) { return kVersions[static_cast<std::size_t>(version)].number; }

// The first thing that OpenSSL complains of since it was last asked.
std::string take_complaint() {
  const unsigned long code = ::ERR_get_error();
  ::ERR_clear_error();
  const char* const reason = ::ERR_reason_error_string(code);
  return reason ? reason : "unknown";
}

// As ALPN lists them (RFC 7301, §3.1).
std::span<const unsigned char> list_protocols(TlsPeer::Offer offer) {
  static constexpr std::array<unsigned char, 12> kBoth = {2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  const std::span<const unsigned char> both = kBoth;
  switch (offer) {
    case TlsPeer::Offer::http1: return both.subspan(3);
    case TlsPeer::Offer::http2: return both.first(3);
    case TlsPeer::Offer::usual: break;
  }
  return both;
}

// All certificates of a text in PEM.
Result<void> trust(SSL_CTX* context, const std::string& authorities) {
  const std::unique_ptr<BIO, int (*)(BIO*)> text(
      ::BIO_new_mem_buf(authorities.data(), static_cast<int>(authorities.size())), ::BIO_free);
  int count = 0;
  ::ERR_clear_error();
  while (X509* const authority = ::PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)) {
    ::X509_STORE_add_cert(::SSL_CTX_get_cert_store(context), authority);
    ::X509_free(authority);
    ++count;
  }
  const unsigned long end = ::ERR_peek_last_error();
  const std::string complaint = take_complaint();
  if (ERR_GET_LIB(end) != ERR_LIB_PEM || ERR_GET_REASON(end) != PEM_R_NO_START_LINE)
    return base::input_error(fmt::format("certificate {} of the authorities cannot be read: {}", count + 1, complaint));
  if (count > 0) return {};
  return base::input_error("there is no certificate in PEM among the authorities", std::nullopt,
                           "a certificate begins with -----BEGIN CERTIFICATE-----");
}

bool is_address(const std::string& host) {
  in6_addr ignored{};
  return ::inet_pton(AF_INET, host.c_str(), &ignored) == 1 || ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

// k6's words for what is wrong with a certificate (k6 reference, §10.10).
HttpFailure certificate_failure(long problem) {
  switch (problem) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return {1311, "x509: certificate doesn't match hostname"};
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE: return {1310, "x509: unknown authority"};
    default: return {1300, fmt::format("x509: {}", ::X509_verify_cert_error_string(problem))};
  }
}

}  // namespace

std::string_view to_string(TlsVersion version) { return kVersions[static_cast<std::size_t>(version)].name; }

std::optional<TlsVersion> find_tls_version(std::string_view name) {
  const auto* const found = std::ranges::find(kVersions, name, &Version::name);
  if (found == kVersions.end()) return std::nullopt;
  return static_cast<TlsVersion>(found - kVersions.begin());
}

Result<TlsContext> TlsContext::create(const TlsOptions& options) {
  std::shared_ptr<SSL_CTX> context(::SSL_CTX_new(::TLS_client_method()), ::SSL_CTX_free);
  const bool is_set = context && ::SSL_CTX_set_min_proto_version(context.get(), number_of(options.min)) == 1 &&
                      ::SSL_CTX_set_max_proto_version(context.get(), number_of(options.max)) == 1;
  if (!is_set) return base::environment_error(fmt::format("TLS cannot be set up: {}", take_complaint()));
  if (!options.ciphers.empty() && ::SSL_CTX_set_cipher_list(context.get(), options.ciphers.c_str()) != 1)
    return base::environment_error(fmt::format("TLS cannot be set up with {}: {}", options.ciphers, take_complaint()));
  // SSL_CTX_set_tlsext_status_type(), which is a macro with a cast.
  ::SSL_CTX_ctrl(context.get(), SSL_CTRL_SET_TLSEXT_STATUS_REQ_TYPE, TLSEXT_STATUSTYPE_ocsp, nullptr);
  ::SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  // A server that just closes has said all it had to say; whether that was a whole answer is for its framing to tell.
  ::SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  // Old versions are refused by the usual level of security, and a script that names one wants it.
  if (options.min < TlsVersion::tls1_2) ::SSL_CTX_set_security_level(context.get(), 0);
  const std::span<const unsigned char> offer =
      list_protocols(options.offers_http2 ? TlsPeer::Offer::usual : TlsPeer::Offer::http1);
  ::SSL_CTX_set_alpn_protos(context.get(), offer.data(), static_cast<unsigned>(offer.size()));
  ::SSL_CTX_set_verify(context.get(), options.verifies_peer ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (options.verifies_peer && !options.authorities.empty())
    TRY(trust(context.get(), options.authorities));
  else if (options.verifies_peer && ::SSL_CTX_set_default_verify_paths(context.get()) != 1)
    return base::environment_error(fmt::format("the certificate authorities cannot be read: {}", take_complaint()),
                                   "install ca-certificates, or name a file in SSL_CERT_FILE");
  TlsContext made(std::move(context));
  made.identities_ = options.identities;
  return made;
}

bool SharedTls::prepare() {
  if (context_) return false;
  context_ = TlsContext::create(options_);
  return true;
}

std::expected<const TlsContext*, HttpFailure> SharedTls::context() {
  prepare();
  if (*context_) return &**context_;
  return std::unexpected(HttpFailure{1300, context_->error().message});
}

TlsSession::TlsSession(const TlsContext& context, const TlsPeer& peer)
    : session_(::SSL_new(context.context_.get()), ::SSL_free) {
  const std::string& host = peer.host;
  ::SSL_set_connect_state(session_.get());
  const std::span<const unsigned char> offer = list_protocols(peer.offer);
  if (peer.offer != TlsPeer::Offer::usual)
    ::SSL_set_alpn_protos(session_.get(), offer.data(), static_cast<unsigned>(offer.size()));
  BIO* const from_wire = ::BIO_new(::BIO_s_mem());
  BIO* const to_wire = ::BIO_new(::BIO_s_mem());
  ::BIO_set_mem_eof_return(from_wire, -1);  // empty means "not yet"
  ::BIO_set_mem_eof_return(to_wire, -1);
  ::SSL_set_bio(session_.get(), from_wire, to_wire);
  const auto identity = std::ranges::find_if(context.identities_, [&](const auto& each) { return each->is_for(host); });
  if (identity != context.identities_.end()) (*identity)->apply(session_.get());
  if (is_address(host)) {
    ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(session_.get()), host.c_str());
  } else {
    // SSL_set_tlsext_host_name(), which is a macro with a cast.
    ::SSL_ctrl(session_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               const_cast<char*>(host.c_str()));
    ::SSL_set1_host(session_.get(), host.c_str());
  }
}

HttpFailure TlsSession::failure() const {
  const unsigned long code = ::ERR_peek_error();
  if (const int alert = ERR_GET_REASON(code) - SSL_AD_REASON_OFFSET; ERR_GET_LIB(code) == ERR_LIB_SSL && alert > 0) {
    ::ERR_clear_error();
    return {kTlsAlert, "remote error: " + describe_tls_alert(alert)};
  }
  if (const long problem = ::SSL_get_verify_result(session_.get()); problem != X509_V_OK) {
    ::ERR_clear_error();
    return certificate_failure(problem);
  }
  const bool speaks_no_tls = ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER ||
                             ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST ||
                             ERR_GET_REASON(code) == SSL_R_PACKET_LENGTH_TOO_LONG;
  return {speaks_no_tls ? 1301 : 1300, fmt::format("tls: {}", take_complaint())};
}

std::expected<bool, HttpFailure> TlsSession::handshake() {
  ::ERR_clear_error();
  const int result = ::SSL_do_handshake(session_.get());
  if (result == 1) {
    read_staple();
    return true;
  }
  if (::SSL_get_error(session_.get(), result) == SSL_ERROR_WANT_READ) return false;
  return std::unexpected(failure());
}

void TlsSession::read_staple() {
  const unsigned char* bytes = nullptr;
  const long size = ::SSL_ctrl(session_.get(), SSL_CTRL_GET_TLSEXT_STATUS_REQ_OCSP_RESP, 0, &bytes);
  if (!bytes || size <= 0) return;
  if (const auto staple = parse_ocsp_staple({bytes, static_cast<std::size_t>(size)}))
    ocsp_ = std::make_shared<const OcspStaple>(*staple);
}

std::expected<void, HttpFailure> TlsSession::write(std::string_view text) {
  ::ERR_clear_error();
  std::size_t written = 0;
  // Memory always takes all.
  if (text.empty() || ::SSL_write_ex(session_.get(), text.data(), text.size(), &written) == 1) return {};
  return std::unexpected(failure());
}

std::expected<std::size_t, HttpFailure> TlsSession::read(std::span<char> into) {
  ::ERR_clear_error();
  std::size_t count = 0;
  if (::SSL_read_ex(session_.get(), into.data(), into.size(), &count) == 1) return count;
  switch (::SSL_get_error(session_.get(), 0)) {
    case SSL_ERROR_WANT_READ: return 0;
    case SSL_ERROR_ZERO_RETURN: has_ended_ = true; return 0;
    default: return std::unexpected(failure());
  }
}

bool TlsSession::has_input() const {
  return ::BIO_ctrl_pending(::SSL_get_rbio(session_.get())) > 0 || ::SSL_has_pending(session_.get()) == 1;
}

std::string_view TlsSession::take_output() {
  BIO* const to_wire = ::SSL_get_wbio(session_.get());
  output_.resize(::BIO_ctrl_pending(to_wire));
  if (!output_.empty()) ::BIO_read(to_wire, output_.data(), static_cast<int>(output_.size()));
  return output_;
}

void TlsSession::feed(std::string_view bytes) {
  ::BIO_write(::SSL_get_rbio(session_.get()), bytes.data(), static_cast<int>(bytes.size()));
}

std::string_view TlsSession::version() const {
  for (const Version& version : kVersions)
    if (version.number == ::SSL_version(session_.get())) return version.name;
  return {};
}

bool TlsSession::speaks_http2() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  ::SSL_get0_alpn_selected(session_.get(), &name, &size);
  return std::string_view(reinterpret_cast<const char*>(name), size) == "h2";
}

std::string_view TlsSession::cipher() const {
  const char* const name = ::SSL_CIPHER_standard_name(::SSL_get_current_cipher(session_.get()));
  return name ? go_name_of_cipher(name) : std::string_view();
}

}  // namespace gantry::load
