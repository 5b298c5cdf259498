// The API with nothing configured, from outside: every route, what it refuses, what it logs.

#include "api/stripe_signature.h"
#include "base/json.h"
#include "base/subprocess.h"
#include "examples/api/servers.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

namespace kgents {
namespace {

using gantry::base::Node;
using gantry::test::TempDir;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kKey = "Authorization: Bearer acme.3f2c9b";

struct Case {
  const char* what;
  const char* method;
  const char* path;
  std::string body;
  std::vector<std::string> headers;
  int status;
  const char* answer;  // is in the body
};

const Case kCases[] = {
    {"alone, it is well", "GET", "/health", "", {}, 200, R"("status":"ok")"},
    {"and says that it is alone", "GET", "/health/saas", "", {}, 200, R"("status":"not_configured","started":true)"},
    {"all numbers are there from the start", "GET", "/metrics", "", {}, 200, "\nkgents_nats_circuit_state 0\n"},

    {"a handle",
     "POST",
     "/v1/agentese/resolve",
     R"({"path":"concept.forest","observer":{"id":"o"}})",
     {},
     200,
     R"({"path":"concept.forest","context":"concept","holon":"forest")"},
    {"no handle",
     "POST",
     "/v1/agentese/resolve",
     R"({"path":"concept.tree","observer":{"id":"o"}})",
     {},
     404,
     "concept.tree"},
    {"no JSON", "POST", "/v1/agentese/resolve", "path=concept.forest", {}, 422, "no JSON"},
    {"no object", "POST", "/v1/agentese/resolve", "[]", {}, 422, "no JSON object"},
    {"no path", "POST", "/v1/agentese/resolve", R"({"observer":{"id":"o"}})", {}, 422, R"(\"path\")"},
    {"no observer", "POST", "/v1/agentese/resolve", R"({"path":"concept.forest"})", {}, 422, R"(\"observer.id\")"},
    {"an observer that is a text",
     "POST",
     "/v1/agentese/resolve",
     R"({"path":"concept.forest","observer":"o"})",
     {},
     422,
     R"(\"observer.id\")"},
    {"an observer without end",
     "POST",
     "/v1/agentese/resolve",
     R"({"path":"concept.forest","observer":{"id":")" + std::string(129, 'o') + "\"}}",
     {},
     422,
     R"(\"observer.id\")"},

    {"the first aspect is meant",
     "POST",
     "/v1/agentese/invoke",
     R"({"path":"self.memory","observer":{"id":"o"}})",
     {},
     200,
     R"("aspect":"manifest")"},
    {"another aspect",
     "POST",
     "/v1/agentese/invoke",
     R"({"path":"self.memory","aspect":"recall","observer":{"id":"o"}})",
     {},
     200,
     R"("aspect":"recall")"},
    {"no such aspect",
     "POST",
     "/v1/agentese/invoke",
     R"({"path":"self.memory","aspect":"sip","observer":{"id":"o"}})",
     {},
     422,
     "manifest, engram, recall, forget"},
    {"an aspect that is no text",
     "POST",
     "/v1/agentese/invoke",
     R"({"path":"self.memory","aspect":7,"observer":{"id":"o"}})",
     {},
     422,
     R"(\"aspect\")"},
    {"no such handle to invoke",
     "POST",
     "/v1/agentese/invoke",
     R"({"path":"self.x","observer":{"id":"o"}})",
     {},
     404,
     "self.x"},

