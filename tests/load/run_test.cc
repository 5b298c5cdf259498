// Whole runs: short ones, in real time.

#include "load/load.h"

#include "load/signals.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace gantry::load {
namespace {

using std::chrono::milliseconds;

struct Ran {
  RunOutcome outcome;
  std::vector<std::string> log;

  double count(std::string_view metric) const {
    const Sink* sink = outcome.recorder->sink(*outcome.registry->find(metric));
    return sink ? std::get<CounterSink>(*sink).count() : 0;
  }
  const TrendSink& trend(std::string_view metric) const {
    return std::get<TrendSink>(*outcome.recorder->sink(*outcome.registry->find(metric)));
  }
};

// `on_log` is told what the script, or the run, says.
Ran run(
    std::string script, const std::atomic<bool>* stop = nullptr,
    std::chrono::nanoseconds init_time_max = std::chrono::minutes(1),
    const std::function<void(std::string_view)>& on_log = [](std::string_view) {}) {
  base::MemoryFileSystem files;
  files.write("main.js", std::move(script));
  Ran ran;
  ran.outcome = run_script({.files = files,
                            .script = "main.js",
                            .log =
                                [&](LogLevel, std::string_view text, std::string_view) {
                                  ran.log.emplace_back(text);
                                  on_log(text);
                                },
                            .init_time_max = init_time_max,
                            .stop = stop});
  return ran;
}

// Stopped as soon as it says "begun".
Ran run_until_begun(std::string script) {
  std::atomic<bool> stop = false;
  return run(std::move(script), &stop, std::chrono::minutes(1),
             [&stop](std::string_view text) { stop = stop || text == "begun"; });
}

struct PlanCase {
  std::string_view options;
  double iterations_least;
  double iterations_most;
  std::uint64_t dropped;
};

constexpr PlanCase kPlans[] = {
    {"{}", 1, 1, 0},
    {"{vus: 3, iterations: 10}", 10, 10, 0},
    {"{scenarios: {a: {executor: 'per-vu-iterations', vus: 4, iterations: 5}}}", 20, 20, 0},
    // A second of iterations of 20 ms; on a busy machine fewer, never more.
    {"{vus: 2, duration: '1s'}", 10, 102, 0},
    {"{scenarios: {a: {executor: 'constant-arrival-rate', rate: 50, duration: '1s', preAllocatedVUs: 5}}}", 51, 51, 0},
    {"{scenarios: {a: {executor: 'ramping-arrival-rate', startRate: 0, preAllocatedVUs: 9, stages: [{duration: '1s', "
     "target: 100}]}}}",
     50, 50, 0},
    {"{scenarios: {a: {executor: 'ramping-vus', startVUs: 0, gracefulRampDown: '0s', stages: [{duration: '500ms', "
     "target: 4}, {duration: "
     "'500ms', target: 0}]}}}",
     5, 110, 0},
    // More iterations than the time has room for.
    {"{scenarios: {a: {executor: 'shared-iterations', vus: 1, iterations: 1000, maxDuration: '1s'}}}", 5, 51, 949},
};

TEST(Run, PlaysEachExecutor) {
  for (const PlanCase& c : kPlans) {
    const Ran ran = run(fmt::format(
        "import {{ sleep }} from 'k6'; export const options = {}; export default () => sleep(0.02);", c.options));
    ASSERT_EQ(ran.outcome.end, RunEnd::passed)
        << c.options << (ran.outcome.error ? base::describe(*ran.outcome.error) : "");
    // On a busy machine an arrival may find nobody free.
    const ScenarioOutcome& scenario = ran.outcome.scenarios[0];
    EXPECT_GE(static_cast<double>(scenario.completed + scenario.dropped), c.iterations_least) << c.options;
    EXPECT_LE(ran.count("iterations"), c.iterations_most) << c.options;
    EXPECT_GE(scenario.dropped, c.dropped) << c.options;
    EXPECT_EQ(static_cast<double>(ran.outcome.scenarios[0].completed), ran.count("iterations")) << c.options;
    EXPECT_GE(ran.trend("iteration_duration").min(), 20) << c.options;
  }
}

TEST(Run, DropsArrivalsThatNobodyIsFreeFor) {
  const Ran ran = run(R"(
    import { sleep } from 'k6';
    export const options = { scenarios: { a: { executor: 'constant-arrival-rate', rate: 20, duration: '1s', preAllocatedVUs: 1, maxVUs: 2 } } };
    export default () => sleep(0.3);
  )");
  EXPECT_EQ(ran.outcome.end, RunEnd::passed);
  EXPECT_EQ(ran.outcome.scenarios[0].completed + ran.outcome.scenarios[0].dropped, 21U);
  EXPECT_LE(ran.outcome.scenarios[0].completed, 8U);  // two VUs, each free every 0.3 s
  EXPECT_EQ(ran.count("dropped_iterations"), static_cast<double>(ran.outcome.scenarios[0].dropped));
  EXPECT_EQ(ran.log, std::vector<std::string>{"Insufficient VUs, reached 2 active VUs and cannot initialize more"});
}

TEST(Run, PassesSetupDataOn) {
  const Ran ran = run(R"(
    import { Counter } from 'k6/metrics';
    const seen = new Counter('seen'), torn = new Counter('torn');
    export const options = { vus: 2, iterations: 6 };
    export const setup = () => ({ by: 5 });
    export default (data) => { seen.add(data.by); data.by = 5; };
    export const teardown = (data) => torn.add(data.by);
  )");
  EXPECT_EQ(ran.outcome.end, RunEnd::passed);
  EXPECT_EQ(ran.outcome.setup_data, R"({"by":5})");
  EXPECT_EQ(ran.count("seen"), 30);
  EXPECT_EQ(ran.count("torn"), 5);
}

TEST(Run, WantsNothingOfTeardown) {
  EXPECT_EQ(run("export default () => 1; export const teardown = () => NaN;").outcome.end, RunEnd::passed);
}

TEST(Run, JudgesThresholds) {
  const Ran ran = run(R"(
    import { Trend } from 'k6/metrics';
    const mine = new Trend('mine');
    export const options = { iterations: 4, thresholds: {
      mine: ['avg<3', { threshold: 'max<4', abortOnFail: false }],
      'mine{kind:b}': ['min>=2'],
      'http_req_duration{scenario:gone}': ['p(95)<500'],
    } };
    export default () => mine.add(__ITER + 1, { kind: __ITER ? 'b' : 'a' });
  )");
  EXPECT_EQ(ran.outcome.end, RunEnd::thresholds_crossed);
  ASSERT_EQ(ran.outcome.thresholds.size(), 3U);
  EXPECT_EQ(ran.outcome.thresholds[0].thresholds[0].judgement.value, 2.5);
  EXPECT_TRUE(ran.outcome.thresholds[0].thresholds[0].judgement.holds);
  EXPECT_FALSE(ran.outcome.thresholds[0].thresholds[1].judgement.holds);
  EXPECT_EQ(ran.outcome.thresholds[1].thresholds[0].judgement.value, 2);
  EXPECT_TRUE(ran.outcome.thresholds[2].thresholds[0].judgement.is_undecided);
}

// As in k6, which looks at the VUs once a second: a run that is over has none, which says nothing of the run.
TEST(Run, KeepsTheVusThatWereActiveWhenLastLookedAt) {
  const Ran ran = run(R"(
    import { sleep } from 'k6';
    export const options = { vus: 3, iterations: 3, thresholds: { vus: ['value==3'] } };
    export default () => sleep(0.01);
  )");
  EXPECT_EQ(ran.outcome.end, RunEnd::passed);
}

TEST(Run, TellsHandleSummaryOfTheOptionsInForce) {
  const Ran ran = run(R"(
    import exec from 'k6/execution';
    import { SharedArray } from 'k6/data';
    const shared = new SharedArray('once', () => (console.log('made'), [7]));
    export const options = { tags: { of: 'run' } };
    export default () => 1;
    export const handleSummary = () => ({ stdout: `${exec.test.options.tags.of} ${exec.test.options.scenarios.default.executor} ${options.systemTags.length} ${shared[0]}` });
  )");
  ASSERT_TRUE(ran.outcome.summary_files);
  EXPECT_EQ(ran.outcome.summary_files->at("stdout"), "run per-vu-iterations 14 7");
  EXPECT_EQ(ran.log, std::vector<std::string>{"made"});
}

TEST(Run, GivesArrivalsToAllVusInTurn) {
  const Ran ran = run(R"(
    import exec from 'k6/execution';
    import { Trend } from 'k6/metrics';
    const turn = new Trend('turn');
    export const options = { scenarios: { a: { executor: 'constant-arrival-rate', rate: 9, duration: '1s', preAllocatedVUs: 10 } },
                             thresholds: { turn: ['max==0'], iterations: ['count==10'] } };
    export default () => turn.add(exec.vu.iterationInScenario);
  )");
  EXPECT_EQ(ran.outcome.end, RunEnd::passed);
}

TEST(Run, HandsTheSummaryOver) {
  const Ran ran = run(R"(
    import { check, group } from 'k6';
    import { Rate, Trend } from 'k6/metrics';
    const trend = new Trend('my_trend', true), rate = new Rate('my_rate');
    export const options = { iterations: 4, summaryTrendStats: ['avg', 'p(99)', 'count'],
                             thresholds: { my_trend: ['p(95)<3'], 'my_trend{kind:x}': [], http_req_failed: ['rate<0.1'] } };
    export const setup = () => ({ from: 'setup' });
    export default () => { trend.add(__ITER); rate.add(__ITER % 2); group('g', () => check(__ITER, { small: (n) => n < 3 })); };
    export function handleSummary(data) {
      return {
        stdout: JSON.stringify([data.metrics.my_trend, data.metrics.my_rate.values, data.root_group, data.setup_data, data.state.isStdOutTTY,
                                data.options.summaryTrendStats, data.root_group.duration / 1000, Object.keys(data.metrics['my_trend{kind:x}']),
                                data.metrics.errors?.values?.rate, data.metrics.http_req_failed.thresholds]),
        'out/results.json': 'text',
      };
    }
  )");
  EXPECT_EQ(ran.outcome.end, RunEnd::passed) << (ran.outcome.error ? ran.outcome.error->message : "");
  ASSERT_TRUE(ran.outcome.summary_files);
  EXPECT_EQ(ran.outcome.summary_files->at("out/results.json"), "text");
  // One part to a line: whole, the formatter would take it for a document.
  std::string expected;
  for (
      const std::string_view part :
      {R"x([{"type":"trend","contains":"time","values":{"avg":1.5,"p(99)":2.9699999999999998,"count":4},)x",
       R"x("thresholds":{"p(95)<3":{"ok":true}}},)x", R"x({"rate":0.5,"passes":2,"fails":2},)x",
       R"x({"name":"","path":"","id":"d41d8cd98f00b204e9800998ecf8427e",)x",
       R"x("groups":[{"name":"g","path":"::g","id":"652e756c89643c3ada0b451cbd88a9d3","groups":[],)x",
       R"x("checks":[{"name":"small","path":"::g::small","id":"68ffe27b7c6d30c9c31be78d7aea76eb","passes":3,"fails":1}]}],"checks":[]},)x",
       R"x({"from":"setup"},false,["avg","p(99)","count"],null,["type","contains","values"],null,)x",
       R"x({"rate<0.1":{"ok":true}}])x"})
    expected += part;
  EXPECT_EQ(ran.outcome.summary_files->at("stdout"), expected);
}

TEST(Run, GoesOnWithoutASummaryThatThrows) {
  const Ran ran = run("export default () => 1; export function handleSummary() { throw new Error('no summary') }");
  EXPECT_EQ(ran.outcome.end, RunEnd::passed);
  EXPECT_FALSE(ran.outcome.summary_files);
  EXPECT_EQ(ran.log.size(), 1U);
}

struct FailCase {
  std::string_view script;
  RunEnd end;
  std::string_view message;
};

constexpr FailCase kFailures[] = {
    {"export const x = 1;", RunEnd::broken, "no exported functions in script"},
    {"export default () => {", RunEnd::script_failed, "SyntaxError: Unexpected end of input"},
    {"export const options = { vus: 0 }; export default () => 1;", RunEnd::invalid_options,
     "options: vus must be 1 or more, it is 0"},
    {"export const options = { scenarios: { a: { executor: 'shared-iterations', exec: 'gone' } } }; export default () "
     "=> 1;",
     RunEnd::invalid_options, "scenario a: function \"gone\" is not exported"},
    {"export const options = { thresholds: { gone: ['p(95)<1'] } }; export default () => 1;", RunEnd::invalid_options,
     "thresholds: no metric name \"gone\" found"},
    {"export const options = { thresholds: { http_reqs: ['p(95)<1'] } }; export default () => 1;",
     RunEnd::invalid_options, "threshold \"p(95)<1\" does not fit a counter"},
    {"export const options = { thresholds: ['iterations'] }; export default () => 1;", RunEnd::invalid_options,
     "thresholds must be an object of lists, by metric"},
    {"export const options = { thresholds: { iterations: [{ threshold: 'count>5', abortOnFail: 'true' }] } }; export "
     "default () => 1;",
     RunEnd::invalid_options, "thresholds: abortOnFail must be true or false"},
    {"export const options = { thresholds: { iterations: [{ threshold: 'count>5', delayAbortEval: 'soon' }] } }; "
     "export "
     "default () => 1;",
     RunEnd::invalid_options, "threshold: delayAbortEval cannot be read"},
    {"export const setup = () => { throw new Error('no') }; export default () => 1;", RunEnd::script_failed,
     "Error: no"},
    {"export const teardown = () => { throw new Error('no') }; export default () => 1;", RunEnd::script_failed,
     "Error: no"},
    {"export const setup = () => ({ rate: 0 / 0 }); export default () => 1;", RunEnd::broken,
     "setup() returned what JSON cannot hold: \"rate\" is NaN"},
    {"export const setup = async () => [1 / 0]; export default () => 1;", RunEnd::broken,
     "setup() returned what JSON cannot hold: \"0\" is Infinity"},
    {"export const setup = async () => { throw new Error('late') }; export default () => 1;", RunEnd::broken,
     "Uncaught (in promise) Error: late"},
    {"export const setup = () => { Promise.reject(7); return 1 }; export default () => 1;", RunEnd::broken,
     "Uncaught (in promise) 7"},
    {"export const teardown = async () => { throw new Error('late') }; export default () => 1;", RunEnd::broken,
     "Uncaught (in promise) Error: late"},
    {"export const options = { vus: NaN }; export default () => 1;", RunEnd::broken,
     "options hold what JSON cannot: \"vus\" is NaN"},
    {"if (__VU > 0) throw new Error('vu'); export default () => 1;", RunEnd::script_failed, "Error: vu"},
    {"export default () => 1; throw new Error('top');", RunEnd::script_failed, "Error: top"},
    {"await Promise.reject(new Error('top')); export default () => 1;", RunEnd::script_failed, "Error: top"},
    {"Promise.reject(new Error('top')); export default () => 1;", RunEnd::broken, "Uncaught (in promise) Error: top"},
    {"if (__VU > 0) Promise.reject(7); export default () => 1;", RunEnd::broken, "Uncaught (in promise) 7"},
    {"await new Promise(() => {}); export default () => 1;", RunEnd::broken, "the script waits for a promise"},
    {"export const setup = () => new Promise(() => {}); export default () => 1;", RunEnd::broken,
     "the script waits for a promise"},
};

TEST(Run, SaysWhyItCannotRun) {
  for (const FailCase& c : kFailures) {
    const Ran ran = run(std::string(c.script));
    EXPECT_EQ(ran.outcome.end, c.end) << c.script;
    ASSERT_TRUE(ran.outcome.error) << c.script;
    EXPECT_TRUE(ran.outcome.error->message.starts_with(c.message)) << ran.outcome.error->message;
  }
}

TEST(Run, GoesOnAfterAnException) {
  const Ran ran =
      run("export const options = { iterations: 3 }; export default () => { throw new Error('each time') };");
  EXPECT_EQ(ran.outcome.end, RunEnd::passed);
  EXPECT_EQ(ran.count("iterations"), 3);
  EXPECT_EQ(ran.outcome.measurement.thrown, 3U);
  ASSERT_EQ(ran.log.size(), 3U);
  EXPECT_TRUE(ran.log[0].starts_with("Error: each time\n    at")) << ran.log[0];
}

TEST(Run, SaysWhereATimerThrew) {
  const Ran ran = run(
      "export const setup = () => {\n  setTimeout(() => { throw new Error('late') }, 1) };\nexport default () => 1;");
  ASSERT_TRUE(ran.outcome.error && ran.outcome.error->where);
  EXPECT_EQ(*ran.outcome.error->where->file, "main.js");
  EXPECT_EQ(ran.outcome.error->where->line, 2U);
}

TEST(Run, SaysWhatNobodyHandles) {
  const Ran ran = run(R"(
    export const options = { vus: 1, iterations: 2 };
    export default async () => { Promise.reject(new Error('each time')); };
  )");
  EXPECT_EQ(ran.outcome.end, RunEnd::passed);
  EXPECT_EQ(ran.count("iterations"), 2);
  ASSERT_EQ(ran.log.size(), 2U);
  EXPECT_TRUE(ran.log[0].starts_with("Uncaught (in promise) Error: each time\n    at")) << ran.log[0];
}

TEST(Run, TakesWhatNothingSettlesForTheEnd) {
  const Ran ran = run(R"(
    export const options = { vus: 1, iterations: 2 };
    export default async () => { await new Promise(() => {}); console.log('never'); };
    export const teardown = () => new Promise(() => {});
  )");
  EXPECT_EQ(ran.outcome.end, RunEnd::passed);
  EXPECT_EQ(ran.count("iterations"), 2);
  EXPECT_EQ(ran.log, std::vector<std::string>(3, "the script waits for a promise that nothing will settle"));
}

TEST(Run, InterruptsWhatIsLate) {
  const Ran ran = run(R"(
    import { sleep } from 'k6';
    export const options = { scenarios: { a: { executor: 'constant-vus', vus: 3, duration: '1s', gracefulStop: '0s' } } };
    export default () => sleep(60);
  )");
  EXPECT_EQ(ran.outcome.end, RunEnd::passed);
  EXPECT_EQ(ran.outcome.scenarios[0].interrupted, 3U);
  EXPECT_EQ(ran.count("iterations"), 0);
  EXPECT_LT(ran.outcome.duration, std::chrono::seconds(20));
  EXPECT_EQ(ran.log,
            std::vector<std::string>{"No script iterations fully finished, consider making the test duration longer"});
}

TEST(Run, EndsWhatNeverWaits) {
  const Ran ran = run(R"(
    export const options = { scenarios: {
      endless: { executor: 'per-vu-iterations', vus: 2, maxDuration: '1s', gracefulStop: '0s' },
    } };
    export default () => { for (;;); };
  )");
  EXPECT_EQ(ran.outcome.end, RunEnd::passed);
  EXPECT_EQ(ran.outcome.scenarios[0].completed, 0U);
  EXPECT_GE(ran.outcome.scenarios[0].interrupted, 1U);
  EXPECT_LT(ran.outcome.duration, std::chrono::seconds(20));
}

TEST(Run, CountsVusOnceASecond) {
  const std::string script = R"(
    import { sleep } from 'k6';
    export const options = { vus: 3, duration: 'LENGTH', thresholds: { vus: ['value==3'] } };
    export default () => sleep(0.1);
  )";
  for (const std::string_view length : {"1s", "1500ms"}) {
    std::string timed = script;
    timed.replace(timed.find("LENGTH"), 6, length);
    const Ran ran = run(timed);
    EXPECT_EQ(ran.outcome.end, RunEnd::passed) << length;
    const auto& vus = std::get<GaugeSink>(*ran.outcome.recorder->sink(*ran.outcome.registry->find("vus")));
    EXPECT_EQ(vus.min(), 3) << length;
    EXPECT_EQ(vus.max(), 3) << length;
  }
}

