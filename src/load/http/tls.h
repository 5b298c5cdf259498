#pragma once

// TLS on the client's side, on OpenSSL: what a connection says becomes bytes for the wire, and what comes from the wire becomes what the
// server said. It touches no socket, so that waiting stays the connection's business.

#include "base/result.h"
#include "load/http/ocsp.h"
#include "load/http/tls_identity.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct ssl_ctx_st;
struct ssl_st;

namespace gantry::load {

struct HttpFailure;

enum class TlsVersion : std::uint8_t { tls1_0, tls1_1, tls1_2, tls1_3 };
std::string_view to_string(TlsVersion version);                     // "tls1.3"
std::optional<TlsVersion> find_tls_version(std::string_view name);  // nothing where there is none

struct TlsOptions {
  bool verifies_peer = true;  // against the system's authorities, and SSL_CERT_FILE and SSL_CERT_DIR where they are set
  std::string authorities = {};  // in PEM: these instead
  TlsVersion min = TlsVersion::tls1_2;
  TlsVersion max = TlsVersion::tls1_3;
  std::string ciphers = {};  // that are offered below TLS 1.3, in OpenSSL's words; "" for the usual
  bool offers_http2 = true;  // and HTTP/1.1
  std::vector<std::shared_ptr<const TlsIdentity>> identities = {};  // the first that is for a host is shown to it
};

// What all sessions of a run have in common. Sessions are never resumed: every connection pays for its handshake, as a new user's does.
class TlsContext {
 public:
  // Errors: environment (the system's authorities cannot be read); input (those that were given).
  static base::Result<TlsContext> create(const TlsOptions& options);

 private:
  friend class TlsSession;
  explicit TlsContext(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
  std::shared_ptr<ssl_ctx_st> context_;
  std::vector<std::shared_ptr<const TlsIdentity>> identities_ = {};
};

// The context of a crew, made when its first connection asks for it: reading the authorities takes as long as a thousand requests.
class SharedTls {
 public:
  void set_options(const TlsOptions& options) { options_ = options; }  // before the first connection
  std::expected<const TlsContext*, HttpFailure> context();
  // Whether that was still to be made: it is now.
  bool prepare();

 private:
  TlsOptions options_ = {};
  std::optional<base::Result<TlsContext>> context_ = {};
};

// Whom a session is with.
struct TlsPeer {
  enum class Offer : std::uint8_t { usual, http1, http2 };  // what the context offers, or that one alone
  std::string host;                                         // as the certificate must have it: a name, or an address
  Offer offer = Offer::usual;
};

class TlsSession {
 public:
  TlsSession(const TlsContext& context, const TlsPeer& peer);

  // Whether it is done; else the output is to be sent, and more input to be fed.
  std::expected<bool, HttpFailure> handshake();
  // After the handshake. All of it becomes output.
  std::expected<void, HttpFailure> write(std::string_view text);
  // What the server said, as far as it has come: 0 for nothing yet, unless has_ended().
  std::expected<std::size_t, HttpFailure> read(std::span<char> into);
  bool has_ended() const { return has_ended_; }
  bool has_input() const;  // that was fed, and not read

  // For the wire; valid until the next call, and empty afterwards.
  std::string_view take_output();
  void feed(std::string_view bytes);  // from the wire

  std::string_view version() const;  // "tls1.3"
  std::string_view cipher() const;   // IANA's name, but for those that Go has its own for
  bool speaks_http2() const;         // the server has agreed to
  // Null where the server said nothing that can be read. Once the handshake is done.
  const std::shared_ptr<const OcspStaple>& ocsp() const { return ocsp_; }

 private:
  HttpFailure failure() const;
  void read_staple();

  std::unique_ptr<ssl_st, void (*)(ssl_st*)> session_;
  std::shared_ptr<const OcspStaple> ocsp_ = {};
  bool has_ended_ = false;
  std::string output_ = {};
};

}  // namespace gantry::load
