// Scripts that replace what the language comes with: k6's own modules go on as before, and the script sees what it has put there.

#include "load/script/intrinsics.h"

#include "load/http/scripted_server.h"
#include "load/one_vu.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gantry::load {
namespace {

constexpr std::string_view kImports = R"(
import { check, group } from 'k6';
import crypto from 'k6/crypto';
import { SharedArray } from 'k6/data';
import encoding from 'k6/encoding';
import exec from 'k6/execution';
import { parseHTML } from 'k6/html';
import http from 'k6/http';
import { Counter } from 'k6/metrics';
)";

// Uses of the modules that use no method of the language themselves.
constexpr std::string_view kBody = R"(
const users = new SharedArray('users', () => [{ name: 'ann' }, { name: 'bob' }]);
const counter = new Counter('counter');
export default () => {
  const base = `http://127.0.0.1:${__ENV.PORT}`;
  let seen = '';
  const see = (value) => { seen = `${seen}${value};`; };
  see(users.length); see(users[1].name);
  see(encoding.b64encode('hello')); see(encoding.b64decode('aGVsbG8=', 'std', 's'));
  see(crypto.sha256('abc', 'hex'));
  see(parseHTML('<p class="a">one</p><p>two</p>').find('p.a').text());
  const answers = http.batch([['GET', `${base}/a`], { method: 'POST', url: `${base}/b`, body: { x: 1, y: 'z' }, params: { tags: { t: 'u' }, headers: { 'x-a': 'b' } } }]);
  see(answers[0].status); see(answers[1].status); see(answers[1].json('a.1.b'));
  see(http.get(`${base}/c`, { cookies: { c: 'd' } }).json().a[0]);
  const jar = http.cookieJar();
  jar.set(base, 'mine', 'value');
  see(jar.cookiesForURL(base).mine[0]);
  see(http.url`${base}/${1}`);
  see(http.post(`${base}/d`, { file: http.file('text', 'name.txt') }).status);
  see(group('g', () => check(answers[0], { ok: (r) => r.status === 200 })));
  exec.vu.tags.own = 'tag';
  see(exec.vu.tags.own);
  counter.add(1, { a: 'b' });
  console.log({ list: [1, 'two', { three: null }], bytes: new Uint8Array(2) });
  return seen;
};
)";

// All that has a name in these, from the first line of the script on.
constexpr std::string_view kReplacement = R"(
const broken = function () { throw 'broken'; };
const keys = Reflect.ownKeys;
const define = Object.defineProperty;
const describe = Object.getOwnPropertyDescriptor;
const lists = [Array.prototype, String.prototype, RegExp.prototype, Map.prototype, Set.prototype, WeakMap.prototype, Promise.prototype, JSON, Math, Reflect,
  Object.getPrototypeOf([][Symbol.iterator]()), Object.getPrototypeOf(Uint8Array.prototype), Number, Number.prototype, Object, Date];
for (let i = 0; i < lists.length; ++i) {
  const names = keys(lists[i]);
  for (let j = 0; j < names.length; ++j) {
    const own = describe(lists[i], names[j]);
    if (names[j] !== 'constructor' && own.configurable && typeof own.value === 'function') define(lists[i], names[j], { value: broken, configurable: true, writable: true });
  }
}
)";

struct Seen {
  std::string returned;
  std::vector<std::string> log = {};
  bool operator==(const Seen&) const = default;
};

// `change` is made at top level, `late` in the iteration.
Seen run(std::string_view change, std::string_view late = "") {
  ScriptedServer server([](int fd, int) {
    if (!read_request(fd)) return;
    constexpr std::string_view kJson = R"({"a":["first",{"b":"second"}]})";
    write_text(
        fd, fmt::format("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{}", kJson.size(), kJson));
  });
  std::string body(kBody);
  constexpr std::string_view kBegin = "export default () => {";
  body.insert(body.find(kBegin) + kBegin.size(), late);
  OneVu one(fmt::format("{}const PORT = {};\n__ENV.PORT = `${{PORT}}`;\n{}\n{}", kImports, server.port, change, body));
  Seen seen{.returned = one.load()};
  if (seen.returned != "loaded") return seen;
  seen.returned = one.call();
  seen.log = one.log;
  const std::string port = fmt::to_string(server.port);
  for (std::size_t at = 0; (at = seen.returned.find(port)) != std::string::npos;)
    seen.returned.replace(at, port.size(), "P");
  return seen;
}