TEST(Run, LetsOthersPlayBesideWhoNeverWaits) {
  const Ran ran = run(R"(
    import { sleep } from 'k6';
    export const options = { scenarios: {
      spins: { executor: 'constant-vus', vus: 2, duration: '1s', gracefulStop: '0s', exec: 'spin' },
      rests: { executor: 'per-vu-iterations', vus: 1, iterations: 20, maxDuration: '1s', gracefulStop: '0s' },
    } };
    export const spin = () => {};
    export default () => sleep(0.01);
  )");
  EXPECT_EQ(ran.outcome.end, RunEnd::passed);
  for (const ScenarioOutcome& each : ran.outcome.scenarios) EXPECT_GE(each.completed, 5U) << each.scenario.name;
}

TEST(Run, EndsATopLevelThatNeverWaits) {
  for (const std::string_view loop : {"for (;;);", "if (__VU > 0) for (;;);", "await null; for (;;);"}) {
    const Ran ran = run(fmt::format("{} export default () => 1;", loop), nullptr, milliseconds(200));
    EXPECT_EQ(ran.outcome.end, RunEnd::script_failed) << loop;
    ASSERT_TRUE(ran.outcome.error) << loop;
    EXPECT_EQ(ran.outcome.error->message, "the top level of main.js did not end within 200ms") << loop;
  }
  const std::atomic<bool> stop = true;
  EXPECT_EQ(run("for (;;); export default () => 1;", &stop).outcome.end, RunEnd::stopped);
}

