#include "load/script/module_graph.h"
#include "load/script/script_context.h"

#include "base/result.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

namespace gantry::load {
namespace {

using Files = std::map<std::string, std::string, std::less<>>;

// What the default export of a script returns; or why it could not be loaded, or threw.
std::string told_by(Files files, const std::string& main = "main.js") {
  const base::MemoryFileSystem disk(std::move(files));
  ModuleSources sources(disk, {}, "/home/me");
  ScriptIsolate isolate;
  const v8::Locker locker(isolate.get());
  isolate.limit_stack(std::size_t{400} << 10);
  ScriptContext script(isolate, sources, {});
  if (const base::Result<void> loaded = script.load(main); !loaded) return base::describe(loaded.error());
  const auto returned = script.call("default");
  if (!returned) return "threw " + returned.error().stack;
  return returned->value_or("undefined");
}

struct Case {
  const char* name;
  Files files;
  std::string told;
};

const Case kCases[] = {
    {"CommonJS",
     {{"main.js", "const { two } = require('./lib/two.js'); exports.default = () => two * 21;"},
      {"lib/two.js", "module.exports = { two: require('./one.js').one + 1 };"},
      {"lib/one.js", "exports.one = 1;"}},
     "42"},
    {"CommonJS imported, by name and whole",
     {{"main.js", "import lib, { one } from './lib.js'; export default () => [one, lib.two, lib.default];"},
      {"lib.js", "exports.one = 1; exports.two = 2;"}},
     "[1,2,null]"},
    {"a name that CommonJS does not export",
     {{"main.js", "import { two } from './lib.js'; export default two;"}, {"lib.js", "exports.one = 1;"}},
     "error: SyntaxError: The requested module './lib.js' does not provide an export named 'two', in \"import { two } "
     "from './lib.js'; export default two;\"\n   --> main.js:1:10\n"},
    {"CommonJS in a circle",
     {{"main.js", "import { b } from './a.js'; export default () => b;"},
      {"a.js", "exports.early = 1; exports.b = require('./b.js');"},
      {"b.js", "exports.seen = require('./a.js').early;"}},
     "{\"seen\":1}"},
    {"CommonJS and ES modules in a circle",
     {{"main.js", "import { a } from './a.js'; export default () => a;"},
      {"a.js", "exports.early = 1; exports.a = require('./b.js').b;"},
      {"b.js", "import { early } from './a.js'; export const b = early;"}},
     "1"},
    {"an exception of a module that CommonJS requires",
     {{"main.js", "import './a.js';"}, {"a.js", "\n  require('./b.js');"}, {"b.js", "export const b = null.x;"}},
     "error: TypeError: Cannot read properties of null (reading 'x'), in \"require('./b.js');\"\n   --> a.js:2:3\n"},
    {"an exception of CommonJS, in its first line",
     {{"main.js", "import './lib.js';"}, {"lib.js", "null.x;"}},
     "error: TypeError: Cannot read properties of null (reading 'x'), in \"null.x;\"\n   --> lib.js:1:6\n"},
    {"exports that are null",
     {{"main.js", "import './lib.js';"}, {"lib.js", "module.exports = null;"}},
     "error: lib.js exports null: CommonJS must not\n"},
    {"neither one nor the other",
     {{"main.js", "export const = 1"}},
     "error: SyntaxError: Unexpected token '=', in \"export const = 1\"\n   --> main.js:1:14\n"},
    {"all that is missing, at once",
     {{"main.js", "import 'k6/foo';\nimport './lib.js';"}, {"lib.js", "import 'k6/x/bar'; import './gone.js';"}},
     "error: there is no module k6/foo; k6/x/bar cannot be imported: extensions of k6 are programs of its own; gone.js "
     "does not exist\n   --> main.js:1:8\n  help: these are built in: ; run this script with the k6 that has the "
     "extension\n"},
    {"import()",
     {{"main.js", "export default async () => { const { two } = await import('./lib/' + 'two.js'); return two; }"},
      {"lib/two.js", "export const two = 2;"}},
     "2"},
    {"import() of nothing",
     {{"main.js", "export default async () => { try { await import('two') } catch (e) { return e.message } }"}},
     "\"two names neither a module of k6 nor a file: write ./two for a file beside the script\""},
    {"import.meta",
     {{"main.js", "export { path as default } from './lib/path.js';"},
      {"lib/path.js", "export const path = () => import.meta.resolve('./data.csv');"}},
     "\"file:///home/me/lib/data.csv\""},
    {"paths that are absolute",
     {{"main.js",
       "import { a } from '/home/me/lib/a.js'; import { b } from 'file:///home/me/b.js'; export default () => a + b;"},
      {"lib/a.js", "export const a = 1;"},
      {"b.js", "export const b = 2;"}},
     "3"},
    {"a directive", {{"main.js", "\"use k6 with k6/x/sql >= 1.0\";\nexport default () => 1;"}}, "1"},
    {"copies of what is elsewhere",
     {{"load/main.js", "export { x as default } from 'https://example.com/v1/x.js';"},
      {"load/vendor/example.com/v1/x.js",
       "import { y } from '/y.js?a=b'; import { z } from './z.js'; export const x = () => y + z;"},
      {"vendor/example.com/y.js?a=b", "export const y = 'y';"},
      {"load/vendor/example.com/v1/z.js", "export const z = 'z';"}},
     "\"yz\""},
    {"no copy of what a copy imports",
     {{"load/main.js", "import 'https://example.com/v1/x.js';"},
      {"load/vendor/example.com/v1/x.js", "import '../y.js';"}},
     "error: https://example.com/y.js cannot be imported: nothing is fetched while a script is loaded\n   --> "
     "load/vendor/example.com/v1/x.js:1:8\n  help: save it as load/vendor/example.com/y.js, or in such a folder "
     "above\n"},
};

TEST(ModuleGraph, Loads) {
  for (const Case& c : kCases)
    EXPECT_EQ(told_by(c.files, c.files.contains("main.js") ? "main.js" : "load/main.js"), c.told) << c.name;
}

TEST(ModuleGraph, KnowsWhereSomethingWasWritten) {
  // One line of lib.js, from the third line of lib/lib.coffee.
  const std::string map = R"({"version":3,"sources":["lib/lib.coffee"],"mappings":"AAEE"})";
  EXPECT_EQ(told_by({{"main.js", "import { f } from './lib.js';\nexport default () => f();"},
                     {"lib.js", "export const f = () => { throw new Error('no') };\n//# sourceMappingURL=lib.js.map\n"},
                     {"lib.js.map", map}}),
            "threw Error: no\n    at f (lib/lib.coffee:3:3)\n    at default (main.js:2:22)");
  EXPECT_EQ(told_by({{"main.js", "import { f } from './lib.js';\nexport default () => f();"},
                     {"lib.js", "export const f = () => { throw new Error('no') };\n//# sourceMappingURL=gone\n"}}),
            "threw Error: no\n    at f (lib.js:1:32)\n    at default (main.js:2:22)");
}

TEST(ModuleGraph, TakesTypesOut) {
  EXPECT_EQ(told_by({{"main.ts", "import { twice } from './lib.ts';\nexport default (): number => twice(21);"},
                     {"lib.ts", "interface Unused {\n  a: number;\n}\n\nexport const twice = (n: number) => n * 2;"}},
                    "main.ts"),
            "42");
  EXPECT_EQ(
      told_by({{"main.ts",
                "interface Unused {\n  a: number;\n}\n\nexport default (x: Unused | null): number =>\n    x!.a;"}},
              "main.ts"),
      "threw TypeError: Cannot read properties of undefined (reading 'a')\n    at default (main.ts:6:8)");
  EXPECT_EQ(told_by({{"main.ts", "export default () => 1;\nconst a: number = ;"}}, "main.ts"),
            "error: SyntaxError: Unexpected \";\"\n   --> main.ts:2:19\n");
}

// Too many modules, and too deep a chain of them, end with an error.
TEST(ModuleGraph, HasLimits) {
  for (const bool is_commonjs : {false, true}) {
    Files files = {{"main.js", is_commonjs ? "require('./m0.js');" : "import './m0.js';"}};
    for (int i = 0; i < 1'200; ++i)
      files[fmt::format("m{}.js", i)] = is_commonjs ? fmt::format("require('./m{}.js');", i + 1)
                                                    : fmt::format("import './m{}.js'; export {{ }};", i + 1);
    EXPECT_TRUE(told_by(std::move(files)).starts_with("error: ")) << is_commonjs;
  }
  EXPECT_TRUE(told_by({{"main.js", std::string(std::size_t{17} << 20, ' ')}}).contains("more than 16 MiB"));
}

}  // namespace
}  // namespace gantry::load
