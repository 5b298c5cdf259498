// Any trailers and any body as a collector's answer by gRPC: taken, or refused for a reason that a line of the log has room for.
//
// An input is lines of "name: value", an empty line, and the body.

#include "load/output/otlp.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::load {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

Headers headers_of(std::string_view lines) {
  std::vector<Headers::Place> places;
  for (std::size_t at = 0; at < lines.size();) {
    const std::string_view line = lines.substr(at, lines.find('\n', at) - at);
    if (const std::size_t colon = line.find(": "); colon != std::string_view::npos)
      places.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(colon),
                        static_cast<std::uint32_t>(at + colon + 2),
                        static_cast<std::uint32_t>(line.size() - colon - 2)});
    at += line.size() + 1;
  }
  return {std::string(lines), std::move(places)};
}

HttpOutcome outcome_of(std::string_view body, const Headers& head) {
  HttpOutcome outcome;
  outcome.head = {.version = HttpVersion::http2, .status = 200, .headers = head};
  outcome.body.append(body);
  return outcome;
}

void try_answer(std::string_view input) {
  const std::size_t end = std::min(input.size(), input.find("\n\n"));
  const Headers given = headers_of(input.substr(0, end));
  const std::string_view body = input.substr(std::min(input.size(), end + 2));
  const Headers gzip = headers_of("content-type: application/grpc\ngrpc-encoding: gzip\n");
  for (const auto& [head, trailers] : {std::pair(gzip, given), std::pair(given, Headers())}) {
    const RemoteVerdict verdict = kOtlpOverGrpc.judge(outcome_of(body, head), trailers);
    require(verdict.failure || !verdict.again_after);
    if (!verdict.failure) continue;
    require(!verdict.failure->empty() && verdict.failure->size() <= kAnswerShown + 100);
    require(!verdict.again_after || (*verdict.again_after >= std::chrono::nanoseconds(0) &&
                                     *verdict.again_after <= std::chrono::seconds(3601)));
  }
}

}  // namespace
}  // namespace gantry::load

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A copy of exactly that size, so that the address sanitizer sees who reads behind it.
  const std::vector<char> bytes(data, data + size);
  gantry::load::try_answer({bytes.data(), bytes.size()});
  return 0;
}