struct HostileCase {
  std::string_view body;
  std::string_view logged;  // begins with it
};

constexpr HostileCase kHostile[] = {
    {"const all = []; for (;;) all.push(new ArrayBuffer(1 << 28))", "RangeError: Array buffer allocation failed"},
    {"const all = []; for (;;) all.push(new Uint8Array(1 << 28))", "RangeError: Array buffer allocation failed"},
    {"let text = 'x'; for (;;) text += text", "RangeError: Invalid string length"},
    {"(function deeper() { deeper() })()", "RangeError: Maximum call stack size exceeded"},
    {"let list = []; for (let i = 0; i < 1e5; ++i) list = [list]; JSON.stringify(list)",
     "RangeError: Maximum call stack size exceeded"},
    {"Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
     "TypeError: Atomics.wait cannot be called in this context"},
    {"new WebAssembly.Memory({initial: 65536})", "ReferenceError: WebAssembly is not defined"},
};

// What k6/http evaluates when it is first asked for: where there is no room for that, only that call fails.
TEST(Run, LosesNoModuleWhereTheStackEnds) {
  const Ran ran = run(R"(
    import http from 'k6/http';
    export const options = { iterations: 2 };
    function deep() { try { deep() } catch (error) { try { http.cookieJar() } catch {} throw error } }
    export default () => {
      if (__ITER === 0) { try { deep() } catch {} }
      console.log(typeof http.cookieJar().set);
    };
  )");
  EXPECT_EQ(ran.outcome.end, RunEnd::passed);
  EXPECT_EQ(fmt::format("{}", fmt::join(ran.log, " ")), "function function");
}

