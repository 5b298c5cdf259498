// gantry load run --processes: one run that several processes play, from outside. What a user sees is what one process would show.

#include "cli/program.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace gantry::cli {
namespace {

using test::TempDir;

// Far longer than anything here may take, and far shorter than the scripts run by themselves.
constexpr std::chrono::seconds kSoon{60};

Ran play(const TempDir& dir, int processes, std::vector<std::string> flags = {}) {
  std::vector<std::string> arguments = {"load", "run", fmt::format("--processes={}", processes)};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  arguments.emplace_back("main.js");
  return gantry(std::move(arguments), dir);
}

std::size_t times_said(const std::string& text, std::string_view what) {
  std::size_t times = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++times;
  return times;
}

// The processes that a run in this folder has started and that are there still.
std::vector<pid_t> processes_in(const TempDir& dir) {
  std::vector<pid_t> found;
  const std::filesystem::path folder = std::filesystem::canonical(dir.path());
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::error_code gone;
    if (std::filesystem::read_symlink(entry.path() / "cwd", gone) != folder || gone) continue;
    std::ifstream file(entry.path() / "cmdline");
    const std::string words(std::istreambuf_iterator<char>(file), {});
    if (words.contains(std::string("load\0process\0", 13))) found.push_back(std::stoi(entry.path().filename()));
  }
  return found;
}

// They end by themselves, soon.
bool are_gone(const TempDir& dir) {
  const auto until = std::chrono::steady_clock::now() + kSoon;
  while (!processes_in(dir).empty())
    if (std::chrono::steady_clock::now() > until)
      return false;
    else
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
  return true;
}

// What is to be in the test no more than once says so: "id 4" of a VU, "number 17" of an iteration.
std::multiset<int> numbers_of(const Ran& ran, std::string_view what) {
  std::multiset<int> numbers;
  const std::string key = fmt::format("{} ", what);
  for (std::size_t at = ran.err.find(key); at != std::string::npos; at = ran.err.find(key, at + 1))
    numbers.insert(std::atoi(ran.err.c_str() + at + key.size()));
  return numbers;
}

std::multiset<int> from_to(int first, int last) {
  std::multiset<int> numbers;
  for (int number = first; number <= last; ++number) numbers.insert(number);
  return numbers;
}

struct Kind {
  const char* scenario;
  int iterations = 0;       // 0: as many as time allows
  int vus = 0;              // 0: as many as it takes
  bool is_in_turn = false;  // whoever plays them, iterations have each number once
};
constexpr Kind kKinds[] = {
    {"{ executor: 'shared-iterations', vus: 7, iterations: 100 }", 100, 0, true},
    {"{ executor: 'per-vu-iterations', vus: 5, iterations: 4 }", 20, 5},
    {"{ executor: 'constant-arrival-rate', rate: 50, duration: '1s', preAllocatedVUs: 24 }", 51, 0, true},
    {"{ executor: 'ramping-arrival-rate', startRate: 10, preAllocatedVUs: 24, stages: [{ duration: '1s', target: 40 }] "
     "}",
     25, 0, true},
    {"{ executor: 'constant-vus', vus: 4, duration: '1s' }", 0, 4},
    {"{ executor: 'ramping-vus', startVUs: 5, stages: [{ duration: '1s', target: 5 }] }", 0, 5},
};

// Each VU says its id in its first iteration, each iteration its number.
void write_counted(const TempDir& dir, const char* scenario) {
  dir.write("main.js", fmt::format(R"(
    import exec from 'k6/execution';
    import {{ sleep }} from 'k6';
    export const options = {{ scenarios: {{ all: {} }} }};
    export default () => {{
      if (exec.vu.iterationInInstance === 0) console.log(`id ${{exec.vu.idInTest}} `);
      console.log(`number ${{exec.scenario.iterationInTest}} `);
      sleep(0.02);
    }};)",
                                   scenario));
}

int count_of(const nlohmann::json& metrics, const char* metric) {
  return metrics.contains(metric) ? metrics[metric]["count"].get<int>() : 0;
}

