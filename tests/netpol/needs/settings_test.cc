#include "netpol/needs/settings.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace gantry::netpol {
namespace {

std::string_view to_string(Wording wording) {
  constexpr std::array<std::string_view, 5> kNames = {"word", "name", "pair", "url", "with_port"};
  return kNames.at(static_cast<std::size_t>(wording));
}

std::string dump(const std::vector<HostReference>& references) {
  std::vector<std::string> texts;
  for (const HostReference& reference : references) {
    texts.push_back(fmt::format("{}:{} {}", reference.host.host,
                                reference.port ? std::to_string(reference.port->value()) : "-",
                                to_string(reference.wording)));
  }
  return fmt::format("{}", fmt::join(texts, "; "));
}

struct Case {
  const char* what;
  std::vector<Setting> group;
  const char* references;
};

const Case kCases[] = {
    {"a URL with its port", {{"URL", "http://web:80", {}}}, "web:80 with_port"},
    {"a URL whose port is its scheme's", {{"URL", "http://web", {}}}, "web:80 url"},
    {"a host and its port", {{"DB_HOST", "db", {}}, {"DB_PORT", "5432", {}}}, "db:5432 pair"},
    {"in any order", {{"DB_PORT", "5432", {}}, {"DB_HOST", "db", {}}}, "db:5432 pair"},
    {"without an underscore", {{"PGHOST", "db", {}}, {"PGPORT", "5433", {}}}, "db:5433 pair"},
    {"in a map", {{"host", "db", {}}, {"port", "5432", {}}}, "db:5432 pair"},
    {"in Envoy's words", {{"address", "web", {}}, {"port_value", "80", {}}}, "web:80 pair"},
    {"with dots", {{"spring.redis.host", "c", {}}, {"spring.redis.port", "6379", {}}}, "c:6379 pair"},
    {"in camel case", {{"redisHost", "c", {}}, {"redisPort", "6379", {}}}, "c:6379 pair"},
    {"another prefix is another's port", {{"DB_HOST", "db", {}}, {"WEB_PORT", "80", {}}}, "db:- name"},
    {"the port in the value wins", {{"DB_HOST", "db:1", {}}, {"DB_PORT", "2", {}}}, "db:1 with_port"},
    {"a port that is none", {{"DB_HOST", "db", {}}, {"DB_PORT", "postgres", {}}}, "db:- name; postgres:- word"},
    {"a list under one name", {{"BROKERS", "a:1,b:2", {}}}, "a:1 with_port; b:2 with_port"},
    {"bare names under a name for hosts", {{"KAFKA_SERVERS", "a,b", {}}}, "a:- name; b:- name"},
    {"a bare word under another name", {{"CACHE_TYPE", "redis", {}}}, "redis:- word"},
    {"a word that names something", {{"SERVICE_NAME", "web", {}}}, ""},
    {"CORS speaks of browsers", {{"CORS_ORIGINS", "https://app.example.com", {}}}, ""},
    {"what is listened on", {{"LISTEN_ADDR", "web:80", {}}}, ""},
    {"what is bound", {{"http.bind_address", "10.0.0.1:80", {}}}, ""},
    {"Kafka's advertised listeners", {{"advertised.listeners", "PLAINTEXT://kafka-0.kafka:9092", {}}}, ""},
    {"where the outside sees it", {{"GF_SERVER_ROOT_URL", "https://grafana.example.com", {}}}, ""},
    {"loopback", {{"REDIS_ADDR", "redis://localhost:6379", {}}}, ""},
    {"everything", {{"API_HOST", "0.0.0.0", {}}, {"API_PORT", "8000", {}}}, ""},
};

TEST(ReadSettings, FindsHostsAndTheirPorts) {
  for (const Case& c : kCases) EXPECT_EQ(dump(read_settings(c.group)), c.references) << c.what;
}

TEST(ReadSettings, ShowsNoUserAndNoPassword) {
  const std::vector<Setting> group = {{"URL", "redis://user:secret@cache:6379/0?token=secret", {}}};
  EXPECT_EQ(read_settings(group).front().text, "URL=redis://cache:6379");
}

TEST(ReadSettings, RemembersWhichPortTheNameSuggests) {
  const std::vector<Setting> group = {{"REDIS_HOST", "cache", {}}};
  EXPECT_EQ(read_settings(group).front().likely_port, kube::Port{6379});
}

TEST(ReadSettings, PointsAtTheLineWithinABlockScalar) {
  base::SourcePos where{.file = std::make_shared<const std::string>("a.yaml"), .line = 10, .column = 3};
  const std::vector<Setting> block = {{"", "first\nhttp://web:80\n", where}};
  EXPECT_EQ(base::to_string(read_settings(block).front().where), "a.yaml:12:1");
  where.line = 0;
  const std::vector<Setting> file = {{"", "first\nhttp://web:80\n", where}};
  EXPECT_EQ(base::to_string(read_settings(file).front().where), "a.yaml:2:1");
  const std::vector<Setting> line = {{"", "http://web:80", {where.file, 7, 5}}};
  EXPECT_EQ(base::to_string(read_settings(line).front().where), "a.yaml:7:5");
}

TEST(IsPlausibleOutside, TellsHostsFromFilesAndVersions) {
  for (const char* host : {"api.example.com", "openmeter.cloud", "db.internal"})
    EXPECT_TRUE(is_plausible_outside(host)) << host;
  for (const char* host : {"web", "main.go", "v1.2", "app.json", "1.x"})
    EXPECT_FALSE(is_plausible_outside(host)) << host;
}

}  // namespace
}  // namespace gantry::netpol