// Whatever a script has replaced before that.
TEST(Run, EvaluatesLateModulesInTheLanguageAsItWas) {
  const Ran ran = run(R"(
    import http from 'k6/http';
    globalThis.WeakMap = undefined;
    globalThis.Set = class {};
    Array.prototype.map = () => 'replaced';
    http.setResponseCallback(http.expectedStatuses(200, { min: 300, max: 399 }));
    export default () => console.log(typeof http.cookieJar().set + ' ' + [1].map(() => 2));
  )");
  EXPECT_EQ(ran.outcome.end, RunEnd::passed);
  EXPECT_EQ(fmt::format("{}", fmt::join(ran.log, "|")), "function replaced");
}

// Neither the first VU nor the script's text says what is replaced.
TEST(Run, KeepsItsModulesFromWhatOthersThanTheFirstVuReplace) {
  constexpr std::string_view kReplace = R"(
    const replace = ({ prototype }, ...names) => {
      for (const name of names) Object.defineProperty(prototype, name, { value() { throw 'broken' }, configurable: true, writable: true });
    };
    const all = () => { replace(Array, 'push', 'map', 'join', 'filter'); replace(String, 'split', 'replace', 'slice'); };
  )";
  for (const std::string_view when :
       {"if (__VU > 0) all();", "const change = all;", "const change = () => { all(); throw 'after' };"}) {
    const Ran ran = run(fmt::format(R"(
      import {{ parseHTML }} from 'k6/html';
      {}
      {}
      export const options = {{ scenarios: {{ a: {{ executor: 'per-vu-iterations', vus: 2, iterations: 2 }} }} }};
      export default () => {{
        console.log(parseHTML('<p class="a">one</p><p>two</p>').find('p.a').text());
        if (typeof change !== 'undefined' && __ITER === 0) change();
      }};
    )",
                                    kReplace, when));
    EXPECT_EQ(std::ranges::count(ran.log, "one"), 4) << when << "\n" << fmt::format("{}", fmt::join(ran.log, "\n"));
  }
}

