#include "netpol/needs/host_text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace gantry::netpol {
namespace {

std::string dump(const std::vector<HostText>& hosts) {
  std::vector<std::string> texts;
  for (const HostText& host : hosts) texts.push_back(to_string(host) + (host.port_hidden ? ":?" : ""));
  return fmt::format("{}", fmt::join(texts, " "));
}

struct Case {
  const char* what;
  const char* text;
  const char* hosts;
};

// Network policy reference, §14.2.
const Case kCases[] = {
    {"a URL", "http://web.shop:8080/path?x=1#y", "http://web.shop:8080"},
    {"a URL without a port", "https://api.example.com/v1", "https://api.example.com"},
    {"a user is left behind", "redis://user:secret@cache:6379/0", "redis://cache:6379"},
    {"a user whose password holds an at sign", "amqp://u:p@ss@mq:5672", "amqp://mq:5672"},
    {"a user whose password holds a slash", "postgres://u:p/w@db:5432/shop", "postgres://db:5432"},
    {"a user whose password is a variable", "nats://a:$(NATS_PASSWORD)@nats.agents:4222", "nats://nats.agents:4222"},
    {"an at sign in a path belongs to nobody", "http://web:80/u@example.com", "http://web:80"},
    {"a list within a URL", "mongodb://u:p@a:1,b:2,c/db", "mongodb://a:1 mongodb://b:2 mongodb://c"},
    {"a list of URLs", "nats://a:4222,nats://b:4222", "nats://a:4222 nats://b:4222"},
    {"a list of URLs with users", "http://u@x:1,http://v@y:2", "http://x:1 http://y:2"},
    {"a list of brokers", "a:9092,b:9092", "a:9092 b:9092"},
    {"a list with spaces", "a:9092, b:9092", "a:9092 b:9092"},
    {"a list in brackets", "[a:9092,b:9092]", "a:9092 b:9092"},
    {"a list of quoted words", R"(["a:9092","b:9092"])", "a:9092 b:9092"},
    {"semicolons", "a:1;b:2", "a:1 b:2"},
    {"a flag", "--brokers=a:9092,b:9092", "a:9092 b:9092"},
    {"an assignment", "URL=http://web:80", "http://web:80"},
    {"jdbc", "jdbc:postgresql://db:5432/shop?user=x", "postgresql://db:5432"},
    {"jdbc with its parameters", "jdbc:sqlserver://db:1433;databaseName=shop", "sqlserver://db:1433"},
    {"a resolver of gRPC", "dns:///svc.ns:50051", "dns://svc.ns:50051"},
    {"a resolver with its server", "dns://10.0.0.10/svc.ns:50051", "dns://svc.ns:50051"},
    {"a service record", "mongodb+srv://cluster0.example.net/db", "mongodb+srv://cluster0.example.net"},
    {"a socket is no host", "unix:///run/x.sock", ""},
    {"a file is no host", "file:///etc/passwd", ""},
    {"a bucket is no host", "s3://bucket/key", ""},
    {"Go's form of MySQL", "user:secret@tcp(db.shop:3306)/shop", "db.shop:3306"},
    {"IPv6", "http://[2001:db8::1]:80/x", "http://[2001:db8::1]:80"},
    {"IPv6 without a scheme", "[2001:db8::1]:80", "[2001:db8::1]:80"},
    {"IPv4", "10.1.2.3:80", "10.1.2.3:80"},
    {"a dot at the end", "http://web.shop.svc.cluster.local.:80", "http://web.shop.svc.cluster.local:80"},
    {"capitals", "HTTP://Web.Shop:80", "http://web.shop:80"},
    {"a driver behind a plus", "postgresql+psycopg2://u:p@db/shop", "postgresql+psycopg2://db"},
    {"a name of the cluster, alone", "resolver kube-dns.kube-system.svc.cluster.local;",
     "kube-dns.kube-system.svc.cluster.local"},
    {"within a sentence", "wait for (db:5432) and then <http://web/>.", "db:5432 http://web"},
    {"in JSON", R"({"url":"http://web:80/a,b","n":1})", "http://web:80"},
    {"a port that is a variable", "http://web:$(PORT)/", "http://web:?"},
    {"a host that is a variable", "http://${HOST}:80/", ""},
    {"a template", "http://{{ .Values.host }}:80", ""},
    {"a bare name is no host for sure", "redis", ""},
    {"a dotted name is none either", "api.example.com", ""},
    {"a time", "12:30:45", ""},
    {"a date with a time", "2025-12-01T00:00:00Z", ""},
    {"a digest", "sha256:abcdef", ""},
    {"an image", "registry.example.com/shop/web:1.2", ""},
    {"a port that is too large", "web:70000", ""},
    {"port zero", "web:0", ""},
    {"a path in git's form", "git@github.com:org/repo", ""},
    {"a listening address without a host", ":8080", ""},
    {"Windows' paths", "C:\\data", ""},
};

TEST(FindHosts, ReadsWhatIsAHostForSure) {
  for (const Case& c : kCases) EXPECT_EQ(dump(find_hosts(c.text)), c.hosts) << c.what << ": " << c.text;
}

TEST(ReadHosts, TakesBareNamesOfAValueThatNamesHosts) {
  EXPECT_EQ(dump(read_hosts("db")), "db");
  EXPECT_EQ(dump(read_hosts("a,b.shop")), "a b.shop");
  EXPECT_EQ(dump(read_hosts("10.0.0.1")), "10.0.0.1");
  EXPECT_EQ(dump(read_hosts("/run/db.sock")), "");
  EXPECT_EQ(dump(read_hosts("42")), "");
}

TEST(HostText, KnowsLoopbackAndTheAddressesThatOneListensOn) {
  for (const char* text : {"localhost:80", "127.0.0.1:80", "127.1.2.3:80", "0.0.0.0:80", "[::1]:80", "[::]:80"}) {
    ASSERT_EQ(find_hosts(text).size(), 1U) << text;
    EXPECT_TRUE(find_hosts(text).front().is_loopback()) << text;
  }
  EXPECT_FALSE(find_hosts("10.0.0.1:80").front().is_loopback());
  EXPECT_FALSE(find_hosts("localhost.example.com:80").front().is_loopback());
}

TEST(HostText, HasTheDefaultPortOfItsScheme) {
  const auto port_of = [](std::string_view url) {
    const std::optional<kube::Port> port = find_hosts(url).front().default_port();
    return port ? port->value() : 0;
  };
  EXPECT_EQ(port_of("http://a"), 80);
  EXPECT_EQ(port_of("https://a"), 443);
  EXPECT_EQ(port_of("postgresql+psycopg2://a"), 5432);
  EXPECT_EQ(port_of("clickhouse+http://a"), 8123);
  EXPECT_EQ(port_of("rediss://a"), 6379);
  EXPECT_EQ(port_of("grpc://a"), 0);
  EXPECT_EQ(port_of("mongodb+srv://a"), 0);
  EXPECT_EQ(port_of("made-up://a"), 0);
}

TEST(SchemeNamedIn, FindsAProductAmongTheWordsOfAName) {
  EXPECT_EQ(scheme_named_in("SPRING_REDIS_HOST")->port, 6379);
  EXPECT_EQ(scheme_named_in("kafka.bootstrap.servers")->port, 9092);
  EXPECT_EQ(scheme_named_in("DATABASE_HOST"), nullptr);
  EXPECT_EQ(scheme_named_in("HTTP_HOST"), nullptr);
}

// Nothing that stands around a host changes what is read; written down it reads back as itself.
RC_GTEST_PROP(FindHosts, FindsWhatWasWrittenBetweenOtherWords, ()) {
  const auto label = [] {
    return rc::gen::suchThat(rc::gen::container<std::string>(rc::gen::elementOf(std::string("abcdz019-"))),
                             [](const std::string& text) { return text.size() < 20 && is_host_name(text); });
  };
  HostText written;
  written.host = *label() + "." + *label();
  written.scheme = *rc::gen::element<std::string>("", "http", "nats", "postgres");
  written.port = kube::Port{*rc::gen::inRange<std::uint16_t>(1, 65535)};
  const std::string user = written.scheme.empty() ? "" : *rc::gen::element<std::string>("", "u@", "u:p/w@", "u:$(P)@");
  std::string text = to_string(written);
  if (!user.empty()) text.insert(written.scheme.size() + 3, user);
  const std::string before = *rc::gen::element<std::string>("", "x ", "\"", "KEY=", "[", "'a' ", "--flag=", "(", "; ");
  const std::string after = *rc::gen::element<std::string>("", " x", "\"", ";", "/path", "]", ")", ", y", "?a=b@c");
  const std::vector<HostText> found = find_hosts(before + text + after);
  RC_ASSERT(found.size() == 1U);
  RC_ASSERT(to_string(found.front()) == to_string(written));
  RC_ASSERT(read_hosts(to_string(written)).front().host == written.host);
}

RC_GTEST_PROP(FindHosts, TakesAnyTextInItsOrder, (const std::string& text)) {
  std::size_t offset = 0;
  for (const HostText& host : find_hosts(text)) {
    RC_ASSERT(host.offset >= offset);
    RC_ASSERT(host.is_address() || is_host_name(host.host));
    offset = host.offset;
  }
}

}  // namespace
}  // namespace gantry::netpol
