// k6/http against a real server: redirects, cookies, tags and what the options say of all requests.

#include "base/json.h"
#include "http/http.h"
#include "load/one_vu.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace gantry::load {
namespace {

using http::Request;
using http::Response;

std::string header(const Request& request, std::string_view name) {
  return std::string(request.headers.find(name).value_or("-"));
}

Response redirect(std::string location, int status = 302) {
  Response response = Response::empty(status);
  response.headers.set("Location", std::move(location));
  return response;
}

// What it was asked, as text; places that redirect; and one that gives cookies.
std::unique_ptr<http::Server> start_server() {
  const auto tell = [](const Request& request) {
    return Response::text(fmt::format("{} cookie={} auth={} agent={} body={}", request.method,
                                      header(request, "Cookie"), header(request, "Authorization"),
                                      header(request, "User-Agent"), request.body));
  };
  std::vector<http::Route> routes;
  for (const char* method : {"GET", "POST", "HEAD"})
    routes.push_back({.method = method, .pattern = "/tell", .handler = tell});
  const auto add = [&](std::string method, std::string pattern, auto handler) {
    routes.push_back({.method = std::move(method), .pattern = std::move(pattern), .handler = handler});
  };
  add("GET", "/from", [](const Request& request) { return Response::text(header(request, "Referer")); });
  for (const char* pattern : {"/to", "/deep/er/to"})
    add("GET", pattern, [](const Request& request) { return redirect(*request.query_value("at")); });
  add("POST", "/moved", [](const Request&) { return redirect("/tell", 303); });
  add("POST", "/kept", [](const Request&) { return redirect("tell", 307); });
  add("POST", "/echo", [](const Request& request) { return Response::text(request.body); });
  add("POST", "/type", [](const Request& request) { return Response::text(header(request, "Content-Type")); });
  add("GET", "/moved", [](const Request&) { return redirect("/tell"); });
  add("GET", "/loop", [](const Request&) { return redirect("/loop"); });
  add("GET", "/away", [](const Request& request) {
    const std::string port = header(request, "Host");
    return redirect("http://localhost" + port.substr(port.find(':')) + "/tell");
  });
  add("GET", "/to/place", [](const Request& request) { return redirect(request.query_value("at").value_or("")); });
  for (const char* pattern : {"/who", "/to/who"})
    add("GET", pattern, [](const Request& request) {
      return Response::text(fmt::format("{} host={} referer={} auth={}", request.path, header(request, "Host"),
                                        header(request, "Referer"), header(request, "Authorization")));
    });
  add("GET", "/give", [](const Request&) {
    Response response = redirect("/tell");
    response.headers.add("Set-Cookie", "id=7; Path=/; HttpOnly");
    response.headers.add("Set-Cookie", "deep=1; Path=/deep");
    response.headers.add("Set-Cookie", "foreign=1; Domain=example.com");
    response.headers.add("Set-Cookie", "secret=1; Secure");
    return response;
  });
  auto server = http::Server::start({}, *http::Router::create(std::move(routes)));
  EXPECT_TRUE(server);
  return *std::move(server);
}

struct Case {
  std::string_view what;
  std::string_view script;  // an expression; `at` is the server's URL
  std::string_view value;   // as JSON
};

const Case kCases[] = {
    {"303 becomes a GET without a body", "http.post(at + '/moved', 'x').body",
     R"("GET cookie=- auth=- agent=Grafana k6/2.2.0 body=")"},
    {"307 keeps method and body", "http.post(at + '/kept', 'x').body",
     R"("POST cookie=- auth=- agent=Grafana k6/2.2.0 body=x")"},
    {"the URL is the last one's, and the request the first",
     "(r => [r.url === at + '/tell', r.request.url === at + '/moved'])(http.get(at + '/moved'))", "[true,true]"},
    {"none are followed", "http.get(at + '/moved', { redirects: 0 }).status", "302"},
    {"a circle ends", "http.get(at + '/loop').status", "302"},
    {"credentials stay on the host", "http.get(at + '/moved', { headers: { Authorization: 'me' } }).body",
     R"("GET cookie=- auth=me agent=Grafana k6/2.2.0 body=")"},
    {"credentials go to no other host",
     "http.get(at + '/away', { headers: { authorization: 'me', Cookie: 'a=1' } }).body",
     R"("GET cookie=- auth=- agent=Grafana k6/2.2.0 body=")"},
    {"a place that is as another",
     "['../../from', '?at=/from', '/deep/../from', '../x/./../../from'].map(to => http.get(`${at}/deep/er/to?at=${"
     "encodeURIComponent(to)}`)).map(r => [r.status, r.url.slice(at.length)])",
     R"([[200,"/from"],[200,"/from"],[200,"/from"],[200,"/from"]])"},
    {"a place that is none", "(r => [r.status, r.url.slice(at.length)])(http.get(at + '/to?at='))",
     R"([302,"/to?at="])"},
    {"where it comes from", "http.get(at + '/to?at=/from').body.slice(at.length)", R"("/to?at=/from")"},
    {"where it comes from, hop by hop",
     "http.get(at.replace('://', '://me:secret@') + '/to?at=' + encodeURIComponent('/to?at=/from')).body === at + "
     "'/to?at=/from'",
     "true"},
    {"where the script says it comes from", "http.get(at + '/to?at=/from', { headers: { referer: 'mine' } }).body",
     R"("mine")"},
    {"a cookie is sent with what a cookie may have",
     "['a b', 'a,b', 'a\"b;c', '\u00fc', 'x=y'].map(q => http.get(at + '/tell', { cookies: { q } }).body.split(' "
     "auth')[0].slice(11))",
     R"(["q=\"a b\"","q=\"a,b\"","q=abc","q=","q=x=y"])"},
    {"what a location may be",
     "['../who', './who', 'who', '/a/./b/../../who', '/who#f', at + '/x/../who'].map(to => http.get(at + "
     "'/to/place?at=' + "
     "encodeURIComponent(to)).body.split(' ')[0])",
     R"(["/who","/to/who","/to/who","/who","/who","/who"])"},
    {"a location that is a query alone",
     "http.get(at + '/to/place?at=' + encodeURIComponent('?at=/who')).url === at + '/who'", "true"},
    {"no location", "http.get(at + '/to/place?at=').status", "302"},
    {"a location of no host", "http.get(at + '/to/place?at=mailto:me@you').error",
     R"("unsupported protocol scheme \"mailto\"")"},
    {"the page before", "http.get(at + '/to/place?at=/who').body.split(' ')[2].replace(at, '')",
     R"("referer=/to/place?at=/who")"},
    {"a page that the script says",
     "http.get(at + '/to/place?at=/who', { headers: { referer: 'r' } }).body.split(' ')[2]", R"("referer=r")"},
    {"a host's other name, as long as no host is named",
     "['/who', at + '/who'].map(to => http.get(at + '/to/place?at=' + to, { headers: { Host: 'localhost' } "
     "}).body.split(' ')[1] "
     "=== 'host=localhost')",
     "[true,false]"},
    {"credentials of a location",
     "http.get(at + '/to/place?at=' + at.replace('://', '://a:b@') + '/who').body.split('auth=')[1]",
     R"("Basic YTpi")"},
    {"credentials of a URL, as long as no host is named",
     "['/who', at + '/who'].map(to => http.get(at.replace('://', '://a:b@') + '/to/place?at=' + "
     "to).body.split('auth=')[1])",
     R"(["Basic YTpi","-"])"},
    {"a header of cookies is the first hop's",
     "http.get(at + '/moved', { headers: { Cookie: 'a=1' } }).body.split(' ')[1]", R"("cookie=-")"},
    {"no script says how long a body is",
     "http.post(at + '/echo', 'x', { headers: { 'transfer-encoding': 'chunked', trailer: 'x', 'content-length': '7' } "
     "}).body",
     R"("x")"},
    {"a URL that is none", "(r => [r.error_code, r.error])(http.get('http://[::1/'))",
     R"([1020,"invalid URL: parse \"http://[::1/\": missing ']' in host"])"},
    {"cookies are kept, hop by hop", "[http.get(at + '/give').body, http.get(at + '/tell').body]",
     R"(["GET cookie=id=7 auth=- agent=Grafana k6/2.2.0 body=","GET cookie=id=7 auth=- agent=Grafana k6/2.2.0 body="])"},
    {"an answer's own cookies",
     "Object.values(http.get(at + '/give', { redirects: 0 }).cookies).flat().map(c => [c.name, c.value, c.path, "
     "c.http_only])",
     R"([["id","7","/",true],["deep","1","/deep",false],["foreign","1","",false],["secret","1","",false]])"},
    {"cookies of one request", "http.get(at + '/tell', { cookies: { a: 1, b: { value: 'two', replace: true } } }).body",
     R"("GET cookie=a=1; b=two auth=- agent=Grafana k6/2.2.0 body=")"},
    {"one replaces the jar's",
     "(http.cookieJar().set(at, 'a', 'jar'), [{ a: 'x' }, { a: { value: 'x', replace: true } }].map(cookies => "
     "http.get(at + '/tell', { cookies }).body.split(' ')[1]))",
     R"(["cookie=a=x;","cookie=a=x"])"},
    {"a jar of the script's own",
     "(() => { const jar = new http.CookieJar(); jar.set(at, 'n', 'v', { path: '/tell' }); jar.set(at, 'old', 'v', { "
     "expires: 'Mon, 02 Jan 2006 15:04:05 MST' }); return [http.get(at + '/tell', { jar }).body.split(' ')[1], "
     "jar.cookiesForURL(at + '/tell'), jar.cookiesForURL(at + '/tells'), http.cookieJar().cookiesForURL(at)] })()",
     R"(["cookie=n=v",{"n":["v"]},{},{}])"},
    {"a jar forgets",
     "(() => { const jar = http.cookieJar(); jar.set(at, 'a', 1); jar.set(at, 'b', 2); jar.delete(at, 'a'); const left "
     "= jar.cookiesForURL(at); jar.clear(at); return [left, jar.cookiesForURL(at)] })()",
     R"([{"b":["2"]},{}])"},
    {"a throw in place of a status 0",
     "(() => { try { http.get('http://127.0.0.1:1/', { throw: true }) } catch (e) { return e.message } })()",
     R"("Get \"http://127.0.0.1:1/\": dial tcp 127.0.0.1:1: connect: connection refused")"},
    {"credentials of a URL", "http.get(at.replace('://', '://me:s%20cret@') + '/tell').body",
     R"("GET cookie=- auth=Basic bWU6cyBjcmV0 agent=Grafana k6/2.2.0 body=")"},
    {"a form", "http.post(at + '/tell', { b: 'x y', a: [1, true], c: null }).body",
     R"("POST cookie=- auth=- agent=Grafana k6/2.2.0 body=a=1&a=true&b=x+y&c=")"},
    {"a form with a file",
     "(() => { const r = http.post(at + '/echo', { n: 1, f: http.file(new Uint8Array([65, 66]).buffer, 'a\"b.txt', "
     "'text/plain') }); return r.body.replaceAll(r.body.slice(2, 32), '…') })()",
     R"("--…\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n1\r\n--…\r\nContent-Disposition: form-data; name=\"f\"; )"
     R"(filename=\"a\\\"b.txt\"\r\nContent-Type: text/plain\r\n\r\nAB\r\n--…--\r\n")"},
    {"its type", "http.post(at + '/type', { f: http.file('x') }).body.replace(/=.*/, '')",
     R"("multipart/form-data; boundary")"},
    {"an answer in time", "http.get(at + '/loop', { timeout: '20s' }).status", "302"},
    {"a promise", "http.asyncRequest('GET', at + '/tell').then(r => r.status)", "200"},
};

