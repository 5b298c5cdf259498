// Any bytes as HTTP responses: whole or in two parts they are the same, the second time too, when their heads are known; and what is kept
// is no more than what came.

#include "load/http/response_parser.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace gantry::load {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

struct Outcome {
  bool is_error = false;
  bool is_done = false;
  std::size_t used = 0;
  std::string body = {};
  int status = 0;
  bool may_reuse = false;
  std::string headers = {};
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome parse(std::string_view bytes, std::size_t cut, bool without_body, ResponseParser::KnownHeads* known = nullptr) {
  ResponseParser parser(ResponseParser::Body::keep, without_body, {.known_heads = known});
  Outcome outcome;
  for (const std::string_view part : {bytes.substr(0, cut), bytes.substr(cut)}) {
    const auto used = parser.feed(part);
    if (!used) return {.is_error = true};
    require(*used <= part.size() && (*used == part.size() || parser.is_done()));
    outcome.used += *used;
    if (parser.is_done()) break;
  }
  outcome.is_done = parser.is_done();
  outcome.status = parser.head().status;
  outcome.may_reuse = parser.may_reuse();
  const Headers& headers = parser.head().headers;
  for (std::size_t i = 0; i < headers.size(); ++i)
    outcome.headers.append(headers[i].first).append(":").append(headers[i].second).append("\n");
  outcome.body = parser.take_body().text();
  require(outcome.body.size() <= bytes.size() && parser.body_bytes() == outcome.body.size());
  return outcome;
}

}  // namespace
}  // namespace gantry::load

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using gantry::load::parse;
  if (size < 2) return 0;
  const bool without_body = (data[0] & 1) != 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t cut = data[1] % (bytes.size() + 1);
  const auto whole = parse(bytes, bytes.size(), without_body);
  gantry::load::require(parse(bytes, cut, without_body) == whole);
  gantry::load::ResponseParser::KnownHeads known;
  const std::string_view rest = std::string_view(bytes).substr(cut);
  for (int i = 0; i < 2; ++i) {
    gantry::load::require(parse(bytes, bytes.size(), without_body, &known) == whole);
    gantry::load::require(parse(rest, rest.size(), false, &known) == parse(rest, rest.size(), false));
  }
  return 0;
}