TEST(LoadProcesses, CountAsOneDoes) {
  for (const Kind& kind : kKinds)
    for (const int processes : {1, 2, 3}) {
      const TempDir dir;
      write_counted(dir, kind.scenario);
      const Ran ran = play(dir, processes, {"--quiet", "--summary-export=summary.json"});
      SCOPED_TRACE(testing::Message() << processes << " processes, " << kind.scenario << "\n" << ran);
      EXPECT_EQ(ran.status, 0);
      const nlohmann::json metrics = nlohmann::json::parse(dir.read("summary.json")).at("metrics");
      const int iterations = count_of(metrics, "iterations");
      const int dropped = count_of(metrics, "dropped_iterations");
      const std::multiset<int> numbers = numbers_of(ran, "number");
      const std::multiset<int> ids = numbers_of(ran, "id");
      EXPECT_EQ(static_cast<int>(numbers.size()), iterations);
      EXPECT_EQ(std::set(numbers.begin(), numbers.end()).size(), numbers.size());
      EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), ids.size());
      if (kind.iterations > 0) {
        EXPECT_EQ(iterations + dropped, kind.iterations);
      }
      // A dropped arrival has no number.
      if (kind.is_in_turn && dropped == 0) {
        EXPECT_EQ(numbers, from_to(0, kind.iterations - 1));
      }
      if (kind.vus > 0) {
        EXPECT_EQ(ids, from_to(1, kind.vus));
      }
    }
}

constexpr std::string_view kLifecycle = R"(
  import exec from 'k6/execution';
  import { Counter, Trend } from 'k6/metrics';
  import { sleep } from 'k6';
  const seen = new Counter('seen');
  const number = new Trend('number');
  export const options = {
    scenarios: { all: { executor: 'shared-iterations', vus: 3, iterations: 30 } },
    thresholds: { seen: ['count==30'], number: ['max<30', 'med==14.5'] },
    summaryTrendStats: ['med', 'max', 'count'],
  };
  export const setup = () => { console.log('set up'); seen.add(0); return { text: 'ü\n"quoted"', list: [1, 2] } };
  export default (data) => {
    if (data.text !== 'ü\n"quoted"' || data.list.length !== 2) throw new Error('no data');
    if (exec.vu.idInTest === 3) sleep(0.05);
    seen.add(1);
    number.add(exec.scenario.iterationInTest);
  };
  export const teardown = (data) => console.log(`torn down with ${data.list}`);
)";

TEST(LoadProcesses, CallOnceWhatAScriptHasOnce) {
  for (const int processes : {1, 2, 3}) {
    const TempDir dir;
    dir.write(
        "main.js",
        std::string(kLifecycle) +
            "export const handleSummary = (data) => ({ stdout: [data.metrics.seen.values.count,\n"
            "  data.metrics.number.values.med, data.metrics.number.thresholds['med==14.5'].ok, data.setup_data.list,\n"
            "  data.metrics.vus_max.values.value].join(' ') + '\\n', 'kept.txt': 'kept' });");
    const Ran ran = play(dir, processes, {"--summary-export=summary.json"});
    EXPECT_EQ(ran.status, 0) << ran;
    EXPECT_EQ(ran.out, "30 14.5 true 1,2 3\n") << ran;
    EXPECT_EQ(dir.read("kept.txt"), "kept");
    EXPECT_EQ(times_said(ran.err, "set up"), 1U) << ran;
    EXPECT_EQ(times_said(ran.err, "torn down with 1,2"), 1U) << ran;
    EXPECT_EQ(times_said(ran.err, "no data"), 0U) << ran;
    const nlohmann::json summary = nlohmann::json::parse(dir.read("summary.json"));
    EXPECT_EQ(summary.at("metrics").at("number").at("count"), 30);
    EXPECT_TRUE(are_gone(dir));
  }
}

TEST(LoadProcesses, HaveOneSummary) {
  const TempDir dir;
  dir.write("main.js", kLifecycle);
  const Ran one = play(dir, 1, {"--summary-export=one.json", "--no-setup", "--no-teardown", "--env=A=b"});
  const Ran two = play(dir, 2,
                       {"--summary-export=two.json", "--no-setup", "--no-teardown", "--env=A=b",
                        "--out=html=report.html", "--out=summary=whole.json"});
  EXPECT_EQ(two.status, one.status) << two << one;
  const nlohmann::json of_one = nlohmann::json::parse(dir.read("one.json"));
  const nlohmann::json of_two = nlohmann::json::parse(dir.read("two.json"));
  for (const char* metric : {"seen", "number", "iterations", "vus_max"}) {
    EXPECT_EQ(of_one.at("metrics").contains(metric), of_two.at("metrics").contains(metric)) << metric;
  }
  EXPECT_EQ(of_one.at("metrics").at("vus_max"), of_two.at("metrics").at("vus_max"));
  EXPECT_EQ(times_said(two.out, "vus_max"), 1U) << two;
  EXPECT_TRUE(dir.read("report.html").contains("<html")) << two;
  // It is that of a whole load, which merges with nothing.
  const Ran merged = gantry({"load", "merge", "whole.json"}, dir);
  EXPECT_EQ(merged.status, two.status) << merged << two;
}