TEST(Requests, DoWhatScriptsOfK6Expect) {
  const std::unique_ptr<http::Server> server = start_server();
  for (const Case& c : kCases) {
    OneVu stage(
        fmt::format("import http from 'k6/http'; const at = '{}'; export default () => {};", server->url(), c.script));
    ASSERT_EQ(stage.load(), "loaded") << c.what;
    EXPECT_EQ(stage.call(), c.value) << c.what;
  }
}

TEST(Requests, GoOnAsWhoTheyAreToAnotherPortOfTheHost) {
  const std::unique_ptr<http::Server> server = start_server();
  const std::unique_ptr<http::Server> other = start_server();
  OneVu stage(
      fmt::format("import http from 'k6/http'; export default () => http.get('{}/to?at={}/tell', {{ headers: {{ "
                  "Authorization: 'me' }} }}).body;",
                  server->url(), other->url()));
  ASSERT_EQ(stage.load(), "loaded");
  EXPECT_EQ(stage.call(), R"("GET cookie=- auth=me agent=Grafana k6/2.2.0 body=")");
}

TEST(Requests, TellWhatWentEachWay) {
  const std::unique_ptr<http::Server> server = start_server();
  OneVu stage(
      fmt::format("import http from 'k6/http'; export default () => http.post('{}/type', 'x'.repeat(10000)).status;",
                  server->url()));
  ASSERT_EQ(stage.load(), "loaded");
  ASSERT_EQ(stage.call(), "200");
  stage.vu->record_traffic(SampleTime(0));
  const double sent = std::get<CounterSink>(*stage.sink("data_sent")).count();
  const double received = std::get<CounterSink>(*stage.sink("data_received")).count();
  EXPECT_GT(sent, 10'000);
  EXPECT_LT(sent, 11'000);
  EXPECT_GT(received, 0);
  EXPECT_LT(received, 1'000);
}

struct PathCase {
  std::string_view path;
  std::string_view value;
};

// GJSON's own examples, and what its reference says of the rest.
const PathCase kPaths[] = {
    {"name.last", R"("Anderson")"},
    {"age", "37"},
    {"children", R"(["Sara","Alex","Jack"])"},
    {"children.#", "3"},
    {"children.1", R"("Alex")"},
    {"child*.2", R"("Jack")"},
    {"c?ildren.0", R"("Sara")"},
    {"fav\\\\.movie", R"("Deer Hunter")"},
    {"friends.#.first", R"(["Dale","Roger","Jane"])"},
    {"friends.1.last", R"("Craig")"},
    {"friends.#(last==\"Murphy\").first", R"("Dale")"},
    {"friends.#(last==\"Murphy\")#.first", R"(["Dale","Jane"])"},
    {"friends.#(age>45)#.last", R"(["Craig","Murphy"])"},
    {"friends.#(first%\"D*\").last", R"("Murphy")"},
    {"friends.#(first!%\"D*\").last", R"("Craig")"},
    {"friends.#(nets.#(==\"fb\"))#.first", R"(["Dale","Roger"])"},
    {"children.#(!=\"Sara\")", R"("Alex")"},
    {"friends.#(age<40).first", "undefined"},
    {"children.first", "undefined"},
    {"nobody", "undefined"},
    {"age.x", "undefined"},
    {"friends.#(", "undefined"},
};

TEST(Requests, PickOutOfJson) {
  const std::unique_ptr<http::Server> server = start_server();
  for (const PathCase& c : kPaths) {
    OneVu stage(fmt::format(R"(
      import http from 'k6/http';
      const document = {{ name: {{ first: 'Tom', last: 'Anderson' }}, age: 37, children: ['Sara', 'Alex', 'Jack'], 'fav.movie': 'Deer Hunter',
        friends: [{{ first: 'Dale', last: 'Murphy', age: 44, nets: ['ig', 'fb', 'tw'] }},
                  {{ first: 'Roger', last: 'Craig', age: 68, nets: ['fb', 'tw'] }},
                  {{ first: 'Jane', last: 'Murphy', age: 47, nets: ['ig', 'tw'] }}] }};
      export default () => http.post('{}/echo', JSON.stringify(document)).json('{}');)",
                            server->url(), c.path));
    ASSERT_EQ(stage.load(), "loaded") << c.path;
    EXPECT_EQ(stage.call(), c.value) << c.path;
  }
  OneVu broken(fmt::format(
      "import http from 'k6/http'; export default () => http.post('{}/echo', '{{\"a\": 1,\\n oops}}').json();",
      server->url()));
  ASSERT_EQ(broken.load(), "loaded");
  EXPECT_TRUE(broken.call().starts_with("threw SyntaxError: cannot parse json due to an error at line 2, character 2"))
      << broken.call();
}

TEST(Requests, ObeyTheOptionsOfTheScript) {
  const std::unique_ptr<http::Server> server = start_server();
  OneVu stage(fmt::format(R"(
    import http from 'k6/http';
    export default function () {{
      const first = http.get('{0}/tell').body;
      const bytes = http.get('{0}/moved', {{ responseType: 'text' }}).status;
      let message;
      try {{ http.get('http://127.0.0.1:1/') }} catch (e) {{ message = e.message }}
      return [first, bytes, message];
    }}
    export const agent = () => http.get('{0}/tell', {{ responseType: 'text' }}).body;)",
                          server->url()));
  stage.options() = {.user_agent = "mine", .redirects_max = 0, .discards_bodies = true, .throws = true};
  ASSERT_EQ(stage.load(), "loaded");
  EXPECT_EQ(stage.call(),
            R"([null,302,"Get \"http://127.0.0.1:1/\": dial tcp 127.0.0.1:1: connect: connection refused"])");
  EXPECT_EQ(stage.call("agent"), R"("GET cookie=- auth=- agent=mine body=")");
}