// V8 makes WebAssembly of it where it may.
TEST(Run, TakesAsmForJavaScript) {
  const Ran ran = run(R"(
    function Module() { "use asm"; function next(x) { x = x | 0; return (x + 1) | 0; } return { next: next }; }
    export default () => { console.log(Module().next(41)) };
  )");
  EXPECT_EQ(ran.outcome.end, RunEnd::passed);
  ASSERT_EQ(ran.log.size(), 1U);
  EXPECT_EQ(ran.log[0], "42");
}

TEST(Run, GoesOnAfterWhatIsHostile) {
  for (const HostileCase& c : kHostile) {
    const Ran ran =
        run(fmt::format("export const options = {{ iterations: 2 }}; export default () => {{ {} }}", c.body));
    EXPECT_EQ(ran.outcome.end, RunEnd::passed) << c.body;
    EXPECT_EQ(ran.count("iterations"), 2) << c.body;
    ASSERT_EQ(ran.log.size(), 2U) << c.body;
    EXPECT_TRUE(ran.log[1].starts_with(c.logged)) << ran.log[1];
  }
}

TEST(Run, KeepsNoMoreForMoreUrls) {
  const Ran ran = run(R"(
    import http from 'k6/http';
    import exec from 'k6/execution';
    import { Counter } from 'k6/metrics';
    const counter = new Counter('mine');
    export const options = { iterations: 1500, thresholds: { 'mine{kind:even}': ['count==750'] } };
    export default () => {
      exec.vu.metrics.tags.at = __ITER;
      counter.add(1, { kind: __ITER % 2 ? 'odd' : 'even', at: __ITER });
    };
  )");
  EXPECT_EQ(ran.outcome.end, RunEnd::passed);
  EXPECT_EQ(ran.count("mine"), 1500);
  EXPECT_LE(ran.outcome.recorder->tag_sets(), 5U);
}

struct LateCase {
  std::string_view script;
  RunEnd end;
  std::string_view message;
};

constexpr LateCase kLate[] = {
    {"export const options = { setupTimeout: '100ms' }; export const setup = () => { for (;;); }; export default () => "
     "1;",
     RunEnd::setup_timed_out, "setup() did not end within 100ms"},
    {"import { sleep } from 'k6'; export const options = { setupTimeout: '100ms' }; export const setup = () => "
     "sleep(60); export default () "
     "=> 1;",
     RunEnd::setup_timed_out, "setup() did not end within 100ms"},
    {"import { sleep } from 'k6'; export const options = { teardownTimeout: 100 }; export const teardown = () => "
     "sleep(60); export default "
     "() => 1;",
     RunEnd::teardown_timed_out, "teardown() did not end within 100ms"},
};

TEST(Run, EndsWhatTakesTooLong) {
  for (const LateCase& c : kLate) {
    const Ran ran = run(std::string(c.script));
    EXPECT_EQ(ran.outcome.end, c.end) << c.script;
    ASSERT_TRUE(ran.outcome.error) << c.script;
    EXPECT_EQ(ran.outcome.error->message, c.message);
  }
}

TEST(Run, StopsWhenItIsTold) {
  std::atomic<int> begun = 0;
  std::atomic<bool> stop = false;
  std::jthread other([&] {
    begun.wait(0);
    stop = true;
  });
  const auto note = [&begun](std::string_view) {
    begun = 1;
    begun.notify_one();
  };
  const Ran ran = run(R"(
    import { sleep } from 'k6';
    export const options = { vus: 2, duration: '10m' };
    export default () => { console.log('begun'); sleep(60); };
    export const teardown = () => console.log('torn');
  )",
                      &stop, std::chrono::minutes(1), note);
  note("");  // also where nothing began
  EXPECT_EQ(ran.outcome.end, RunEnd::stopped);
  ASSERT_FALSE(ran.log.empty());
  EXPECT_EQ(ran.log.back(), "torn");
  EXPECT_LT(ran.outcome.duration, std::chrono::seconds(20));
}