TEST(LoadProcesses, AreJudgedTogether) {
  const TempDir dir;
  dir.write("main.js",
            "import exec from 'k6/execution'; import { Rate } from 'k6/metrics';\n"
            "const odd = new Rate('odd');\n"
            "export const options = { scenarios: { all: { executor: 'shared-iterations', vus: 2, iterations: 40 } },\n"
            "  thresholds: { odd: [__ENV.ODD], iterations: ['count>=40'] } };\n"
            "export default () => odd.add(exec.scenario.iterationInTest % 2);\n");
  // Of two processes, each has the even ones or the odd ones.
  const Ran holds = play(dir, 2, {"--env=ODD=rate==0.5"});
  EXPECT_EQ(holds.status, 0) << holds;
  EXPECT_TRUE(holds.out.contains("✓ 'rate==0.5' rate=50.00%")) << holds;
  const Ran crossed = play(dir, 2, {"--env=ODD=rate>0.6"});
  EXPECT_EQ(crossed.status, 99) << crossed;
  EXPECT_TRUE(crossed.out.contains("✗ 'rate>0.6' rate=50.00%")) << crossed;
  const Ran unjudged = play(dir, 2, {"--env=ODD=rate>0.6", "--no-thresholds"});
  EXPECT_EQ(unjudged.status, 0) << unjudged;
}

// Each of the two sees three samples, all together six.
TEST(LoadProcesses, EndWhereAThresholdSaysSoOfAll) {
  const TempDir dir;
  dir.write("main.js",
            "import { Counter } from 'k6/metrics'; import { sleep } from 'k6';\n"
            "const seen = new Counter('seen');\n"
            "export const options = { vus: 6, duration: __ENV.TIME, thresholds: {\n"
            "  seen: [{ threshold: __ENV.SEEN, abortOnFail: true }] } };\n"
            "export default () => { if (__ITER === 0) seen.add(1); sleep(0.1) };\n"
            "export const teardown = () => console.log('torn down');");
  const Ran crossed = play(dir, 2, {"--env=TIME=10m", "--env=SEEN=count<4"});
  EXPECT_EQ(crossed.status, 99) << crossed;
  EXPECT_TRUE(crossed.err.contains("thresholds on metrics 'seen' were crossed; at least one has abortOnFail enabled"))
      << crossed;
  EXPECT_EQ(times_said(crossed.err, "torn down"), 1U) << crossed;
  EXPECT_TRUE(crossed.out.contains("✗ 'count<4' count=6")) << crossed;
  const Ran holds = play(dir, 2, {"--env=TIME=3s", "--env=SEEN=count>=4"});
  EXPECT_EQ(holds.status, 0) << holds;
  EXPECT_TRUE(holds.out.contains("✓ 'count>=4' count=6")) << holds;
}

TEST(LoadProcesses, EndAsOneDoesWhereTheScriptEndsIt) {
  struct End {
    const char* what;
    const char* script;
    int status;
    const char* says;
    int torn_down;
  };
  constexpr std::string_view kHead =
      "import exec from 'k6/execution'; import { sleep } from 'k6';\n"
      "export const options = { vus: 4, duration: __ENV.TIME || '10m' };\n"
      "export const teardown = () => console.log('torn down');\n";
  constexpr End kEnds[] = {
      {"a VU of the first process aborts",
       "export default () => { exec.vu.idInTest == 1 && exec.test.abort('enough'); sleep(300) };", 108,
       "test aborted: enough", 1},
      {"a VU of another aborts",
       "export default () => { exec.vu.idInTest == 2 && exec.test.abort('enough'); sleep(300) };", 108,
       "test aborted: enough", 1},
      {"setup throws", "export const setup = () => { throw new Error('no target') }; export default () => sleep(300);",
       107, "no target", 0},
      {"the top level throws", "throw new Error('at top level'); export default () => 1;", 107, "at top level", 0},
      {"there is no such option",
       "options.scenarios = { a: { executor: 'constant-vus', vuss: 1 } }; export default () => 1;", 104, "vuss", 0},
  };
  for (const End& end : kEnds) {
    const TempDir dir;
    dir.write("main.js", std::string(kHead) + end.script);
    const Ran one = play(dir, 1);
    const Ran two = play(dir, 2);
    EXPECT_EQ(one.status, end.status) << end.what << one;
    EXPECT_EQ(two.status, end.status) << end.what << two;
    EXPECT_EQ(times_said(two.err, end.says), times_said(one.err, end.says)) << end.what << two << one;
    EXPECT_EQ(times_said(two.err, "torn down"), static_cast<std::size_t>(end.torn_down)) << end.what << two;
    EXPECT_TRUE(are_gone(dir));
  }
}

