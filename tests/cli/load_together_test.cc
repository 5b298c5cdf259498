// gantry load run as one of several processes that share a load and gantry load merge: from outside, with a real NATS server.

#include "cli/program.h"
#include "muster/muster.h"
#include "support/nats_server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <future>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace gantry::cli {
namespace {

using test::NatsServer;
using test::TempDir;

// Each iteration has a number that is the same whoever plays it.
constexpr std::string_view kScript = R"(
import { Trend, Rate } from 'k6/metrics';
import exec from 'k6/execution';
const number = new Trend('number');
const odd = new Rate('odd');
export const options = {
  scenarios: { all: { executor: 'per-vu-iterations', vus: 6, iterations: 500 } },
  thresholds: { number: [__ENV.BOUND || 'p(95)<9999'], iterations: ['count==3000'], odd: ['rate==0.5'] },
  summaryTrendStats: ['min', 'max', 'avg', 'med', 'p(90)', 'p(99.9)', 'count'],
};
export default () => {
  number.add((exec.scenario.iterationInTest * 7919) % 4001);
  odd.add(exec.scenario.iterationInTest % 2);
};
export const setup = () => console.log(`began ${Date.now()}`);
)";

std::future<Ran> start(std::vector<std::string> arguments, const TempDir& dir) {
  return std::async(std::launch::async,
                    [arguments = std::move(arguments), &dir]() mutable { return gantry(std::move(arguments), dir); });
}

std::vector<std::string> part(int number, int of, std::vector<std::string> more) {
  std::vector<std::string> arguments = {"load", "run", "--quiet", "--no-thresholds",
                                        fmt::format("--part={}/{}", number, of)};
  arguments.insert(arguments.end(), more.begin(), more.end());
  arguments.emplace_back("load.js");
  return arguments;
}

nlohmann::json metrics(const TempDir& dir, const std::string& file) {
  const nlohmann::json all = nlohmann::json::parse(dir.read(file)).at("metrics");
  return {all.at("number"), all.at("odd").at("value"), all.at("iterations").at("count"), all.at("vus_max").at("value")};
}

// "began 1700000000000" of what a script has said.
long long began(const Ran& ran) {
  const std::size_t at = ran.err.find("began ");
  return at == std::string::npos ? 0 : std::atoll(ran.err.c_str() + at + 6);
}

TEST(LoadTogether, SaysThatThereIsNoPlaceToMeet) {
  const TempDir dir;
  dir.write("load.js", "export default () => 1;\n");
  expect_failure(gantry({"load", "run", "--start-barrier-count", "2", "load.js"}, dir), 2,
                 {"--start-barrier-count requires --start-barrier"});
}

TEST(LoadTogether, MergesToWhatOneProcessFinds) {
  const TempDir dir;
  dir.write("load.js", kScript);
  const Ran whole = gantry({"load", "run", "--quiet", "--summary-export", "whole.json", "load.js"}, dir);
  ASSERT_EQ(whole.status, 0) << whole;
  for (int i = 0; i < 3; ++i) {
    const Ran ran = gantry(part(i, 3, {fmt::format("--out=summary={}.json", i)}), dir);
    ASSERT_EQ(ran.status, 0) << ran;
  }
  const Ran merged = gantry({"load", "merge", "--summary-export", "merged.json", "0.json", "1.json", "2.json"}, dir);
  EXPECT_EQ(merged.status, 0) << merged;
  EXPECT_EQ(merged.err, "");
  EXPECT_NE(merged.out.find("✓ 'count==3000' count=3000"), std::string::npos) << merged;
  EXPECT_EQ(metrics(dir, "merged.json"), metrics(dir, "whole.json"));
  const Ran json = gantry({"load", "merge", "--json", "0.json", "1.json", "2.json"}, dir);
  EXPECT_EQ(json.json(), nlohmann::json::parse(dir.read("merged.json")));
  // Two of three are no whole, and a threshold says so too.
  const Ran two = gantry({"load", "merge", "2.json", "0.json"}, dir);
  expect_failure(two, 3,
                 {"the segment 1/3:2/3 of the load is missing", "thresholds are not judged", "--allow-missing"});
  EXPECT_EQ(two.out.find("count==3000"), std::string::npos) << two;
  const Ran allowed = gantry({"load", "merge", "--allow-missing", "2.json", "0.json"}, dir);
  EXPECT_EQ(allowed.status, 99) << allowed;
  EXPECT_NE(allowed.out.find("✗ 'count==3000' count=2000"), std::string::npos) << allowed;
  const Ran twice = gantry({"load", "merge", "--allow-missing", "0.json", "1.json", "2.json", "2.json"}, dir);
  expect_failure(twice, 3, {"the segment 2/3:1 of the load is there twice", "2.json and 2.json are of one process"});
}

