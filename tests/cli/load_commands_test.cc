// gantry load run, from outside: k6's exit codes, its summary, and the files that a script asks for.

#include "cli/program.h"
#include "support/certificate.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

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
    {"export default () => 1;", {"--find-knee", "-d", "1s"}, 2, "", "no threshold of the script says"},
    {"export const options = { vus: -1 }; export default () => 1;", {}, 104, "", "vus must be 1 or more"},
    {"export const setup = () => { throw new Error('no') }; export default () => 1;", {}, 107, "", "Error: no"},
    {"export default () => {", {}, 107, "", "main.js:1:23"},
    {"import x from 'k6/htp'; export default () => 1;", {}, 107, "", "did you mean k6/http?"},
    // What does nothing is said, and what would run another load is refused.
    {"export const options = { webDashboard: true, vuss: 5 }; export default () => 1;",
     {},
     0,
     "",
     "the option webDashboard has no effect in a script, only in a configuration file"},
    {"export const options = { rps: 0, vuss: 5 }; export default () => 1;",
     {},
     0,
     "",
     "level=warning msg=\"the option vuss is unknown and has no effect; did you mean vus?\""},
    {"export const options = { tlsCipherSuites: ['TLS_RSA_WITH_RC4_128_SHA', 'TLS_RSA_WITH_AES_128_GCM_SHA256'] }; "
     "export "
     "default () => 1;",
     {},
     0,
     "",
     "tlsCipherSuites TLS_RSA_WITH_RC4_128_SHA is broken, and OpenSSL has it no more: it is not offered"},
    {"export default () => 1;", {"--traces-output", "otel"}, 0, "", "--traces-output has no effect yet"},
    {"export default () => 1;", {"--execution-segment", "1/2"}, 0, "iterations", ""},
    {"export default () => 1;", {"--execution-segment", "1/2:1"}, 0, "", ""},
    {"export default () => 1;", {"--execution-segment", "1/2:2"}, 104, "", "'2' is not between 0 and 1"},
    {"export default () => 1;", {"--summary-mode", "short"}, 2, "", "write compact, full or disabled"},
    {"export const options = { thresholds: { iterations: ['count>5'] } }; export default () => 1;",
     {"--no-thresholds"},
     0,
     "iterations",
     ""},
    {"export const options = { thresholds: { 'iterations{team:shop}': ['count==2'] } }; export default () => 1;",
     {"--tag", "team=shop", "-i", "2"},
     0,
     "✓ 'count==2' count=2",
     ""},
    {"export const setup = () => { throw new Error('no') }; export default (data) => console.log(`${data}`);",
     {"--no-setup"},
     0,
     "",
     "msg=undefined"},
    {"export default () => console.debug('seen');", {"-v", "-q"}, 0, "", "level=debug msg=seen"},
    // k6 looks every two seconds.
    {"import { sleep } from 'k6'; export const options = { duration: '5m', thresholds: { iterations: [{ threshold: "
     "'count<3', abortOnFail: true }] } };\nexport default () => sleep(0.2); export const teardown = () => "
     "console.log('torn down');",
     {},
     99,
     "✗ 'count<3'",
     "thresholds on metrics 'iterations' were crossed; at least one has abortOnFail enabled, stopping test "
     "prematurely"},
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

TEST(LoadRun, IsAlsoCalledK6) {
  const TempDir dir;
  dir.write("main.js", "console.log('on top'); export default () => console.log('here');");
  const Ran ran = gantry({"k6", "run", "--quiet", "--no-color", "--no-usage-report", "--no-summary", "--console-output",
                          "said.txt", "main.js"},
                         dir);
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("--no-usage-report has no effect here"));
  EXPECT_THAT(dir.read("said.txt"), testing::EndsWith("level=info msg=here\n"));
  // As k6 has it: only functions print into the file.
  EXPECT_THAT(dir.read("said.txt"), testing::Not(HasSubstr("on top")));
  EXPECT_THAT(ran.err, HasSubstr("level=info msg=\"on top\" source=console\n"));
}

