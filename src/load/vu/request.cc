#include "load/vu/request.h"

#include "load/vu/response.h"
#include "load/vu/script_values.h"
#include "load/vu/target.h"
#include "load/vu/vu.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// In order: what the script wants becomes bytes, the client sends them, samples are taken, the answer becomes values.

namespace gantry::load {

namespace {

using Call = v8::FunctionCallbackInfo<v8::Value>;

// The arguments of send(), as modules/http.js passes them.
enum Argument : int { method, url, name, tags, headers, body, timeout_ms, response_type, is_expected };

// That are remembered; a script that makes up URLs starts anew now and then.
constexpr std::size_t kTargetsMax = 10'000;

std::shared_ptr<const Target> find_target(CrewState& state, std::string text) {
  if (const auto known = state.targets.find(text); known != state.targets.end()) return known->second;
  if (state.targets.size() == kTargetsMax) state.targets.clear();
  auto target = std::make_shared<const Target>(make_target(text, state.requests.user_agent));
  state.targets.emplace(std::move(text), target);
  return target;
}

std::string read_body(v8::Isolate* isolate, v8::Local<v8::Value> value) {
  if (!value->IsArrayBuffer()) return to_text(isolate, value);
  const std::shared_ptr<v8::BackingStore> store = value.As<v8::ArrayBuffer>()->GetBackingStore();
  return {static_cast<const char*>(store->Data()), store->ByteLength()};
}

std::vector<std::string> read_texts(v8::Local<v8::Context> context, v8::Local<v8::Value> list) {
  std::vector<std::string> texts;
  if (!list->IsArray()) return texts;
  const v8::Local<v8::Array> array = list.As<v8::Array>();
  texts.reserve(array->Length());
  for (std::uint32_t i = 0; i < array->Length(); ++i)
    texts.push_back(to_text(context->GetIsolate(), array->Get(context, i).ToLocalChecked()));
  return texts;
}

bool is_safe_header(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

// Names and values by turns. What k6 sends by itself is Host and User-Agent, unless the script says them, and Content-Length.
bool write_head(v8::Isolate* isolate, const Target& target, std::string_view agent,
                const std::vector<std::string>& headers, std::string& bytes) {
  std::string_view host = target.url->authority;
  std::string rest;
  for (std::size_t i = 0; i + 1 < headers.size(); i += 2) {
    const std::string& key = headers[i];
    const std::string& value = headers[i + 1];
    if (!is_safe_header(key) || !is_safe_header(value)) {
      throw_error(isolate, fmt::format("the header {} has a line break", key.substr(0, key.find_first_of("\r\n"))));
      return false;
    }
    if (key == "Host")
      host = value;
    else if (key == "User-Agent")
      agent = value;
    else if (key != "Content-Length")
      rest.append(key).append(": ").append(value).append("\r\n");
  }
  bytes += fmt::format(" {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\n{}", target.url->target, host, agent, rest);
  return true;
}

struct Wanted {
  std::string method = {};
  std::shared_ptr<const Target> target = {};
  std::string name = {};               // what groups URLs; "" for the URL itself
  std::vector<std::string> tags = {};  // names and values by turns
  std::string bytes = {};
  double timeout_ms = 0;
  ResponseType type = ResponseType::text;
};

bool write_request(const Call& call, const CrewState& state, Wanted& wanted) {
  v8::Isolate* isolate = call.GetIsolate();
  wanted.bytes = wanted.method;
  const std::vector<std::string> headers = read_texts(isolate->GetCurrentContext(), call[Argument::headers]);
  if (headers.empty())
    wanted.bytes += wanted.target->head;
  else if (!write_head(isolate, *wanted.target, state.requests.user_agent, headers, wanted.bytes))
    return false;
  if (call[Argument::body]->IsNullOrUndefined()) {
    wanted.bytes += "\r\n";
    return true;
  }
  const std::string body = read_body(isolate, call[Argument::body]);
  wanted.bytes += fmt::format("Content-Length: {}\r\n\r\n", body.size());
  wanted.bytes += body;
  return true;
}

bool read_wanted(const Call& call, CrewState& state, Wanted& wanted) {
  v8::Isolate* isolate = call.GetIsolate();
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  wanted.method = to_text(isolate, call[Argument::method]);
  wanted.target = find_target(state, to_text(isolate, call[Argument::url]));
  if (call[Argument::name]->IsString()) wanted.name = to_text(isolate, call[Argument::name]);
  wanted.tags = read_texts(context, call[Argument::tags]);
  wanted.timeout_ms = call[Argument::timeout_ms]->NumberValue(context).FromMaybe(0);
  wanted.type = static_cast<ResponseType>(call[Argument::response_type]->Int32Value(context).FromMaybe(0));
  if (wanted.method.find_first_of(" \r\n\t") != std::string::npos || wanted.method.empty()) {
    throw_error(isolate, fmt::format("\"{}\" is no method", wanted.method));
    return false;
  }
  if (!wanted.target->url) return true;
  return write_request(call, state, wanted);
}

HttpOutcome send(Vu& vu, v8::Isolate* isolate, const Wanted& wanted) {
  HttpOutcome outcome;
  if (!wanted.target->url) {
    outcome.failure = {1020, fmt::format("invalid URL: {}", wanted.target->text)};
    return outcome;
  }
  constexpr double kLongestMs = 24.0 * 3600 * 1000;
  const auto timeout = std::chrono::duration<double, std::milli>(std::clamp(wanted.timeout_ms, 0.0, kLongestMs));
  const HttpRequest request{
      .method = wanted.method,
      .host = wanted.target->url->host,
      .port = wanted.target->url->port,
      .is_https = wanted.target->url->scheme == "https",
      .bytes = wanted.bytes,
      .keeps_connection = vu.shared().requests.keeps_connections,
      .body = wanted.type == ResponseType::none ? ResponseParser::Body::discard : ResponseParser::Body::keep,
      .deadline =
          std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(timeout)};
  const v8::Unlocker unlocker(isolate);
  return vu.client().send(request);
}

// Whether the script expects the answer: true stands for k6's own opinion, a function is asked, and null does not want to know.
std::optional<bool> ask_script(v8::Local<v8::Context> context, v8::Local<v8::Value> expected, int status) {
  if (expected->IsTrue()) return status >= 200 && status < 400;
  if (!expected->IsFunction()) return std::nullopt;
  v8::Local<v8::Value> argument = v8::Integer::New(context->GetIsolate(), status);
  v8::Local<v8::Value> answer;
  const bool is_done =
      expected.As<v8::Function>()->Call(context, v8::Undefined(context->GetIsolate()), 1, &argument).ToLocal(&answer);
  return is_done && answer->BooleanValue(context->GetIsolate());
}

std::vector<Tag> tags_of(const Wanted& wanted, const HttpOutcome& outcome, std::optional<bool> is_expected) {
  const int status = outcome.head.status;
  const std::string& name = wanted.name.empty() ? wanted.target->text : wanted.name;
  std::vector<Tag> tags = {
      {"method", wanted.method}, {"status", std::to_string(status)}, {"name", name}, {"url", name}};
  if (status != 0) tags.emplace_back("proto", fmt::format("HTTP/1.{}", outcome.head.version_minor));
  if (!outcome.tls_version.empty()) tags.emplace_back("tls_version", outcome.tls_version);
  if (const int code = error_code_of(outcome); code != 0) tags.emplace_back("error_code", std::to_string(code));
  if (!outcome.failure.text.empty()) tags.emplace_back("error", outcome.failure.text);
  if (is_expected) tags.emplace_back("expected_response", *is_expected ? "true" : "false");
  for (std::size_t i = 0; i + 1 < wanted.tags.size(); i += 2) tags.emplace_back(wanted.tags[i], wanted.tags[i + 1]);
  return tags;
}

// The tags of a request's samples (k6 reference, §9.1): a key of all that they depend on finds those of one that was like it.
TagSetId intern_tags(Vu& vu, const Wanted& wanted, const HttpOutcome& outcome, std::optional<bool> is_expected) {
  std::string key = wanted.method;
  const auto append = [&key](std::string_view text) { key.append(1, '\n').append(text); };
  for (const int number : {outcome.head.status, outcome.head.version_minor, outcome.failure.code,
                           is_expected ? static_cast<int>(*is_expected) : 2})
    key.append(reinterpret_cast<const char*>(&number), sizeof number);
  append(outcome.failure.text);
  append(outcome.tls_version);
  append(wanted.name.empty() ? wanted.target->text : wanted.name);
  for (const std::string& text : wanted.tags) append(text);
  auto& known = vu.place().requests;
  if (const auto at = known.find(key); at != known.end()) return at->second;
  const TagSetId id = vu.tags(tags_of(wanted, outcome, is_expected));
  known.emplace(std::move(key), id);
  return id;
}

// The samples of one request (k6 reference, §8).
void record(Vu& vu, const Wanted& wanted, const HttpOutcome& outcome, std::optional<bool> is_expected) {
  Recorder& recorder = vu.shared().recorder;
  const TagSetId tags = intern_tags(vu, wanted, outcome, is_expected);
  const SampleTime now = vu.since_start();
  const ExchangeTimes& exchange = outcome.times.exchange;
  recorder.add(BuiltInMetric::http_reqs, 1, tags, now);
  recorder.add(BuiltInMetric::http_req_duration, duration_ms(exchange), tags, now);
  recorder.add(BuiltInMetric::http_req_blocked, to_ms(outcome.times.blocked), tags, now);
  recorder.add(BuiltInMetric::http_req_connecting, to_ms(outcome.times.connecting), tags, now);
  recorder.add(BuiltInMetric::http_req_tls_handshaking, to_ms(outcome.times.tls_handshaking), tags, now);
  recorder.add(BuiltInMetric::http_req_sending, to_ms(exchange.sending), tags, now);
  recorder.add(BuiltInMetric::http_req_waiting, to_ms(exchange.waiting), tags, now);
  recorder.add(BuiltInMetric::http_req_receiving, to_ms(exchange.receiving), tags, now);
  if (is_expected) recorder.add(BuiltInMetric::http_req_failed, *is_expected ? 0 : 1, tags, now);
}

}  // namespace

void request_options(const Call& call) {
  const RequestOptions& options = vu_of(call).shared().requests;
  Fields fields(call.GetIsolate()->GetCurrentContext());
  fields.set("redirects", static_cast<double>(options.redirects_max));
  fields.set("discardsBodies", options.discards_bodies);
  fields.set("throws", options.throws);
  fields.set("resetsCookies", options.resets_cookies);
  call.GetReturnValue().Set(fields.object());
}

void send_request(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  Vu& vu = vu_of(call);
  Wanted wanted;
  if (!read_wanted(call, vu.shared(), wanted)) return;
  const HttpOutcome outcome = send(vu, isolate, wanted);
  const bool is_too_late = vu.deadline() != kNever && std::chrono::steady_clock::now() >= vu.deadline();
  if (outcome.was_interrupted || is_too_late) return isolate->TerminateExecution();
  if (wanted.target->url)
    record(vu, wanted, outcome, ask_script(context, call[Argument::is_expected], outcome.head.status));
  if (outcome.failure.code != 0)
    vu.shared().log(LogLevel::warning, fmt::format("Request Failed: {}", outcome.failure.text), "");
  call.GetReturnValue().Set(make_answer(context, vu, wanted.type, outcome));
}

}  // namespace gantry::load
