#pragma once

// A run whose samples go to an output, and a look at what such an output sends.

#include "base/file.h"
#include "load/load.h"
#include "load/output/output.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {

inline constexpr std::string_view kOutputScript = R"(
  import { Counter, Gauge, Rate, Trend } from 'k6/metrics';
  const trend = new Trend('my_trend', true), counter = new Counter('my_counter'), rate = new Rate('my_rate');
  const gauge = new Gauge('my_gauge'), plain = new Trend('my_plain');
  export const options = { iterations: 4, tags: { run: 'r' } };
  export default () => {
    trend.add(1000 * (__ITER + 1), { kind: 'x', 'my tag': 'a,b "c"' });
    plain.add(__ITER);
    counter.add(2);
    gauge.add(__ITER);
    rate.add(__ITER == 0);
  };
)";

struct Sent {
  std::string error;
  std::vector<std::string> log;
};

inline Sent run_with(std::string_view what, const std::map<std::string, std::string>& environment) {
  const auto read = [](const std::string& file) -> base::Result<std::string> {
    const auto folder = TRY(base::open_directory(std::string(base::directory_of(file))));
    return folder->read(base::base_name_of(file));
  };
  const auto output = make_output(what, environment, {.read = read});
  if (!output) return {base::describe(output.error()), {}};
  base::MemoryFileSystem script;
  script.write("main.js", std::string(kOutputScript));
  const base::FixedClock clock{base::Timestamp(std::chrono::seconds(1'000'000'000))};
  SampleOutput* const outputs[] = {output->get()};
  Sent sent;
  const RunOutcome outcome =
      run_script({.files = script,
                  .script = "main.js",
                  .log = [&](LogLevel, std::string_view text, std::string_view) { sent.log.emplace_back(text); },
                  .outputs = outputs,
                  .clock = &clock});
  EXPECT_EQ(outcome.end, RunEnd::passed);
  return sent;
}

// The fields of a message, as far as such messages have kinds of them.
struct Field {
  std::uint32_t number;
  std::uint64_t value;  // of a number, or the bits of 8 bytes
  std::string_view bytes;
};
inline std::vector<Field> fields_of(std::string_view message) {
  std::vector<Field> fields;
  const auto varint = [&message] {
    std::uint64_t value = 0;
    for (int shift = 0; !message.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(message.front());
      message.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (!message.empty()) {
    const std::uint64_t tag = varint();
    Field field{.number = static_cast<std::uint32_t>(tag >> 3), .value = 0, .bytes = {}};
    if ((tag & 7) == 0) {
      field.value = varint();
    } else {
      const std::size_t size = (tag & 7) == 1 ? 8 : varint();
      field.bytes = message.substr(0, size);
      message.remove_prefix(field.bytes.size());
      for (std::size_t i = field.bytes.size(); (tag & 7) == 1 && i-- > 0;)
        field.value = field.value << 8 | static_cast<unsigned char>(field.bytes[i]);
    }
    fields.push_back(field);
  }
  return fields;
}

}  // namespace gantry::load