TEST(Requests, AreNotFollowedSilentlyWhereNobodySaysHowOften) {
  const std::unique_ptr<http::Server> server = start_server();
  for (const std::int64_t most : {10, 2}) {
    OneVu stage(
        fmt::format("import http from 'k6/http'; export default () => http.get('{}/loop').status;", server->url()));
    stage.options().redirects_max = most;
    ASSERT_EQ(stage.load(), "loaded");
    EXPECT_EQ(stage.call(), "302");
    EXPECT_EQ(stage.log.size(), most == 10 ? 1U : 0U);
  }
}

TEST(Requests, ForgetCookiesBetweenIterations) {
  const std::unique_ptr<http::Server> server = start_server();
  for (const bool resets : {true, false}) {
    OneVu stage(fmt::format(R"(
      import http from 'k6/http';
      const seen = [];
      export default () => {{ http.cookieJar(); seen.push(http.get('{0}/tell').body.split(' ')[1]); http.cookieJar().set('{0}', 'a', '1') }}
      export const told = () => seen;)",
                            server->url()));
    stage.options().resets_cookies = resets;
    ASSERT_EQ(stage.load(), "loaded");
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(stage.vu->iterate("default"));
    EXPECT_EQ(stage.call("told"), resets ? R"(["cookie=-","cookie=-"])" : R"(["cookie=-","cookie=a=1"])");
  }
}

