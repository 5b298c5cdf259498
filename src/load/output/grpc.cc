#include "load/output/grpc.h"

#include "base/base64.h"
#include "load/http/url.h"
#include "load/http/zlib_coding.h"
#include "load/output/protobuf.h"
#include "load/output/remote.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <expected>
#include <string_view>

namespace gantry::load {

namespace {

using std::chrono::nanoseconds;

constexpr std::size_t kFrameHead = 5;  // a byte that says whether it is compressed, and the length in four

constexpr std::array<std::string_view, 17> kCodes = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

// What stands in between says by HTTP what it means (gRPC: http-grpc-status-mapping.md).
int code_of_http(int status) {
  switch (status) {
    case 400: return kGrpcInternal;
    case 401: return 16;
    case 403: return 7;
    case 404: return 12;
    case 429:
    case 502:
    case 503:
    case 504: return 14;
    default: return kGrpcUnknown;
  }
}

GrpcAnswer refuse(int code, std::string_view why) {
  const bool is_known = code >= 0 && static_cast<std::size_t>(code) < kCodes.size();
  const std::string name =
      is_known ? std::string(kCodes[static_cast<std::size_t>(code)]) : fmt::format("code {}", code);
  return {.code = code, .text = why.empty() ? name : fmt::format("{}: {}", name, why)};
}

// google.rpc.Status { details = 3 }, Any { type_url = 1, value = 2 }, RetryInfo { retry_delay = 1 }, Duration { seconds = 1, nanos = 2 }
std::optional<nanoseconds> find_retry_delay(std::string_view status) {
  constexpr std::uint64_t kSecondsMax = 3600;  // nobody waits for longer
  constexpr std::uint64_t kNanosMax = 999'999'999;
  for (const ProtobufField& detail : read_protobuf(status)) {
    if (detail.number != 3) continue;
    std::string_view type;
    std::string_view value;
    for (const ProtobufField& part : read_protobuf(detail.bytes)) (part.number == 1 ? type : value) = part.bytes;
    if (!type.ends_with("/google.rpc.RetryInfo")) continue;
    std::uint64_t seconds = 0;
    std::uint64_t nanos = 0;
    for (const ProtobufField& delay : read_protobuf(value))
      for (const ProtobufField& part : read_protobuf(delay.bytes)) (part.number == 1 ? seconds : nanos) = part.value;
    return std::chrono::seconds(std::min(seconds, kSecondsMax)) + nanoseconds(std::min(nanos, kNanosMax));
  }
  return std::nullopt;
}

// Of a header whose name ends in "-bin": without padding, as most write it.
std::string decode_binary(std::string_view value) {
  std::string padded(value);
  padded.resize((padded.size() + 3) / 4 * 4, '=');
  return base::decode_base64(padded).value_or("");
}

std::expected<std::string, std::string> unframe(std::string_view body, std::string_view coding) {
  if (body.empty()) return "";
  std::size_t size = 0;
  for (const char byte : body.substr(1, kFrameHead - 1)) size = size << 8 | static_cast<unsigned char>(byte);
  if (body.size() < kFrameHead || size != body.size() - kFrameHead || body.front() > 1)
    return std::unexpected("the answer is not one message");
  std::string message(body.substr(kFrameHead));
  if (body.front() == 0) return message;
  if (coding != "gzip") return std::unexpected("the answer is compressed by an unknown coding");
  return decode_gzip(message, kAnswerBytesMax);
}

}  // namespace

std::string frame_for_grpc(const std::string& message, GrpcCoding coding) {
  const std::string sent = coding == GrpcCoding::gzip ? encode_gzip(message) : message;
  std::string frame(1, coding == GrpcCoding::gzip ? '\1' : '\0');
  for (int shift = 24; shift >= 0; shift -= 8) frame += static_cast<char>(sent.size() >> shift);
  return frame + sent;
}

std::string describe_grpc_call(nanoseconds left) {
  constexpr std::int64_t kDigitsMax = 99'999'999;
  const std::int64_t ms = std::chrono::duration_cast<std::chrono::milliseconds>(left).count();
  return fmt::format(
      "Content-Type: application/grpc\r\nTE: trailers\r\ngrpc-accept-encoding: gzip\r\ngrpc-timeout: {}m\r\n",
      std::clamp<std::int64_t>(ms, 1, kDigitsMax));
}

GrpcAnswer read_grpc_answer(const HttpOutcome& outcome, const Headers& trailers) {
  // A server that has nothing to say but its status says it in the head.
  const ResponseHead tail{.headers = trailers};
  const ResponseHead& last = tail.has_header("grpc-status") ? tail : outcome.head;
  const std::string_view status = last.header("grpc-status");
  if (status.empty() && outcome.head.status != 200)
    return refuse(code_of_http(outcome.head.status), fmt::format("status {}", outcome.head.status));
  if (!outcome.head.header("content-type").starts_with("application/grpc"))
    return refuse(kGrpcUnknown, "the answer is not gRPC's");
  if (status.empty()) return refuse(kGrpcInternal, "the answer has no status");
  int code = kGrpcUnknown;
  const auto [end, error] = std::from_chars(status.data(), status.data() + status.size(), code);
  if (error != std::errc() || end != status.data() + status.size())
    return refuse(kGrpcUnknown, "the answer's status is no number");
  if (code != 0) {
    GrpcAnswer answer = refuse(code, percent_decode(last.header("grpc-message")).substr(0, kAnswerShown));
    answer.retry_delay = find_retry_delay(decode_binary(last.header("grpc-status-details-bin")));
    return answer;
  }
  auto message = unframe(outcome.body.text(), outcome.head.header("grpc-encoding"));
  if (!message) return refuse(kGrpcInternal, message.error());
  return {.message = *std::move(message)};
}

}  // namespace gantry::load