TEST(LoadRun, WaitsOutTheLeastTimeOfAnIteration) {
  const TempDir dir;
  dir.write("main.js", "export default () => console.log(`${__ITER}`);");
  const Ran ran = gantry({"load", "run", "--min-iteration-duration", "400ms", "--duration", "1s", "main.js"}, dir);
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_THAT(ran.err, HasSubstr("msg=0 "));
  EXPECT_THAT(ran.err, testing::Not(HasSubstr("msg=3 ")));  // the fourth could not begin within the second
}

TEST(LoadRun, TakesEachLayerOverTheOneBelow) {
  const TempDir dir;
  dir.write("main.js", "export const options = { tags: { a: 'script' } }; export default () => 1;");
  dir.write("config.json", R"({"vus": 3, "iterations": 9, "tags": {"a": "config"}})");
  const Environment environment = {{"K6_ITERATIONS", "7"}, {"K6_CONFIG", "config.json"}};
  const auto iterations = [&](std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"load", "run", "-q", "--summary-export", "export.json"});
    flags.emplace_back("main.js");
    EXPECT_EQ(gantry(flags, dir, environment).status, 0);
    return nlohmann::json::parse(dir.read("export.json"))["metrics"]["iterations"]["count"].get<int>();
  };
  EXPECT_EQ(iterations({}), 7);
  EXPECT_EQ(iterations({"-i", "5"}), 5);
  EXPECT_EQ(iterations({"-u", "2"}), 7);
}

TEST(LoadInspect, ShowsOptionsAsK6Does) {
  const TempDir dir;
  dir.write("main.js",
            "export const options = { vus: 2, duration: '1m', thresholds: { iterations: ['count>1'] }, tags: { e: "
            "`${__ENV.PATH}${__ENV.X}` } };\n"
            "export default () => 1;");
  const Ran plain = gantry({"k6", "inspect", "-e", "X=y", "main.js"}, dir);
  EXPECT_EQ(plain.status, 0) << plain;
  const nlohmann::json options = plain.json();
  EXPECT_EQ(options["vus"], 2);
  EXPECT_EQ(options["duration"], "1m");
  EXPECT_TRUE(options["scenarios"].is_null());
  EXPECT_EQ(options["tags"]["e"], "undefinedy");
  EXPECT_EQ(options["dns"].dump(), R"({"policy":null,"select":null,"ttl":null})");
  const nlohmann::json meant = gantry({"k6", "inspect", "--execution-requirements", "main.js"}, dir).json();
  EXPECT_EQ(meant["scenarios"]["default"]["executor"], "constant-vus");
  EXPECT_EQ(meant["totalDuration"], "1m30s");
  EXPECT_EQ(meant["maxVUs"], 2);
  dir.write("bad.js", "export const options = { vus: -1 }; export default () => 1;");
  EXPECT_EQ(gantry({"k6", "inspect", "bad.js"}, dir).status, 104);
}

TEST(LoadNew, WritesScriptsThatCanBeRead) {
  const TempDir dir;
  for (const std::string name : {"minimal", "protocol"}) {
    EXPECT_EQ(gantry({"load", "new", "--template", name, name + ".js"}, dir).status, 0);
    const Ran inspected = gantry({"load", "inspect", "--execution-requirements", name + ".js"}, dir);
    EXPECT_EQ(inspected.status, 0) << inspected;
  }
  expect_failure(gantry({"load", "new", "minimal.js"}, dir), 2, {"minimal.js is there already"});
  EXPECT_EQ(gantry({"load", "new", "-f", "minimal.js"}, dir).status, 0);
  expect_failure(gantry({"load", "new", "--template", "browser", "x.js"}, dir), 2, {"--template browser is none"});
}

