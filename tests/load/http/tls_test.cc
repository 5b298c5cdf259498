// The client through TLS, against our own server.

#include "load/http/tls.h"

#include "http/http.h"
#include "load/http/lone_client.h"
#include "support/certificate.h"
#include "support/temp_dir.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

namespace gantry::load {
namespace {

using std::chrono::seconds;

// Answers with what it is sent. With a certificate for "localhost", whose authority is in a file.
class EchoServer {
 public:
  explicit EchoServer(bool is_tls = true) {
    const test::Certificate certificate = test::make_certificate("localhost");
    folder_.write("authority.pem", certificate.chain);
    const auto echo = [](const http::Request& request) { return http::Response::text("said " + request.body); };
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
  EXPECT_EQ(vu.last.tls_version, "tls1.3");
  EXPECT_TRUE(vu.last.tls_cipher.starts_with("TLS_")) << vu.last.tls_cipher;
  EXPECT_GT(vu.last.times.tls_handshaking.count(), 0);
  EXPECT_GE(vu.last.times.blocked, vu.last.times.connecting + vu.last.times.tls_handshaking);
  const std::string large(300'000, 'x');
  EXPECT_EQ(
      vu.send({.method = "POST", .host = "localhost", .port = server.port(), .is_https = true}, large, seconds(20)),
      "200 said " + large);
  EXPECT_EQ(vu.last.times.tls_handshaking.count(), 0) << "the connection was not kept";
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
    EXPECT_EQ(vu.last.tls_version, c.version) << c.host;
  }
}

TEST(Tls, SaysWhatIsWrongWithAServer) {
  const EchoServer plain(false);
  LoneClient vu;
  EXPECT_TRUE(get(vu, plain.port(), "localhost").starts_with("1301 tls: ")) << get(vu, plain.port(), "localhost");
  const EchoServer server;
  LoneClient old({.min = TlsVersion::tls1_0, .max = TlsVersion::tls1_1});
  EXPECT_TRUE(get(old, server.port(), "localhost").starts_with("1300 tls: ")) << get(old, server.port(), "localhost");
}

}  // namespace
}  // namespace gantry::load