TEST(Intrinsics, OfOwnModulesAreNotTheScripts) {
  const Seen plain = run("");
  EXPECT_TRUE(plain.returned.starts_with("\"2;bob;aGVsbG8=;hello;ba7816bf")) << plain.returned;
  const Seen changed = run(kReplacement);
  EXPECT_EQ(changed.returned, plain.returned);
  EXPECT_EQ(changed.log, plain.log);
}

// What is done by full names only, and behind what has been looked at.
TEST(Intrinsics, OfOwnModulesAreNotWhatTheScriptMakesOfThemInAnIteration) {
  constexpr std::string_view kLate = R"(
    const broken = () => { throw 'broken'; };
    Array.prototype.push = Array.prototype.map = Array.prototype.forEach = Array.prototype['join'] = broken;
    String.prototype.replace = String.prototype.split = String.prototype.toLowerCase = broken;
    globalThis.JSON.parse = JSON.stringify = broken; Object.keys = Object.entries = broken;
    Map.prototype.get = Set.prototype.has = RegExp.prototype.exec = Math.min = Reflect.get = broken;
    if (__VU < 0) Array.prototype.slice = broken;
    const list = Array.prototype;
    list.find = list.filter = list.some = broken;
    const text = String.prototype;
    text.slice = text.startsWith = broken;
  )";
  const Seen plain = run("");
  const Seen changed = run("", kLate);
  EXPECT_EQ(changed.returned, plain.returned);
  EXPECT_EQ(changed.log, plain.log);
}

struct Case {
  std::string_view what;
  std::string_view change;
  std::string_view expression;
  std::string_view value;
};
constexpr Case kCases[] = {
    {"a method", "Array.prototype.at = function (i) { return i + 1; };", "[1].at(5)", "6"},
    {"one that is replaced twice", "Array.prototype.at = () => 1; new Counter('counter');",
     "(Array.prototype.at = () => 2, [1].at(5))", "2"},
    {"one that is taken away", "delete Array.prototype.at;", "typeof [].at", "\"undefined\""},
    {"one that its object has itself", "Array.prototype.at = () => 1;",
     "(() => { const list = []; list.at = () => 3; return [list.at(), [].at()]; })()", "[3,1]"},
    {"one behind a getter", "Object.defineProperty(Math, 'max', { get() { return () => 7; }, configurable: true });",
     "Math.max(1)", "7"},
    {"a global", "globalThis.Math = { max: () => 9 };", "Math.max(1)", "9"},
    {"a global, twice", "globalThis.Math = null; globalThis.Math = { max: () => 9 };",
     "(globalThis.Math = { max: () => 8 }, Math.max(1))", "8"},
    {"one that its global has itself", "Object.prototype.valueOf = () => 1;",
     "(globalThis.valueOf = () => 3, [globalThis.valueOf(), ({}).valueOf()])", "[3,1]"},
    {"one that is replaced in an iteration", "", "(Array.prototype.at = () => 2, [1].at(5))", "2"},
    {"one that is replaced in no iteration", "const f = () => { Array.prototype.at = () => 1; };", "[1, 2].at(1)", "2"},
    {"one that is named and defined",
     "Array.prototype.at = () => 1; Object.defineProperty(Array.prototype, 'at', { value: () => 3 });", "[1].at(5)",
     "3"},
    {"one that k6 itself replaces", "import { randomSeed } from 'k6'; const f = () => { Math.random = null; };",
     "(randomSeed(1), Math.random() === (randomSeed(1), Math.random()))", "true"},
    {"what others find", "Array.prototype.map = function () { return 'mine'; };",
     "[Object.getOwnPropertyDescriptor(Array.prototype, 'map').value(), Object.keys(Array.prototype).length]",
     "[\"mine\",0]"},
};

TEST(Intrinsics, AreWhatTheScriptMadeThemToTheScript) {
  for (const Case& each : kCases) {
    OneVu one(fmt::format("import {{ Counter }} from 'k6/metrics'; {}\nexport default () => {};", each.change,
                          each.expression));
    ASSERT_EQ(one.load(), "loaded") << each.what;
    EXPECT_EQ(one.call(), each.value) << each.what;
  }
}

}  // namespace
}  // namespace gantry::load
