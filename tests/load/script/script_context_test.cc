#include "load/script/script_context.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <thread>

namespace gantry::load {
namespace {

void add(const v8::FunctionCallbackInfo<v8::Value>& call) {
  v8::Local<v8::Context> context = call.GetIsolate()->GetCurrentContext();
  call.GetReturnValue().Set(call[0]->NumberValue(context).FromMaybe(0) + call[1]->NumberValue(context).FromMaybe(0));
}

NativeExports sums(v8::Local<v8::Context> context) {
  v8::Isolate* isolate = context->GetIsolate();
  return {{to_v8(isolate, "add"), v8::Function::New(context, add).ToLocalChecked()},
          {to_v8(isolate, "zero"), v8::Integer::New(isolate, 0)}};
}

// What a module of k6 needs in rare cases, and evaluates then: for ever, as long as a script wants that.
constexpr std::string_view kLate =
    "import { more } from 'k6/late-too'; while (globalThis.lasts) continue; export const value = more + 1;";
constexpr std::string_view kLateToo = "while (globalThis.lasts_too) continue; export const more = 41;";

constexpr std::array kBuiltIns = {BuiltInModule{.name = "k6/late", .source = kLate},
                                  BuiltInModule{.name = "k6/late-too", .source = kLateToo},
                                  BuiltInModule{.name = "k6/sums", .make_exports = sums}};

// A script, alone in an isolate.
class Script {
 public:
  explicit Script(base::MemoryFileSystem files, IsolateLimits limits = {})
      : files_(std::move(files)),
        sources_(files_, {"k6/late", "k6/late-too", "k6/sums"}),
        isolate_(limits),
        locker_(isolate_.get()),
        context_(isolate_, sources_, kBuiltIns) {
    isolate_.limit_stack(std::size_t{400} << 10);
  }
  base::Result<void> load(const std::string& path = "main.js") { return context_.load(path); }
  ScriptContext& context() { return context_; }
  ScriptIsolate& isolate() { return isolate_; }

  // What a function returns, as JSON; or what it threw.
  std::string call(std::string_view name, std::vector<std::string> arguments = {}) {
    const auto returned = context_.call(name, arguments);
    if (!returned) return "threw " + returned.error().message;
    return returned->value_or("undefined");
  }