    {"sessions need a key", "GET", "/v1/kgent/sessions", "", {}, 401, "API key"},
    {"to begin one too", "POST", "/v1/kgent/sessions", "{}", {}, 401, "API key"},
    {"nobody has begun one",
     "GET",
     "/v1/kgent/sessions",
     "",
     {"Authorization: Bearer nobody.1"},
     200,
     R"({"sessions":[],"count":0})"},
    {"one is begun",
     "POST",
     "/v1/kgent/sessions",
     R"({"title":"first"})",
     {kKey},
     201,
     R"("tenant":"acme","title":"first","status":"active")"},
    {"and is listed", "GET", "/v1/kgent/sessions", "", {kKey}, 200, R"("title":"first")"},
    {"a title is not needed", "POST", "/v1/kgent/sessions", "", {"Authorization: Bearer t.1"}, 201, R"("title":"")"},
    {"a title is a text", "POST", "/v1/kgent/sessions", R"({"title":[]})", {kKey}, 422, R"(\"title\")"},

    {"without a secret no webhook", "POST", "/webhooks/stripe", "{}", {}, 503, "no webhook secret"},
    {"no such route", "GET", "/v1/nothing", "", {}, 404, "error"},
    {"no such method", "GET", "/v1/agentese/invoke", "", {}, 405, "error"},
    {"too much", "POST", "/v1/agentese/resolve", std::string((64 << 10) + 1, ' '), {}, 413, "error"},
};

TEST(Alone, AnswersEachRequest) {
  const TempDir directory;
  const ApiProcess api(directory, {});
  HttpClient client(api.port());
  for (const Case& c : kCases) {
    const Answer answer =
        c.method == std::string_view("GET") ? client.get(c.path, c.headers) : client.post(c.path, c.body, c.headers);
    EXPECT_EQ(answer.status, c.status) << c.what << "\n" << answer.body;
    EXPECT_THAT(answer.body, HasSubstr(c.answer)) << c.what;
    EXPECT_TRUE(answer.headers.contains("x-request-id")) << c.what;
  }
}

TEST(Alone, MetricsAreAsPrometheusWantsThem) {
  const TempDir directory;
  const ApiProcess api(directory, {});
  HttpClient client(api.port());
  for (const Case& c : kCases) {
    if (c.method == std::string_view("GET")) client.get(c.path, c.headers);
  }
  const Answer page = client.get("/metrics");
  EXPECT_EQ(page.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const auto checked = gantry::base::run_command({.argv = {GANTRY_PROMTOOL, "check", "metrics"}, .input = page.body});
  ASSERT_TRUE(checked) << describe(checked.error());
  EXPECT_EQ(checked->status, 0) << checked->out << checked->err;
  EXPECT_EQ(checked->err, "") << "no advice either";
  EXPECT_EQ(api.metric(R"(kgents_api_requests_total{method="GET",route="/v1/kgent/sessions",status="401"})"), 1);
  EXPECT_EQ(api.metric(R"(kgents_api_requests_total{method="other",route="none",status="404"})"), 1);
}

TEST(Alone, RequestIdsAreKeptWhenTheyAreHarmless) {
  const TempDir directory;
  const ApiProcess api(directory, {});
  HttpClient client(api.port());
  const auto id_of = [&](const std::string& given) {
    return client.get("/health", {"X-Request-ID: " + given}).header("x-request-id");
  };
  EXPECT_EQ(id_of("7a6f-1_B"), "7a6f-1_B");
  EXPECT_EQ(id_of(std::string(128, 'a')), std::string(128, 'a'));
  for (const std::string& bad : {std::string("a\"b"), std::string("a b"), std::string(129, 'a')})
    EXPECT_THAT(id_of(bad), testing::MatchesRegex("[0-9a-f]+")) << bad;
}

TEST(Alone, AnswersToItsOwnNames) {
  const TempDir directory;
  const ApiProcess local(directory, {});
  const ApiProcess behind_a_proxy(directory, {{"API_ALLOWED_HOSTS", "api.kgents.example"}}, "proxied.log");
  const ApiProcess for_all(directory, {{"API_HOST", "0.0.0.0"}}, "for-all.log");
  const auto status = [](const ApiProcess& api, const char* host) {
    return HttpClient(api.port()).get("/health", {std::string("Host: ") + host}).status;
  };
  EXPECT_EQ(status(local, "localhost:8000"), 200);
  EXPECT_EQ(status(local, "api.kgents.example"), 421);
  EXPECT_EQ(status(behind_a_proxy, "api.kgents.example"), 200);
  EXPECT_EQ(status(behind_a_proxy, "evil.example"), 421);
  EXPECT_EQ(status(for_all, "kgent-api.kgents-triad.svc.cluster.local"), 200) << "as the gateway asks";
}

TEST(Alone, OriginsMayBeAllowed) {
  const TempDir directory;
  const ApiProcess api(directory, {{"CORS_ORIGINS", "https://app.kgents.example"}});
  HttpClient client(api.port());
  const auto allowed = [&](const char* origin) {
    return client.get("/health", {std::string("Origin: ") + origin}).header("access-control-allow-origin");
  };
  EXPECT_EQ(allowed("https://app.kgents.example"), "https://app.kgents.example");
  EXPECT_EQ(allowed("https://evil.example"), "");
}

TEST(Alone, LogsEachRequestAsOneObject) {
  const TempDir directory;
  const ApiProcess api(directory, {});
  HttpClient client(api.port());
  client.get("/health");  // the kubelet's: not worth a line
  client.get("/v1/kgent/sessions?q=secret", {"Authorization: Bearer acme.hunter2", "X-Request-ID: r1",
                                             "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"});
  client.get("/nothing", {"X-Request-ID: r2"});
  std::vector<std::string> lines;
  ASSERT_TRUE(becomes_true([&] { return (lines = api.log_lines()).size() >= 3; }));
  ASSERT_EQ(lines.size(), 3U);
  const auto request = gantry::base::load_json(lines[1], "log");
  ASSERT_TRUE(request) << lines[1];
  EXPECT_THAT(std::string(request->text("time")), testing::MatchesRegex("....-..-..T..:..:..\\..........Z"));
  EXPECT_EQ(request->text("level"), "info");
  EXPECT_EQ(request->text("msg"), "request");
  EXPECT_EQ(request->text("request_id"), "r1");
  EXPECT_EQ(request->text("trace_id"), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(request->text("tenant"), "acme");
  EXPECT_EQ(request->text("method"), "GET");
  EXPECT_EQ(request->text("route"), "/v1/kgent/sessions");
  EXPECT_EQ(*request->get("status"), Node(200));
  EXPECT_TRUE(request->get("duration_ms")->is_number());
  EXPECT_THAT(lines[1], Not(testing::AnyOf(HasSubstr("hunter2"), HasSubstr("secret"))));
  EXPECT_THAT(lines[2], testing::AllOf(HasSubstr(R"("level":"warning")"), HasSubstr(R"("status":404)")));
}

struct BadSetting {
  Variables settings;
  const char* message;
};
const BadSetting kBadSettings[] = {
    {{{"API_PORT", "x"}}, "API_PORT"},
    {{{"API_HOST", "203.0.113.1"}}, "203.0.113.1"},  // an address for documentation (RFC 5737): no machine has it
};

TEST(Alone, WhatItCannotServeWithEndsItAtOnce) {
  for (const BadSetting& c : kBadSettings) {
    const TempDir directory;
    Process api({KGENT_API_PROGRAM}, c.settings, directory.path("api.log"));
    EXPECT_NE(api.wait(), 0);
    EXPECT_THAT(directory.read("api.log"), HasSubstr(c.message));
  }
}

TEST(Alone, EndsWhenAskedTo) {
  for (const int number : {SIGTERM, SIGINT}) {
    const TempDir directory;
    ApiProcess api(directory, {});
    HttpClient client(api.port());
    EXPECT_EQ(client.get("/health").status, 200);  // its connection stays open, and must not hold up the end
    api.signal(number);
    EXPECT_EQ(api.wait(), 0);
    EXPECT_THAT(api.log_lines().back(), HasSubstr(R"("msg":"stopped","events_lost":0)"));
  }
}

}  // namespace
}  // namespace kgents
