// load.run, from outside: a plan that quotes `k6 run`, and the program that gantry.yaml names to be tested, which is the example's API.

#include "base/file_descriptor.h"
#include "base/time.h"
#include "cli/program.h"
#include "support/git.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::cli {
namespace {

using nlohmann::json;
using test::TempDir;
using testing::HasSubstr;

constexpr std::chrono::seconds kEndsWithin{30};

constexpr std::string_view kApi =
    "load:\n"
    "  target: local\n"
    "  targets:\n"
    "    local:\n"
    "      run: [kgent-api]\n"
    "      env: {API_HOST: 127.0.0.1, API_PORT: \"{port}\", LOG_LEVEL: warning}\n"
    "      url: http://127.0.0.1:{port}\n"
    "      without: [nats, redis, openmeter]\n";

constexpr std::string_view kScript =
    "import http from 'k6/http';\n"
    "import { check } from 'k6';\n"
    "import { path } from './path.js';\n"
    "export const options = { vus: 2, iterations: 40, thresholds: { checks: ['rate==1'] } };\n"
    "export default () => check(http.get(__ENV.BASE_URL + path), { ok: (r) => r.status === 200 });\n";

void write_workspace(const TempDir& dir, std::string_view script, std::string_view config,
                     std::string_view command = "k6 run load.js") {
  dir.write("plan.md", fmt::format("# A plan\n\n### Track A: Load\n1. It holds: `{}`\n\n## Exit Criteria\n\n- [ ] It "
                                   "holds\n\n⟿[PLAN]\n",
                                   command));
  dir.write("load.js", std::string(script));
  dir.write("path.js", "export const path = '/health/saas';\n");
  dir.write("gantry.yaml", std::string(config));
}

json first_check(const Ran& ran) { return ran.json()["tracks"][0]["steps"][0]["checks"][0]; }

TEST(LoadCheck, WaitsUntilItIsAskedForAndIsThenKept) {
  const TempDir dir;
  write_workspace(dir, kScript, fmt::format("{}  expect: [p95 < 10s, errors < 1%]\n", kApi));
  const Ran before = gantry({"run", "plan.md"}, dir);
  EXPECT_EQ(before.status, 1) << before;
  EXPECT_THAT(before.out, HasSubstr("--with load"));

  const Ran ran = gantry({"run", "plan.md", "--with", "load", "--json"}, dir);
  const json check = first_check(ran);
  EXPECT_EQ(check["state"], "passed") << ran;
  EXPECT_THAT(check["summary"].get<std::string>(), HasSubstr("all 3 that was asked of it holds")) << ran;

  // The evidence holds for later runs, and no longer than what it is about.
  EXPECT_EQ(first_check(gantry({"run", "plan.md", "--json"}, dir))["state"], "passed");
  EXPECT_EQ(first_check(gantry({"status", "plan.md", "--json"}, dir))["state"], "passed");
  dir.write("path.js", "export const path = '/health';\n");
  const json stale = first_check(gantry({"run", "plan.md", "--json"}, dir));
  EXPECT_EQ(stale["state"], "unverified");
  EXPECT_THAT(stale["summary"].get<std::string>(), HasSubstr("path.js changed"));
  dir.write("path.js", "export const path = '/health/saas';\n");
  dir.write("gantry.yaml", fmt::format("{}  expect: [p95 < 9s]\n", kApi));
  EXPECT_EQ(first_check(gantry({"status", "plan.md", "--json"}, dir))["state"], "unverified");
}

constexpr std::string_view kPythonTarget =
    "load: {target: t, targets: {t: {run: [python3, server.py, '{port}'], url: 'http://127.0.0.1:{port}'}}}\n";

struct Case {
  std::string_view name;
  std::string_view script;
  std::string_view config;
  std::string_view command;
  int status;
  std::string_view state;
  std::string_view summary;  // is in the check's summary
};

std::string with_dependencies_expected() {
  std::string config(kApi);
  config.erase(config.find("      without"));
  return config;
}
const std::string kSaysNothingOfItsDependencies = with_dependencies_expected();
const std::string kExpectsTheImpossible = fmt::format("{}  expect: [p95 < 0.0001ms]\n", kApi);
const std::string kExpectsMuch = fmt::format("{}  expect: [rate >= 100000]\n", kApi);

const Case kCases[] = {
    {"an expectation does not hold", kScript, kExpectsTheImpossible, "k6 run load.js", 1, "failed",
     "\"p95 < 0.0001ms\" does not hold: 40 requests"},
    {"a threshold does not hold",
     "import http from 'k6/http'; import { check } from 'k6'; export const options = { thresholds: { checks: "
     "['rate==1'] } };\n"
     "export default () => check(http.get(`${__ENV.BASE_URL}/health`), { never: () => false });",
     kApi, "k6 run load.js", 1, "failed", "the threshold checks: rate==1 does not hold: 1 requests"},
    {"the script sleeps, so that the rate is its own",
     "import http from 'k6/http'; import { sleep } from 'k6'; export const options = { vus: 2, iterations: 6 };\n"
     "export default () => { http.get(`${__ENV.BASE_URL}/health`); sleep(0.1); };",
     kExpectsMuch, "k6 run load.js", 3, "undecided", "the script cannot tell whether \"rate >= 100000\" holds"},
    {"flags replace the scenario that a threshold is about",
     "import http from 'k6/http'; export const options = { scenarios: { baseline: { executor: 'per-vu-iterations' } "
     "},\n"
     "  thresholds: { 'http_req_duration{scenario:baseline}': ['p(95)<500'] } };\n"
     "export default () => http.get(`${__ENV.BASE_URL}/health`);",
     kApi, "k6 run --iterations 5 load.js", 3, "undecided",
     "the threshold http_req_duration{scenario:baseline}: p(95)<500 judged nothing"},
    {"nobody is there", "import http from 'k6/http'; export default () => http.get('http://127.0.0.1:1/');", "",
     "k6 run load.js", 3, "undecided", "the target answered no request"},
    {"the script cannot be read", "export default () => {", kApi, "k6 run load.js", 3, "undecided", "SyntaxError"},
    {"what the target depends on is off, and nobody says so", kScript, kSaysNothingOfItsDependencies, "k6 run load.js",
     3, "undecided", "the target ran without nats"},
    {"a service is not installed", kScript,
     "load: {target: t, targets: {t: {run: [sh], url: 'http://127.0.0.1:{port}', services: {db: {run: "
     "[no-such-server]}}}}}\n",
     "k6 run load.js", 3, "undecided", "the service's program no-such-server is not installed"},
    {"a service ends at once", kScript,
     "load: {target: t, targets: {t: {run: [sh], url: 'http://127.0.0.1:{port}', services: {db: {run: "
     "[sh, -c, 'exit 3']}}}}}\n",
     "k6 run load.js", 3, "undecided", "service db did not get ready"},
    {"the target ends at once", kScript,
     "load: {target: t, targets: {t: {run: [sh, -c, 'echo no >&2; exit 7'], url: 'http://127.0.0.1:{port}'}}}\n",
     "k6 run load.js", 3, "undecided", "target t did not get ready"},
    {"the target is not installed", kScript,
     "load: {target: t, targets: {t: {run: [no-such-program], url: 'http://127.0.0.1:{port}'}}}\n", "k6 run load.js", 3,
     "undecided", "the target's program no-such-program is not installed"},
    {"the target ends meanwhile", "import http from 'k6/http'; export default () => http.get(`${__ENV.BASE_URL}/end`);",
     kPythonTarget, "k6 run load.js", 3, "undecided", "target t ended during the run"},
};

// Answers, until it is asked for /end.
constexpr std::string_view kServer =
    "import http.server, os, sys\n"
    "class Handler(http.server.BaseHTTPRequestHandler):\n"
    "  def do_GET(self):\n"
    "    if self.path == '/end': os._exit(3)\n"
    "    self.send_response(200)\n"
    "    self.end_headers()\n"
    "http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Handler).serve_forever()\n";

TEST(LoadCheck, SaysWhatARunSaysAndWhatItLeavesOpen) {
  for (const Case& c : kCases) {
    const TempDir dir;
    write_workspace(dir, c.script, c.config, c.command);
    dir.write("server.py", std::string(kServer));
    const Ran ran = gantry({"run", "plan.md", "--with", "load", "--json"}, dir);
    EXPECT_EQ(ran.status, c.status) << c.name << "\n" << ran;
    const json check = first_check(ran);
    EXPECT_EQ(check["state"], std::string(c.state)) << c.name << "\n" << ran;
    EXPECT_THAT(check["summary"].get<std::string>(), HasSubstr(std::string(c.summary))) << c.name;
  }
}

constexpr std::string_view kDocumented =
    "  1: [A.1]\n"
    "bindings:\n"
    "  A.2:\n"
    "    - {check: load.baseline, path: baseline.md}\n"
    "    - {check: load.compare, baseline: base.json}\n"
    "  A.3: [{check: load.target}]\n"
    "  A.4: [{check: doc.committed, path: baseline.md}]\n";

std::map<std::string, std::string> states_of(const Ran& ran) {
  std::map<std::string, std::string> states;
  const json board = ran.json();
  for (const json& step : board["tracks"][0]["steps"])
    for (const json& check : step["checks"]) states[check["check"]] = check["state"];
  return states;
}

// From nothing to a document that says what was measured, with one command; and what becomes of it.
TEST(LoadCheck, WritesTheBaselineAndHoldsItToIt) {
  const TempDir dir;
  write_workspace(dir, kScript, fmt::format("{}criteria:\n{}", kApi, kDocumented));
  dir.write(
      "plan.md",
      "# A plan\n\n### Track A: Load\n1. It holds: `k6 run load.js`\n2. Document baseline metrics\n3. Start API\n4. "
      "Commit it\n\n## Exit Criteria\n\n- [ ] It holds\n\n⟿[PLAN]\n");
  dir.write("base.json", "{}");

  EXPECT_EQ(states_of(gantry({"run", "plan.md", "--json"}, dir))["load.baseline"], "unverified");
  const Ran missing = gantry({"run", "plan.md", "--with", "load", "--json"}, dir);
  EXPECT_EQ(states_of(missing)["load.baseline"], "failed") << missing;
  EXPECT_EQ(states_of(missing)["load.compare"], "undecided") << missing;
  EXPECT_FALSE(std::filesystem::exists(dir.path("baseline.md")));

  const Ran written = gantry({"run", "plan.md", "--write", "--json"}, dir);
  std::map<std::string, std::string> states = states_of(written);
  EXPECT_EQ(states["load.run"], "passed") << written;
  EXPECT_EQ(states["load.target"], "passed") << written;
  EXPECT_EQ(states["load.baseline"], "passed") << written;
  EXPECT_EQ(states["doc.committed"], "failed") << written;
  EXPECT_THAT(written.json()["changed_files"].dump(), HasSubstr("baseline.md: the results of"));
  const std::string document = dir.read("baseline.md");
  EXPECT_THAT(document, HasSubstr("| Requests |  | 40 |"));
  EXPECT_THAT(document, HasSubstr("nats disabled (off on purpose)"));
  EXPECT_EQ(states_of(gantry({"status", "plan.md", "--json"}, dir))["load.baseline"], "passed");

  EXPECT_THAT(written.out, HasSubstr("the workspace is no Git repository")) << "it looks once the document is written";
  test::commit_all(dir.path(), "Ada <ada@example.org>");
  EXPECT_EQ(states_of(gantry({"run", "plan.md", "--json"}, dir))["doc.committed"], "passed");

  // What Git is told not to look at is looked at, and the board shows what is so now.
  test::git(dir.path(), {"update-index", "--assume-unchanged", "baseline.md"});
  dir.write("baseline.md", document + "more\n");
  const Ran status = gantry({"status", "plan.md", "--json"}, dir);
  EXPECT_EQ(states_of(status)["doc.committed"], "failed") << status;
  EXPECT_EQ(states_of(gantry({"run", "plan.md", "--json"}, dir))["doc.committed"], "failed");
  dir.write("baseline.md", document);
  EXPECT_EQ(states_of(gantry({"status", "plan.md", "--json"}, dir))["doc.committed"], "passed");

  // What somebody writes into it that was not measured is seen, and stays theirs to correct.
  dir.write("baseline.md",
            "# Ours\n\nWe serve 9,000 req/s.\n\n| Metric | Baseline |\n|---|---|\n| Requests | 41 |\n" + document);
  EXPECT_EQ(states_of(gantry({"status", "plan.md", "--json"}, dir))["load.baseline"], "unverified");
  const Ran wrong = gantry({"run", "plan.md", "--json"}, dir);
  EXPECT_EQ(states_of(wrong)["load.baseline"], "failed");
  EXPECT_EQ(states_of(wrong)["doc.committed"], "failed");
  EXPECT_THAT(wrong.out, HasSubstr("baseline.md is not as it was committed"));
  EXPECT_THAT(wrong.out, HasSubstr("\"line\": 3"));
  EXPECT_THAT(wrong.out, HasSubstr("\"line\": 7"));
  const std::string theirs = dir.read("baseline.md");
  EXPECT_EQ(states_of(gantry({"run", "plan.md", "--write", "--json"}, dir))["load.baseline"], "failed");
  EXPECT_EQ(dir.read("baseline.md"), theirs);
}

// The example's API with a NATS and a Redis of its own, which are gone afterwards.
TEST(LoadCheck, StartsWhatTheTargetDependsOn) {
  const TempDir dir;
  write_workspace(dir, kScript,
                  fmt::format("{}      metrics: /metrics\n"
                              "      services:\n"
                              "        nats: {{run: [nats-server, --addr, 127.0.0.1, --port, '{{port}}', --jetstream, "
                              "--store_dir, '{{directory}}']}}\n"
                              "        redis: {{run: [redis-server, --port, '{{port}}', --dir, '{{directory}}']}}\n",
                              kSaysNothingOfItsDependencies));
  std::string config = dir.read("gantry.yaml");
  config.replace(config.find("LOG_LEVEL"), 0,
                 "NATS_SERVERS: 'nats://127.0.0.1:{nats.port}', REDIS_URL: 'redis://127.0.0.1:{redis.port}', ");
  config += "      without: [openmeter]\n";
  dir.write("gantry.yaml", config);
  const Ran ran = gantry({"run", "plan.md", "--with", "load", "--json"}, dir);
  EXPECT_EQ(first_check(ran)["state"], "passed") << ran;
  for (const auto& entry : std::filesystem::directory_iterator(dir.path(".gantry")))
    EXPECT_FALSE(entry.path().filename().string().starts_with("services-")) << entry.path();
}

// A target that tells through a FIFO when it is asked for /end, and holds it open for as long as it runs.
class TellingTarget {
 public:
  TellingTarget(const TempDir& dir, std::string_view script) {
    write_workspace(dir, script, kPythonTarget);
    std::string server(kServer);
    server.replace(server.find("os._exit(3)"), 11, "os.write(os.open('asked', os.O_RDWR), b'x')");
    dir.write("server.py", server);
    EXPECT_EQ(::mkfifo(dir.path("asked").c_str(), 0600), 0);
    told_ = base::FileDescriptor(::open(dir.path("asked").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  }
  bool is_asked_within(std::chrono::milliseconds time) const {
    char byte = 0;
    return (wait(time) & POLLIN) != 0 && ::read(told_.fd(), &byte, 1) == 1;
  }
  bool is_gone_within(std::chrono::milliseconds time) const { return (wait(time) & POLLHUP) != 0; }

 private:
  int wait(std::chrono::milliseconds time) const {
    pollfd event = {told_.fd(), POLLIN, 0};
    return ::poll(&event, 1, static_cast<int>(time.count())) == 1 ? event.revents : 0;
  }
  base::FileDescriptor told_;
};

// Nothing that it started is left, and what the script wanted written was not.
TEST(LoadCheck, EndsOnCtrlCWithItsTarget) {
  const TempDir dir;
  const TellingTarget target(dir,
                             "import http from 'k6/http'; import { sleep } from 'k6';\n"
                             "export const options = { vus: 2, duration: '5m' };\n"
                             "export default () => { http.get(`${__ENV.BASE_URL}/end`); sleep(0.1); };\n"
                             "export const handleSummary = () => ({ 'mine.txt': 'mine' });\n");
  RunningProgram program({"run", "plan.md", "--with", "load"}, dir.path());
  EXPECT_TRUE(target.is_asked_within(kEndsWithin));
  program.signal(SIGINT);
  EXPECT_TRUE(program.ends_within(kEndsWithin));
  const Ran ran = program.wait();
  EXPECT_EQ(ran.status, 130) << ran;
  EXPECT_TRUE(ran.err.contains("interrupted")) << ran;
  EXPECT_FALSE(std::filesystem::exists(dir.path("mine.txt")));
}

// However Gantry ends, what it started ends too.
TEST(LoadCheck, LeavesNoTargetRunning) {
  for (const int signal_number : {SIGHUP, SIGKILL}) {
    const TempDir dir;
    const TellingTarget target(dir,
                               "import http from 'k6/http'; import { sleep } from 'k6';\n"
                               "export const options = { vus: 1, duration: '5m' };\n"
                               "export default () => { http.get(`${__ENV.BASE_URL}/end`); sleep(300); };\n");
    RunningProgram program({"run", "plan.md", "--with", "load"}, dir.path());
    EXPECT_TRUE(target.is_asked_within(kEndsWithin));
    program.signal(signal_number);
    EXPECT_TRUE(program.ends_within(kEndsWithin));
    EXPECT_TRUE(target.is_gone_within(kEndsWithin)) << "the target still holds it open";
    program.wait();
  }
}

// A target knows what it is given, and nothing of whoever runs Gantry.
TEST(LoadCheck, KeepsTheEnvironmentToItself) {
  const TempDir dir;
  write_workspace(dir, kScript,
                  "load: {target: t, targets: {t: {run: [python3, server.py, '{port}'], env: {GIVEN: g}, inherit: "
                  "[GANTRY_TEST_NAMED], url: 'http://127.0.0.1:{port}'}}}\n");
  std::string server(kServer);
  server.insert(server.find("class Handler"), "open('seen', 'w').write(' '.join(sorted(os.environ)))\n");
  dir.write("server.py", server);
  const Ran ran = gantry({"run", "plan.md", "--with", "load", "--json"}, dir,
                         {{"GANTRY_TEST_SECRET", "s"}, {"GANTRY_TEST_NAMED", "named-value"}});
  EXPECT_EQ(first_check(ran)["state"], "passed") << ran;
  const std::string seen = dir.read("seen");
  EXPECT_THAT(seen, HasSubstr("GANTRY_TEST_NAMED"));
  EXPECT_THAT(seen, HasSubstr("GIVEN"));
  EXPECT_THAT(seen, HasSubstr("PATH"));
  EXPECT_THAT(seen, testing::Not(HasSubstr("SECRET")));
}

// What was measured with one DATABASE_URL is nothing of another; and nobody reads it in the evidence.
TEST(LoadCheck, HoldsWithTheVariablesThatTheTargetWasGiven) {
  const TempDir dir;
  write_workspace(
      dir, kScript,
      "load: {target: t, targets: {t: {run: [python3, server.py, '{port}'], inherit: [GANTRY_TEST_URL], url: "
      "'http://127.0.0.1:{port}'}}}\n");
  dir.write("server.py", std::string(kServer));
  const auto state = [&dir](std::vector<std::string> command, const Environment& variables) {
    return first_check(gantry(std::move(command), dir, variables));
  };
  const std::string value = "postgres://a:secret@db";
  EXPECT_EQ(state({"run", "plan.md", "--with", "load", "--json"}, {{"GANTRY_TEST_URL", value}})["state"], "passed");
  for (const std::string_view command : {"run", "status"}) {
    const std::vector<std::string> again = {std::string(command), "plan.md", "--json"};
    EXPECT_EQ(state(again, {{"GANTRY_TEST_URL", value}, {"GANTRY_TEST_OTHER", "o"}})["state"], "passed") << command;
    const json stale = state(again, {{"GANTRY_TEST_URL", "postgres://a:secret@other"}});
    EXPECT_EQ(stale["state"], "unverified") << command;
    EXPECT_THAT(stale["summary"].get<std::string>(), HasSubstr("GANTRY_TEST_URL changed"));
    EXPECT_EQ(state(again, {})["state"], "unverified") << command;
  }
  for (const std::string& name : dir.names()) {
    if (!name.starts_with(".gantry/") || name.ends_with('/')) continue;
    EXPECT_THAT(dir.read(name), testing::Not(HasSubstr("secret@db"))) << name;
  }
}

// Of what an interpreter runs nobody knows how long it is what was tested, unless gantry.yaml says where it is.
TEST(LoadCheck, HoldsForADayWhereNobodySeesWhatRuns) {
  const auto holds = [](const json& check) {
    const auto day = [](std::string_view time) { return *base::parse_rfc3339(time); };
    const json& evidence = check["evidence"];
    return std::chrono::duration_cast<std::chrono::hours>(day(evidence["fresh_until"].get<std::string>()) -
                                                          day(evidence["finished"].get<std::string>()));
  };
  const TempDir dir;
  write_workspace(dir, kScript, kPythonTarget);
  dir.write("server.py", "import answers\n");
  dir.write("answers.py", std::string(kServer));
  const json unseen = first_check(gantry({"run", "plan.md", "--with", "load", "--json"}, dir));
  EXPECT_EQ(unseen["state"], "passed") << unseen;
  EXPECT_EQ(holds(unseen), std::chrono::hours(24));
  EXPECT_THAT(unseen.dump(), HasSubstr("nobody sees what python3 runs"));

  std::string config(kPythonTarget);
  config.insert(config.find("url:"), "sources: [server.py, answers.py], ");
  dir.write("gantry.yaml", config);
  const json seen = first_check(gantry({"run", "plan.md", "--with", "load", "--json"}, dir));
  EXPECT_EQ(seen["state"], "passed") << seen;
  EXPECT_EQ(holds(seen), std::chrono::hours(24 * 14));
  EXPECT_THAT(seen.dump(), testing::Not(HasSubstr("nobody sees")));
  dir.write("answers.py", std::string(kServer) + "# changed\n");
  const json stale = first_check(gantry({"status", "plan.md", "--json"}, dir));
  EXPECT_THAT(stale["summary"].get<std::string>(), HasSubstr("answers.py changed"));

  config.replace(config.find("answers.py"), 10, "no-such.py");
  dir.write("gantry.yaml", config);
  EXPECT_THAT(first_check(gantry({"run", "plan.md", "--with", "load", "--json"}, dir))["summary"].get<std::string>(),
              HasSubstr("target t has no source no-such.py"));
}

// Who accepted that one request in ten fails has not accepted that every third does.
TEST(LoadCheck, IsWaivedForWhatWasFoundAndNotForMore) {
  const TempDir dir;
  std::string config(kPythonTarget);
  config.insert(config.find("targets:"), "expect: [errors < 1%], ");
  write_workspace(
      dir,
      "import http from 'k6/http'; import exec from 'k6/execution'; import { failing } from './path.js';\n"
      "export const options = { iterations: 40 };\n"
      "export default () => http.get(__ENV.BASE_URL + (exec.scenario.iterationInTest < failing ? '/end' : '/'));\n",
      config);
  std::string server(kServer);
  server.replace(server.find("os._exit(3)"), 11, "self.send_error(503); return");
  dir.write("server.py", server);
  const auto judge = [&dir](int failing) {
    dir.write("path.js", fmt::format("export const failing = {};\n", failing));
    return first_check(gantry({"run", "plan.md", "--with", "load", "--json"}, dir));
  };
  EXPECT_EQ(judge(4)["state"], "failed");
  const Ran waived =
      gantry({"waive", "plan.md", "A.1", "--why", "w", "--impact", "i", "--as", "Ada", "--role", "ops"}, dir);
  EXPECT_EQ(waived.status, 0) << waived;
  EXPECT_EQ(judge(4)["state"], "waived");
  EXPECT_EQ(judge(2)["state"], "waived");
  const json worse = judge(13);
  EXPECT_EQ(worse["state"], "failed");
  EXPECT_THAT(worse["summary"].get<std::string>(), HasSubstr("worse than what Ada accepted"));
}

TEST(LoadCheck, SeesThatAScriptAsksSomebodyElse) {
  const TempDir dir;
  write_workspace(dir,
                  "import http from 'k6/http';\n"
                  "export default () => { http.get(`${__ENV.BASE_URL}/`); http.get('http://127.0.0.1:1/'); };\n",
                  kPythonTarget);
  dir.write("server.py", std::string(kServer));
  const json check = first_check(gantry({"run", "plan.md", "--with", "load", "--json"}, dir));
  EXPECT_EQ(check["state"], "undecided");
  EXPECT_THAT(check.dump(), HasSubstr("requests went to another host than the target's"));
}

TEST(LoadCheck, RefusesWhatItCannotRead) {
  const TempDir dir;
  write_workspace(dir, kScript, "load: {target: lokal, targets: {local: {run: [x], url: 'http://127.0.0.1:1'}}}\n");
  expect_failure(gantry({"run", "plan.md"}, dir), 2, {"no target \"lokal\"", "did you mean \"local\"?"});
  write_workspace(dir, kScript, "bindings:\n  A.1: [{check: load.run, script: load.js, expect: [p95 500ms]}]\n");
  expect_failure(gantry({"run", "plan.md"}, dir), 2, {"\"p95 500ms\" is no expectation", "p95 < 500ms"});
}

}  // namespace
}  // namespace gantry::cli
