// gantry load run, from outside: k6's exit codes, its summary, and the files that a script asks for.

#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace gantry::cli {
namespace {

using test::TempDir;
using testing::HasSubstr;

struct Case {
  std::string_view script;
  std::vector<std::string> flags;
  int status;
  std::string_view out;    // is in stdout
  std::string_view error;  // is in stderr
};

const Case kCases[] = {
    {"import { check } from 'k6'; export const options = { iterations: 4 }; export default () => check(__ITER, { "
     "small: (n) => n < 3 });",
     {},
     0,
     "    checks_total......................: 4",
     ""},
    {"import { check } from 'k6'; export const options = { iterations: 4 }; export default () => check(__ITER, { "
     "small: (n) => n < 3 });",
     {},
     0,
     "    ✗ small\n      ↳  75% — ✓ 3 / ✗ 1\n",
     ""},
    {"export const options = { thresholds: { iterations: ['count>5'] } }; export default () => 1;",
     {"-u", "2", "-i", "5"},
     99,
     "    iterations\n    ✗ 'count>5' count=5\n",
     ""},
    {"export const options = { thresholds: { 'iterations{scenario:gone}': ['count<5'] } }; export default () => 1;",
     {"--iterations", "3"},
     0,
     "    ✓ 'count<5' no samples\n",
     ""},
    {"export default () => console.log(`${__ENV.GREETING} ${__VU} ${__ITER}`);",
     {"-e", "GREETING=hello"},
     0,
     "",
     "level=info msg=\"hello 1 0\" source=console"},
    {"export default () => 1; export const handleSummary = (data) => ({ stdout: "
     "`${data.metrics.iterations.values.count} done\n`, stderr: "
     "'told', 'results.json': '{}' });",
     {"-i", "7"},
     0,
     "7 done\n",
     "told"},
    {"export default () => { throw new Error('each time') };", {}, 0, "iterations", "Error: each time"},
    {"export const options = { vus: -1 }; export default () => 1;", {}, 104, "", "vus must be 1 or more"},
    {"export const setup = () => { throw new Error('no') }; export default () => 1;", {}, 107, "", "Error: no"},
    {"export default () => {", {}, 107, "", "main.js:1:23"},
    {"import x from 'k6/htp'; export default () => 1;", {}, 107, "", "did you mean k6/http?"},
};

TEST(LoadRun, EndsAsK6Does) {
  for (const Case& c : kCases) {
    const TempDir dir;
    dir.write("main.js", std::string(c.script));
    std::vector<std::string> arguments = {"load", "run"};
    arguments.insert(arguments.end(), c.flags.begin(), c.flags.end());
    arguments.emplace_back("main.js");
    const Ran ran = gantry(arguments, dir);
    EXPECT_EQ(ran.status, c.status) << c.script << "\n" << ran;
    EXPECT_THAT(ran.out, HasSubstr(c.out)) << c.script;
    EXPECT_THAT(ran.err, HasSubstr(c.error)) << c.script;
  }
}

TEST(LoadRun, WritesWhatItIsAskedFor) {
  const TempDir dir;
  dir.write("main.js",
            "import { Rate } from 'k6/metrics'; const bad = new Rate('bad');\n"
            "export const options = { iterations: 2, thresholds: { bad: ['rate<0.4'] } };\n"
            "export default () => bad.add(__ITER);\n"
            "export const handleSummary = () => ({ 'mine.txt': 'mine' });\n");
  const Ran ran = gantry({"load", "run", "--summary-export", "export.json", "main.js"}, dir);
  EXPECT_EQ(ran.status, 99) << ran;
  EXPECT_EQ(dir.read("mine.txt"), "mine");
  // In the export a threshold is true where it failed, and a rate is called value.
  EXPECT_THAT(dir.read("export.json"), HasSubstr("\"value\": 0.5"));
  EXPECT_THAT(dir.read("export.json"), HasSubstr("\"rate<0.4\": true"));
}

TEST(LoadRun, SaysWhatIsMissingWhereV8IsNotThere) {
  const TempDir dir;
  std::filesystem::copy_file(program_path(), dir.path("gantry"));
  dir.write("main.js", "export default () => 1;");
  expect_failure(run({dir.path("gantry"), "load", "run", "main.js"}, dir.path()), 3,
                 {"the script engine cannot be loaded", "gantry-script-engine.so", "scripts/setup"});
  EXPECT_THAT(run({dir.path("gantry"), "doctor"}, dir.path()).out, HasSubstr("V8       not found"));
}

TEST(LoadRun, ReadsNothingOutsideItsFolder) {
  const TempDir dir;
  dir.write("outside.js", "export const x = 1;");
  dir.write("inside/gantry.yaml", "");
  dir.write("inside/main.js", "import { x } from '../outside.js'; export default () => x;");
  const Ran ran = gantry({"load", "run", "inside/main.js"}, dir);
  EXPECT_EQ(ran.status, 107) << ran;
  EXPECT_THAT(ran.err, HasSubstr("outside.js"));
}

}  // namespace
}  // namespace gantry::cli