// Stopped while one of the functions waits that run beside the iterations: k6 goes on with teardown alone.
TEST(Run, HearsWhoStopsItWhileItWaits) {
  struct StopCase {
    std::string_view what;
    std::string_view functions;
    RunEnd end;
    std::vector<std::string> log;
  };
  const StopCase cases[] = {
      {"setup that sleeps",
       "export const setup = () => { console.log('begun'); sleep(300); }; export const teardown = () => "
       "console.log('no');",
       RunEnd::stopped,
       {"begun"}},
      {"setup that waits for a promise",
       "export const setup = () => new Promise((done) => { setTimeout(done, 300_000); console.log('begun'); });",
       RunEnd::stopped,
       {"begun"}},
      {"teardown",
       "export const teardown = () => { console.log('begun'); const t = Date.now(); while (Date.now() < t + 700); "
       "sleep(0.01); console.log('done'); };",
       RunEnd::stopped,
       {"begun", "done"}},
      {"handleSummary",
       "export const handleSummary = () => { console.log('begun'); sleep(300); };",
       RunEnd::passed,
       {"begun", "the run was stopped during handleSummary()"}},
  };
  for (const StopCase& each : cases) {
    const Ran ran =
        run_until_begun(fmt::format("import {{ sleep }} from 'k6'; export default () => 1; {}", each.functions));
    EXPECT_EQ(ran.outcome.end, each.end) << each.what;
    EXPECT_EQ(ran.log, each.log) << each.what;
    EXPECT_TRUE(ran.outcome.has_begun) << each.what;
    EXPECT_FALSE(ran.outcome.summary_files) << each.what;
  }
}

// A function of V8's own that looks at no order to end, and takes for ever: the run ends all the same, with what it has found, and so
// does the program. No script runs after that.
TEST(RunDeathTest, GivesUpWhatCannotBeInterrupted) {
  if (!kSignalsComeAtOnce) GTEST_SKIP() << "the thread sanitizer keeps signals back";
  struct StuckCase {
    std::string_view what;
    std::string_view script;
    RunEnd end;
    bool has_summary;
  };
  constexpr StuckCase kCases[] = {
      {"the top level", "stuck(); export default () => 1;", RunEnd::script_failed, false},
      {"setup", "export const options = { setupTimeout: '100ms' }; export const setup = stuck; export default () => 1;",
       RunEnd::setup_timed_out, true},
      {"an iteration",
       "export const options = { scenarios: { a: { executor: 'shared-iterations', maxDuration: '1s', gracefulStop: "
       "'0s' } } };\n"
       "export default () => { counter.add(1); stuck(); }; export const teardown = () => console.log('no');",
       RunEnd::script_failed, true},
      {"handleSummary",
       "export const options = { handleSummaryTimeout: '100ms' }; export default () => counter.add(1); export const "
       "handleSummary = stuck;",
       RunEnd::passed, true},
  };
  for (const StuckCase& each : kCases) {
    const auto run_and_leave = [&] {
      base::MemoryFileSystem files;
      files.write("main.js",
                  fmt::format("import {{ Counter }} from 'k6/metrics'; const counter = new Counter('begun');\n"
                              "const stuck = () => [].includes.call({{ length: 2 ** 53 - 1 }}, 1);\n{}",
                              each.script));
      const RunRequest request{
          .files = files, .script = "main.js", .init_time_max = milliseconds(100), .give_up_after = milliseconds(100)};
      const RunOutcome outcome = run_script(request);
      const RunOutcome next = run_script(request);
      const Sink* counted = outcome.has_begun ? outcome.recorder->sink(*outcome.registry->find("begun")) : nullptr;
      fmt::print(stderr, "end {} begun {} counted {} next {}\n", static_cast<int>(outcome.end), outcome.has_begun,
                 counted ? std::get<CounterSink>(*counted).count() : 0, next.end == RunEnd::broken);
      std::_Exit(3);
    };
    EXPECT_EXIT(run_and_leave(), testing::ExitedWithCode(3),
                fmt::format("end {} begun {} counted {} next true", static_cast<int>(each.end), each.has_summary,
                            each.what == "setup" || !each.has_summary ? 0 : 1))
        << each.what;
  }
}

// The VU that tells what the script wants is another than those that play.
TEST(Run, KeepsOwnModulesFromWhatLaterVusReplace) {
  const Ran ran = run(R"(
    import { SharedArray } from 'k6/data';
    export const options = { vus: 2, iterations: 4 };
    if (__VU > 1) Array.prototype.map = JSON.parse = () => { throw 'broken'; };
    const users = new SharedArray('users', () => [{ name: 'ann' }]);
    export default () => console.log(users[0].name);
  )");
  EXPECT_EQ(ran.outcome.end, RunEnd::passed);
  EXPECT_EQ(ran.log, std::vector<std::string>(4, "ann"));
}

// What ended the run counts, and not that teardown has failed afterwards.
TEST(Run, SaysFirstWhatEndedIt) {
  const Ran ran = run_until_begun(
      "import { sleep } from 'k6'; export default () => { console.log('begun'); sleep(300); };\n"
      "export const teardown = () => { throw new Error('broken'); };");
  EXPECT_EQ(ran.outcome.end, RunEnd::stopped);
  ASSERT_FALSE(ran.log.empty());
  EXPECT_TRUE(ran.log.back().contains("broken")) << ran.log.back();
}

// As the REST API does: what never waits ends all the same.
TEST(Run, EndsWhatNeverWaitsAfterSetupWasCalledBeside) {
  base::MemoryFileSystem files;
  files.write("main.js", R"(
    import { sleep } from 'k6';
    export const options = { scenarios: { a: { executor: 'constant-vus', vus: 1, duration: '1s', gracefulStop: '0s' } } };
    export const setup = () => 'data';
    export default () => { sleep(0.2); for (;;); };
  )");
  bool has_called = false;
  const RunOutcome outcome = run_script({.files = files, .script = "main.js", .look = [&](RunLook& seen) {
                                           if (has_called || seen.phase != RunPhase::running) return;
                                           has_called = seen.call_setup().has_value();
                                         }});
  EXPECT_TRUE(has_called);
  EXPECT_EQ(outcome.end, RunEnd::passed);
  ASSERT_EQ(outcome.scenarios.size(), 1U);
  EXPECT_EQ(outcome.scenarios[0].interrupted, 1U);
}

