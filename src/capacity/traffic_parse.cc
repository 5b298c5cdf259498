// Traffic as text: k6's stages and CSV.

#include "base/text.h"
#include "base/time.h"
#include "capacity/fields.h"
#include "capacity/traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <memory>

namespace gantry::capacity {

using base::Node;
using base::Result;

namespace {

constexpr std::size_t kStagesMax = 10'000;       // written by hand; more are a mistake
constexpr double kUsualStepsInGap = 3;           // a longer step is a gap
constexpr std::size_t kCsvBytesMax = 256 << 20;  // above kTracePointsMax lines

std::optional<double> parse_number(std::string_view text) {
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

// ---- Stages

struct Stage {
  Millis duration{0};
  double target = 0;
};

Result<Traffic> follow(const std::vector<Stage>& stages, double start_rate, const base::SourcePos& where) {
  std::vector<RatePoint> points = {{Millis(0), start_rate}};
  for (const Stage& stage : stages) {
    if (stage.duration > kTraceMax)
      return base::input_error(fmt::format("a stage of {} is too long", base::format_duration(stage.duration)), where,
                               "no trace is longer than 31 days");
    // k6: a stage that lasts no time is a jump. Together they must not leave the range of a duration.
    points.push_back({points.back().at + stage.duration, stage.target});
    if (points.back().at > kTraceMax) break;  // from_points() says so
  }
  return Traffic::from_points(std::move(points), where);
}

Result<Stage> parse_stage(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view target = colon == std::string_view::npos ? "" : base::trim(text.substr(colon + 1));
  const std::optional<double> rate = parse_number(target);
  if (!rate)
    return base::input_error(fmt::format("\"{}\" is no stage", text), {},
                             "write DURATION:RATE, as in 30s:10,1m:100: requests a second at the stage's end");
  if (*rate < 0)
    return base::input_error(fmt::format("the rate of stage \"{}\" is below 0", text), {},
                             "rates are requests a second");
  return Stage{TRY(base::parse_duration(base::trim(text.substr(0, colon)))), *rate};
}

// ---- CSV

struct Csv {
  std::shared_ptr<const std::string> file;
  base::SourcePos at(std::size_t line) const { return {file, static_cast<std::uint32_t>(line), 0}; }
};

// Seconds since some moment that is the same for the whole file.
std::optional<double> parse_time(std::string_view text) {
  if (const std::optional<double> number = parse_number(text)) return number;
  if (const Result<Millis> duration = base::parse_duration(text)) return static_cast<double>(duration->count()) / 1000;
  if (const Result<base::Timestamp> time = base::parse_rfc3339(text))
    return static_cast<double>(time->time_since_epoch().count()) / 1000;
  return std::nullopt;
}

std::string_view unquoted(std::string_view cell) {
  cell = base::trim(cell);
  if (cell.size() >= 2 && cell.front() == '"' && cell.back() == '"') cell = cell.substr(1, cell.size() - 2);
  return cell;
}

struct Row {
  double time = 0;
  double rate = 0;
  std::size_t line = 0;
};

Result<Row> parse_row(const Csv& csv, std::string_view text, std::size_t line) {
  const char separator = text.contains(';') ? ';' : text.contains('\t') ? '\t' : ',';
  const std::vector<std::string_view> cells = base::split(text, separator);
  constexpr auto kHelp = "write a time and requests a second: 60,25.5";
  if (cells.size() != 2)
    return base::input_error(fmt::format("the line has {} columns instead of two", cells.size()), csv.at(line), kHelp);
  const std::optional<double> time = parse_time(unquoted(cells[0]));
  if (!time) return base::input_error(fmt::format("\"{}\" is no time", unquoted(cells[0])), csv.at(line), kHelp);
  const std::optional<double> rate = parse_number(unquoted(cells[1]));
  if (!rate) return base::input_error(fmt::format("\"{}\" is no rate", unquoted(cells[1])), csv.at(line), kHelp);
  if (*rate < 0 || *rate > kRateMax)
    return base::input_error(fmt::format("{} requests a second is no rate", *rate), csv.at(line),
                             fmt::format("rates are from 0 to {:.0f}", kRateMax));
  return Row{.time = *time, .rate = *rate, .line = line};
}

Result<std::vector<Row>> parse_rows(const Csv& csv, std::string_view text) {
  std::vector<Row> rows;
  std::size_t line = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view content = base::trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    ++line;
    if (content.empty() || content.starts_with('#')) continue;
    Result<Row> row = parse_row(csv, content, line);
    // A first line that holds no number at all holds the names of the columns.
    const bool names = rows.empty() && !row && content.find_first_of("0123456789") == std::string_view::npos;
    if (names) continue;
    if (!row) return std::unexpected(std::move(row).error());
    if (!rows.empty() && row->time <= rows.back().time)
      return base::input_error("the time is not after that of the line before", csv.at(line), "sort the lines by time");
    rows.push_back(*row);
    if (rows.size() > kTracePointsMax)
      return base::input_error(fmt::format("the traffic has more than {} lines", kTracePointsMax), csv.at(line),
                               "give a part of it");
  }
  return rows;
}

double usual_step(const std::vector<Row>& rows) {
  std::vector<double> steps;
  for (std::size_t i = 1; i < rows.size(); ++i) steps.push_back(rows[i].time - rows[i - 1].time);
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::ranges::nth_element(steps, middle);
  return *middle;
}

Result<void> check_gaps(const Csv& csv, const std::vector<Row>& rows, std::optional<Millis> gap_max) {
  const double usual = usual_step(rows);
  const double longest = gap_max ? static_cast<double>(gap_max->count()) / 1000 : kUsualStepsInGap * usual;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const double step = rows[i].time - rows[i - 1].time;
    if (step <= longest) continue;
    return base::input_error(
        fmt::format("the traffic has a gap: {} s without a line, where {} s are usual", step, usual),
        csv.at(rows[i].line), "fill it in, or say how long a gap may be");
  }
  return {};
}

}  // namespace