TEST(LoadProcesses, GoOnWhereTheScriptOnlySaysThatItFailed) {
  const TempDir dir;
  dir.write(
      "main.js",
      "import exec from 'k6/execution';\n"
      "export const options = { scenarios: { all: { executor: 'shared-iterations', vus: 2, iterations: 20 } } };\n"
      "export default () => { if (exec.scenario.iterationInTest === 0) exec.test.fail('so it is') };\n");
  const Ran ran = play(dir, 2, {"--summary-export=summary.json"});
  EXPECT_EQ(ran.status, 110) << ran;
  EXPECT_TRUE(ran.err.contains("test marked as failed: so it is")) << ran;
  EXPECT_EQ(nlohmann::json::parse(dir.read("summary.json")).at("metrics").at("iterations").at("count"), 20);
}

constexpr std::string_view kEndless =
    "import { sleep } from 'k6'; import exec from 'k6/execution';\n"
    "export const options = { vus: 4, duration: '10m' };\n"
    "export default () => { console.log(`begun ${exec.vu.idInTest}.`); sleep(300) };\n"
    "export const teardown = () => { console.log('torn down'); sleep(Number(__ENV.LATE || 0)) };\n";

// Until every VU has begun.
bool all_have_begun(RunningProgram& program) {
  for (const int vu : {1, 2, 3, 4})
    if (!program.says(fmt::format("begun {}.", vu), kSoon)) return false;
  return true;
}

TEST(LoadProcesses, EndTogetherOnCtrlC) {
  const TempDir dir;
  dir.write("main.js", kEndless);
  RunningProgram program({"load", "run", "--processes=2", "main.js"}, dir.path());
  ASSERT_TRUE(all_have_begun(program));
  EXPECT_EQ(processes_in(dir).size(), 2U);
  program.signal(SIGINT);
  EXPECT_TRUE(program.ends_within(kSoon));
  const Ran ran = program.wait();
  EXPECT_EQ(ran.status, 105) << ran;
  EXPECT_EQ(times_said(ran.err, "interrupted: ending the iterations"), 1U) << ran;
  EXPECT_EQ(times_said(ran.err, "torn down"), 1U) << ran;
  EXPECT_EQ(times_said(ran.out, "vus_max"), 1U) << ran;
  EXPECT_TRUE(are_gone(dir));
}

TEST(LoadProcesses, EndAtOnceOnTheSecondCtrlC) {
  const TempDir dir;
  dir.write("main.js", kEndless);
  RunningProgram program({"load", "run", "--processes=2", "--env=LATE=50", "main.js"}, dir.path());
  ASSERT_TRUE(all_have_begun(program));
  program.signal(SIGINT);
  ASSERT_TRUE(program.says("torn down", kSoon));
  program.signal(SIGINT);
  EXPECT_TRUE(program.ends_within(kSoon));
  const Ran ran = program.wait();
  EXPECT_EQ(ran.status, 105) << ran;
  EXPECT_EQ(ran.out, "") << ran;
  EXPECT_TRUE(are_gone(dir));
}

TEST(LoadProcesses, EndWithTheOneThatStartedThem) {
  const TempDir dir;
  dir.write("main.js", kEndless);
  RunningProgram program({"load", "run", "--processes=3", "main.js"}, dir.path());
  ASSERT_TRUE(all_have_begun(program));
  EXPECT_EQ(processes_in(dir).size(), 3U);
  program.signal(SIGKILL);
  EXPECT_TRUE(program.ends_within(kSoon));
  EXPECT_TRUE(are_gone(dir));
}