TEST(Requests, AreLoggedWhereSomebodyAsks) {
  const auto server = start_server();
  const std::string script = fmt::format(
      "import http from 'k6/http';\nexport default () => http.post('{}/echo', 'body', {{ headers: {{ a: 1 }} "
      "}}).status;",
      server->url());
  for (const bool is_whole : {false, true}) {
    OneVu stage(script);
    stage.options().debug = is_whole ? RequestOptions::Debug::bodies : RequestOptions::Debug::heads;
    ASSERT_EQ(stage.load(), "loaded");
    EXPECT_EQ(stage.call(), "200");
    ASSERT_EQ(stage.log.size(), 2U);
    EXPECT_EQ(
        stage.log[0],
        fmt::format("Request:\nPOST /echo HTTP/1.1\nHost: {}\nUser-Agent: Grafana k6/2.2.0\nA: 1\nContent-Length: "
                    "4\n\n{}\n",
                    server->url().substr(7), is_whole ? "body" : ""));
    EXPECT_TRUE(stage.log[1].starts_with("Response:\nHTTP/1.1 200 OK\n")) << stage.log[1];
    EXPECT_EQ(stage.log[1].contains("\n\nbody\n"), is_whole) << stage.log[1];
  }
}

TEST(Requests, TellWhoAnsweredWhereSomebodyAsks) {
  const auto server = start_server();
  for (const bool tells : {false, true}) {
    OneVu stage(
        fmt::format("import http from 'k6/http';\nexport default () => http.get('{}/tell').status;", server->url()));
    if (tells) stage.state().system_tags = *SystemTags::read(*base::load_json(R"({"systemTags": ["ip"]})", "options"));
    stage.recorder.keep_apart(*parse_metric_selector("http_reqs{ip:127.0.0.1}"));
    ASSERT_EQ(stage.load(), "loaded");
    EXPECT_EQ(stage.call(), "200");
    EXPECT_EQ(std::get<CounterSink>(*stage.sink("http_reqs")).count(), 1);
    EXPECT_EQ(std::get<CounterSink>(*stage.recorder.sink("http_reqs{ip:127.0.0.1}")).count(), tells ? 1 : 0);
  }
}