TEST(LoadRun, WritesSamplesToFiles) {
  const TempDir dir;
  dir.write("main.js", "export default () => 1;");
  const Ran ran = gantry(
      {"load", "run", "-q", "--no-summary", "-o", "json=s.json", "-o", "csv=s.csv.gz", "-o", "json", "main.js"}, dir);
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_THAT(dir.read("s.json"), HasSubstr(R"("metric":"iterations","type":"Point")"));
  EXPECT_EQ(ran.out, dir.read("s.json"));
  EXPECT_EQ(dir.read("s.csv.gz").substr(0, 2), "\x1f\x8b");
  expect_failure(gantry({"load", "run", "-o", "nowhere", "main.js"}, dir), 2,
                 {"there is no output nowhere", "json, csv"});
  expect_failure(gantry({"load", "run", "-o", "json=gone/s.json", "main.js"}, dir), 3,
                 {"gone/s.json cannot be written"});
}

TEST(LoadRun, ReadsTheCertificatesThatVariablesName) {
  const TempDir dir;
  const TempDir elsewhere;
  dir.write("main.js", "export default () => 1;");
  dir.symlink(elsewhere.write("authority.pem", test::make_certificate("localhost").chain), "authority.pem");
  const auto run = [&](const std::string& file) {
    return gantry({"load", "run", "-q", "--no-summary", "-o", "opentelemetry", "main.js"}, dir,
                  {{"K6_OTEL_GRPC_EXPORTER_ENDPOINT", "127.0.0.1:1"},
                   {"K6_OTEL_TLS_CERTIFICATE", file},
                   {"OTEL_EXPORTER_OTLP_TIMEOUT", "100"}});
  };
  const Ran ran = run("authority.pem");
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_THAT(ran.err, HasSubstr("OpenTelemetry: 1 of 1 requests to 127.0.0.1:1 were lost: ")) << ran;
  expect_failure(run("gone.pem"), 3, {"gone.pem cannot be read", "K6_OTEL_TLS_CERTIFICATE"});
  expect_failure(run("main.js"), 2, {"there is no certificate in PEM", "main.js"});
}

TEST(LoadRun, WritesItsLogAsK6Does) {
  const TempDir dir;
  dir.write("main.js", "export default () => { console.log('plain'); console.warn('two \"words\"\\n'); };");
  const auto log = [&](std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"load", "run", "-q", "--log-output", "file=log.txt"});
    flags.emplace_back("main.js");
    EXPECT_EQ(gantry(flags, dir).status, 0);
    return dir.read("log.txt");
  };
  const std::string time = "time=\"[-0-9]+T[0-9:]+Z\" ";
  EXPECT_THAT(log({}), testing::MatchesRegex(time + "level=info msg=plain source=console\n" + time +
                                             "level=warning msg=\"two \\\\\"words\\\\\"\\\\n\" source=console\n"));
  EXPECT_EQ(log({"--log-format", "raw"}), "plain\ntwo \"words\"\n\n");
  EXPECT_THAT(log({"--log-format", "json"}), HasSubstr(R"({"level":"info","msg":"plain","source":"console","time":")"));
  EXPECT_EQ(gantry({"load", "run", "--log-format", "xml", "main.js"}, dir).status, 2);
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
  EXPECT_THAT(ran.err, testing::EndsWith("error: thresholds on metrics 'bad' have been crossed\n"));
  EXPECT_EQ(dir.read("mine.txt"), "mine");
  // In the export a threshold is true where it failed, and a rate is called value.
  EXPECT_THAT(dir.read("export.json"), HasSubstr("\"value\": 0.5"));
  EXPECT_THAT(dir.read("export.json"), HasSubstr("\"rate<0.4\": true"));
}