TEST(LoadTogether, MergesPartsOfOneRunOnly) {
  const TempDir dir;
  dir.write("load.js", kScript);
  dir.write("older.json", R"({"format": "gantry-load-run/4", "version": "0.0.9"})");
  expect_failure(gantry({"load", "merge", "older.json"}, dir), 2,
                 {"older.json was written by Gantry 0.0.9", "let one version of gantry run all parts, and merge them"});
  EXPECT_EQ(gantry(part(0, 2, {"--out=summary=0.json", "--env=API=a"}), dir).status, 0);
  EXPECT_EQ(gantry(part(1, 2, {"--out=summary=1.json", "--env=API=b"}), dir).status, 0);
  expect_failure(gantry({"load", "merge", "0.json", "1.json"}, dir), 2,
                 {"0.json and 1.json are no parts of one run: their variables (-e) differ: API"});
}

// What is to end a run before its time does, in the part that sees it; what judges the whole is left to whoever merges.
TEST(LoadTogether, EndsAPartThatIsToAbort) {
  const TempDir dir;
  dir.write("load.js",
            "import { Counter } from 'k6/metrics'; import { sleep } from 'k6';\n"
            "const seen = new Counter('seen');\n"
            "export const options = { vus: 2, duration: '10m', thresholds: {\n"
            "  seen: [{ threshold: 'count<1', abortOnFail: true }], iterations: ['count>1000000'] } };\n"
            "export default () => { seen.add(1); sleep(0.1) };");
  const Ran ran = gantry({"load", "run", "--quiet", "--part=0/2", "--out=summary=0.json", "load.js"}, dir);
  EXPECT_EQ(ran.status, 99) << ran;
  EXPECT_NE(ran.err.find("abortOnFail: each part of the load goes by its own samples alone"), std::string::npos) << ran;
  EXPECT_EQ(ran.out.find("count>1000000"), std::string::npos) << ran;
  const Ran merged = gantry({"load", "merge", "--allow-missing", "0.json"}, dir);
  EXPECT_EQ(merged.status, 99) << merged;
  EXPECT_NE(merged.out.find("count>1000000"), std::string::npos) << merged;
}

TEST(LoadTogether, BeginsTogetherAndHandsIn) {
  const NatsServer nats;
  const TempDir dir;
  dir.write("load.js", kScript);
  const std::string place = nats.url() + "/evening";
  const std::vector<std::string> flags = {"--start-barrier=" + place, "--out=summary=" + place, "--env=BOUND=max<4000"};
  auto merged = start({"load", "merge", place, "--count", "3"}, dir);
  auto first = start(part(0, 3, flags), dir);
  auto second = start(part(1, 3, flags), dir);
  EXPECT_EQ(first.wait_for(std::chrono::milliseconds(500)), std::future_status::timeout);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const long long before = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  auto third = start(part(2, 3, flags), dir);
  for (auto* each : {&first, &second, &third}) {
    const Ran ran = each->get();
    EXPECT_EQ(ran.status, 0) << ran;
    EXPECT_GE(began(ran), before) << ran;
  }
  const Ran ran = merged.get();
  EXPECT_EQ(ran.status, 99) << ran;
  EXPECT_NE(ran.out.find("✗ 'max<4000' max="), std::string::npos) << ran;
  EXPECT_NE(ran.out.find("✓ 'count==3000' count=3000"), std::string::npos) << ran;
}

TEST(LoadTogether, SaysHowManyCame) {
  const NatsServer nats;
  const TempDir dir;
  dir.write("load.js", kScript);
  const std::string place = nats.url() + "/alone";
  const Ran alone = gantry(part(0, 2, {"--start-barrier=" + place, "--start-barrier-wait=300ms"}), dir);
  expect_failure(alone, 255, {"1 of 2 came to " + place + " within 300ms", "--start-barrier-wait"});
  const Ran unmerged =
      gantry(part(0, 1, {"--start-barrier=" + place, "--start-barrier-merge", "--start-barrier-wait=300ms"}), dir);
  expect_failure(unmerged, 255, {"1 of 1 came to " + place, "gantry load merge --start-barrier did not come"});
  const Ran nobody = gantry({"load", "merge", place, "--count", "2", "--wait", "1s"}, dir);
  expect_failure(nobody, 3, {"0 of 2 summaries came to " + place});
}

