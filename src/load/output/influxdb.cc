#include "base/text.h"
#include "load/output/kinds.h"
#include "load/output/remote.h"
#include "load/output/variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>
#include <vector>

// Every sample as a line of InfluxDB 1 (k6 reference, §14).

namespace gantry::load {

namespace {

using base::Result;
using base::usage_error;

// A second's samples of a busy run are tens of megabytes: they are sent in pieces that a server takes at once.
constexpr std::size_t kPieceBytes = std::size_t{4} << 20;

struct Precision {
  std::string_view name;
  std::int64_t nanoseconds;
};
constexpr std::array<Precision, 8> kPrecisions = {{{"", 1},
                                                   {"n", 1},
                                                   {"ns", 1},
                                                   {"u", 1'000},
                                                   {"ms", 1'000'000},
                                                   {"s", 1'000'000'000},
                                                   {"m", 60'000'000'000},
                                                   {"h", 3'600'000'000'000}}};

// A tag that is written as a field, which InfluxDB keeps no index of: one with many values.
struct TagField {
  std::string name;
  std::string type;  // of kFieldTypes
};
constexpr std::array<std::string_view, 4> kFieldTypes = {"string", "int", "float", "bool"};

struct InfluxSettings {
  RemoteEndpoint endpoint;
  std::string database;
  const Precision* precision = nullptr;
  std::vector<TagField> fields;
};

std::string escape(std::string_view text, std::string_view special) {
  std::string escaped;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c == '\n' || c == '\r' ? ' ' : c;
  }
  return escaped;
}

// As a query of a URL has it.
std::string percent_encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool is_plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    encoded += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

// What --out influxdb=URL says stands in its parts over the variables.
struct Given {
  std::string address = "http://localhost:8086";
  std::string database = "k6";
  std::string user = {};
  std::map<std::string, std::string, std::less<>> query = {};

  std::string text(const OutputVariables& variables, std::string_view parameter, std::string_view variable) const {
    const auto found = query.find(parameter);
    return found == query.end() ? variables.text(variable, "") : found->second;
  }
};

Result<Given> read_given(const OutputVariables& variables, std::string_view argument) {
  Given given;
  given.address = variables.text("ADDR", given.address);
  given.database = variables.text("DB", given.database);
  if (const std::optional<std::string> user = variables.text("USERNAME"))
    given.user = fmt::format("{}:{}", *user, variables.text("PASSWORD", ""));
  if (argument.empty()) return given;
  const std::optional<Url> url = Url::parse(argument);
  if (!url)
    return usage_error(fmt::format("influxdb: {} is no URL", argument), "write influxdb=http://HOST:8086/DATABASE");
  given.address = fmt::format("{}://{}", url->scheme, url->authority);
  if (!url->user.empty()) given.user = url->user;
  const std::size_t mark = url->target.find('?');
  if (const std::string path = url->target.substr(1, mark - (mark == std::string::npos ? 0 : 1)); !path.empty())
    given.database = path;
  if (mark == std::string::npos) return given;
  constexpr std::array<std::string_view, 8> kParameters = {"insecure",         "payload_size", "precision",
                                                           "retention",        "consistency",  "pushInterval",
                                                           "concurrentWrites", "tagsAsFields"};
  for (const std::string_view pair : base::split(std::string_view(url->target).substr(mark + 1), '&')) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string name(pair.substr(0, equals));
    if (std::ranges::find(kParameters, name) == kParameters.end())
      return usage_error(fmt::format("influxdb: unknown query parameter: {}", name));
    given.query[name] = pair.substr(std::min(equals + 1, pair.size()));
  }
  return given;
}

Result<std::vector<TagField>> read_fields(std::string_view list) {
  std::vector<TagField> fields;
  for (const std::string_view each : base::split(list, ',')) {
    const std::size_t colon = each.find(':');
    TagField field{std::string(each.substr(0, colon)), "string"};
    if (colon != std::string_view::npos) field.type = each.substr(colon + 1);
    if (std::ranges::find(kFieldTypes, field.type) == kFieldTypes.end())
      return usage_error(fmt::format("influxdb: the field {} has no type {}", field.name, field.type),
                         "there are: string, int, float, bool");
    fields.push_back(std::move(field));
  }
  return fields;
}

Result<InfluxSettings> read_settings(const OutputSetup& setup) {
  const OutputVariables variables(setup.environment, "K6_INFLUXDB_");
  TRY(variables.refuse("PROXY", "send to the server itself"));
  const Given given = TRY(read_given(variables, setup.argument));
  const std::string precision = given.text(variables, "precision", "PRECISION");
  const auto* found = std::ranges::find(kPrecisions, precision, &Precision::name);
  if (found == kPrecisions.end())
    return usage_error(fmt::format("influxdb: there is no precision {}", precision), "there are: ns, u, ms, s, m, h");
  std::string target = "/write?db=" + percent_encode(given.database);
  if (!precision.empty()) target += "&precision=" + precision;
  for (const auto& [parameter, variable, name] :
       {std::array<std::string_view, 3>{"retention", "RETENTION", "rp"}, {"consistency", "CONSISTENCY", "consistency"}})
    if (const std::string value = given.text(variables, parameter, variable); !value.empty())
      target += fmt::format("&{}={}", name, percent_encode(value));
  std::optional<Url> url = Url::parse(given.address);
  if (!url) return usage_error(fmt::format("influxdb: {} is no address", given.address), "write http://HOST:8086");
  url->target = target;
  std::string headers = "Content-Type: text/plain; charset=utf-8\r\n";
  if (!given.user.empty())
    headers += basic_authorization(given.user.substr(0, given.user.find(':')),
                                   given.user.substr(std::min(given.user.find(':'), given.user.size() - 1) + 1));
  const std::string fields = given.text(variables, "tagsAsFields", "TAGS_AS_FIELDS");
  Duration interval = TRY(variables.duration("PUSH_INTERVAL", std::chrono::seconds(1)));
  if (const auto asked = given.query.find("pushInterval"); asked != given.query.end())
    interval = TRY(parse_option_duration(asked->second));
  InfluxSettings settings;
  settings.endpoint = {.name = "InfluxDB",
                       .url = *std::move(url),
                       .headers = std::move(headers),
                       .tls = {.verifies_peer = given.text(variables, "insecure", "INSECURE") != "true"},
                       .interval = interval};
  settings.database = given.database;
  settings.precision = found;
  settings.fields = TRY(read_fields(fields.empty() ? "vu,iter,url" : fields));
  return settings;
}

// `is_all` of the text, as a number of that type.
template <typename Number>
bool is_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// A text where it is no value of the type.
std::string field_value(const std::string& type, std::string_view value) {
  if (type == "int" && is_number<std::int64_t>(value)) return fmt::format("{}i", value);
  if (type == "float" && is_number<double>(value)) return std::string(value);
  if (type == "bool" && (value == "true" || value == "false")) return std::string(value);
  return fmt::format("\"{}\"", escape(value, "\"\\"));
}

class InfluxOutput final : public SampleOutput {
 public:
  explicit InfluxOutput(InfluxSettings settings)
      : precision_(settings.precision->nanoseconds),
        fields_(std::move(settings.fields)),
        sender_(std::move(settings.endpoint)) {
    // A user who may not do that has one already.
    sender_.ask("/query?q=" + percent_encode(fmt::format("CREATE DATABASE \"{}\"", escape(settings.database, "\"\\"))));
  }

  void start(const OutputStart& start) override { start_ = &start; }

  void add(const TakenSample& sample) override {
    if (tag_texts_.size() <= sample.set) tag_texts_.resize(sample.set + 1);
    TagText& text = tag_texts_[sample.set];
    if (!text.is_made) text = make_text(sample.tags);
    const std::int64_t time = (start_->began.time_since_epoch() + sample.at).count() / precision_;
    fmt::format_to(std::back_inserter(lines_), "{}{} value={}{} {}\n", start_->registry[sample.metric].name, text.tags,
                   sample.value, text.fields, time);
    if (sender_.is_due(sample.at) || lines_.size() >= kPieceBytes) push();
  }

  Result<void> finish() override {
    push();
    return sender_.finish();
  }

 private:
  struct TagText {
    bool is_made = false;
    std::string tags = {};    // ",a=b,c=d"
    std::string fields = {};  // ",url=\"…\""
  };

  TagText make_text(const Tags& tags) const {
    TagText text{.is_made = true};
    for (const auto& [name, value] : tags) {
      if (value.empty()) continue;
      const auto field = std::ranges::find(fields_, name, &TagField::name);
      if (field == fields_.end())
        text.tags += fmt::format(",{}={}", escape(name, ",= "), escape(value, ",= "));
      else
        text.fields += fmt::format(",{}={}", escape(name, ",= "), field_value(field->type, value));
    }
    return text;
  }

  void push() {
    sender_.complain(start_->log);
    if (!lines_.empty()) sender_.post(std::exchange(lines_, {}));
  }

  const OutputStart* start_ = nullptr;
  std::int64_t precision_;
  std::vector<TagField> fields_;
  std::vector<TagText> tag_texts_ = {};  // by set
  std::string lines_ = {};
  RemoteSender sender_;
};

}  // namespace

Result<std::unique_ptr<SampleOutput>> make_influxdb_output(const OutputSetup& setup) {
  return std::make_unique<InfluxOutput>(TRY(read_settings(setup)));
}

}  // namespace gantry::load
