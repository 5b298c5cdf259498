#include "load/vu/hop.h"

#include "load/http/content_coding.h"
#include "load/script/buffer_allocator.h"
#include "load/vu/pair_text.h"
#include "load/vu/response.h"
#include "load/vu/script_values.h"
#include "load/vu/shapes.h"
#include "load/vu/vu.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <expected>
#include <span>
#include <string_view>
#include <utility>

namespace gantry::load {

namespace {

using Value = v8::Local<v8::Value>;

bool is_safe_value(std::string_view text) {
  return std::ranges::none_of(text, [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7F; });
}

// What k6 sends by itself is Host and User-Agent, unless the script says them, and Content-Length. How long a body is, no script says.
bool is_of_length(std::string_view header) {
  return header == "Content-Length" || header == "Transfer-Encoding" || header == "Trailer";
}

std::expected<std::string, HttpFailure> write_head(const RequestPlan& plan, std::string_view agent,
                                                   std::string_view pairs) {
  std::string_view host = plan.url->authority;
  std::string rest;
  while (!pairs.empty()) {
    const std::string_view key = take_text(pairs);
    const std::string_view value = take_text(pairs);
    if (!is_token(key))
      return std::unexpected(HttpFailure{1000, fmt::format("net/http: invalid header field name \"{}\"", key)});
    if (!is_safe_value(value))
      return std::unexpected(HttpFailure{1000, fmt::format("net/http: invalid header field value for \"{}\"", key)});
    if (key == "Host")
      host = value;
    else if (key == "User-Agent")
      agent = value;
    else if (!is_of_length(key))
      rest.append(key).append(": ").append(value).append("\r\n");
  }
  return fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n{}{}", plan.method, plan.url->target, host, say_agent(agent), rest);
}

void append_body(v8::Isolate* isolate, std::string_view method, Value content, std::string& bytes) {
  std::string text;
  std::string_view body;
  std::shared_ptr<v8::BackingStore> store;
  if (content->IsArrayBuffer()) {
    store = content.As<v8::ArrayBuffer>()->GetBackingStore();
    body = {static_cast<const char*>(store->Data()), store->ByteLength()};
  } else if (content->IsString()) {
    append_utf8(isolate, content.As<v8::String>(), text);
    body = text;
  }
  if (body.empty()) return void(bytes += end_without_body(method));
  bytes += fmt::format("Content-Length: {}\r\n\r\n", body.size());
  bytes += body;
}

bool has_body(Value content) {
  if (content->IsString()) return content.As<v8::String>()->Length() > 0;
  return content->IsArrayBuffer() && content.As<v8::ArrayBuffer>()->ByteLength() > 0;
}

// Empty for what the plan has as a whole.
std::expected<std::string, HttpFailure> write_request(v8::Isolate* isolate, const CrewState& state,
                                                      const RequestPlan& plan, const Asked& asked) {
  if (plan.refusal.code != 0) return std::unexpected(plan.refusal);
  if (asked.headers.empty() && !has_body(asked.body)) return std::string();
  std::expected<std::string, HttpFailure> bytes =
      asked.headers.empty() ? plan.head : write_head(plan, state.requests.user_agent, asked.headers);
  if (bytes) append_body(isolate, plan.method, asked.body, *bytes);
  return bytes;
}

// httpDebug (k6 reference, §5.3): as it goes over the wire, without CR.
std::string without_cr(std::string_view bytes) {
  std::string text(bytes);
  std::erase(text, '\r');
  return text;
}

void log_request(Vu& vu, const Hop& hop, RequestOptions::Debug debug) {
  const bool is_whole = debug == RequestOptions::Debug::bodies;
  const std::size_t head = std::min(hop.bytes().size(), hop.bytes().find("\r\n\r\n") + 4);
  vu.shared().log(LogLevel::info,
                  fmt::format("Request:\n{}\n", without_cr(hop.bytes().substr(0, is_whole ? std::string::npos : head))),
                  "http-debug");
}

void log_answer(Vu& vu, const HttpOutcome& outcome, RequestOptions::Debug debug) {
  if (outcome.head.status == 0) return;
  std::string text =
      fmt::format("{} {} {}\n", to_string(outcome.head.version), outcome.head.status, outcome.head.reason);
  for (std::size_t i = 0; i < outcome.head.headers.size(); ++i) {
    const auto [name, value] = outcome.head.headers[i];
    text += fmt::format("{}: {}\n", canonical_header(name), value);
  }
  if (debug == RequestOptions::Debug::bodies) text += "\n" + outcome.body.text();
  vu.shared().log(LogLevel::info, fmt::format("Response:\n{}\n", text), "http-debug");
}

// The body as it was before it was compressed; of one that cannot be, nothing of the answer is left.
void decode_body(HttpOutcome& outcome) {
  const std::string_view codings = outcome.head.header("content-encoding");
  if (codings.empty() || outcome.body.empty()) return;
  auto decoded = decode_content(outcome.body.text(), codings, std::min(KeptBody::kBytesMax, KeptBody::room()));
  if (decoded) {
    outcome.body = KeptBody(*std::move(decoded));
    return;
  }
  outcome.failure = {1701, fmt::format("error decompressing response body ({})", decoded.error())};
  outcome.head = {};
  outcome.body = {};
}

// From when it was asked for: what it waited for its pace (the option rps) is not the target's.
void note_unanswered(Vu& vu, const HttpTimes& times) {
  const SteadyTime sent = times.exchange.begun;
  vu.note_unanswered((sent == SteadyTime() ? std::chrono::steady_clock::now() : sent) - times.blocked);
}

}  // namespace

Hop prepare_hop(v8::Isolate* isolate, Vu& vu, const Asked& asked) {
  Hop hop{.terms = asked, .plan = find_plan(vu, asked.key)};
  auto bytes = write_request(isolate, vu.shared(), *hop.plan, asked);
  if (bytes)
    hop.written = *std::move(bytes);
  else
    hop.outcome.failure = std::move(bytes).error();
  return hop;
}

void send_hop(Vu& vu, Waiting waiting, Hop& hop) {
  const RequestPlan& plan = *hop.plan;
  if (hop.outcome.failure.code != 0) return;
  const RequestOptions::Debug debug = vu.shared().requests.debug;
  if (debug != RequestOptions::Debug::none) log_request(vu, hop, debug);
  constexpr double kLongestMs = 24.0 * 3600 * 1000;
  const auto timeout = std::chrono::duration<double, std::milli>(std::clamp(hop.terms.timeout_ms, 0.0, kLongestMs));
  const SteadyTime now = std::chrono::steady_clock::now();
  hop.outcome = vu.client().send(
      waiting,
      {.method = plan.method,
       .host = plan.url->host,
       .port = plan.url->port,
       .is_https = plan.url->scheme == "https",
       .bytes = hop.bytes(),
       .keeps_connection = vu.shared().requests.keeps_connections,
       .body = hop.terms.type == ResponseType::none ? ResponseParser::Body::discard : ResponseParser::Body::keep,
       .asked_at = now,
       .deadline = now + std::chrono::duration_cast<std::chrono::steady_clock::duration>(timeout)});
  if (hop.outcome.was_interrupted) note_unanswered(vu, hop.outcome.times);
  decode_body(hop.outcome);
  if (debug != RequestOptions::Debug::none) log_answer(vu, hop.outcome, debug);
}

// The samples of one request (k6 reference, §8).
void record_hop(Vu& vu, const Hop& hop) {
  const HttpOutcome& outcome = hop.outcome;
  const std::optional<bool> is_expected = load::is_expected(hop.terms.expected, outcome.head.status);
  const TagSetId tags = find_tags(vu, *hop.plan, outcome, is_expected);
  const ExchangeTimes& exchange = outcome.times.exchange;
  const SteadyTime ended = exchange.begun == SteadyTime() ? std::chrono::steady_clock::now() : exchange.ended();
  const SampleTime now = vu.since_start(ended);
  const std::array<Reading, 9> readings = {
      {{BuiltInMetric::http_reqs, 1},
       {BuiltInMetric::http_req_duration, duration_ms(exchange)},
       {BuiltInMetric::http_req_blocked, to_ms(outcome.times.blocked)},
       {BuiltInMetric::http_req_connecting, to_ms(outcome.times.connecting)},
       {BuiltInMetric::http_req_tls_handshaking, to_ms(outcome.times.tls_handshaking)},
       {BuiltInMetric::http_req_sending, to_ms(exchange.sending)},
       {BuiltInMetric::http_req_waiting, to_ms(exchange.waiting)},
       {BuiltInMetric::http_req_receiving, to_ms(exchange.receiving)},
       {BuiltInMetric::http_req_failed, is_expected.value_or(true) ? 0.0 : 1.0}}};
  // Whether one has failed is nobody's to say where nothing was expected.
  vu.record(std::span(readings).first(readings.size() - (is_expected ? 0 : 1)), tags, now);
  vu.note_place(hop.plan->goes_to, hop.plan->gone_to);
  vu.note_answer(ended, outcome.times.blocked, duration_ms(exchange), !is_expected.value_or(outcome.failure.code == 0),
                 outcome.head.status);
}

std::optional<LandedHop> land_hop(v8::Local<v8::Context> context, Vu& vu, const Hop& hop, Value url, Value body) {
  const HttpOutcome& outcome = hop.outcome;
  v8::Isolate* const isolate = context->GetIsolate();
  if (hop.terms.type == ResponseType::binary && !has_room_for_buffer(isolate, outcome.body.size())) {
    throw_no_room(isolate);
    return std::nullopt;
  }
  if (hop.terms.type == ResponseType::text && !has_room_for_text(isolate, outcome.body.text())) {
    throw_error(isolate,
                fmt::format("the heap of all VUs has no room for a body of {} bytes: let scripts keep fewer, or use "
                            "responseType 'none' or discardResponseBodies",
                            outcome.body.size()));
    return std::nullopt;
  }
  const int status = outcome.head.status;
  const SentRequest sent{hop.plan->method, hop.terms.headers, url, body};
  const bool is_redirect =
      status >= 301 && status <= 308 && hop.terms.redirects > 0 && outcome.head.has_header("location");
  LandedHop landed{.response = make_response(context, shapes_of(context), sent, hop.terms.type, outcome),
                   .goes_on = is_redirect || status == 101 || outcome.head.has_header("set-cookie")};
  if (status != 0) return landed;
  landed.failure = describe_failure(hop.plan->method, hop.plan->text, outcome.failure);
  if (!hop.terms.throws) vu.shared().log(LogLevel::warning, fmt::format("Request Failed: {}", *landed.failure), "");
  return landed;
}

std::string describe_failure(std::string_view method, std::string_view url, const HttpFailure& failure) {
  const std::string_view what = failure.detail.empty() ? failure.text : failure.detail;
  std::string verb(method);
  for (std::size_t i = 1; i < verb.size(); ++i)
    if (verb[i] >= 'A' && verb[i] <= 'Z') verb[i] = static_cast<char>(verb[i] + ('a' - 'A'));
  return fmt::format("{} \"{}\": {}", verb, url, what);
}

}  // namespace gantry::load
