// Who a request says it is, against a server that asks and reckons for itself.

#include "load/one_vu.h"

#include "base/base64.h"
#include "http/http.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <memory>
#include <string>

namespace gantry::load {
namespace {

std::string hash(const EVP_MD* algorithm, const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  EXPECT_EQ(::EVP_Digest(text.data(), text.size(), bytes.data(), &size, algorithm, nullptr), 1);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", bytes[i]);
  return hex;
}

// The value of a field of an Authorization.
std::string field(const std::string& authorization, const std::string& name) {
  const std::size_t at = authorization.find(name + "=\"");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 2;
  return authorization.substr(begin, authorization.find('"', begin) - begin);
}

http::Response ask(std::string_view challenge) {
  http::Response response = http::Response::text("who?");
  response.status = 401;
  response.headers.set("WWW-Authenticate", std::string(challenge));
  return response;
}

std::string said(const http::Request& request) {
  return std::string(request.headers.find("Authorization").value_or(""));
}

// RFC 7616, §3.4.1, for "me" with "s@cret".
http::Response ask_for_digest(const http::Request& request, std::string_view name, const EVP_MD* algorithm) {
  const std::string authorization = said(request);
  if (!authorization.starts_with("Digest "))
    return ask(
        fmt::format(R"(Digest realm="a \"realm\"", nonce="n", qop="auth-int, auth", algorithm={}, opaque="o")", name));
  const std::string secret = hash(algorithm, "me:a \"realm\":s@cret");
  const std::string asked = hash(algorithm, fmt::format("{}:{}", request.method, field(authorization, "uri")));
  const std::string expected =
      hash(algorithm, fmt::format("{}:n:00000001:{}:auth:{}", secret, field(authorization, "cnonce"), asked));
  const bool is_right = field(authorization, "response") == expected && field(authorization, "opaque") == "o";
  return http::Response::text(is_right ? "welcome " + request.body : "wrong: " + authorization);
}

// MS-NLMP, §3.3.2: the key of its example, §4.2.4.1.1, which is User's of Domain with Password.
constexpr std::array<unsigned char, 16> kNtlmKey = {0x0c, 0x86, 0x8a, 0x40, 0x3b, 0xfd, 0x7a, 0x93,
                                                    0xa3, 0x00, 0x1e, 0xf2, 0x2e, 0xf0, 0x2e, 0x3f};
// "NTLMSSP", 2, a target of no name, flags, the server's challenge, and that it is called "S".
constexpr std::string_view kNtlmChallenge =
    "TlRMTVNTUAACAAAAAAAAADAAAAAFgoigASNFZ4mrze8AAAAAAAAAAAoACgAwAAAAAQACAFMAAAAAAA==";

http::Response ask_for_ntlm(const http::Request& request) {
  const std::string authorization = said(request);
  if (authorization.starts_with("NTLM TlRMTVNTUAAB")) return ask(fmt::format("NTLM {}", kNtlmChallenge));
  if (!authorization.starts_with("NTLM TlRMTVNTUAAD")) return ask("Negotiate, NTLM");
  const std::string message = base::decode_base64(authorization.substr(5)).value_or("");
  const auto number = [&](std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(message.at(at))) |
           static_cast<std::size_t>(static_cast<unsigned char>(message.at(at + 1))) << 8;
  };
  const std::string answer = message.substr(number(24), number(20));
  const std::string reckoned = "\x01\x23\x45\x67\x89\xab\xcd\xef" + answer.substr(16);
  std::array<unsigned char, 16> proof{};
  unsigned size = 0;
  ::HMAC(::EVP_md5(), kNtlmKey.data(), static_cast<int>(kNtlmKey.size()),
         reinterpret_cast<const unsigned char*>(reckoned.data()), reckoned.size(), proof.data(), &size);
  const bool is_right = answer.starts_with(std::string_view(reinterpret_cast<const char*>(proof.data()), proof.size()));
  return http::Response::text(is_right ? "welcome" : "wrong");
}

std::unique_ptr<http::Server> start_server() {
  const auto md5 = [](const http::Request& request) { return ask_for_digest(request, "MD5", ::EVP_md5()); };
  const auto sha = [](const http::Request& request) { return ask_for_digest(request, "SHA-256", ::EVP_sha256()); };
  const auto unknown = [](const http::Request&) { return ask(R"(Digest realm="r", nonce="n", algorithm=SHA-999)"); };
  auto server =
      http::Server::start({}, *http::Router::create({{.method = "POST", .pattern = "/md5", .handler = md5},
                                                     {.method = "POST", .pattern = "/sha", .handler = sha},
                                                     {.method = "POST", .pattern = "/unknown", .handler = unknown},
                                                     {.method = "POST", .pattern = "/ntlm", .handler = ask_for_ntlm}}));
  EXPECT_TRUE(server);
  return *std::move(server);
}

struct Case {
  const char* what;
  const char* user;
  const char* path;
  const char* auth;
  const char* answer;
  int requests;
};

TEST(Credentials, AreGivenToWhoAsks) {
  const Case cases[] = {
      {"digest by MD5", "me:s%40cret", "/md5?a=b", "digest", R"([200,"welcome body"])", 2},
      {"digest by SHA-256", "me:s%40cret", "/sha", "digest", R"([200,"welcome body"])", 2},
      {"digest of another kind", "me:x", "/unknown", "digest", R"([401,"who?"])", 1},
      {"NTLM", "Domain%5CUser:Password", "/ntlm", "ntlm", R"([200,"welcome"])", 3},
      {"NTLM with another password", "Domain%5CUser:password", "/ntlm", "ntlm", R"([200,"wrong"])", 3},
      {"NTLM of who is asked for a digest", "me:s%40cret", "/md5", "ntlm", R"([401,"who?"])", 1},
      {"none of both", "me:s%40cret", "/ntlm", "basic", R"([401,"who?"])", 1},
  };
  const std::unique_ptr<http::Server> server = start_server();
  for (const Case& c : cases) {
    OneVu stage(
        fmt::format("import http from 'k6/http';\nexport default () => {{ const r = http.post('{}'.replace('://', "
                    "'://{}@') + '{}', 'body', {{ auth: '{}' }}); return [r.status, r.body]; }};",
                    server->url(), c.user, c.path, c.auth));
    ASSERT_EQ(stage.load(), "loaded");
    EXPECT_EQ(stage.call(), c.answer) << c.what;
    EXPECT_EQ(std::get<CounterSink>(*stage.sink("http_reqs")).count(), c.requests) << c.what;
  }
}

TEST(Credentials, ExpectToBeAskedOnce) {
  const std::unique_ptr<http::Server> server = start_server();
  OneVu stage(
      fmt::format("import http from 'k6/http';\nexport default () => http.post('{}/md5'.replace('://', "
                  "'://me:s%40cret@'), '', {{ auth: 'digest' }}).status;",
                  server->url()));
  ASSERT_EQ(stage.load(), "loaded");
  EXPECT_EQ(stage.call(), "200");
  EXPECT_EQ(std::get<RateSink>(*stage.sink("http_req_failed")).rate(), 0);
}

}  // namespace
}  // namespace gantry::load
