// The modules that need no network: what an expression in setup() comes to, as JSON. Expected values are those of published test vectors
// (RFC 4648 §10, RFC 1321 A.5, FIPS 180, RFC 4231) and of k6's documentation.

#include "load/load.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gantry::load {
namespace {

constexpr std::string_view kImports =
    "import encoding, { b64encode, b64decode } from 'k6/encoding';\n"
    "import crypto, { hmac, sha256, createHash, createHMAC, hexEncode, randomBytes } from 'k6/crypto';\n"
    "import { SharedArray } from 'k6/data';\n"
    "import { randomSeed } from 'k6';\n"
    "import { uuidv4, randomIntBetween, randomItem, randomString, findBetween, normalDistributionStages } from "
    "'https://jslib.k6.io/k6-utils/1.4.0/index.js';\n"
    "import { textSummary, jUnit } from 'https://jslib.k6.io/k6-summary/0.1.0/index.js';\n"
    "const text = open('./data/users.json');\n"
    "const bytes = open('data/bytes.bin', 'b');\n"
    "const users = new SharedArray('users', () => JSON.parse(text));\n"
    "const of = (buffer) => Array.from(new Uint8Array(buffer));\n";

base::MemoryFileSystem files_with(std::string main) {
  base::MemoryFileSystem files;
  files.write("load/main.js", std::move(main));
  files.write("load/data/users.json", R"([{"name":"ann","tags":["a"]},{"name":"bob"}])");
  files.write("load/data/bytes.bin", std::string("\x00\xff\x41", 3));
  return files;
}

// The JSON of what setup() returned, or what went wrong.
std::string evaluate(std::string_view expression) {
  const base::MemoryFileSystem files =
      files_with(fmt::format("{}export const setup = () => ({});\nexport default () => 1;\n", kImports, expression));
  const RunOutcome outcome = run_script({.files = files, .script = "load/main.js"});
  if (outcome.error) return outcome.error->message;
  return outcome.setup_data.value_or("undefined");
}

struct Case {
  std::string_view expression;
  std::string_view json;
};

constexpr Case kCases[] = {
    {"text.length", "44"},
    {"of(bytes)", "[0,255,65]"},
    {"['', 'f', 'fo', 'foo', 'foob'].map((t) => b64encode(t))", R"(["","Zg==","Zm8=","Zm9v","Zm9vYg=="])"},
    {"['std', 'rawstd', 'url', 'rawurl'].map((e) => b64encode(new Uint8Array([251, 255]).buffer, e))",
     R"(["+/8=","+/8","-_8=","-_8"])"},
    {"b64encode('grüße €')", R"("Z3LDvMOfZSDigqw=")"},
    {"b64decode('Z3LDvMOfZSDigqw=', 'std', 's')", R"("grüße €")"},
    {"of(b64decode('-_8', 'rawurl'))", "[251,255]"},
    {"encoding.b64decode('', 'std', 's')", R"("")"},
    {"[b64encode('?>', 'base85'), b64encode('?>', ''), b64decode('Pz4=', 'toString', 's')]", R"(["Pz4=","Pz4=","?>"])"},
    {"crypto.md5('abc', 'hex')", R"("900150983cd24fb0d6963f7d28e17f72")"},
    {"crypto.sha1('abc', 'hex')", R"("a9993e364706816aba3e25717850c26c9cd0d89d")"},
    {"sha256('abc', 'hex')", R"("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")"},
    {"sha256('abc', 'base64')", R"("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=")"},
    {"sha256('abc', 'base64rawurl')", R"("ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0")"},
    {"of(sha256('abc', 'binary')).length", "32"},
    {"crypto.sha512_256('abc', 'hex').slice(0, 16)", R"("53048e2681941ef9")"},
    {"crypto.ripemd160('abc', 'hex')", R"("8eb208f7e05d987a9b044a8e98c6b087f15a0bfc")"},
    {"hmac('sha256', 'Jefe', 'what do ya want for nothing?', 'hex')",
     R"("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")"},
    {"(() => { const h = createHash('sha256'); h.update('a'); h.update('bc'); return h.digest('hex').slice(0, 8); })()",
     R"("ba7816bf")"},
    {"(() => { const h = createHMAC('sha256', 'Jefe'); h.update('what do ya want for nothing?'); return "
     "h.digest('hex').slice(0, 8); })()",
     R"("5bdcc146")"},
    {"hexEncode(new Uint8Array([0, 171]))", R"("00ab")"},
    {"new Uint8Array(randomBytes(16)).length", "16"},
    {"[users.length, users[0].name, users[1].name, users[2] === undefined]", R"([2,"ann","bob",true])"},
    {"users.map((u) => u.name).concat([...users].length, users.find((u) => u.name === 'bob').name)",
     R"(["ann","bob",2,"bob"])"},
    {"Object.isFrozen(users[0].tags) && users[0] !== users[0]", "true"},
    {"(() => { try { users[0] = 1; } catch (e) { return String(e); } })()", R"("TypeError: SharedArray is immutable")"},
    {"/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuidv4())", "true"},
    {"[randomItem([7]), randomIntBetween(3, 3), randomString(4, 'x')]", R"([7,3,"xxxx"])"},
    {"(() => { randomSeed(1); const a = randomString(8); randomSeed(1); return a === randomString(8); })()", "true"},
    {"[findBetween('<a>1</a><a>2</a>', '<a>', '</a>'), findBetween('<a>1</a><a>2</a>', '<a>', '</a>', true)]",
     R"(["1",["1","2"]])"},
    {"normalDistributionStages(10, 110, 10)[5]", R"({"duration":"10s","target":10})"},
};

TEST(Modules, AreWhatScriptsExpect) {
  for (const Case& c : kCases) EXPECT_EQ(evaluate(c.expression), c.json) << c.expression;
}

constexpr Case kRefusals[] = {
    {"open('./data/users.json')", "open() can only be called in the init context"},
    {"new SharedArray('late', () => [])", "new SharedArray must be called in the init context"},
    {"b64decode('Zg=', 'std')", "illegal base64 data"},
    {"b64decode('Z*==', 'std')", "illegal base64 data at input byte 1"},
    {"createHash('crc32')", "unknown hash crc32"},
    {"sha256('abc', 'octal')", "unknown output encoding octal"},
    {"sha256(5, 'hex')", "a string or an ArrayBuffer is expected"},
};

TEST(Modules, RefuseInWords) {
  for (const Case& c : kRefusals) EXPECT_TRUE(evaluate(c.expression).contains(c.json)) << evaluate(c.expression);
}

// What is evaluated counts, not who wrote the function that opens.
TEST(Modules, OpenBesideTheModuleThatIsEvaluated) {
  base::MemoryFileSystem files = files_with(
      "import { lower, read } from './lib/es.js';\n"
      "import { upper } from './lib/common.js';\n"
      "const required = require('./lib/deep/required.js');\n"
      "const all = [lower, upper, required.own, required.above, required.through, open('./name'), read('./name'), "
      "[1].map(() => open('name'))[0]];\n"
      "export const setup = () => all; export default () => 1;");
  files.write("load/lib/es.js",
              "import { read } from '../read.js'; export { read };\n"
              "export const lower = [open('./name'), open('../name'), read('name')].join('+');");
  files.write("load/lib/common.js", "exports.upper = open('./name') + require('./deep/required.js').own;");
  files.write("load/lib/deep/required.js",
              "exports.own = open('name'); exports.above = open('../name'); exports.through = "
              "require('../es.js').read('name');");
  files.write("load/read.js", "export const read = (name) => open(name);");
  files.write("load/name", "load");
  files.write("load/lib/name", "lib");
  files.write("load/lib/deep/name", "deep");
  const RunOutcome outcome = run_script({.files = files, .script = "load/main.js"});
  ASSERT_TRUE(outcome.setup_data) << (outcome.error ? outcome.error->message : "");
  EXPECT_EQ(*outcome.setup_data, R"(["lib+load+lib","libdeep","deep","lib","deep","load","load","load"])");
}

TEST(Modules, OpenNothingOutsideTheRoot) {
  const base::MemoryFileSystem files = files_with("open('../../secret'); export default () => 1;");
  const RunOutcome outcome = run_script({.files = files, .script = "load/main.js"});
  EXPECT_EQ(outcome.end, RunEnd::script_failed);
  ASSERT_TRUE(outcome.error);
  EXPECT_TRUE(outcome.error->message.contains("../../secret")) << outcome.error->message;
}

TEST(Modules, MakeASharedArrayOnce) {
  const base::MemoryFileSystem files = files_with(
      "import { SharedArray } from 'k6/data';\n"
      "const all = new SharedArray('all', () => { console.log('made'); return [1, 2]; });\n"
      "export const options = { vus: 3, iterations: 3 };\n"
      "export default () => { if (all[1] !== 2) throw new Error('lost'); };\n");
  std::vector<std::string> said;
  const RunOutcome outcome = run_script(
      {.files = files, .script = "load/main.js", .log = [&](LogLevel, std::string_view text, std::string_view) {
         said.emplace_back(text);
       }});
  EXPECT_EQ(outcome.end, RunEnd::passed);
  EXPECT_EQ(said, std::vector<std::string>{"made"});
}

TEST(Modules, WriteSummaries) {
  const base::MemoryFileSystem files = files_with(
      "import { check } from 'k6';\n"
      "import { textSummary, jUnit } from 'https://jslib.k6.io/k6-summary/0.1.0/index.js';\n"
      "export const options = { iterations: 2, thresholds: { iterations: ['count>5'] } };\n"
      "export default () => check(__ITER, { 'first <one>': (n) => n === 0 });\n"
      "export const handleSummary = (data) => ({ text: textSummary(data, { indent: '', enableColors: false }), xml: "
      "jUnit(data) });\n");
  const RunOutcome outcome = run_script({.files = files, .script = "load/main.js"});
  ASSERT_TRUE(outcome.summary_files);
  const std::string& text = outcome.summary_files->at("text");
  EXPECT_TRUE(text.contains("    ✗ first <one>\n     ↳  50% — ✓ 1 / ✗ 1\n")) << text;
  EXPECT_TRUE(text.contains(" ✗ iterations...........: 2 ")) << text;
  EXPECT_TRUE(outcome.summary_files->at("xml").contains("<testcase name=\"iterations - count&gt;5\"><failure"));
}

}  // namespace
}  // namespace gantry::load
