// Samples as k6 writes them to files.

#include "load/output/output.h"

#include "load/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

namespace gantry::load {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class MemorySink final : public ByteSink {
 public:
  explicit MemorySink(std::string& text) : text_(text) {}
  base::Result<void> write(std::string_view bytes) override {
    text_ += bytes;
    return {};
  }
  base::Result<void> close() override {
    text_ += "closed\n";
    return {};
  }

 private:
  std::string& text_;
};

constexpr std::string_view kScript = R"(
  import { Trend, Counter } from 'k6/metrics';
  const trend = new Trend('my_trend', true), counter = new Counter('my_counter');
  export const options = { tags: { run: 'r' }, thresholds: { my_trend: ['max<5'], 'my_trend{kind:x}': ['avg<9'] } };
  export default () => { trend.add(1.5, { kind: 'x', 'q"': 'a,b' }); trend.add(3e-7); counter.add(2, { status: 200 }); };
)";

// What an output wrote of a run of the script, by file.
std::map<std::string, std::string> outputs_of(std::string_view what,
                                              std::map<std::string, std::string> environment = {}) {
  std::map<std::string, std::string> files;
  const OpenSink open = [&files](const std::string& name) -> base::Result<std::unique_ptr<ByteSink>> {
    return std::make_unique<MemorySink>(files[name]);
  };
  const auto output = make_output(what, environment, {.open = open});
  if (!output) return {{"error", output.error().message}};
  base::MemoryFileSystem script;
  script.write("main.js", std::string(kScript));
  const base::FixedClock clock{base::Timestamp(std::chrono::milliseconds(1'000'000'000'500))};
  SampleOutput* const outputs[] = {output->get()};
  const RunOutcome outcome = run_script({.files = script, .script = "main.js", .outputs = outputs, .clock = &clock});
  EXPECT_EQ(outcome.end, RunEnd::passed);
  return files;
}

TEST(Output, OfJsonTellsMetricsOnceAndSamplesEach) {
  const std::string text = outputs_of("json=out.json").at("out.json");
  EXPECT_THAT(
      text,
      HasSubstr(
          R"({"type":"Metric","data":{"name":"my_trend","type":"trend","contains":"time","thresholds":["max<5"],)"
          R"("submetrics":[{"name":"my_trend{kind:x}","suffix":"kind:x","tags":{"kind":"x"}}]},"metric":"my_trend"})"
          "\n{\"metric\":\"my_trend\",\"type\":\"Point\",\"data\":{\"time\":\"2001-09-09T01:46:40."));
  EXPECT_THAT(
      text, HasSubstr(R"(Z","value":1.5,"tags":{"group":"","kind":"x","q\"":"a,b","run":"r","scenario":"default"}}})"));
  EXPECT_THAT(text, HasSubstr(R"("value":3e-07,"tags":{"group":"","run":"r","scenario":"default"}}})"));
  EXPECT_THAT(
      text,
      HasSubstr(R"("name":"my_counter","type":"counter","contains":"default","thresholds":[],"submetrics":null)"));
  EXPECT_TRUE(text.ends_with("closed\n"));
}

TEST(Output, OfCsvHasAColumnForEachOfK6sTags) {
  const std::string text = outputs_of("csv=out.csv").at("out.csv");
  EXPECT_THAT(
      text, StartsWith("metric_name,timestamp,metric_value,check,error,error_code,expected_response,group,method,name,"
                       "proto,scenario,service,status,subproto,tls_version,url,extra_tags,metadata\n"));
  EXPECT_THAT(text, HasSubstr("my_trend,1000000000,1.500000,,,,,,,,,default,,,,,,\"kind=x&q\"\"=a,b&run=r\",\n"));
  EXPECT_THAT(text, HasSubstr("my_counter,1000000000,2.000000,,,,,,,,,default,,200,,,,run=r,\n"));
}

TEST(Output, OfCsvWritesTimesAsAsked) {
  EXPECT_THAT(outputs_of("csv=fileName=a.csv,timeFormat=rfc3339").at("a.csv"),
              HasSubstr("my_trend,2001-09-09T01:46:40Z,1.5"));
  EXPECT_THAT(outputs_of("csv", {{"K6_CSV_TIME_FORMAT", "unix_milli"}}).at("file.csv"),
              HasSubstr("my_trend,10000000005"));
}

TEST(Output, RefusesWhatThereIsNot) {
  EXPECT_EQ(outputs_of("nowhere").at("error"), "there is no output nowhere");
  EXPECT_EQ(outputs_of("csv=timeFormat=iso").at("error"), "csv: there is no time format iso");
  EXPECT_EQ(outputs_of("csv=colour=red").at("error"), "csv: there is no setting colour");
}

}  // namespace
}  // namespace gantry::load
