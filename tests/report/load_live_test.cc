// The page that shows a load test while it lasts: it is whole as it is served, its parts are those that come later, and it runs nothing but
// its own script.

#include "base/base64.h"
#include "base/digest.h"
#include "base/json.h"
#include "report/load.h"
#include "report/xml_check.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gantry::report {
namespace {

using load::BuiltInMetric;
using load::RunPhase;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

// Four seconds of a run in which everything has that name.
struct UnderWay {
  load::RunOutcome outcome = {};
  load::Scenario scenario;
  load::RunLook look = {
      .phase = RunPhase::running, .outcome = outcome, .elapsed = seconds(4), .vus_active = 2, .vus = 3};
  load::RunProgress progress;

  explicit UnderWay(const std::string& name)
      : scenario{.name = name, .plan = load::ConstantVus{.vus = 3, .duration = seconds(10)}},
        progress{.elapsed = seconds(4),
                 .planned = seconds(10),
                 .vus_active = 2,
                 .vus = 3,
                 .iterations = 31,
                 .dropped = 7,
                 .requests = 31,
                 .scenarios = {{scenario, seconds(4), 2, 31, false}}} {
    for (int i = 0; i < 31; ++i) {
      const std::chrono::nanoseconds at = milliseconds(100 * i);
      outcome.recorder->add(BuiltInMetric::http_reqs, 1, 0, at);
      outcome.recorder->add(BuiltInMetric::http_req_duration, 10, 0, at);
      outcome.measurement.series.begin(at);
      outcome.measurement.series.answer(at, 10, false);
    }
    outcome.measurement.scenarios.emplace_back(name, load::ResponseTimes(load::ResponseTimes::Model::open));
    load::ResponseTimes& responses = outcome.measurement.scenarios.back().responses;
    load::ResponseTimes::Turn turn;
    responses.begin(turn, milliseconds(0), milliseconds(990));
    responses.answer(turn, milliseconds(990), milliseconds(1000));
    outcome.measurement.generator.played = seconds(4);
    outcome.measurement.generator.cpu = seconds(1);
    outcome.scenarios = {{scenario, 31, 1, 7}};
    outcome.thresholds = {
        {*load::parse_metric_selector("http_reqs"), {{{.source = "count>" + name}, {.holds = false, .value = 31}}}}};
    check_of(outcome.checks.groups.checks, name).count(true);
  }
  std::string page() const { return render_load_live_page(scenario.name, look, progress); }
  base::Node parts() const { return *base::load_json(render_load_live_parts(look, progress), "parts"); }
  std::string part(std::string_view id) const { return std::string(parts().text(id)); }
};

TEST(LoadLive, ShowsHowARunIs) {
  const std::string page = UnderWay("shop.js").page();
  for (const std::string_view text :
       {"running 4s of 10s, 2/3 VUs, 31 complete and 0 interrupted iterations, 7 dropped, 10 requests/s",
        "So far: 1 of 1 thresholds do not hold", "aria-live=\"polite\"", "<progress max=\"1\" value=\"0.400\"",
        "40 %, 2/3 VUs  4s/10s: 31 complete, 1 interrupted and 7 dropped iterations", "http_req_duration, as k6 has it",
        "as users see it", "25.0 % of one core", "virtual users at work", "✗ does not hold",
        "prefers-color-scheme:dark", "width=device-width"})
    EXPECT_THAT(page, HasSubstr(text));
}

// What comes later is put into elements that are there, and says what the page would say now.
TEST(LoadLive, HasAPlaceForEveryPart) {
  const UnderWay run("shop.js");
  const std::string page = run.page();
  const base::Node parts = run.parts();
  ASSERT_EQ(parts.map().size(), 9U);
  for (const base::Node::Member& part : parts.map()) {
    EXPECT_THAT(page, HasSubstr(fmt::format(" id=\"{}\"", part.key)));
    EXPECT_THAT(page, HasSubstr(">" + part.value.string() + "<")) << part.key;
  }
}

// The interval that goes on has only begun, so that a line to it would fall; at the end it is all there is.
TEST(LoadLive, DrawsWholeIntervalsWhileARunGoesOn) {
  UnderWay run("shop.js");
  const std::string during = run.part("charts");
  run.look.phase = RunPhase::ended;
  const std::string after = run.part("charts");
  EXPECT_THAT(during, HasSubstr(">3s</text>"));
  EXPECT_THAT(during, Not(HasSubstr(">4s</text>")));
  EXPECT_THAT(after, HasSubstr(">4s</text>"));
}

struct PhaseCase {
  RunPhase phase;
  std::string_view status;
};
constexpr PhaseCase kPhases[] = {
    {RunPhase::created, "getting ready: 3 VUs so far"},
    {RunPhase::making_vus, "getting ready: 3 VUs so far"},
    {RunPhase::paused, "paused: it begins once the REST API says so"},
    {RunPhase::setup, "setup() has been running for 4s"},
    {RunPhase::teardown, "the scenarios are over, and teardown() is running"},
    {RunPhase::ended, "the run has ended, after 5s"},
    {RunPhase::interrupted, "the run has ended, after 5s"},
};

TEST(LoadLive, SaysInOneLineWhereARunIs) {
  UnderWay run("shop.js");
  run.outcome.duration = seconds(5);
  for (const PhaseCase& c : kPhases) {
    run.look.phase = c.phase;
    EXPECT_EQ(run.part("status"), c.status);
  }
}

TEST(LoadLive, SaysHowARunCameOut) {
  UnderWay run("shop.js");
  run.look.phase = RunPhase::ended;
  run.progress = {};
  EXPECT_THAT(run.part("verdict"), HasSubstr(">1 of 1 thresholds do not hold<"));
  EXPECT_THAT(run.part("scenarios"), HasSubstr("100 %, over: 31 complete, 1 interrupted and 7 dropped iterations"));
  run.outcome.error = base::Error{.kind = base::ErrorKind::input, .message = "setup() did not end within 1s"};
  EXPECT_THAT(run.part("verdict"), HasSubstr("<p class=\"verdict bad\">setup() did not end within 1s</p>"));
}

// Its message stays as it is.
TEST(LoadLive, ShowsWhatEndsARun) {
  UnderWay run("shop.js");
  run.outcome.error = base::Error{.kind = base::ErrorKind::input, .message = "GoError: no such host"};
  EXPECT_THAT(run.part("verdict"), HasSubstr(">So far: GoError: no such host<"));
  run.outcome.error->message.clear();
  EXPECT_THAT(run.part("verdict"), HasSubstr(">So far:<"));
}

TEST(LoadLive, IsThereBeforeAnythingIs) {
  load::RunOutcome outcome;
  const load::RunLook look{.phase = RunPhase::making_vus, .outcome = outcome};
  EXPECT_THAT(render_load_live_page("shop.js", look, {}), HasSubstr("getting ready: 0 VUs so far"));
}

TEST(LoadLive, IsWholeWhateverTheNames) {
  for (const std::string_view name :
       {"plain", "</style><script>alert(1)</script>", "<!-- ", "]]>", "\"'&<>", "\x1b[31mred", "\xff\xfe", ""}) {
    const UnderWay run{std::string(name)};
    std::string page = run.page();
    EXPECT_EQ(page.find("<script"), page.rfind("<script")) << name;
    const base::Node parts = run.parts();
    for (const base::Node::Member& part : parts.map())
      EXPECT_THAT(part.value.string(), Not(HasSubstr("<script"))) << name;
    page.replace(0, page.find("<html"), "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    EXPECT_EQ(find_xml_error(page), std::nullopt) << name;
  }
}

std::string between(const std::string& text, std::string_view from, std::string_view to) {
  const std::size_t start = text.find(from) + from.size();
  return text.substr(start, text.find(to, start) - start);
}

// A digest is shown in hexadecimal digits, and a policy has it in base64.
std::string source_of(const std::string& text) {
  const std::string digits = base::sha256_hex(text);
  std::string bytes;
  for (std::size_t at = 0; at < digits.size(); at += 2)
    bytes += static_cast<char>(std::stoi(digits.substr(at, 2), nullptr, 16));
  return fmt::format("'sha256-{}'", base::encode_base64(bytes));
}

TEST(LoadLive, RunsNothingButItsOwn) {
  const std::string page = UnderWay("shop.js").page();
  const std::string policy = load_live_policy();
  EXPECT_THAT(policy, HasSubstr("default-src 'none'; "));
  EXPECT_THAT(policy, HasSubstr("script-src " + source_of(between(page, "<script>", "</script>")) + ";"));
  EXPECT_THAT(policy, HasSubstr("style-src " + source_of(between(page, "<style>", "</style>")) + ";"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  for (const std::string_view text : {"src=", "href=", "url(", "http://", "https://", "@import", "style=", "onclick"})
    EXPECT_THAT(page, Not(HasSubstr(text)));
}

}  // namespace
}  // namespace gantry::report
