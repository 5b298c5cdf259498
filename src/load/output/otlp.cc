#include "load/output/otlp.h"

#include "load/http/response_parser.h"
#include "load/output/grpc.h"
#include "load/output/protobuf.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

namespace gantry::load {

namespace {

using std::chrono::nanoseconds;

// OTLP: Failures: those that the same request may do without.
constexpr std::array<int, 6> kPassingCodes = {1, 4, 10, 11, 14, 15};
constexpr std::array<int, 4> kPassingStatus = {429, 502, 503, 504};
constexpr std::int64_t kAskedSecondsMax = 3600;  // nobody waits for longer

// ExportMetricsServiceResponse { partial_success = 1 }, ExportMetricsPartialSuccess { rejected_data_points = 1, error_message = 2 }.
// A warning without anything that was rejected is no loss.
std::optional<std::string> find_rejection(std::string_view message) {
  std::uint64_t rejected = 0;
  std::string_view why;
  for (const ProtobufField& field : read_protobuf(message)) {
    if (field.number != 1) continue;
    for (const ProtobufField& part : read_protobuf(field.bytes)) {
      if (part.number == 1) rejected = part.value;
      if (part.number == 2) why = part.bytes;
    }
  }
  if (rejected == 0) return std::nullopt;
  return fmt::format("{} data points were rejected{}{}", rejected, why.empty() ? "" : ": ",
                     why.substr(0, kAnswerShown));
}

// Of a server that speaks no TLS: many collectors do not, and k6 takes it for granted.
constexpr int kSpeaksNoTls = 1301;
std::string describe_failure(const HttpFailure& failure, std::string_view insecure) {
  if (failure.code != kSpeaksNoTls) return failure.text;
  return fmt::format("{} (for a collector without TLS, set {}=true)", failure.text, insecure);
}

// The server has taken what it was sent, and would say so at the same length again.
bool is_too_long(const HttpFailure& failure) { return failure.text == to_string(ResponseError::body_too_long); }

// Of a request that nobody answers: it may be answered later (to gRPC that is UNAVAILABLE; OTLP/HTTP Connection), but what is wrong with
// a certificate stays wrong.
RemoteVerdict judge_failure(const HttpFailure& failure, std::string_view insecure) {
  const bool is_tls = (failure.code >= 1300 && failure.code < 1400) || failure.code == kTlsAlert;
  return {.failure = describe_failure(failure, insecure),
          .again_after = is_tls || is_too_long(failure) ? std::nullopt : std::optional(nanoseconds(0)),
          .is_late = failure.code == timed_out().code};
}

RemoteVerdict judge_grpc(const HttpOutcome& outcome, const Headers& trailers) {
  if (is_too_long(outcome.failure))
    return {.failure = fmt::format("RESOURCE_EXHAUSTED: the answer is longer than {} MiB", kAnswerBytesMax >> 20)};
  if (outcome.failure.code != 0) return judge_failure(outcome.failure, "K6_OTEL_GRPC_EXPORTER_INSECURE");
  GrpcAnswer answer = read_grpc_answer(outcome, trailers);
  if (answer.code == 0) return {.failure = find_rejection(answer.message)};
  RemoteVerdict verdict{.failure = std::move(answer.text), .is_late = answer.code == kGrpcDeadlineExceeded};
  const bool may_pass = std::ranges::find(kPassingCodes, answer.code) != kPassingCodes.end();
  if (may_pass || (answer.code == kGrpcResourceExhausted && answer.retry_delay))
    verdict.again_after = answer.retry_delay.value_or(nanoseconds(0));
  return verdict;
}

RemoteVerdict judge_http(const HttpOutcome& outcome, const Headers& trailers) {
  if (outcome.failure.code != 0) return judge_failure(outcome.failure, "K6_OTEL_HTTP_EXPORTER_INSECURE");
  RemoteVerdict verdict = judge_plain(outcome, trailers);
  if (!verdict.failure) {
    if (outcome.head.header("content-type") == "application/x-protobuf")
      verdict.failure = find_rejection(outcome.body.text());
    return verdict;
  }
  if (std::ranges::find(kPassingStatus, outcome.head.status) == kPassingStatus.end()) return verdict;
  // Retry-After in seconds; a date is as good as none.
  const std::string_view asked = outcome.head.header("retry-after");
  std::int64_t seconds = 0;
  std::from_chars(asked.data(), asked.data() + asked.size(), seconds);
  verdict.again_after = std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kAskedSecondsMax));
  return verdict;
}

}  // namespace

constinit const RemoteCarriage kOtlpOverGrpc = {
    .protocol = HttpRequest::Protocol::http2,
    .describe = [](const std::string&, nanoseconds left) { return describe_grpc_call(left); },
    .judge = judge_grpc};
constinit const RemoteCarriage kOtlpOverHttp = {
    .protocol = HttpRequest::Protocol::http1, .describe = describe_plain, .judge = judge_http};

}  // namespace gantry::load
