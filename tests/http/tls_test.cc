#include "http/tls.h"

#include "http/client.h"
#include "support/certificate.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gantry::http {
namespace {

Tls make_certificate() {
  const test::Certificate certificate = test::make_certificate("localhost");
  return {.certificate_chain = certificate.chain, .private_key = certificate.key};
}

// A client that trusts one certificate only.
class TlsClient {
 public:
  TlsClient(std::uint16_t port, const Tls& trusted, int version_max = TLS1_3_VERSION,
            std::string_view protocols = "\x08http/1.1") {
    const std::unique_ptr<BIO, decltype(&BIO_free)> pem(
        BIO_new_mem_buf(trusted.certificate_chain.data(), static_cast<int>(trusted.certificate_chain.size())),
        BIO_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr), X509_free);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), certificate.get());
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_max_proto_version(context_.get(), version_max);
    SSL_CTX_set_security_level(context_.get(), 0);  // so that old versions fail at the server, not here
    SSL_CTX_set_alpn_protos(context_.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                            static_cast<unsigned>(protocols.size()));
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), socket_);
    has_connected_ = SSL_connect(ssl_.get()) == 1;
  }
  ~TlsClient() { ::close(socket_); }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  bool has_connected() const { return has_connected_; }

  // All that comes until the server closes.
  std::string ask(std::string_view request) {
    EXPECT_EQ(SSL_write(ssl_.get(), request.data(), static_cast<int>(request.size())),
              static_cast<int>(request.size()));
    std::string answer;
    std::array<char, 16384> bytes;
    for (int size = 1; size > 0;) {
      size = SSL_read(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
      if (size > 0) answer.append(bytes.data(), static_cast<std::size_t>(size));
    }
    return answer;
  }

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, SSL_free};
  int socket_ = -1;
  bool has_connected_ = false;
};

Response hello(const Request& request) { return Response::text("hello " + request.body + std::string(40'000, '.')); }

TEST(Tls, ServesThroughIt) {
  const Tls tls = make_certificate();
  const auto server = start({{.method = "POST", .pattern = "/", .handler = hello}}, {.tls = tls});
  EXPECT_EQ(server->url(), "https://127.0.0.1:" + std::to_string(server->port()));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(server->port(), tls, version);
    ASSERT_TRUE(client.has_connected());
    const std::string answer = client.ask(post("/", std::string(100'000, 'x'), "Connection: close\r\n"));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer.substr(0, 100);
    EXPECT_TRUE(answer.ends_with("..."));
    EXPECT_GT(answer.size(), 140'000u);
  }
}

TEST(Tls, RefusesOldVersionsAndOtherProtocols) {
  const Tls tls = make_certificate();
  const auto server = start({{.pattern = "/", .handler = hello}}, {.tls = tls});
  EXPECT_FALSE(TlsClient(server->port(), tls, TLS1_1_VERSION).has_connected());
  EXPECT_FALSE(TlsClient(server->port(), tls, TLS1_3_VERSION, "\x02h2").has_connected());
  EXPECT_TRUE(TlsClient(server->port(), tls, TLS1_3_VERSION, "\x02h2\x08http/1.1").has_connected());
  // Somebody who speaks no TLS is let go, and does not disturb.
  EXPECT_EQ(Client(server->port()).ask(get("/")).status, 0);
  EXPECT_TRUE(TlsClient(server->port(), tls).has_connected());
}

TEST(Tls, StopsWithConnectionsOpen) {
  const Tls tls = make_certificate();
  const auto server = start({{.pattern = "/", .handler = hello}}, {.tls = tls});
  TlsClient idle(server->port(), tls);
  Client silent(server->port());  // in the middle of its handshake
  EXPECT_TRUE(eventually([&] { return server->connections() == 2; }));
  const StopReport report = server->stop(std::chrono::seconds(10));
  EXPECT_EQ(report.cut, 0u);
}

TEST(Tls, WantsACertificateAndItsKey) {
  const Tls tls = make_certificate();
  const Tls other = make_certificate();
  EXPECT_TRUE(make_tls_context(tls));
  for (const Tls& bad : {Tls{}, Tls{.certificate_chain = "x", .private_key = tls.private_key},
                         Tls{.certificate_chain = tls.certificate_chain, .private_key = "x"},
                         Tls{.certificate_chain = tls.certificate_chain, .private_key = other.private_key}}) {
    const auto context = make_tls_context(bad);
    ASSERT_FALSE(context);
    EXPECT_EQ(context.error().kind, base::ErrorKind::input);
  }
}

}  // namespace
}  // namespace gantry::http