Result<Traffic> parse_stages(std::string_view text, double start_rate) {
  std::vector<Stage> stages;
  for (const std::string_view part : base::split(text, ',')) {
    if (stages.size() == kStagesMax)
      return base::input_error(fmt::format("there are more than {} stages", kStagesMax), {}, "give a CSV");
    stages.push_back(TRY(parse_stage(base::trim(part))));
  }
  return follow(stages, start_rate, {});
}

Result<Traffic> parse_stages(const Node& node, double start_rate) {
  if (node.is_string()) {
    Result<Traffic> traffic = parse_stages(std::string_view(node.string()), start_rate);
    if (!traffic) traffic.error().where = node.pos();
    return traffic;
  }
  if (!node.is_array() || node.array().empty())
    return base::input_error("\"stages\" must be a list of {duration, target}", node.pos(),
                             "as in [{duration: 30s, target: 10}], or 30s:10,1m:100");
  if (node.array().size() > kStagesMax)
    return base::input_error(fmt::format("there are more than {} stages", kStagesMax), node.pos(), "give a CSV");
  std::vector<Stage> stages;
  constexpr std::array<std::string_view, 2> kKeys = {"duration", "target"};
  for (const Node& element : node.array()) {
    const Fields fields = TRY(Fields::open(element, "stages", kKeys));
    Stage stage;
    stage.duration = TRY(fields.required_duration("duration"));
    stage.target = TRY(fields.required_number("target", {0, kRateMax}));
    stages.push_back(stage);
  }
  return follow(stages, start_rate, node.pos());
}

Result<Traffic> parse_traffic_csv(std::string_view text, std::string_view file, std::optional<Millis> gap_max) {
  const Csv csv{std::make_shared<const std::string>(file)};
  if (text.size() > kCsvBytesMax)
    return base::input_error("the file is too large for a trace", csv.at(0), "give a part of it");
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::vector<Row> rows = TRY(parse_rows(csv, text));
  if (rows.size() < 2)
    return base::input_error("the traffic has fewer than two lines", csv.at(0), "write a time and a rate on each");
  TRY(check_gaps(csv, rows, gap_max));
  std::vector<RatePoint> points;
  points.reserve(rows.size());
  for (const Row& row : rows) {
    const double since_start = row.time - rows.front().time;
    if (since_start > std::chrono::duration<double>(kTraceMax).count())
      return base::input_error(fmt::format("the traffic lasts longer than {} days", kTraceMax.count() / 24),
                               csv.at(row.line), "give a part of it");
    points.push_back({Millis(std::llround(since_start * 1000)), row.rate});
  }
  return Traffic::from_points(std::move(points), csv.at(0));
}

}  // namespace gantry::capacity
