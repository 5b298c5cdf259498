// A VU and its modules, against a real server: what scripts of k6 see, and what is recorded.

#include "load/vu/vu.h"

#include "load/one_vu.h"

#include <gtest/gtest.h>

namespace gantry::load {
namespace {

TEST(Vu, ChecksAndGroups) {
  OneVu stage(R"(
    import { check, group, sleep, fail } from 'k6';
    export default function () {
      const inner = group('outer', () => group('inner', () => check(2, { even: (n) => n % 2 === 0, 'a value': true, 'no': 0 })));
      sleep(0.001);
      return inner;
    }
    export function failing() { fail('enough') }
    export function throwing() { check(1, { bad: () => { throw new Error('in check') }, never: true }) }
    export function twice() { group('a::b', () => 1) }
  )");
  stage.recorder.keep_apart(*parse_metric_selector("checks{group:::outer::inner}"));
  stage.recorder.keep_apart(*parse_metric_selector("checks{check:even}"));
  stage.recorder.keep_apart(*parse_metric_selector("group_duration{group:::outer}"));
  ASSERT_EQ(stage.load(), "loaded");
  EXPECT_EQ(stage.call(), "false");
  EXPECT_EQ(stage.call("failing"), "threw Error: enough");
  EXPECT_EQ(std::get<RateSink>(*stage.sink("checks")).trues(), 2U);
  EXPECT_EQ(stage.call("throwing"), "threw Error: in check");
  EXPECT_EQ(stage.call("twice"), "threw Error: group and check names may not contain '::': a::b");
  EXPECT_EQ(std::get<RateSink>(*stage.sink("checks")).total(), 4U);
  EXPECT_EQ(std::get<RateSink>(*stage.recorder.sink("checks{group:::outer::inner}")).total(), 3U);
  EXPECT_EQ(std::get<RateSink>(*stage.recorder.sink("checks{check:even}")).total(), 1U);
  EXPECT_EQ(std::get<TrendSink>(*stage.recorder.sink("group_duration{group:::outer}")).count(), 1U);
}

// Of conditions that are asked one behind the other, those behind one that throws are not.
TEST(Vu, CountsTheConditionsThatItAsked) {
  struct Case {
    std::string_view conditions;
    std::string_view returned;
    std::uint64_t trues;
    std::uint64_t falses;
  };
  constexpr Case kCases[] = {
      {"{}", "true", 0, 0},
      {"{ a: 1, b: () => 'yes', c: {} }", "true", 3, 0},
      {"{ a: true, b: () => { throw new Error('b') }, c: true }", "threw Error: b", 1, 1},
      {"{ a: true, 'b::c': true, d: true }", "threw Error: group and check names may not contain '::': b::c", 1, 0},
      {"{ a: true, b: async () => true, c: true }", "threw Error: check b is async: its promise would always be true",
       1, 0},
      {"{ a: true, get b() { throw new Error('get') } }", "threw Error: get", 1, 0},
      {"{ a: () => check(0, { in: false, on: true }), b: true }", "false", 2, 2},
      {"'xy'", "true", 2, 0},
      {"Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`c${i}`, true]))", "true", 70, 0},
      {"Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`c${i}`, () => i !== 29 && i !== 30 && i < 60]))",
       "false", 58, 12},
      {"null", "threw Error: no checks provided to `check`", 0, 0},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.conditions);
    OneVu stage("import { check } from 'k6';\nexport default () => check('x', " + std::string(c.conditions) + ");\n");
    ASSERT_EQ(stage.load(), "loaded");
    EXPECT_EQ(stage.call(), c.returned);
    const Sink* sink = stage.sink("checks");
    const RateSink counted = sink ? std::get<RateSink>(*sink) : RateSink();
    EXPECT_EQ(counted.trues(), c.trues);
    EXPECT_EQ(counted.falses(), c.falses);
  }
}

// What was found once of checks with the same tags is not looked for again; and tags that are others each time are not kept for good.
TEST(Vu, FindsChecksWithTagsAsQuicklyAsThoseWithout) {
  OneVu stage(R"(
    import { check } from 'k6';
    export default () => { for (let i = 0; i < 500; ++i) check(i, { even: i % 2 === 0, any: true }, { team: 'shop', rest: i % 2 }); };
    export const fresh = () => { for (let i = 0; i < 250; ++i) check(i, { any: true }, { number: i }); };
  )");
  stage.recorder.keep_apart(*parse_metric_selector("checks{rest:1}"));
  stage.recorder.keep_apart(*parse_metric_selector("checks{number:249}"));
  ASSERT_EQ(stage.load(), "loaded");
  EXPECT_EQ(stage.call(), "undefined");
  EXPECT_EQ(stage.vu->place().with_tags.size(), 2U);
  for (const auto& [tags, place] : stage.vu->place().with_tags) EXPECT_EQ(place->checks.size(), 2U);
  EXPECT_EQ(std::get<RateSink>(*stage.recorder.sink("checks{rest:1}")).trues(), 250U);
  EXPECT_EQ(std::get<RateSink>(*stage.recorder.sink("checks{rest:1}")).falses(), 250U);
  EXPECT_EQ(stage.call("fresh"), "undefined");
  EXPECT_LE(stage.vu->place().with_tags.size(), 100U);
  EXPECT_EQ(std::get<RateSink>(*stage.recorder.sink("checks{number:249}")).trues(), 1U);
  ASSERT_EQ(stage.checks.by_name.size(), 2U);
  EXPECT_EQ(check_of(stage.checks.by_name, "any").passes, 750U);
}

TEST(Vu, RefusesAtInitWhatNeedsAVu) {
  struct Case {
    std::string_view script;
    std::string_view said;
  };
  constexpr Case kCases[] = {
      {"import { check } from 'k6'; check(1, { a: true });",
       "Error: check() is not available in the init context: call it in the function of a VU"},
      {"import { Counter } from 'k6/metrics'; new Counter('my_count').add(1);",
       "Error: metrics cannot be added to in the init context"},
      {"import http from 'k6/http'; http.get('http://127.0.0.1/');",
       "Error: Making http requests in the init context is not supported"},
      {"import { Trend } from 'k6/metrics'; new Trend('a b');", "Error: \"a b\" is no name for a metric"},
      {"import 'gantry:vu';", "gantry:vu names neither a module of k6 nor a file"},
  };
  for (const Case& c : kCases) {
    OneVu stage{std::string(c.script)};
    EXPECT_TRUE(stage.load().starts_with("error: " + std::string(c.said))) << stage.load();
  }
}

TEST(Vu, AddsToMetricsOfItsOwn) {
  OneVu stage(R"(
    import { Counter, Gauge, Rate, Trend } from 'k6/metrics';
    const count = new Counter('my_count'), gauge = new Gauge('my_gauge'), rate = new Rate('my_rate'), trend = new Trend('my_trend', true);
    export default function () {
      count.add(2); count.add(true, { kind: 'x' });
      gauge.add(-1);
      rate.add(false); rate.add(3); rate.add(0);
      trend.add(12.5);
      return [trend.add('x'), trend.add(null), trend.add(), count.name];
    }
    export function late() { new Counter('too_late') }
    export function badTag() { count.add(1, { tag: {} }) }
  )");
  ASSERT_EQ(stage.load(), "loaded");
  EXPECT_EQ(stage.call(), R"([false,false,false,"my_count"])");
  EXPECT_EQ(std::get<CounterSink>(*stage.sink("my_count")).count(), 3);
  EXPECT_EQ(std::get<GaugeSink>(*stage.sink("my_gauge")).value(), -1);
  EXPECT_EQ(std::get<RateSink>(*stage.sink("my_rate")).trues(), 1U);
  EXPECT_EQ(std::get<TrendSink>(*stage.sink("my_trend")).max(), 12.5);
  EXPECT_EQ(stage.registry[*stage.registry.find("my_trend")].contains, Contains::time);
  EXPECT_EQ(stage.log.size(), 3U);
  EXPECT_EQ(stage.call("late"), "threw Error: metrics must be declared in the init context");
  EXPECT_EQ(stage.call("badTag"), "threw Error: tag tag must be a string, a number or a boolean");
}

TEST(Vu, PrintsAsK6Does) {
  OneVu stage(R"(
    export default function () {
      const circle = { a: 1 }; circle.self = circle;
      console.log('text', 1.5, true, null, undefined);
      console.info({ a: 1, b: [1, 'x'], c: { d: null } }, [1, 2], {}, []);
      console.warn(circle, () => 1, new Error('bad'));
      console.error(new Date(0), new Uint8Array([1, 2, 3]), new Uint8Array([1, 2]).buffer);
    }
  )");
  ASSERT_EQ(stage.load(), "loaded");
  EXPECT_EQ(stage.call(), "undefined");
  EXPECT_EQ(stage.log, (std::vector<std::string>{"text 1.5 true null undefined",
                                                 "{ a: 1, b: [ 1, \"x\" ], c: { d: null } } [ 1, 2 ] {} []",
                                                 "{ a: 1, self: [Circular] } [object Function] Error: bad",
                                                 "\"1970-01-01T00:00:00.000Z\" Uint8Array(3) [ 1, 2, 3 ] ArrayBuffer { "
                                                 "[Uint8Contents]: <01 02>, byteLength: 2 }"}));
}

TEST(Vu, HasWhatTheEngineOfK6Has) {
  OneVu stage(R"(
    export default function () {
      const list = [3, 1, 2];
      return [list.toSorted(), list.toReversed(), list.toSpliced(1, 1, 9, 8), list.with(-1, 7), list,
              [...new Uint8Array([3, 1]).toSorted()], [...new Uint8Array([3, 1]).with(0, 5)], global === globalThis,
              Object.keys([]).length, list.at(-1), Object.hasOwn({ a: 1 }, 'a')];
    }
    export function outOfRange() { [1].with(1, 2) }
  )");
  ASSERT_EQ(stage.load(), "loaded");
  EXPECT_EQ(stage.call(), "[[1,2,3],[2,1,3],[3,9,8,2],[3,1,7],[3,1,2],[1,3],[5,1],true,0,2,true]");
  EXPECT_EQ(stage.call("outOfRange"), "threw RangeError: Invalid index : 1");
}

TEST(Vu, SaysWhatFailed) {
  OneVu stage(R"(
    import http from 'k6/http';
    export default function () {
      const r = http.get('http://127.0.0.1:1/');
      return [r.status, r.error, r.error_code, r.body, r.status_text];
    }
    export function noUrl() { const r = http.get('nonsense'); return [r.status, r.error_code] }
    export function json() { return http.get('http://127.0.0.1:1/').json() }
  )");
  ASSERT_EQ(stage.load(), "loaded");
  EXPECT_EQ(stage.call(), R"([0,"dial: connection refused",1212,null,""])");
  EXPECT_EQ(stage.log,
            std::vector<std::string>{
                "Request Failed: Get \"http://127.0.0.1:1/\": dial tcp 127.0.0.1:1: connect: connection refused"});
  EXPECT_EQ(std::get<CounterSink>(*stage.sink("http_reqs")).count(), 1);
  EXPECT_EQ(std::get<RateSink>(*stage.sink("http_req_failed")).rate(), 1);
  EXPECT_EQ(stage.call("noUrl"), "[0,1000]");
  EXPECT_EQ(std::get<CounterSink>(*stage.sink("http_reqs")).count(), 2);
  EXPECT_TRUE(stage.call("json").starts_with("threw Error: the body is null"));
}

}  // namespace
}  // namespace gantry::load