TEST(LoadProcesses, EndWhereOneIsKilled) {
  const TempDir dir;
  dir.write("main.js", kEndless);
  RunningProgram program({"load", "run", "--processes=3", "main.js"}, dir.path());
  ASSERT_TRUE(all_have_begun(program));
  const std::vector<pid_t> processes = processes_in(dir);
  ASSERT_EQ(processes.size(), 3U);
  ::kill(*std::ranges::max_element(processes), SIGKILL);
  EXPECT_TRUE(program.ends_within(kSoon));
  const Ran ran = program.wait();
  EXPECT_EQ(ran.status, 255) << ran;
  EXPECT_TRUE(ran.err.contains("of 3 was ended by signal 9 (Killed), and what it had measured is lost")) << ran;
  EXPECT_EQ(times_said(ran.err, "torn down"), 1U) << ran;
  EXPECT_TRUE(are_gone(dir));
}

// What they say alike before the load begins is said once; what VUs say later is said by each.
TEST(LoadProcesses, SayOnceWhatAllSayWhileTheyLoad) {
  const TempDir dir;
  dir.write("main.js",
            "console.log('loading');\n"
            "export const options = { vus: 2, iterations: 2, thresholds: { 'http_reqs{vu:1}': ['count>=0'] } };\n"
            "export default () => console.log('playing');\n");
  const Ran one = play(dir, 1, {"--iterations=2", "--no-usage-report"});
  const Ran two = play(dir, 2, {"--iterations=2", "--no-usage-report"});
  for (const char* text : {"see no samples", "--no-usage-report", "level=warning"})
    EXPECT_EQ(times_said(two.err, text), times_said(one.err, text)) << text << two << one;
  EXPECT_GE(times_said(two.err, "see no samples"), 1U) << two;
  EXPECT_EQ(times_said(two.err, "playing"), 2U) << two;
  const Ran apart = play(dir, 2, {"--console-output=console.txt"});
  EXPECT_EQ(times_said(apart.err, "playing"), 0U) << apart;
  EXPECT_EQ(times_said(dir.read("console.txt"), "playing"), 2U) << apart;
}

TEST(LoadProcesses, MayBeMoreThanThereAreVus) {
  const TempDir dir;
  write_counted(dir, "{ executor: 'shared-iterations', vus: 2, iterations: 10 }");
  const Ran ran = play(dir, 4, {"--summary-export=summary.json"});
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_TRUE(ran.err.contains("2 of 4 processes have nothing to do")) << ran;
  EXPECT_EQ(numbers_of(ran, "number"), from_to(0, 9)) << ran;
  EXPECT_TRUE(ran.err.contains("2 VUs")) << ran;
}

TEST(LoadProcesses, RefuseWhatOneProcessHasToItself) {
  const TempDir dir;
  dir.write("main.js", "export default () => 1;\n");
  for (const auto& [flag, says] : std::vector<std::pair<std::string, std::string>>{
           {"--part=0/2", "--part and --start-barrier"},
           {"--start-barrier=nats://127.0.0.1/x", "--part and --start-barrier"},
           {"--find-knee", "--find-knee"},
           {"--execution-segment=0:1/2", "--execution-segment does not go with --processes"},
           {"--address=localhost:0", "--address does not go with --processes"},
           {"--paused", "--paused does not go with --processes"},
           {"--linger", "--linger does not go with --processes"},
           {"--out=web-dashboard", "the web dashboard does not go with --processes"},
           {"--out=json=samples.json", "--out json=samples.json does not go with --processes"},
           {"--out=influxdb=http://127.0.0.1/x", "--out influxdb=http://127.0.0.1/x does not go with --processes"}})
    expect_failure(play(dir, 2, {flag}), 2, {says});
  for (const char* count : {"0x", "65", "-1", "many", "0"})
    expect_failure(gantry({"load", "run", fmt::format("--processes={}", count), "main.js"}, dir), 2,
                   {"--processes", "1 to 64"});
  EXPECT_EQ(gantry({"load", "run", "--processes=auto", "--quiet", "main.js"}, dir).status, 0);
  EXPECT_EQ(gantry({"k6", "run", "--processes=2", "--quiet", "main.js"}, dir).status, 0);
  dir.write("main.js", "export const options = { executionSegment: '0:1/2' }; export default () => 1;\n");
  expect_failure(play(dir, 2), 104, {"options have a segment of the load"});
}

}  // namespace
}  // namespace gantry::cli