// A part that cannot begin says so to whoever merges, who waits for nobody then.
TEST(LoadTogether, SaysWhichPartFailedBeforeItBegan) {
  const NatsServer nats;
  const TempDir dir;
  dir.write("load.js", "throw new Error('no users');");
  for (const auto& [script, flag, why, status] : std::vector<std::tuple<std::string, std::string, std::string, int>>{
           {"load.js", "--quiet", "no users", 107}, {"load.js", "--out=nothing", "nothing", 2}}) {
    const std::string place = nats.url() + "/early";
    auto merged = start({"load", "merge", place, "--count", "3"}, dir);
    const Ran ran = gantry({"load", "run", "--part=1/3", "--out=summary=" + place, flag, script}, dir);
    EXPECT_EQ(ran.status, status) << ran;
    expect_failure(merged.get(), status,
                   {"member 1 failed before it began: ", why, "1 of 3 summaries came to " + place});
  }
}

// Far longer than anything here may take, and far shorter than it would by itself.
constexpr std::chrono::seconds kSoon{30};

TEST(LoadTogether, CountsWhatIsNoSummaryAsMissing) {
  const NatsServer nats;
  const TempDir dir;
  dir.write("load.js", "export default () => 1;");
  const std::string place = nats.url() + "/garbage";
  auto merged = start({"load", "merge", place, "--count", "1"}, dir);
  EXPECT_FALSE(muster::hand_in({nats.url(), "garbage"}, {.name = "0", .process = "p"}, "garbage", {kSoon}));
  const Ran ran = gantry({"load", "run", "--quiet", "--part=0/1", "--out=summary=" + place, "load.js"}, dir);
  EXPECT_EQ(ran.status, 0) << ran;
  const Ran whole = merged.get();
  EXPECT_EQ(whole.status, 0) << whole;
  EXPECT_TRUE(whole.err.contains("what member 0 handed in is no summary, and counts as missing: ")) << whole;
}

// It would not come again as another, so that there is nothing to wait for.
TEST(LoadTogether, RefusesWhatAnotherVersionHandsIn) {
  const NatsServer nats;
  const TempDir dir;
  auto merged = start({"load", "merge", nats.url() + "/mixed", "--count", "2"}, dir);
  const auto handed_in = muster::hand_in({nats.url(), "mixed"}, {.name = "1", .process = "p"},
                                         R"({"format": "gantry-load-run/4", "version": "0.0.9"})", {kSoon});
  ASSERT_FALSE(handed_in);
  EXPECT_EQ(handed_in.error().help, "let the same version of gantry run the parts and merge them");
  expect_failure(merged.get(), 2, {"member 1 was written by Gantry 0.0.9", "merge them"});
}

TEST(LoadTogether, HearsAnInterruptWhileItWaits) {
  const NatsServer nats;
  const TempDir dir;
  dir.write("load.js", "console.log('loaded'); export default () => 1;");
  const std::string place = nats.url() + "/late";
  RunningProgram barrier({"load", "run", "--part=0/2", "--start-barrier=" + place, "load.js"}, dir.path());
  RunningProgram hand_in({"load", "run", "--part=0/2", "--out=summary=" + place, "load.js"}, dir.path());
  ASSERT_TRUE(barrier.says("loaded", kSoon));
  ASSERT_TRUE(hand_in.says("vus_max", kSoon));
  for (RunningProgram* each : {&barrier, &hand_in}) {
    each->signal(SIGINT);
    EXPECT_TRUE(each->ends_within(kSoon));
  }
  EXPECT_EQ(barrier.wait().status, 105);
  expect_failure(
      hand_in.wait(), 105,
      {"nobody took the summary at " + place + " before this was to stop", "gantry load merge takes files, too"});
}

// Nobody measures it again: what cannot be handed in is kept.
TEST(LoadTogether, KeepsWhatItCannotHandIn) {
  const TempDir dir;
  dir.write("load.js", kScript);
  const std::string place = "nats://127.0.0.1:1/nowhere";
  RunningProgram ran({"load", "run", "--quiet", "--part=0/1", "--out=summary=" + place, "load.js"}, dir.path());
  EXPECT_TRUE(ran.says("waiting for up to 2m0s to hand the summary in at " + place + ": NATS at ", kSoon));
  ran.signal(SIGINT);
  EXPECT_TRUE(ran.ends_within(kSoon));
  const Ran ended = ran.wait();
  expect_failure(ended, 105, {"NATS at nats://127.0.0.1:1", "what was found is in gantry-summary-0-"});
  const std::size_t at = ended.err.find("gantry-summary-");
  const std::string file = ended.err.substr(at, ended.err.find(':', at) - at);
  const Ran merged = gantry({"load", "merge", file}, dir);
  EXPECT_EQ(merged.status, 0) << merged;
  EXPECT_NE(merged.out.find("✓ 'count==3000' count=3000"), std::string::npos) << merged;
}

