#include "load/output/opentelemetry_settings.h"

#include "base/base64.h"
#include "base/text.h"
#include "base/version.h"
#include "load/http/response_parser.h"
#include "load/http/tls.h"
#include "load/http/zlib_coding.h"
#include "load/output/grpc.h"
#include "load/output/identity.h"
#include "load/output/otlp.h"
#include "load/output/variables.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

namespace gantry::load {

namespace {

using base::Result;
using base::usage_error;
using Pairs = std::map<std::string, std::string>;

enum class Protocol : std::uint8_t { grpc, http };

// k6's variables, and what the library reads that k6 sends with: of those the one for metrics counts before the one for all signals.
struct Variables {
  OutputVariables k6;
  OutputVariables metrics;
  OutputVariables all;

  explicit Variables(const std::map<std::string, std::string>& environment)
      : k6(environment, "K6_OTEL_"),
        metrics(environment, "OTEL_EXPORTER_OTLP_METRICS_"),
        all(environment, "OTEL_EXPORTER_OTLP_") {}
  // With the variable's whole name.
  std::optional<std::pair<std::string, std::string>> own(std::string_view name) const {
    for (const OutputVariables* each : {&metrics, &all})
      if (const std::optional<std::string> value = each->text(name))
        return std::pair(each->full(name), std::string(base::trim(*value)));
    return std::nullopt;
  }
};

Result<Protocol> read_protocol(const OutputVariables& variables) {
  const std::string name = variables.text("EXPORTER_PROTOCOL", "grpc");
  if (name == "grpc") return Protocol::grpc;
  if (name == "http/protobuf") return Protocol::http;
  return usage_error(fmt::format("opentelemetry: unsupported exporter protocol \"{}\"", name),
                     "there are: grpc, http/protobuf");
}

enum class Names : std::uint8_t { any, of_headers };

// "name=value,name=value", each escaped as in a URL. Of a wrong one only its number is told: it may hold a secret.
Result<Pairs> read_pairs(const std::string& variable, std::string_view text, Names names) {
  Pairs pairs;
  int number = 0;
  for (const std::string_view each : base::split(text, ',')) {
    const std::string_view pair = base::trim(each);
    if (pair.empty()) continue;
    ++number;
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos)
      return usage_error(fmt::format("{}: pair {} has no value", variable, number), "write NAME=VALUE,NAME=VALUE");
    std::string name = percent_decode(base::trim(pair.substr(0, equals)));
    if (names == Names::of_headers && !is_token(name))
      return usage_error(fmt::format("{}: pair {} has no header's name", variable, number),
                         "write NAME=VALUE,NAME=VALUE");
    pairs[std::move(name)] = percent_decode(base::trim(pair.substr(equals + 1)));
  }
  return pairs;
}

// Those that k6's variables name, or else those of the library's.
Result<Pairs> read_headers(const Variables& variables) {
  Pairs headers = TRY(read_pairs(variables.k6.full("HEADERS"), variables.k6.text("HEADERS", ""), Names::of_headers));
  if (const std::optional<std::string> user = variables.k6.text("HTTP_EXPORTER_USERNAME"))
    headers["Authorization"] = basic_credentials(*user, variables.k6.text("HTTP_EXPORTER_PASSWORD", ""));
  if (!headers.empty()) return headers;
  const auto own = variables.own("HEADERS");
  return own ? read_pairs(own->first, own->second, Names::of_headers) : headers;
}

Result<std::string> write_headers(const Pairs& headers, Protocol protocol) {
  std::string lines;
  for (const auto& [name, value] : headers) {
    // gRPC: Custom-Metadata: what is called so is binary, however it is written.
    const bool is_binary = protocol == Protocol::grpc && base::to_lower_ascii(name).ends_with("-bin");
    lines += TRY(header_line(name, is_binary ? base::encode_base64(value) : value));
  }
  return lines;
}

bool is_plain_by_library(const Variables& variables) {
  if (const auto given = variables.own("INSECURE")) return base::to_lower_ascii(given->second) == "true";
  const auto endpoint = variables.own("ENDPOINT");
  return endpoint && base::to_lower_ascii(endpoint->second).starts_with("http://");
}

Result<Url> read_url(const Variables& variables, Protocol protocol, bool is_plain) {
  const bool is_grpc = protocol == Protocol::grpc;
  const std::string name = is_grpc ? "GRPC_EXPORTER_ENDPOINT" : "HTTP_EXPORTER_ENDPOINT";
  std::string at = variables.k6.text(name, is_grpc ? "localhost:4317" : "localhost:4318");
  // What gRPC's clients take a target for that says no more.
  if (constexpr std::string_view kDns = "dns:///"; is_grpc && at.starts_with(kDns)) at.erase(0, kDns.size());
  if (at.contains("://"))
    return usage_error(fmt::format("opentelemetry: {} exporter endpoint must only be host and port, no scheme",
                                   is_grpc ? "gRPC" : "HTTP"),
                       fmt::format("set {} to {}", variables.k6.full(name), at.substr(at.find("://") + 3)));
  const std::string target = is_grpc ? "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
                                     : variables.k6.text("HTTP_EXPORTER_URL_PATH", "/v1/metrics");
  const std::string_view scheme = is_plain ? "http" : "https";
  // Without a port, gRPC's is that of HTTPS either way.
  std::optional<Url> url = Url::parse(fmt::format("{}://{}{}", is_grpc ? "https" : scheme, at, target));
  if (!url || (is_grpc && url->target != target))
    return usage_error(fmt::format("opentelemetry: {} is no host and port", at),
                       is_grpc ? "write HOST:4317" : "write HOST:4318");
  url->scheme = scheme;
  return *url;
}

using Given = std::optional<NamedFile>;

Result<void> trust_given(const OutputSetup& setup, const Given& authorities, TlsOptions& tls) {
  if (!authorities) return {};
  tls.authorities = TRY(read_file(setup, *authorities));
  // Else nobody would hear of it before the first connection.
  TRY(base::with_context(TlsContext::create(tls), fmt::format("while reading {}", authorities->file)));
  return {};
}

// Whether anything was said. What k6's variables say is instead of the library's, and wants TLS 1.3.
Result<bool> read_tls(const OutputSetup& setup, const Variables& variables, TlsOptions& tls) {
  const auto given = [&variables](std::string_view name) { return named_file(variables.k6, name); };
  const auto own = [&variables](std::string_view name) {
    const auto value = variables.own(name);
    return value ? Given({value->first, value->second}) : std::nullopt;
  };
  const Given skips = given("TLS_INSECURE_SKIP_VERIFY");
  Given authorities = given("TLS_CERTIFICATE");
  Given certificate = given("TLS_CLIENT_CERTIFICATE");
  Given key = given("TLS_CLIENT_KEY");
  if (skips || authorities || certificate) {
    tls.min = TlsVersion::tls1_3;
    tls.verifies_peer = !TRY(variables.k6.flag("TLS_INSECURE_SKIP_VERIFY"));
  } else {
    authorities = own("CERTIFICATE");
    key = own("CLIENT_KEY");
    certificate = key ? own("CLIENT_CERTIFICATE") : std::nullopt;
  }
  TRY(trust_given(setup, authorities, tls));
  TRY(show_certificate(setup, certificate, key, tls));
  return skips || authorities || certificate;
}

Result<std::chrono::nanoseconds> read_timeout(const Variables& variables, std::chrono::nanoseconds usual) {
  const auto given = variables.own("TIMEOUT");
  if (!given) return usual;
  std::uint32_t milliseconds = 0;
  const auto [end, error] =
      std::from_chars(given->second.data(), given->second.data() + given->second.size(), milliseconds);
  if (error == std::errc() && end == given->second.data() + given->second.size() && milliseconds > 0)
    return std::chrono::milliseconds(milliseconds);
  return usage_error(fmt::format("{}={}: that is no number of milliseconds", given->first, given->second));
}

Result<Temporality> read_temporality(const OutputVariables& variables) {
  constexpr std::string_view kBuckets = "explicit_bucket_histogram";
  if (variables.text("DEFAULT_HISTOGRAM_AGGREGATION", kBuckets) != kBuckets)
    return usage_error(fmt::format("{} is not there yet", variables.full("DEFAULT_HISTOGRAM_AGGREGATION")),
                       fmt::format("there is: {}", kBuckets));
  const std::string given = variables.text("TEMPORALITY_PREFERENCE", "cumulative");
  const std::string name = base::to_lower_ascii(given);
  if (name == "cumulative") return Temporality::cumulative;
  if (name == "delta" || name == "lowmemory") return Temporality::delta;
  return usage_error(
      fmt::format("{}={}: there is no such temporality", variables.full("TEMPORALITY_PREFERENCE"), given),
      "there are: cumulative, delta, lowmemory");
}

// What the environment says of who sends gives way to what k6's variables say.
Result<Pairs> read_resource(const OutputSetup& setup, const Variables& variables) {
  const OutputVariables common(setup.environment, "OTEL_");
  Pairs resource =
      TRY(read_pairs(common.full("RESOURCE_ATTRIBUTES"), common.text("RESOURCE_ATTRIBUTES", ""), Names::any));
  resource["service.name"] = variables.k6.text("SERVICE_NAME", common.text("SERVICE_NAME", "k6"));
  resource["service.version"] = variables.k6.text("SERVICE_VERSION", base::version());
  resource["telemetry.sdk.language"] = "cpp";
  resource["telemetry.sdk.name"] = "gantry";
  return resource;
}

// How messages go out: what is the same for all requests of a protocol.
void carry(RemoteEndpoint& endpoint, Protocol protocol, bool is_compressed) {
  if (protocol == Protocol::grpc) {
    endpoint.carriage = kOtlpOverGrpc;
    if (is_compressed) endpoint.headers += "grpc-encoding: gzip\r\n";
    endpoint.encode = is_compressed
                          ? [](const std::string& body) { return frame_for_grpc(body, GrpcCoding::gzip); }
                          : [](const std::string& body) { return frame_for_grpc(body, GrpcCoding::identity); };
    return;
  }
  endpoint.carriage = kOtlpOverHttp;
  endpoint.headers += "Content-Type: application/x-protobuf\r\n";
  if (!is_compressed) return;
  endpoint.headers += "Content-Encoding: gzip\r\n";
  endpoint.encode = encode_gzip;
}

Result<RemoteEndpoint> read_endpoint(const OutputSetup& setup, const Variables& variables) {
  const Protocol protocol = TRY(read_protocol(variables.k6));
  const std::string_view insecure = protocol == Protocol::grpc ? "GRPC_EXPORTER_INSECURE" : "HTTP_EXPORTER_INSECURE";
  RemoteEndpoint endpoint{.name = "OpenTelemetry"};
  const bool has_tls = TRY(read_tls(setup, variables, endpoint.tls));
  const bool wants_plain = TRY(variables.k6.flag(insecure)) || is_plain_by_library(variables);
  // k6: over gRPC, whoever says anything about TLS wants it.
  endpoint.url = TRY(read_url(variables, protocol, wants_plain && !(protocol == Protocol::grpc && has_tls)));
  const auto compression = variables.own("COMPRESSION");
  carry(endpoint, protocol, compression && compression->second == "gzip");
  const Pairs headers = TRY(read_headers(variables));
  endpoint.headers += TRY(write_headers(headers, protocol));
  endpoint.interval = TRY(variables.k6.duration("EXPORT_INTERVAL", std::chrono::seconds(10)));
  endpoint.timeout = TRY(read_timeout(variables, endpoint.timeout));
  return endpoint;
}

}  // namespace

Result<OtelSettings> read_otel_settings(const OutputSetup& setup) {
  const Variables variables(setup.environment);
  OtelSettings settings;
  settings.endpoint = TRY(read_endpoint(setup, variables));
  settings.resource = TRY(read_resource(setup, variables));
  settings.prefix = variables.k6.text("METRIC_PREFIX", "");
  settings.temporality = TRY(read_temporality(variables.metrics));
  return settings;
}

}  // namespace gantry::load