// As k6 does, which opens whatever it is told.
TEST(LoadRun, WritesToWhatIsNoFile) {
  const TempDir dir;
  dir.write("main.js", "export default () => 1; export const handleSummary = () => ({ '/dev/stdout': 'mine\\n' });");
  dir.write("there/export.json", "old");
  std::filesystem::create_symlink("there/export.json", dir.path("link.json"));
  const Ran shown = gantry({"load", "run", "-q", "--summary-export", "/dev/stdout", "-o", "json=/dev/stdout", "-o",
                            "csv=/dev/stderr", "main.js"},
                           dir);
  EXPECT_EQ(shown.status, 0) << shown;
  EXPECT_THAT(shown.out, HasSubstr("\"metric\":\"iterations\""));
  EXPECT_THAT(shown.out, HasSubstr("    \"iterations\": {"));
  EXPECT_TRUE(shown.out.ends_with("mine\n")) << shown;
  EXPECT_TRUE(shown.err.starts_with("metric_name,timestamp,")) << shown;
  for (const char* const file : {"/dev/null", "link.json"}) {
    const Ran ran = gantry({"load", "run", "-q", "--summary-export", file, "-o", "csv=/dev/null", "main.js"}, dir);
    EXPECT_EQ(ran.status, 0) << ran;
    EXPECT_EQ(ran.err, "") << ran;
  }
  EXPECT_THAT(dir.read("there/export.json"), HasSubstr("\"iterations\""));
  EXPECT_TRUE(std::filesystem::is_symlink(dir.path("link.json")));
}

std::string script_that_writes(const std::string& file) {
  return fmt::format("export default () => 1; export const handleSummary = () => ({{ '{}': 'mine' }});", file);
}

// Whoever wrote the repository may have put a symlink where reports usually go.
TEST(LoadRun, IsNotLedOutOfTheWorkspace) {
  const TempDir dir;
  const TempDir outside;
  outside.write("precious.json", "precious");
  dir.write("gantry.yaml", "");
  dir.write("main.js", script_that_writes("mine.json"));
  dir.symlink(outside.path("precious.json"), "report.json");
  dir.symlink(outside.path("new.json"), "dangling.json");
  dir.symlink(outside.path(), "reports");
  dir.symlink("reports", "twice");
  const auto run_with = [&](std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"load", "run", "-q"});
    flags.emplace_back("main.js");
    return gantry(flags, dir);
  };
  const auto expect_refused = [](const Ran& ran) {
    EXPECT_THAT(ran.err, HasSubstr("is a symlink that leads there")) << ran;
    EXPECT_THAT(ran.err, HasSubstr("name that file itself")) << ran;
  };
  for (const auto& [flag, before] : {std::pair("--summary-export", ""),
                                     {"--out", "json="},
                                     {"--out", "csv="},
                                     {"--out", "html="},
                                     {"--out", "summary="},
                                     {"--console-output", ""},
                                     {"--log-output", "file="}})
    expect_refused(run_with({flag, std::string(before) + "report.json"}));
  for (const std::string file : {"dangling.json", "reports/new.json", "twice/new.json"}) {
    expect_refused(run_with({"--summary-export", file}));
    dir.write("main.js", script_that_writes(file));
    expect_refused(run_with({}));
  }
  EXPECT_EQ(outside.read("precious.json"), "precious");
  EXPECT_FALSE(std::filesystem::exists(outside.path("new.json")));
  // What a person names is theirs.
  dir.write("main.js", script_that_writes("mine.json"));
  const Ran named = run_with({"--summary-export", outside.path("precious.json")});
  EXPECT_EQ(named.err, "") << named;
  EXPECT_THAT(outside.read("precious.json"), HasSubstr("\"iterations\""));
}