// Each hands in again and again where nobody merges: what is left of a run that was stopped, and of one that ended.
TEST(LoadTogether, MergesTheRunThatBeginsWithIt) {
  const NatsServer nats;
  const TempDir dir;
  dir.write("load.js", kScript);
  const std::string place = nats.url() + "/same";
  const std::vector<std::string> flags = {"--start-barrier=" + place, "--out=summary=" + place};
  std::vector<std::string> old_flags = part(0, 1, flags);
  old_flags.erase(std::ranges::find(old_flags, "--quiet"));
  RunningProgram old(old_flags, dir.path());
  ASSERT_TRUE(old.says("vus_max", kSoon));
  auto merged = start({"load", "merge", place, "--start-barrier", "--count=1"}, dir);
  // Nothing is merged before a run begins with whoever merges.
  EXPECT_EQ(merged.wait_for(std::chrono::milliseconds(700)), std::future_status::timeout);
  std::vector<std::string> new_flags = flags;
  new_flags.insert(new_flags.end(), {"--start-barrier-merge", "--env=BOUND=max<4000"});
  const Ran ran = start(part(0, 1, new_flags), dir).get();
  EXPECT_EQ(ran.status, 0) << ran;
  const Ran whole = merged.get();
  EXPECT_EQ(whole.status, 99) << whole;
  EXPECT_TRUE(whole.err.contains("member 0 of another run came too: it is left out")) << whole;
  old.signal(SIGINT);
  EXPECT_TRUE(old.ends_within(kSoon));
  expect_failure(old.wait(), 105, {"nobody took the summary"});
}

TEST(LoadTogether, SaysWhyBeforeItHandsThatIn) {
  const NatsServer nats;
  const TempDir dir;
  dir.write("load.js", kScript);
  RunningProgram ran({"load", "run", "--part=0/2", "--out=summary=" + nats.url() + "/why", "--out=nothing", "load.js"},
                     dir.path());
  EXPECT_TRUE(ran.says("nothing", kSoon));
  ran.signal(SIGINT);
  EXPECT_TRUE(ran.ends_within(kSoon));
  EXPECT_EQ(ran.wait().status, 2);
}

struct Misuse {
  std::vector<std::string> arguments;
  int status;
  std::string says;
};
const Misuse kMisuses[] = {
    {{"load", "run", "--part", "3/3", "load.js"}, 2, "--part 3/3 is none"},
    {{"load", "run", "--part", "1", "load.js"}, 2, "--part 1 is none"},
    {{"load", "run", "--part", "0/2", "--execution-segment", "0:1/2", "load.js"}, 2, "cannot be together"},
    {{"load", "run", "--start-barrier", "nats://127.0.0.1:1/x", "load.js"}, 2, "how many begin together is not said"},
    {{"load", "run", "--start-barrier", "127.0.0.1:1", "load.js"}, 2, "it does not begin with nats://"},
    {{"load", "run", "--find-knee", "--out", "summary=x", "load.js"}, 2, "--find-knee is many runs"},
    {{"load", "run", "--start-barrier-merge", "load.js"}, 2, "--start-barrier-merge requires --start-barrier"},
    {{"load", "merge", "load.js"}, 2, "load.js"},
    {{"load", "merge", "--start-barrier", "load.js"}, 2, "files have begun already"},
    {{"load", "merge", "nats://127.0.0.1:1/x"}, 2, "how many summaries to wait for is not said"},
    {{"load", "merge", "nats://127.0.0.1:1/x", "--count", "1"}, 3, "NATS at nats://127.0.0.1:1"},
    {{"load", "job", "--parallelism", "2", "load.js"}, 2, "--image"},
    {{"load", "job", "--parallelism", "2", "--image", "x", "--nats", "x", "load.js"},
     2,
     "does not begin with nats://"}};

TEST(LoadTogether, SaysWhatIsMissing) {
  const TempDir dir;
  dir.write("load.js", kScript);
  for (const Misuse& misuse : kMisuses) {
    SCOPED_TRACE(fmt::format("{} {}", misuse.arguments[1], misuse.says));
    expect_failure(gantry(misuse.arguments, dir), misuse.status, {misuse.says});
  }
}

}  // namespace
}  // namespace gantry::cli