// As the dashboard does: whatever a report shows is there before the end, and is no more what it was afterwards.
TEST(Run, TakesStockWhileItGoesOn) {
  base::MemoryFileSystem files;
  files.write("main.js", R"(
    import { sleep } from 'k6';
    export const options = { vus: 2, duration: '5m', thresholds: { iterations: ['count>1000000'] } };
    export default () => sleep(0.01);
  )");
  std::atomic<bool> stop = false;
  bool was_early = false;
  std::uint64_t completed = 0;
  const auto look = [&](RunLook& seen) {
    if (stop) return;
    const RunProgress progress = seen.take_stock();
    if (progress.scenarios.empty()) {
      was_early = true;  // its scenarios do not play
      return;
    }
    ASSERT_EQ(seen.outcome.scenarios.size(), 1U);
    completed = seen.outcome.scenarios[0].completed;
    if (completed == 0) return;
    EXPECT_EQ(progress.scenarios[0].completed, completed);
    EXPECT_EQ(progress.planned, std::chrono::minutes(5));
    EXPECT_EQ(progress.vus, 2U);
    EXPECT_FALSE(seen.outcome.thresholds[0].thresholds[0].judgement.holds);
    EXPECT_GT(seen.outcome.duration, std::chrono::nanoseconds(0));
    EXPECT_GT(seen.outcome.measurement.generator.played, std::chrono::nanoseconds(0));
    EXPECT_GT(seen.outcome.measurement.generator.cpu, std::chrono::microseconds(0));
    stop = true;
  };
  const RunOutcome outcome = run_script({.files = files, .script = "main.js", .look = look, .stop = &stop});
  EXPECT_TRUE(was_early);
  EXPECT_EQ(outcome.end, RunEnd::stopped);
  EXPECT_GE(outcome.scenarios[0].completed, completed);
}

TEST(Run, TellsAScriptWhereItIs) {
  const Ran ran = run(R"(
    import exec, { scenario, vu, test, instance } from 'k6/execution';
    import { Counter } from 'k6/metrics';
    const seen = new Counter('seen'), tagged = new Counter('tagged');
    export const options = { scenarios: { a: { executor: 'per-vu-iterations', vus: 2, iterations: 3 } },
                             thresholds: { 'tagged{plan:gold}': ['count==6'], 'tagged{plan:free}': ['count<1'] } };
    const say = (what) => console.log(JSON.stringify(what));
    export default () => {
      seen.add(scenario.iterationInTest);
      vu.metrics.tags.plan = 'gold';
      tagged.add(1);
      if (vu.idInTest === 1 && exec.vu.iterationInScenario === 2) {
        say([scenario.name, scenario.executor, vu.iterationInInstance, vu.tags.plan, vu.tags.scenario, instance.vusInitialized]);
        say([scenario.progress >= 0 && scenario.progress <= 1, Math.abs(Date.now() - scenario.startTime) < 60000]);
        say([test.options.scenarios.a.vus, Object.isFrozen(test.options.scenarios)]);
      }
    };
  )");
  EXPECT_EQ(ran.outcome.end, RunEnd::passed) << (ran.outcome.error ? base::describe(*ran.outcome.error) : "");
  EXPECT_EQ(ran.count("seen"), 0 + 1 + 2 + 3 + 4 + 5);
  EXPECT_EQ(ran.log,
            (std::vector<std::string>{R"(["a","per-vu-iterations",2,"gold","a",2])", "[true,true]", "[2,true]"}));
}

// What tells a script where it is: it may be read in functions, and not written to.
TEST(Run, KeepsWhatItTellsAScript) {
  const Ran ran = run(R"(
    import exec from 'k6/execution';
    const attempt = (what) => { try { what(); console.log('done'); } catch (error) { console.log(error.message); } };
    if (__VU === 0) {
      attempt(() => exec.test.options);
      attempt(() => exec.vu.tags);
      attempt(() => exec.vu.metrics);
    }
    export default () => {
      attempt(() => { exec.test = {} });
      attempt(() => { exec.test.options.tags = {} });
      attempt(() => { exec.mine = 1 });
      attempt(() => { exec.test.mine = exec.vu.mine = exec.scenario.mine = exec.instance.mine = exec.vu.metrics.mine = 1 });
      attempt(() => { exec.vu.tags = exec.vu.metrics = {} });
      attempt(() => { exec.vu.metrics.tags = {} });
      attempt(() => { exec.test.abort = () => {} });
      attempt(() => { exec.vu.idInTest = 7 });
      console.log(Object.keys(exec.vu.metrics).join() + typeof exec.vu.tags.scenario);
    };
  )");
  EXPECT_EQ(ran.log,
            (std::vector<std::string>{"getting test options in the init context is not supported",
                                      "getting VU information in the init context is not supported",
                                      "getting VU information in the init context is not supported",
                                      "Cannot set property test of #<Object> which has only a getter",
                                      "Cannot assign to read only property 'tags' of object '#<Object>'", "done",
                                      "done", "done", "Cannot set property tags of #<Object> which has only a getter",
                                      "Cannot set property abort of #<Object> which has only a getter",
                                      "Cannot set property idInTest of #<Object> which has only a getter",
                                      "tags,metadata,minestring"}));
}

