#include "base/text.h"
#include "base/time.h"
#include "load/options/system_tags.h"
#include "load/output/kinds.h"
#include "load/output/text_file.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

// One row for each sample: a column for each of k6's own tags that there are, the others together in one.

namespace gantry::load {

namespace {

using base::Result;

using Columns = std::vector<std::string_view>;  // names of tags, sorted

std::string quote(std::string_view field) {
  const bool is_plain = field.find_first_of("\",\r\n") == std::string_view::npos && !field.starts_with(' ');
  if (is_plain) return std::string(field);
  std::string quoted = "\"";
  for (const char c : field) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

// Those that have no column.
std::string others_as_field(const Tags& tags, const Columns& columns) {
  std::string others;
  for (const auto& [name, value] : tags)
    if (!std::ranges::binary_search(columns, name))
      others += fmt::format("{}{}={}", others.empty() ? "" : "&", name, value);
  return quote(others);
}

// What follows the value in a row, but for the metadata.
std::string tags_as_fields(const Tags& tags, const Columns& columns) {
  std::string fields;
  for (const std::string_view column : columns) {
    const auto tag = std::ranges::find(tags, column, &Tags::value_type::first);
    fields += ',';
    if (tag != tags.end()) fields += quote(tag->second);
  }
  return fields + ',' + others_as_field(tags, columns) + ',';
}

using Instant = std::chrono::sys_time<std::chrono::nanoseconds>;

template <typename Unit>
std::string as_count(Instant at) {
  return fmt::format("{}", std::chrono::floor<Unit>(at.time_since_epoch()).count());
}
std::string as_rfc3339(Instant at) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", std::chrono::floor<std::chrono::seconds>(at));
}
std::string as_rfc3339_nano(Instant at) {
  const auto second = std::chrono::floor<std::chrono::seconds>(at);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:09}Z", second, (at - second).count());
}

struct TimeFormat {
  std::string_view name;
  std::string (*write)(Instant at);
};
constexpr std::array<TimeFormat, 6> kTimeFormats = {{{"unix", as_count<std::chrono::seconds>},
                                                     {"unix_milli", as_count<std::chrono::milliseconds>},
                                                     {"unix_micro", as_count<std::chrono::microseconds>},
                                                     {"unix_nano", as_count<std::chrono::nanoseconds>},
                                                     {"rfc3339", as_rfc3339},
                                                     {"rfc3339_nano", as_rfc3339_nano}}};

struct CsvOptions {
  std::string file = "file.csv";
  const TimeFormat* time = kTimeFormats.begin();
};

Result<void> set_time_format(CsvOptions& options, std::string_view name) {
  const auto* found = std::ranges::find(kTimeFormats, name, &TimeFormat::name);
  if (found == kTimeFormats.end())
    return base::usage_error(fmt::format("csv: there is no time format {}", name),
                             "there are: unix, unix_milli, unix_micro, unix_nano, rfc3339, rfc3339_nano");
  options.time = found;
  return {};
}

// "FILE", or "fileName=FILE,timeFormat=unix_milli". The environment says less loudly.
Result<CsvOptions> read_options(const OutputSetup& setup) {
  CsvOptions options;
  if (const auto file = setup.environment.find("K6_CSV_FILENAME"); file != setup.environment.end())
    options.file = file->second;
  if (const auto format = setup.environment.find("K6_CSV_TIME_FORMAT"); format != setup.environment.end())
    TRY(set_time_format(options, format->second));
  if (setup.argument.empty()) return options;
  if (!setup.argument.contains('=')) {
    options.file = setup.argument;
    return options;
  }
  for (const std::string_view pair : base::split(setup.argument, ',')) {
    const std::size_t at = pair.find('=');
    const std::string_view key = pair.substr(0, at);
    const std::string_view value = at == std::string_view::npos ? std::string_view() : pair.substr(at + 1);
    if (key == "fileName")
      options.file = value;
    else if (key == "timeFormat")
      TRY(set_time_format(options, value));
    else if (key != "saveInterval")  // rows are written when there are enough of them
      return base::usage_error(fmt::format("csv: there is no setting {}", key),
                               "there are: fileName, timeFormat, saveInterval");
  }
  return options;
}

class CsvOutput final : public SampleOutput {
 public:
  CsvOutput(std::unique_ptr<ByteSink> sink, const TimeFormat& time) : file_(std::move(sink)), time_(time) {}

  void start(const OutputStart& start) override {
    start_ = &start;
    columns_ = start.system_tags.indexed();
    Columns header = {"metric_name", "timestamp", "metric_value"};
    header.insert(header.end(), columns_.begin(), columns_.end());
    file_.text() = fmt::format("{},extra_tags,metadata\n", fmt::join(header, ","));
  }

  void add(const TakenSample& sample) override {
    if (tags_.size() <= sample.set) tags_.resize(sample.set + 1);
    std::string& tags = tags_[sample.set];
    if (tags.empty()) tags = tags_as_fields(sample.tags, columns_);
    fmt::format_to(std::back_inserter(file_.text()), "{},{},{:.6f}{}{}\n", start_->registry[sample.metric].name,
                   time_.write(Instant(start_->began) + sample.at), sample.value, tags,
                   others_as_field(sample.metadata, columns_));
    file_.flush_full();
  }

  Result<void> finish() override { return file_.close(); }

 private:
  TextFile file_;
  const TimeFormat& time_;
  const OutputStart* start_ = nullptr;
  Columns columns_ = {};
  std::vector<std::string> tags_ = {};  // by set, as fields
};

}  // namespace

Result<std::unique_ptr<SampleOutput>> make_csv_output(const OutputSetup& setup) {
  const CsvOptions options = TRY(read_options(setup));
  return std::make_unique<CsvOutput>(TRY(setup.files.open(options.file)), *options.time);
}

}  // namespace gantry::load
