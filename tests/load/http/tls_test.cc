// The client through TLS, against our own server.

#include "load/http/tls.h"

#include "http/http.h"
#include "load/http/lone_client.h"
#include "load/http/scripted_server.h"
#include "load/http/staple.h"
#include "load/http/tls_server.h"
#include "support/certificate.h"
#include "support/temp_dir.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace gantry::load {
namespace {

using std::chrono::seconds;

constexpr auto kSlow = std::chrono::milliseconds(40);

// Answers with what it is sent; with "slowly" after a while. With a certificate for "localhost", whose authority is in a file.
class EchoServer {
 public:
  explicit EchoServer(bool is_tls = true) {
    const test::Certificate certificate = test::make_certificate("localhost");
    folder_.write("authority.pem", certificate.chain);
    const auto echo = [](const http::Request& request) {
      if (request.body == "slowly") std::this_thread::sleep_for(kSlow);
      return http::Response::text("said " + request.body);
    };
    auto router = http::Router::create(
        {{.method = "GET", .pattern = "/", .handler = echo}, {.method = "POST", .pattern = "/", .handler = echo}});
    http::Options options;
    if (is_tls) options.tls = http::Tls{.certificate_chain = certificate.chain, .private_key = certificate.key};
    server_ = *http::Server::start(std::move(options), *std::move(router));
  }
  std::uint16_t port() const { return server_->port(); }
  std::string authority() const { return folder_.path("authority.pem"); }

