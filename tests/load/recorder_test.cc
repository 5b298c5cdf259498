#include "load/metrics/recorder.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace gantry::load {
namespace {

TEST(MetricRegistry, HasThoseOfK6) {
  const MetricRegistry registry;
  EXPECT_EQ(registry[BuiltInMetric::http_req_duration].name, "http_req_duration");
  EXPECT_EQ(registry[BuiltInMetric::http_req_duration].contains, Contains::time);
  EXPECT_EQ(registry[BuiltInMetric::data_received].contains, Contains::data);
  EXPECT_EQ(registry[*registry.find("checks")].type, MetricType::rate);
  EXPECT_EQ(registry.find("gone"), nullptr);
}

TEST(MetricRegistry, TakesEachNameOnce) {
  MetricRegistry registry;
  const base::Result<MetricId> first = registry.declare("my_trend", MetricType::trend, Contains::time);
  ASSERT_TRUE(first);
  EXPECT_EQ(registry.declare("my_trend", MetricType::trend, Contains::time), *first);
  EXPECT_EQ(registry.declare("my_trend", MetricType::trend, Contains::plain).error().message,
            "metric my_trend is there already, as a trend of time values");
  EXPECT_EQ(registry.declare("http_reqs", MetricType::trend, Contains::plain).error().message,
            "metric http_reqs is there already, as a counter of default values");
}

TEST(MetricRegistry, RefusesWhatIsNoName) {
  MetricRegistry registry;
  for (const std::string& name : {std::string(), std::string("a"), std::string("1a"), std::string("a-b"),
                                  std::string("a b"), std::string("ä_"), std::string(130, 'a')})
    EXPECT_FALSE(registry.declare(name, MetricType::counter, Contains::plain)) << name;
  for (const std::string& name : {std::string("ab"), std::string("_1"), std::string(129, 'a')})
    EXPECT_TRUE(registry.declare(name, MetricType::counter, Contains::plain)) << name;
}

double count_of(const Sink* sink) { return sink ? std::get<CounterSink>(*sink).count() : -1; }

TEST(Recorder, KeepsPartsApart) {
  const MetricRegistry registry;
  Recorder recorder(registry);
  recorder.keep_apart(*parse_metric_selector("http_reqs{status:200}"));
  recorder.keep_apart(*parse_metric_selector("http_reqs{scenario:baseline, status:200}"));
  recorder.keep_apart(*parse_metric_selector("http_reqs{status:200}"));
  EXPECT_EQ(recorder.sink(*registry.find("http_reqs")), nullptr);

  const TagSetId ok = recorder.intern({{"scenario", "baseline"}, {"status", "200"}});
  const TagSetId other = recorder.intern({{"scenario", "soak"}, {"status", "200"}});
  const TagSetId bad = recorder.intern({{"scenario", "baseline"}, {"status", "500"}});
  EXPECT_EQ(recorder.intern({{"scenario", "soak"}, {"status", "200"}}), other);
  EXPECT_EQ(recorder.tags(bad)[1].second, "500");
  for (const TagSetId tags : {ok, ok, other, bad, TagSetId{0}}) recorder.add(BuiltInMetric::http_reqs, 1, tags, {});

  EXPECT_EQ(count_of(recorder.sink(*registry.find("http_reqs"))), 5);
  EXPECT_EQ(count_of(recorder.sink("http_reqs{status:200}")), 3);
  EXPECT_EQ(count_of(recorder.sink("http_reqs{scenario:baseline, status:200}")), 2);
  EXPECT_EQ(recorder.sink("http_reqs{status:404}"), nullptr);
  EXPECT_EQ(recorder.sink(*registry.find("checks")), nullptr);
}

// One by one or at once, samples are the same to sinks and taps.
TEST(Recorder, TakesSeveralAtOnce) {
  struct Seen : SampleTap {
    void on_sample(const TakenSample& sample) override {
      said.push_back(fmt::format("{} {} {} {} {} {}", sample.metric, sample.value, sample.set,
                                 sample.tags.empty() ? "" : sample.tags[0].second,
                                 sample.metadata.empty() ? "" : sample.metadata[0].second, sample.at.count()));
    }
    std::vector<std::string> said = {};
  };
  const std::array<Reading, 3> readings = {
      {{BuiltInMetric::http_reqs, 1}, {BuiltInMetric::http_req_duration, 12.5}, {BuiltInMetric::http_req_failed, 0}}};
  const Tags metadata = {{"vu", "3"}};
  MetricRegistry registry;
  Seen at_once;
  Seen one_by_one;
  Recorder recorder(registry);
  Recorder twin(registry);
  for (Recorder* each : {&recorder, &twin}) each->keep_apart(*parse_metric_selector("http_req_duration{status:200}"));
  recorder.set_tap(&at_once);
  twin.set_tap(&one_by_one);
  for (int i = 0; i < 3; ++i) {
    if (i == 1) {
      ASSERT_TRUE(registry.declare("later", MetricType::counter, Contains::plain));
    }
    const SampleTime at(i);
    const TagSetId tags = recorder.intern({{"status", i < 2 ? "200" : "500"}});
    ASSERT_EQ(twin.intern({{"status", i < 2 ? "200" : "500"}}), tags);
    recorder.add(readings, tags, at, metadata);
    for (const auto& [metric, value] : readings) twin.add(metric, value, tags, at, metadata);
  }
  EXPECT_EQ(at_once.said, one_by_one.said);
  EXPECT_EQ(at_once.said.size(), 9U);
  EXPECT_EQ(count_of(recorder.sink(*registry.find("http_reqs"))), 3);
  EXPECT_EQ(std::get<TrendSink>(*recorder.sink("http_req_duration{status:200}")).count(), 2U);
}

TEST(Recorder, ForgetsTagsThatNoPartIsAbout) {
  const MetricRegistry registry;
  Recorder recorder(registry);
  recorder.keep_apart(*parse_metric_selector("http_reqs{status:200}"));
  recorder.forget_other_tags();
  const TagSetId ok = recorder.intern({{"status", "200"}, {"url", "/a"}});
  EXPECT_EQ(recorder.intern({{"status", "200"}, {"url", "/b"}}), ok);
  EXPECT_NE(recorder.intern({{"status", "404"}, {"url", "/a"}}), ok);
  EXPECT_EQ(recorder.intern({{"url", "/a"}}), TagSetId{0});
  recorder.add(BuiltInMetric::http_reqs, 1, ok, {});
  EXPECT_EQ(count_of(recorder.sink("http_reqs{status:200}")), 1);
}

TEST(Recorder, TakesMetricsThatAreDeclaredLater) {
  MetricRegistry registry;
  Recorder recorder(registry);
  recorder.add(BuiltInMetric::vus, 3, 0, std::chrono::seconds(1));
  const MetricId late = *registry.declare("late", MetricType::rate, Contains::plain);
  recorder.add(late, 1, 0, {});
  recorder.add(late, 0, 0, {});
  EXPECT_EQ(std::get<RateSink>(*recorder.sink(late)).rate(), 0.5);
  EXPECT_EQ(std::get<GaugeSink>(*recorder.sink(static_cast<MetricId>(BuiltInMetric::vus))).value(), 3);
}

}  // namespace
}  // namespace gantry::load
