// k6/http's Response: its members are made when they are asked for, which no script may notice; and what plain requests take.

#include "http/http.h"
#include "load/one_vu.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

namespace gantry::load {
namespace {

std::unique_ptr<http::Server> start_server() {
  const auto answer = [](const http::Request& request) {
    http::Response response = http::Response::text(fmt::format("{{\"path\": \"{}\"}}", request.path));
    response.headers.add("X-Two", "1");
    response.headers.add("x-two", "2");
    return response;
  };
  const auto tell = [](const http::Request& request) {
    std::string text = std::string(request.method) + " " + std::string(request.body);
    for (const char* name : {"X-A", "Host", "Content-Type", "User-Agent"})
      text += fmt::format("|{}", request.headers.find(name).value_or("-"));
    return http::Response::text(text.substr(0, text.find(":1")) + text.substr(text.rfind("|-|")));
  };
  std::vector<http::Route> routes = {{.method = "GET", .pattern = "/one", .handler = answer},
                                     {.method = "GET", .pattern = "/two", .handler = answer}};
  for (const char* method : {"GET", "POST"}) routes.push_back({.method = method, .pattern = "/tell", .handler = tell});
  auto server = http::Server::start({}, *http::Router::create(std::move(routes)));
  EXPECT_TRUE(server);
  return *std::move(server);
}

struct Case {
  std::string_view what;
  std::string_view script;  // an expression; `r` is the answer of /one, `at` the server's URL
  std::string_view value;   // as JSON
};

const Case kCases[] = {
    {"its members, in order", "Object.keys(r)",
     R"(["remote_ip","remote_port","url","status","status_text","proto","headers","cookies","body","timings","tls_version",)"
     R"("tls_cipher_suite","ocsp","error","error_code","request"])"},
    {"for in", "(() => { let n = 0; for (const key in r) if (key in r && Object.hasOwn(r, key)) ++n; return n })()",
     "16"},
    {"as JSON",
     "(j => [j.status, j.body, j.url === at + '/one', j.headers['X-Two'], "
     "Object.keys(j).length])(JSON.parse(JSON.stringify(r)))",
     R"([200,"{\"path\": \"/one\"}",true,"1, 2",16])"},
    {"a copy",
     "(c => [c.status, c.proto, c.headers === r.headers, Object.keys(c).length, c instanceof http.Response])({ ...r })",
     R"([200,"HTTP/1.1",true,16,false])"},
    {"members stay the same objects",
     "[r.headers === r.headers, r.timings === r.timings, r.request === r.request, r.cookies === r.cookies]",
     "[true,true,true,true]"},
    {"each a plain member",
     "(d => [typeof d.value, d.writable, d.enumerable, d.configurable])(Object.getOwnPropertyDescriptor(r, 'timings'))",
     R"(["object",true,true,true])"},
    {"they can be set",
     "(r.status = 7, r.headers = { a: 1 }, r.mine = 8, [r.status, r.headers, r.mine, Object.keys(r).length])",
     R"([7,{"a":1},8,17])"},
    {"to undefined too", "(r.headers = undefined, r.body = null, [r.headers === undefined, r.body, 'headers' in r])",
     "[true,null,true]"},
    {"and be deleted",
     "(delete r.timings, delete r.status, [r.timings === undefined, r.status === undefined, 'timings' in r])",
     "[true,true,false]"},
    {"and be inherited from", "(o => [o.status, o.proto, o.headers['X-Two']])(Object.create(r))",
     R"([200,"HTTP/1.1","1, 2"])"},
    {"after the next request",
     "(() => { const next = http.get(at + '/two'); return [r.json().path, next.json().path, r.request.url === at + "
     "'/one', "
     "r.headers['X-Two'], r.timings.duration > 0, r.timings.duration !== next.timings.duration] })()",
     R"(["/one","/two",true,"1, 2",true,true])"},
    {"a class", "[r instanceof http.Response, r.constructor.name, String(r), typeof r.json, typeof r.html]",
     R"([true,"Response","[object Object]","function","function"])"},
    {"what it was parsed from is kept", "(r.json().mine = 1, [r.json().mine, r.json('path'), r.json() === r.json()])",
     R"([1,"/one",true])"},
    {"the times add up",
     "(t => [Object.keys(t), t.duration === t.sending + t.waiting + t.receiving || Math.abs(t.duration - t.sending - "
     "t.waiting - t.receiving) < 1e-6])(r.timings)",
     R"([["duration","blocked","looking_up","connecting","tls_handshaking","sending","waiting","receiving"],true])"},
    {"and are members as any other",
     "(t => (t.duration = 1, t.waiting = undefined, delete t.sending, [t.duration, t.waiting === undefined, "
     "Object.keys({ ...t }), JSON.stringify(t) === JSON.stringify({ ...t })]))"
     "(http.get(at + '/one').timings)",
     R"([1,true,["duration","blocked","looking_up","connecting","tls_handshaking","waiting","receiving"],true])"},
    {"what was sent",
     "(q => [q.method, q.url === at + '/tell', q.headers, q.body, q.cookies])(http.post(at + '/tell', 'é', { headers: "
     "{ 'x-a': 1, "
     "'content-type': 'text/plain', 'X-A': 'ü' } }).request)",
     R"(["POST",true,{"User-Agent":["Grafana k6/2.2.0"],"Content-Type":["text/plain"],"X-A":["ü"]},"é",{}])"},
    {"one that a script makes",
     "(m => [m.status === undefined, m.headers === undefined, Object.keys(m).length])(new http.Response())",
     "[true,true,16]"},
    {"nobody else's json()", "(() => { try { r.json.call({}) } catch (e) { return e.name } })()", R"("TypeError")"},
    {"bytes", "[...new Uint8Array(http.get(at + '/one', { responseType: 'binary' }).body)].length", "16"},
    {"JSON of bytes", "(b => [b.json('path'), b.json().path])(http.get(at + '/one', { responseType: 'binary' }))",
     R"(["/one","/one"])"},
    {"none", "http.get(at + '/one', { responseType: 'none' }).body", "null"},
    {"bytes are sent", "http.post(at + '/tell', new Uint8Array([65, 66]).buffer).body.split('|')[0]", R"("POST AB")"},
    {"any method", "http.request('post', at + '/tell', 'x').request.method", R"("post")"},
    {"an exception of a value",
     "(() => { try { http.get(at, { headers: { a: { toString() { throw new Error('mine') } } } }) } catch (e) { return "
     "e.message } })()",
     R"("mine")"},
    {"a header's line break", "http.get(at, { headers: { a: 'b\\nc' } }).error",
     R"("net/http: invalid header field value for \"A\"")"},
    {"a bad tag", "http.get(at, { tags: { a: {} } }).error",
     R"("invalid HTTP request metric tags: invalid value for metric tag 'a': only String, Boolean and Number types are accepted as a metric tag values")"},
    {"a bad timeout", "http.get(at, { timeout: 'soon' }).error",
     R"("invalid timeout value: time: invalid duration \"soon\"")"},
    {"a URL with a name", "(u => [http.get(u).json().path, http.get(u).url === at + '/one'])(http.url`${at}/${'one'}`)",
     R"(["/one",true])"},
    {"a batch",
     "http.batch([at + '/one', ['GET', at + '/two'], { method: 'GET', url: at + '/one' }]).map((x) => x.json().path)",
     R"(["/one","/two","/one"])"},
};

TEST(Response, IsAsIfAllWereThere) {
  const std::unique_ptr<http::Server> server = start_server();
  for (const Case& c : kCases) {
    OneVu stage(
        fmt::format("import http from 'k6/http'; const at = '{}'; export default () => {{ const r = http.get(at + "
                    "'/one'); return {}; }};",
                    server->url(), c.script));
    ASSERT_EQ(stage.load(), "loaded") << c.what;
    EXPECT_EQ(stage.call(), c.value) << c.what;
  }
}

TEST(Response, IsExpectedOrNot) {
  const std::unique_ptr<http::Server> server = start_server();
  OneVu stage(fmt::format(R"(
    import http from 'k6/http';
    const at = '{}';
    export default function () {{
      http.get(at + '/nowhere');
      http.setResponseCallback(http.expectedStatuses(404));
      http.get(at + '/nowhere');
      http.get(at + '/one', {{ responseCallback: null }});
      http.get(at + '/one', {{ tags: {{ name: 'n', kind: 1 }} }});
      http.setResponseCallback(null);
      http.get(at + '/one');
    }})",
                          server->url()));
  stage.recorder.keep_apart(*parse_metric_selector("http_reqs{name:n,kind:1}"));
  stage.recorder.keep_apart(*parse_metric_selector("http_reqs{status:404}"));
  ASSERT_EQ(stage.load(), "loaded");
  EXPECT_EQ(stage.call(), "undefined");
  EXPECT_EQ(std::get<RateSink>(*stage.sink("http_req_failed")).total(), 3U);
  EXPECT_EQ(std::get<RateSink>(*stage.sink("http_req_failed")).trues(), 2U);
  EXPECT_EQ(std::get<CounterSink>(*stage.sink("http_reqs")).count(), 5);
  EXPECT_EQ(std::get<CounterSink>(*stage.recorder.sink("http_reqs{name:n,kind:1}")).count(), 1);
  EXPECT_EQ(std::get<CounterSink>(*stage.recorder.sink("http_reqs{status:404}")).count(), 2);
}

}  // namespace
}  // namespace gantry::load