// Also of those that a redirect leads to: what is asked of the name counts the last answer, the slow one as a rule.
TEST(Requests, KeepTheNameOfATemplate) {
  const auto server = start_server();
  OneVu stage(fmt::format(
      "import http from 'k6/http';\nexport default () => http.get(http.url`{}/${{'moved'}}`).status;", server->url()));
  const std::string named = fmt::format("http_reqs{{name:{}/${{}}}}", server->url());
  stage.recorder.keep_apart(*parse_metric_selector(named));
  ASSERT_EQ(stage.load(), "loaded");
  EXPECT_EQ(stage.call(), "200");
  EXPECT_EQ(std::get<CounterSink>(*stage.recorder.sink(named)).count(), 2);
}

TEST(Requests, KeepCredentialsOnTheHostAtAnyPort) {
  const auto server = start_server();
  const auto other = start_server();
  OneVu stage(
      fmt::format("import http from 'k6/http';\nexport default () => http.get('{}/to/place?at={}/who', {{ headers: {{ "
                  "Authorization: "
                  "'me' }} }}).body;",
                  server->url(), other->url()));
  ASSERT_EQ(stage.load(), "loaded");
  EXPECT_TRUE(stage.call().contains(" auth=me")) << stage.call();
}

// Bytes that come back with the coding that a header names, whatever they are. It would undo one that the request names itself, so that
// those tests hide it.
std::unique_ptr<http::Server> start_mirror() {
  const auto mirror = [](const Request& request) {
    Response response = Response::text(request.body);
    response.headers.set("Content-Encoding", header(request, "X-Coding"));
    response.headers.set("X-Sent", header(request, "Content-Encoding"));
    return response;
  };
  auto server = http::Server::start({}, *http::Router::create({{.method = "POST", .pattern = "/", .handler = mirror}}));
  EXPECT_TRUE(server);
  return *std::move(server);
}