TEST(Run, EndsWhereItsScriptAbortsIt) {
  const Ran ran = run(R"(
    import exec from 'k6/execution';
    import { sleep } from 'k6';
    export const options = { vus: 3, duration: '5m' };
    export default () => { sleep(0.01); if (__ITER === 2) exec.test.abort('enough'); sleep(0.01); };
    export const teardown = () => console.log('torn down');
  )");
  EXPECT_EQ(ran.outcome.end, RunEnd::test_aborted);
  ASSERT_TRUE(ran.outcome.error);
  EXPECT_EQ(ran.outcome.error->message, "test aborted: enough");
  EXPECT_EQ(ran.log, std::vector<std::string>{"torn down"});
  EXPECT_EQ(exit_code(ran.outcome.end), 108);
}

TEST(Run, EndsAsFailedWhereItsScriptSaysSo) {
  const Ran ran = run(R"(
    import { test } from 'k6/execution';
    export const options = { iterations: 4, thresholds: { iterations: ['count>9'] } };
    export default () => test.fail(`at ${__ITER}`);
  )");
  EXPECT_EQ(ran.outcome.end, RunEnd::test_failed);
  EXPECT_EQ(ran.count("iterations"), 4);
  EXPECT_EQ(ran.outcome.error->message, "test marked as failed: at 0");
  EXPECT_EQ(exit_code(ran.outcome.end), 110);
}

// An iteration lasts until its timers have rung, the earliest first, and what its promises do.
TEST(Run, WaitsForTimers) {
  const Ran ran = run(R"(
    const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms, ms));
    export default async () => {
      setTimeout(() => console.log('last'), 400);
      const never = setTimeout(() => console.log('never'), 1);
      clearTimeout(never);
      let rings = 0;
      const ticker = setInterval(() => { console.log(`tick ${++rings}`); if (rings === 2) clearInterval(ticker); }, 10);
      console.log(`waited ${await later(40)}`);
    };
  )");
  EXPECT_EQ(ran.outcome.end, RunEnd::passed);
  EXPECT_EQ(ran.log, (std::vector<std::string>{"tick 1", "tick 2", "waited 40", "last"}));
  EXPECT_GE(ran.trend("iteration_duration").min(), 400);
}

TEST(Run, FailsAnIterationWhoseTimerThrows) {
  const Ran ran = run(R"(
    export const options = { iterations: 2 };
    export default () => { setTimeout(() => { throw new Error(`at ${__ITER}`); }, 1); };
  )");
  EXPECT_EQ(ran.outcome.end, RunEnd::passed);
  ASSERT_EQ(ran.log.size(), 2U);
  EXPECT_TRUE(ran.log[1].starts_with("Error: at 1")) << ran.log[1];
  EXPECT_EQ(ran.count("iterations"), 2);
}

constexpr std::string_view kLifecycle = R"(
  export const options = { iterations: 1 };
  export const setup = () => console.log('set up') || { from: 'here' };
  export default (data) => console.log(`played with ${JSON.stringify(data)}`);
  export const teardown = () => console.log('torn down');
  export const handleSummary = (data) => ({ seen: String(data.metrics.iterations.values.count) });
)";

RunRequest request_of(const base::FileSystem& files, std::vector<std::string>& log) {
  return {.files = files, .script = "main.js", .log = [&log](LogLevel, std::string_view text, std::string_view) {
            log.emplace_back(text);
          }};
}

// Each time as long as whoever holds it says.
TEST(Run, WaitsForOthersBeforeEachPhase) {
  base::MemoryFileSystem files;
  files.write("main.js", std::string(kLifecycle));
  std::vector<std::string> log;
  RunRequest request = request_of(files, log);
  std::map<RunPhase, int> asked;
  request.is_held = [&](RunHalt& halt) -> base::Result<bool> {
    if (asked[halt.next]++ < 3) return true;
    log.push_back(fmt::format("goes on to {}", static_cast<int>(halt.next)));
    if (halt.next != RunPhase::ended) return false;
    halt.whole = std::make_unique<RunOutcome>();
    halt.whole->recorder->add(BuiltInMetric::iterations, 70, halt.whole->recorder->intern({}), {});
    return false;
  };
  const RunOutcome outcome = run_script(request);
  EXPECT_EQ(outcome.end, RunEnd::passed);
  EXPECT_EQ(log, (std::vector<std::string>{"goes on to 5", "set up", "goes on to 7", R"(played with {"from":"here"})",
                                           "goes on to 8", "torn down", "goes on to 9"}));
  ASSERT_TRUE(outcome.summary_files);
  EXPECT_EQ(outcome.summary_files->at("seen"), "70");
}

TEST(Run, LeavesToAnotherProcessWhatAScriptHasOnce) {
  base::MemoryFileSystem files;
  files.write("main.js", std::string(kLifecycle));
  std::vector<std::string> log;
  RunRequest request = request_of(files, log);
  request.processes = 2;
  request.calls_once = false;
  request.is_held = [&](RunHalt& halt) -> base::Result<bool> {
    if (halt.next == RunPhase::running) halt.outcome.setup_data = R"({"from":"there"})";
    return false;
  };
  const RunOutcome outcome = run_script(request);
  EXPECT_EQ(outcome.end, RunEnd::passed);
  EXPECT_EQ(log, std::vector<std::string>{R"(played with {"from":"there"})"});
  EXPECT_FALSE(outcome.summary_files);
}

// Whoever is not let go on has to hear of a stop.
TEST(Run, EndsWhereItWaitsForOthers) {
  base::MemoryFileSystem files;
  files.write("main.js", std::string(kLifecycle));
  std::vector<std::string> log;
  RunRequest request = request_of(files, log);
  std::atomic<bool> stop = false;
  request.has_summary = false;
  request.stop = &stop;
  request.is_held = [&](RunHalt& halt) -> base::Result<bool> {
    stop = halt.next == RunPhase::running;
    return halt.next == RunPhase::running;
  };
  const RunOutcome outcome = run_script(request);
  EXPECT_EQ(outcome.end, RunEnd::stopped);
  EXPECT_EQ(log, std::vector<std::string>{"set up"});
}

}  // namespace
}  // namespace gantry::load