 private:
  test::TempDir folder_;
  std::unique_ptr<http::Server> server_;
};

// SSL_CERT_FILE as a person would set it.
class TrustedFile {
 public:
  explicit TrustedFile(const std::string& path) { ::setenv("SSL_CERT_FILE", path.c_str(), 1); }
  ~TrustedFile() { ::unsetenv("SSL_CERT_FILE"); }
};

std::string get(LoneClient& vu, std::uint16_t port, std::string_view host) {
  return vu.send({.method = "GET", .host = host, .port = port, .is_https = true}, "hello", seconds(20));
}

TEST(Tls, CarriesRequestsOnOneConnection) {
  const EchoServer server;
  const TrustedFile trusted(server.authority());
  LoneClient vu;
  EXPECT_EQ(get(vu, server.port(), "localhost"), "200 said hello");
  EXPECT_EQ(vu.last.link().tls_version, "tls1.3");
  EXPECT_TRUE(vu.last.link().tls_cipher.starts_with("TLS_")) << vu.last.link().tls_cipher;
  EXPECT_GT(vu.last.times.tls_handshaking.count(), 0);
  EXPECT_GE(vu.last.times.blocked, vu.last.times.connecting + vu.last.times.tls_handshaking);
  const std::string large(300'000, 'x');
  EXPECT_EQ(
      vu.send({.method = "POST", .host = "localhost", .port = server.port(), .is_https = true}, large, seconds(20)),
      "200 said " + large);
  EXPECT_EQ(vu.last.times.tls_handshaking.count(), 0) << "the connection was not kept";
}

// Whose first flight after the handshake are tickets, and no part of an answer.
TEST(Tls, WaitsForTheAnswer) {
  const EchoServer server;
  const TrustedFile trusted(server.authority());
  LoneClient vu;
  EXPECT_EQ(
      vu.send({.method = "POST", .host = "localhost", .port = server.port(), .is_https = true}, "slowly", seconds(20)),
      "200 said slowly");
  EXPECT_GE(vu.last.times.exchange.sending + vu.last.times.exchange.waiting, kSlow);
}

// Says goodbye by TLS, and leaves the connection as it is.
class PartingServer {
 public:
  enum class Parts : std::uint8_t { with_its_answer, later };
  // `staple` is what it says of its certificate, where it says something.
  explicit PartingServer(Parts parts, std::vector<unsigned char> staple = {})
      : parts_(parts), staple_(std::move(staple)) {
    if (staple_.empty()) return;
    // SSL_CTX_set_tlsext_status_cb() and its like, which are macros with casts.
    ::SSL_CTX_callback_ctrl(context_.get(), SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB,
                            reinterpret_cast<void (*)()>(&PartingServer::give_staple));
    ::SSL_CTX_ctrl(context_.get(), SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB_ARG, 0, this);
  }
  ~PartingServer() {
    for (const int fd : kept_) ::close(fd);
  }
  std::uint16_t port() const { return server_.port; }

 private:
  static int give_staple(SSL* session, void* self) {
    const std::vector<unsigned char>& staple = static_cast<const PartingServer*>(self)->staple_;
    void* const copy = ::OPENSSL_memdup(staple.data(), staple.size());
    ::SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_STATUS_REQ_OCSP_RESP, static_cast<long>(staple.size()), copy);
    return SSL_TLSEXT_ERR_OK;
  }
  // One request.
  void serve(int fd) {
    const std::unique_ptr<SSL, void (*)(SSL*)> session(::SSL_new(context_.get()), ::SSL_free);
    ::SSL_set_fd(session.get(), fd);
    EXPECT_EQ(::SSL_accept(session.get()), 1);
    std::array<char, 4096> request;
    EXPECT_GT(::SSL_read(session.get(), request.data(), request.size()), 0);
    // What is said from now on goes out in one piece.
    BIO* const output = ::BIO_new(::BIO_s_mem());
    ::SSL_set0_wbio(session.get(), output);
    constexpr std::string_view kHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    EXPECT_GT(::SSL_write(session.get(), kHello.data(), kHello.size()), 0);
    if (parts_ == Parts::later) write(fd, output);
    ::SSL_shutdown(session.get());
    write(fd, output);
    kept_.push_back(::dup(fd));
  }
  static void write(int fd, BIO* output) {
    std::array<char, 4096> bytes;
    const int count = ::BIO_read(output, bytes.data(), bytes.size());
    write_text(fd, {bytes.data(), static_cast<std::size_t>(count)});
  }

  Parts parts_;
  std::vector<unsigned char> staple_;
  ServerContext context_ = make_server_context(test::make_certificate("localhost"));
  std::vector<int> kept_;
  ScriptedServer server_{[this](int fd, int) { serve(fd); }};
};

TEST(Tls, AsksNobodyWhoHasSaidGoodbye) {
  for (const auto parts : {PartingServer::Parts::with_its_answer, PartingServer::Parts::later}) {
    const PartingServer server(parts);
    LoneClient vu({.verifies_peer = false});
    for (int i = 0; i < 3; ++i) EXPECT_EQ(get(vu, server.port(), "localhost"), "200 hello");
  }
}

struct Case {
  std::string_view host;
  TlsOptions options;
  bool is_trusted;
  std::string_view answer;
  std::string_view version;
};

TEST(Tls, TrustsWhomItShould) {
  const Case cases[] = {
      {"localhost", {}, true, "200 said hello", "tls1.3"},
      {"localhost", {.max = TlsVersion::tls1_2}, true, "200 said hello", "tls1.2"},
      {"localhost", {}, false, "1310 x509: unknown authority", ""},
      {"localhost", {.verifies_peer = false}, false, "200 said hello", "tls1.3"},
      {"127.0.0.1", {}, true, "1311 x509: certificate doesn't match hostname", ""},
      {"127.0.0.1", {.verifies_peer = false}, true, "200 said hello", "tls1.3"},
  };
  const EchoServer server;
  for (const Case& c : cases) {
    std::optional<TrustedFile> trusted;
    if (c.is_trusted) trusted.emplace(server.authority());
    LoneClient vu(c.options);
    EXPECT_EQ(get(vu, server.port(), c.host), c.answer) << c.host;
    EXPECT_EQ(vu.last.link().tls_version, c.version) << c.host;
  }
}

// Whoever asks first reads the authorities, before the clock of a request begins.
TEST(Tls, IsPreparedOnce) {
  SharedTls tls;
  tls.set_options({.verifies_peer = false});
  EXPECT_TRUE(tls.prepare());
  EXPECT_FALSE(tls.prepare());
  EXPECT_TRUE(tls.context());
}

TEST(Tls, SaysWhatIsWrongWithAServer) {
  const EchoServer plain(false);
  LoneClient vu;
  EXPECT_TRUE(get(vu, plain.port(), "localhost").starts_with("1301 tls: ")) << get(vu, plain.port(), "localhost");
  const EchoServer server;
  LoneClient old({.min = TlsVersion::tls1_0, .max = TlsVersion::tls1_1});
  EXPECT_EQ(get(old, server.port(), "localhost"), "1010 remote error: tls: protocol version not supported");
}

// A server may say by itself what the authority says of its certificate.
TEST(Tls, HearsWhatIsStapled) {
  constexpr auto kParts = PartingServer::Parts::with_its_answer;
  const PartingServer server(kParts, test::make_staple({.status = V_OCSP_CERTSTATUS_REVOKED, .reason = 4}));
  const PartingServer babbler(kParts, {1, 2, 3});
  for (const TlsVersion version : {TlsVersion::tls1_2, TlsVersion::tls1_3}) {
    LoneClient vu({.verifies_peer = false, .max = version});
    ASSERT_EQ(get(vu, server.port(), "localhost"), "200 hello");
    ASSERT_TRUE(vu.last.link().ocsp);
    EXPECT_EQ(vu.last.link().ocsp->status, "revoked");
    EXPECT_EQ(vu.last.link().ocsp->revocation_reason, "superseded");
    EXPECT_EQ(vu.last.link().ocsp->revoked_at, 900'000'000);
    ASSERT_EQ(get(vu, babbler.port(), "localhost"), "200 hello");
    EXPECT_FALSE(vu.last.link().ocsp);
  }
}

TEST(Tls, OffersTheSuitesThatAreWanted) {
  const EchoServer server;
  const auto cipher_of = [&](const std::string& ciphers) {
    LoneClient vu({.verifies_peer = false, .max = TlsVersion::tls1_2, .ciphers = ciphers});
    const std::string got = get(vu, server.port(), "localhost");
    return got == "200 said hello" ? vu.last.link().tls_cipher : got;
  };
  EXPECT_EQ(cipher_of("ECDHE-ECDSA-AES256-SHA"), "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA");
  EXPECT_EQ(cipher_of("ECDHE-ECDSA-CHACHA20-POLY1305"), "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305");
  // The server's key is none of RSA's.
  EXPECT_EQ(cipher_of("ECDHE-RSA-AES128-GCM-SHA256"), "1010 remote error: tls: handshake failure");
}

}  // namespace
}  // namespace gantry::load