TEST(Requests, CompressAndUncompress) {
  const Case cases[] = {
      {"one coding",
       "(r => [r.body, r.headers['X-Sent'], r.headers['Content-Encoding'], r.request.body])(http.post(at, 'hello', { "
       "compression: 'gzip', headers: { 'X-Coding': 'gzip', 'content-encoding': 'identity' } }))",
       R"(["hello","identity","gzip","hello"])"},
      {"two",
       "http.post(at, 'hello', { compression: 'br, zstd', headers: { 'X-Coding': 'br, zstd', 'Content-Encoding': "
       "'identity' } }).body",
       R"("hello")"},
      {"bytes",
       "new Uint8Array(http.post(at, new Uint8Array([1, 2]).buffer, { compression: 'deflate', responseType: 'binary', "
       "headers: { 'X-Coding': 'deflate', 'Content-Encoding': 'identity' } }).body).join()",
       R"("1,2")"},
      {"what is none",
       "(r => [r.status, r.error.slice(0, 33), r.error_code, r.body])(http.post(at, 'hello', { headers: { 'X-Coding': "
       "'gzip' } }))",
       R"([0,"error decompressing response body",1701,null])"},
      {"an unknown one", "http.post(at, 'hello', { compression: 'lzma' }).error",
       R"("unknown compression algorithm lzma, supported algorithms are [gzip deflate zstd br]")"},
      {"one that nobody knows", "http.post(at, 'hello', { headers: { 'X-Coding': 'identity' } }).body", R"("hello")"},
  };
  const auto server = start_mirror();
  for (const Case& c : cases) {
    OneVu stage(fmt::format("import http from 'k6/http'; const at = '{}/';\nexport default () => {};", server->url(),
                            c.script));
    ASSERT_EQ(stage.load(), "loaded") << c.what;
    EXPECT_EQ(stage.call(), c.value) << c.what;
  }
}

}  // namespace
}  // namespace gantry::load
