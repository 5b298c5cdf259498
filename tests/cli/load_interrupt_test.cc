// Ctrl-C while a script runs, and the search for the knee.

#include "cli/program.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>

namespace gantry::cli {
namespace {

using test::TempDir;

// Far longer than anything here may take, and far shorter than the scripts run by themselves.
constexpr std::chrono::seconds kSoon{30};

TEST(LoadInterrupt, EndsAsK6Does) {
  for (const int signal_number : {SIGINT, SIGTERM}) {
    const TempDir dir;
    dir.write("main.js",
              "import { sleep } from 'k6'; export const options = { vus: 3, duration: '10m' };\n"
              "export default () => { console.log('begun'); sleep(300) };\n"
              "export const teardown = () => console.log('torn down');");
    RunningProgram program({"load", "run", "main.js"}, dir.path());
    ASSERT_TRUE(program.says("begun", kSoon));
    program.signal(signal_number);
    EXPECT_TRUE(program.ends_within(kSoon));
    const Ran ran = program.wait();
    EXPECT_EQ(ran.status, 105) << ran;
    EXPECT_TRUE(ran.err.contains("interrupted: ending the iterations")) << ran;
    EXPECT_TRUE(ran.err.contains("torn down")) << ran;
    EXPECT_TRUE(ran.out.contains("vus_max")) << ran;
  }
}

TEST(LoadInterrupt, EndsAtOnceWhenAskedTwice) {
  const TempDir dir;
  dir.write("main.js",
            "import { sleep } from 'k6'; export const options = { duration: '10m' };\n"
            "export default () => { console.log('begun'); sleep(300) };\n"
            "export const teardown = () => { console.log('tearing'); sleep(50) }");
  RunningProgram program({"load", "run", "main.js"}, dir.path());
  ASSERT_TRUE(program.says("begun", kSoon));
  program.signal(SIGINT);
  ASSERT_TRUE(program.says("tearing", kSoon));
  program.signal(SIGINT);
  EXPECT_TRUE(program.ends_within(kSoon));
  const Ran ran = program.wait();
  EXPECT_EQ(ran.status, 105) << ran;
  EXPECT_EQ(ran.out, "") << ran;
}

// What the loader of programs says that it did, as it writes into files beside the script.
struct Loader {
  int begun = 0;  // libraries
  int ended = 0;
};

Loader read_loader(const TempDir& dir) {
  Loader loader;
  for (const auto& entry : std::filesystem::directory_iterator(dir.path())) {
    if (!entry.path().filename().string().starts_with("loader.")) continue;
    std::istringstream lines(dir.read(entry.path().filename().string()));
    for (std::string line; std::getline(lines, line);) {
      loader.begun += line.contains("calling init: ") ? 1 : 0;
      loader.ended += line.contains("calling fini: ") ? 1 : 0;
    }
  }
  return loader;
}

Ran run_watched(const TempDir& dir, std::string_view iteration) {
  dir.write("main.js", fmt::format("import {{ Counter }} from 'k6/metrics'; const begun = new Counter('begun');\n"
                                   "export const options = {{ scenarios: {{ a: {{ executor: 'shared-iterations', "
                                   "maxDuration: '1s', gracefulStop: '0s' }} }} }};\n"
                                   "export default () => {{ begun.add(1); {} }};",
                                   iteration));
  return gantry({"load", "run", "main.js"}, dir, {{"LD_DEBUG", "files"}, {"LD_DEBUG_OUTPUT", dir.path("loader")}});
}

// An iteration that neither looks up nor comes back is given up after ten seconds, and stands in V8 for good: the process says what it knows and
// ends all the same, without what libraries do at an end. That may want what the iteration holds, and only sometimes does.
TEST(LoadInterrupt, EndsThoughAnIterationNeverComesBack) {
  const TempDir whole;
  EXPECT_EQ(run_watched(whole, "").status, 0);
  EXPECT_GT(read_loader(whole).ended, 0);
  const TempDir dir;
  const Ran ran = run_watched(dir, "[].includes.call({ length: 2 ** 53 - 1 }, 1);");
  EXPECT_GT(read_loader(dir).begun, 0);
  EXPECT_EQ(read_loader(dir).ended, 0);
  EXPECT_EQ(ran.status, 107) << ran;
  EXPECT_TRUE(ran.out.contains("begun....")) << ran;
  EXPECT_TRUE(ran.out.ends_with("\n")) << ran;
}

// A target that is overloaded from 11 arrivals a second on.
constexpr std::string_view kOverloaded =
    "import exec from 'k6/execution'; import { Rate } from 'k6/metrics';\n"
    "const late = new Rate('late');\n"
    "export const options = { thresholds: { late: ['rate<0.5'] } };\n"
    "export default () => late.add(exec.test.options.scenarios.default.rate > 10);";

TEST(LoadKnee, FindsTheRateThatHolds) {
  const TempDir dir;
  dir.write("main.js", std::string(kOverloaded));
  const Ran ran = gantry({"load", "run", "--find-knee", "--duration", "1s", "main.js"}, dir);
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_TRUE(ran.out.contains("     20/s  breaks: late 'rate<0.5' does not hold\n")) << ran;
  EXPECT_TRUE(ran.out.ends_with("sustainable rate: 10/s, held in 3 of 3 trials; 11/s broke in 3 of 3\n")) << ran;
}

// While its third trial waits in setup(), so that there is no fourth, however late the signal comes. Trials of two seconds and more may find
// that the machine was too busy, which would end the search too.
TEST(LoadKnee, SaysWhatItHasFoundWhenItIsInterrupted) {
  const TempDir dir;
  dir.write("main.js", std::string(kOverloaded) +
                           "\nimport { sleep } from 'k6';\n"
                           "export const setup = () => {\n"
                           "  if (exec.test.options.scenarios.default.rate !== 15) return;\n"
                           "  console.log('halfway');\n"
                           "  sleep(50);\n"
                           "};");
  RunningProgram program({"load", "run", "--find-knee", "--duration", "1s", "main.js"}, dir.path());
  ASSERT_TRUE(program.says("halfway", kSoon));
  program.signal(SIGINT);
  EXPECT_TRUE(program.ends_within(kSoon));
  const Ran ran = program.wait();
  EXPECT_EQ(ran.status, 105) << ran;
  EXPECT_TRUE(ran.out.contains(
      "sustainable rate, as far as it was searched: at least 10/s, held in 1 of 1 trials; 20/s broke in 1 of 1"))
      << ran;
}

}  // namespace
}  // namespace gantry::cli