 private:
  base::MemoryFileSystem files_;
  ModuleSources sources_;
  ScriptIsolate isolate_;
  v8::Locker locker_;
  ScriptContext context_;
};

base::MemoryFileSystem files_of(std::string main) {
  base::MemoryFileSystem files;
  files.write("main.js", std::move(main));
  return files;
}

std::string loaded(std::string main) {
  Script script(files_of(std::move(main)));
  const base::Result<void> done = script.load();
  return done ? "loaded" : base::describe(done.error());
}

struct Call {
  std::string_view body;
  std::string_view returned;
};

constexpr Call kCalls[] = {
    {"return 1 + 1", "2"},
    {"return { a: [1, 'x'], b: null }", R"({"a":[1,"x"],"b":null})"},
    {"return undefined", "undefined"},
    {"return () => 1", "threw a function"},
    {"return { a: undefined, b: 10n, c: [undefined] }", R"({"a":null,"b":10,"c":[null]})"},
    {"return { a: [1, NaN] }", "threw \"1\" is NaN"},
    {"return { a: -Infinity }", "threw \"a\" is -Infinity"},
    {"return { f() {} }", "threw \"f\" is a function"},
    {"JSON.stringify = () => '1'; return NaN", "threw NaN"},
    {"throw new TypeError('no')", "threw TypeError: no"},
    {"throw 'text'", "threw text"},
    {"throw null", "threw null"},
    {"const o = {}; o.o = o; return o",
     "threw TypeError: Converting circular structure to JSON\n    --> starting at object with constructor "
     "'Object'\n    --- property 'o' closes the circle"},
    {"return (function f() { return f() })()", "threw RangeError: Maximum call stack size exceeded"},
    {"return x?.y ?? 'syntax'", "threw ReferenceError: x is not defined"},
    {"helper(); function helper() { throw new TypeError('deep') }", "threw TypeError: deep"},
    {"'use strict'; [1].forEach(function () { Reflect.apply(() => { throw new Error('within') }, undefined, []) })",
     "threw Error: within"},
    {"try { return {}.a?.b ?? 'syntax' } catch { return 1 }", "\"syntax\""},
};

TEST(ScriptContext, CallsWhatIsExported) {
  for (const Call& c : kCalls) {
    Script script(files_of(fmt::format("export default function () {{ {} }}", c.body)));
    ASSERT_TRUE(script.load()) << c.body;
    EXPECT_EQ(script.call("default"), c.returned) << c.body;
  }
}

TEST(ScriptContext, WaitsForWhatIsPromised) {
  Script script(files_of(R"(
    export async function value() { await null; return 7 }
    export async function rejected() { await null; throw new Error('late') }
    export function never() { return new Promise(() => {}) }
    export async function ignored() { await null; value.of = rejected() }
    export function minded() { const late = rejected(); late.catch(() => 0); return late }
    export async function mindedLater() { const late = Promise.reject(1); await null; await late.catch(() => 8); return 8 }
    const top = await Promise.resolve(3);
    export function awaited() { return top }
  )"));
  ASSERT_TRUE(script.load());
  EXPECT_EQ(script.call("value"), "7");
  EXPECT_EQ(script.call("rejected"), "threw Uncaught (in promise) Error: late");
  EXPECT_EQ(script.call("ignored"), "threw Uncaught (in promise) Error: late");
  EXPECT_EQ(script.call("minded"), "{}");
  EXPECT_EQ(script.call("mindedLater"), "8");
  EXPECT_EQ(script.call("never"), "threw the script waits for a promise that nothing will settle");
  EXPECT_EQ(script.call("awaited"), "3");
}

TEST(ScriptContext, TellsTextsAndBytes) {
  Script script(files_of(R"(
    export const texts = () => ({ a: 'ü', b: new Uint8Array([0, 255]).buffer, c: new Uint8Array([1, 2, 3]).subarray(1) });
    export const nothing = async () => undefined;
    export const number = () => ({ a: 1 });
    export const text = () => 'text';
  )"));
  ASSERT_TRUE(script.load());
  const auto call = [&](std::string_view name) -> std::string {
    const auto texts = script.context().call_for_texts(name, {});
    if (!texts) return "threw " + texts.error().message;
    if (!*texts) return "nothing";
    std::string told;
    for (const auto& [key, value] : **texts) told += fmt::format("{}={};", key, value);
    return told;
  };
  EXPECT_EQ(call("texts"), std::string("a=ü;b=\0\xff;c=\2\3;", 15));
  EXPECT_EQ(call("nothing"), "nothing");
  EXPECT_EQ(call("number"), "threw number(): a is neither a string nor an ArrayBuffer");
  EXPECT_EQ(call("text"), "threw text() should return an object of texts");
}

TEST(ScriptContext, KeepsItsGlobalsFromCallToCall) {
  Script script(files_of("let n = 0; export default function (by) { n += by; return n }"));
  ASSERT_TRUE(script.load());
  EXPECT_EQ(script.call("default", {"2"}), "2");
  EXPECT_EQ(script.call("default", {"5"}), "7");
}

TEST(ScriptContext, OfTwoVusShareNothing) {
  const base::MemoryFileSystem files =
      files_of("globalThis.n = (globalThis.n ?? 0) + 1; export default () => globalThis.n++");
  ModuleSources sources(files, {});
  ScriptIsolate isolate;
  const v8::Locker locker(isolate.get());
  ScriptContext one(isolate, sources, {});
  ScriptContext two(isolate, sources, {});
  ASSERT_TRUE(one.load("main.js"));
  ASSERT_TRUE(two.load("main.js"));
  EXPECT_EQ(*one.call("default"), "1");
  EXPECT_EQ(*one.call("default"), "2");
  EXPECT_EQ(*two.call("default"), "1");
}

TEST(ScriptContext, LinksModules) {
  base::MemoryFileSystem files = files_of(R"(
    import { add } from 'k6/sums';
    import * as all from 'k6/sums';
    import { twice } from './lib/twice.js';
    export { twice as again } from './lib/twice.js';
    export function run(n) { return [add(n, all.zero), Object.keys(all).join(), twice(n)] }
    export const two = 2;
  )");
  files.write("lib/twice.js", R"(
    import { two } from '../main.js';  // a circle
    export const twice = (n) => two * n;
  )");
  Script script(std::move(files));
  ASSERT_TRUE(script.load());
  EXPECT_EQ(script.call("run", {"21"}), R"([21,"add,zero",42])");
  EXPECT_EQ(script.call("again", {"4"}), "8");
}

TEST(ScriptContext, ShowsItsExports) {
  base::MemoryFileSystem files = files_of(R"(
    import { add, zero } from 'k6/sums';
    import { twice } from './lib/twice.js';
    export { twice as again } from './lib/twice.js';
    export const options = { vus: add(1, 2), zero, not: undefined };
    export const counted = { of: NaN };
    export function run(n) { return twice(n) }
    export const notAFunction = 1;
    export default () => 1;
  )");
  files.write("lib/twice.js", "import * as sums from 'k6/sums'; export const twice = (n) => sums.add(n, n);");
  Script script(std::move(files));
  ASSERT_TRUE(script.load());
  EXPECT_EQ(fmt::format("{}", fmt::join(script.context().exported_functions(), " ")), "again default run");
  EXPECT_EQ(*script.context().export_as_json("options"), R"({"vus":3,"zero":0,"not":null})");
  EXPECT_EQ(script.context().export_as_json("counted").error().message, "\"of\" is NaN");
  EXPECT_EQ(*script.context().export_as_json("run"), std::nullopt);
  EXPECT_EQ(*script.context().export_as_json("gone"), std::nullopt);
  EXPECT_TRUE(script.context().exports("notAFunction"));
  EXPECT_FALSE(script.context().exports("setup"));
  EXPECT_EQ(script.call("run", {"21"}), "42");
  EXPECT_EQ(script.call("setup"), "threw the script exports no function setup");
}

// As k6 has it, where that is null rather than undefined.
TEST(ScriptContext, LacksNothingThatABuiltInModuleHasNot) {
  base::MemoryFileSystem files = files_of(R"(
    import sums, { gone, add, if as missing } from 'k6/sums';
    import { again } from './lib.js';
    export { gone as passedOn } from 'k6/sums';
    export default () => [typeof sums, typeof gone, typeof missing, add(1, 2), typeof again];
    export const use = () => gone();
  )");
  files.write("lib.js", "import { gone } from 'k6/sums'; export const again = gone;");
  Script script(std::move(files));
  ASSERT_TRUE(script.load());
  EXPECT_EQ(script.call("default"), R"(["undefined","undefined","undefined",3,"undefined"])");
  EXPECT_EQ(script.call("use"), "threw TypeError: gone is not a function");
  EXPECT_THAT(script.context().remarks(),
              testing::UnorderedElementsAre(testing::EndsWith(": k6/sums exports no \"gone\": it is undefined"),
                                            "main.js:2:31: k6/sums exports no \"if\": it is undefined"));
  EXPECT_EQ(loaded("import { gone } from './late.js';"), "error: late.js does not exist\n   --> main.js:1:22\n");
}

struct Refusal {
  std::string_view main;
  std::string_view said;
};

constexpr Refusal kRefusals[] = {
    {"export default function () {\n  const = 1\n}",
     "error: SyntaxError: Unexpected token '=', in \"const = 1\"\n   --> main.js:2:9\n"},
    {"import http from 'k6/htp';",
     "error: there is no module k6/htp\n   --> main.js:1:18\n  help: these are built in: k6/late, k6/late-too, "
     "k6/sums\n"},
    {"\nimport './gone.js';", "error: gone.js does not exist\n   --> main.js:2:8\n"},
    {"import x from 'lodash';",
     "error: lodash names neither a module of k6 nor a file\n   --> main.js:1:15\n  help: write ./lodash for a file "
     "beside the script\n"},
    {"const x = null;\nx.y;",
     "error: TypeError: Cannot read properties of null (reading 'y'), in \"x.y;\"\n   --> main.js:2:3\n"},
    {"Promise.reject(new Error('nobody minds'));\nexport const x = 1",
     "error: Uncaught (in promise) Error: nobody minds, in \"Promise.reject(new Error('nobody minds'));\"\n   --> "
     "main.js:1:16\n"},
    {"await Promise.reject('x');", "error: x\n"},
    {"await new Promise(() => {});", "error: the script waits for a promise that nothing will settle\n"},
};

TEST(ScriptContext, SaysWhyAScriptCannotBeLoaded) {
  for (const Refusal& c : kRefusals) EXPECT_EQ(loaded(std::string(c.main)), c.said) << c.main;
}

TEST(ScriptContext, EndsWhenItIsInterrupted) {
  Script script(
      files_of("export default () => { for (;;) { try { for (;;); } catch {} } }\nexport const two = () => 2;"));
  ASSERT_TRUE(script.load());
  std::jthread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    script.isolate().interrupt();
  });
  EXPECT_EQ(script.call("default"), "threw interrupted");
  other.join();
  script.isolate().resume();
  EXPECT_EQ(script.call("two"), "2");
}

// A module that was being evaluated then is evaluated anew when it is asked for again, and so is what it was waiting for.
TEST(ScriptContext, LosesNoModuleWhenItIsInterrupted) {
  for (const char* which : {"lasts", "lasts_too"}) {
    Script script(files_of(R"(
      export const late = async () => (await import('k6/late')).value;
      export const set = (name, value) => { globalThis[name] = value };
    )"));
    ASSERT_TRUE(script.load());
    script.call("set", {fmt::format("\"{}\"", which), "true"});
    std::jthread other([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      script.isolate().interrupt();
    });
    EXPECT_EQ(script.call("late"), "threw interrupted") << which;
    other.join();
    script.isolate().resume();
    script.call("set", {fmt::format("\"{}\"", which), "false"});
    EXPECT_EQ(script.call("late"), "42") << which;
  }
}

TEST(ScriptContext, EndsWhenItsHeapIsFull) {
  Script script(files_of("export default () => { const all = []; for (;;) all.push(new Array(1000).fill(all)) }\n"
                         "export const two = () => 2;"),
                {.heap_bytes_max = std::size_t{64} << 20});
  ASSERT_TRUE(script.load());
  EXPECT_EQ(script.call("default"), "threw the heap of all VUs is full");
  script.isolate().resume();
  EXPECT_EQ(script.call("two"), "2");
}

}  // namespace
}  // namespace gantry::load