TEST(LoadRun, LetsScriptsWriteInTheWorkspaceAlone) {
  const TempDir dir;
  const TempDir outside;
  dir.write("gantry.yaml", "");
  dir.write("tests/deep/here", "");
  dir.write(".git/config", "old");
  dir.symlink(".git", "seen");
  const auto write = [&](const std::string& file, const std::vector<std::string>& flags = {}) {
    dir.write("tests/main.js", script_that_writes(file));
    std::vector<std::string> arguments = {"load", "run", "-q"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    arguments.emplace_back("main.js");
    const Ran ran = gantry(arguments, dir.path("tests"));
    EXPECT_EQ(ran.status, 0) << ran;
    return ran.err;
  };
  for (const std::string file : {"plain.json", "deep/mine.json", "../top.json"}) {
    EXPECT_EQ(write(file), "") << file;
    EXPECT_EQ(dir.read("tests/" + file), "mine");
  }
  EXPECT_EQ(write(dir.path("tests/whole.json")), "");
  EXPECT_EQ(dir.read("tests/whole.json"), "mine");
  for (const std::string file : {"../.git/config", "../seen/config", ".profile"})
    EXPECT_THAT(write(file), HasSubstr(fmt::format("the script may not write {}, which is hidden", file)));
  EXPECT_EQ(dir.read(".git/config"), "old");
  for (const std::string& file : {outside.path("a.json"), std::string("../../a.json"), std::string("/proc/self/fd/3")})
    EXPECT_THAT(write(file), HasSubstr(fmt::format("the script may not write {}, outside of", file)));
  // Unless a person has allowed it.
  EXPECT_EQ(write(outside.path("a.json"), {"--may-write", outside.path()}), "");
  EXPECT_EQ(outside.read("a.json"), "mine");
  EXPECT_EQ(write("/dev/null"), "");
}

// To open once more what is open already would begin anew with it.
TEST(LoadRun, GoesOnWithWhatIsOpenAlready) {
  const TempDir dir;
  dir.write("main.js", script_that_writes("/proc/self/fd/1"));
  const auto shell = [&](const std::string& redirected) {
    const Ran ran = run({"sh", "-c", program_path() + " load run -q " + redirected}, dir.path());
    EXPECT_EQ(ran.status, 0) << ran;
    EXPECT_EQ(ran.err, "") << ran;
  };
  shell("main.js >> log.txt; echo ' behind' >> log.txt");
  EXPECT_EQ(dir.read("log.txt"), "mine behind\n");
  dir.write("kept.txt", "kept\n");
  shell("--summary-export /dev/fd/7 --out csv=/proc/self/fd/7 main.js 7>> kept.txt");
  EXPECT_TRUE(dir.read("kept.txt").starts_with("kept\n"));
  EXPECT_THAT(dir.read("kept.txt"), HasSubstr("metric_name,timestamp,"));
  EXPECT_THAT(dir.read("kept.txt"), HasSubstr("\"iterations\": {"));
}

TEST(LoadRun, SaysWhatIsMissingWhereV8IsNotThere) {
  const TempDir dir;
  std::filesystem::copy_file(program_path(), dir.path("gantry"));
  dir.write("main.js", "export default () => 1;");
  expect_failure(run({dir.path("gantry"), "load", "run", "main.js"}, dir.path()), 3,
                 {"the script engine cannot be loaded", "gantry-script-engine.so", "scripts/setup"});
  EXPECT_THAT(run({dir.path("gantry"), "doctor"}, dir.path()).out, HasSubstr("V8       not found"));
}

TEST(LoadRun, NamesAScriptThatIsNotThere) {
  const TempDir dir;
  const Ran ran = gantry({"k6", "run", "gone.js"}, dir);
  EXPECT_EQ(ran.status, 255) << ran;
  EXPECT_THAT(ran.err, HasSubstr("gone.js does not exist"));
}

TEST(LoadRun, TakesAScriptFromStdin) {
  const TempDir dir;
  dir.write("lib.js", "export const said = 'here';");
  dir.write("data.txt", "data");
  dir.write(
      "main.js",
      "import { said } from './lib.js'; const data = open('data.txt'); export default () => console.log(said, data);");
  const std::string program = program_path();
  const Ran ran = run({"/bin/sh", "-c", "cat main.js | \"$1\" k6 run -", "sh", program}, dir.path());
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_THAT(ran.err, HasSubstr("msg=\"here data\""));
  EXPECT_THAT(run({"/bin/sh", "-c", "echo 'export default' | \"$1\" k6 run -", "sh", program}, dir.path()).err,
              HasSubstr("--> -:2:1"));
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
