#include "load/vu/request.h"

#include "load/script/buffer_allocator.h"
#include "load/vu/asked.h"
#include "load/vu/pair_text.h"
#include "load/vu/request_plan.h"
#include "load/vu/response.h"
#include "load/vu/script_values.h"
#include "load/vu/shapes.h"
#include "load/vu/vu.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

// In order: what the script asks for becomes bytes, the client sends them, samples are taken, the answer becomes an object.

namespace gantry::load {

namespace {

using Call = v8::FunctionCallbackInfo<v8::Value>;
using Value = v8::Local<v8::Value>;

// The arguments of send(), as modules/http.js passes them.
enum Argument : int { method, url, name, tags, headers, body, timeout_ms, response_type, is_expected };

bool is_safe_header(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

// What k6 sends by itself is Host and User-Agent, unless the script says them, and Content-Length.
bool write_head(v8::Isolate* isolate, const RequestPlan& plan, std::string_view agent, std::string_view pairs,
                std::string& bytes) {
  std::string_view host = plan.url->authority;
  std::string rest;
  while (!pairs.empty()) {
    const std::string_view key = take_text(pairs);
    const std::string_view value = take_text(pairs);
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
  bytes += fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\n{}", plan.method, plan.url->target, host, agent,
                       rest);
  return true;
}

void append_body(v8::Isolate* isolate, Value content, std::string& bytes) {
  if (content->IsArrayBuffer()) {
    const std::shared_ptr<v8::BackingStore> store = content.As<v8::ArrayBuffer>()->GetBackingStore();
    bytes += fmt::format("Content-Length: {}\r\n\r\n", store->ByteLength());
    bytes.append(static_cast<const char*>(store->Data()), store->ByteLength());
    return;
  }
  std::string text;
  append_utf8(isolate, content.As<v8::String>(), text);
  bytes += fmt::format("Content-Length: {}\r\n\r\n", text.size());
  bytes += text;
}

bool write_request(v8::Isolate* isolate, const CrewState& state, const RequestPlan& plan, const Asked& asked,
                   std::string& bytes) {
  if (plan.method.find_first_of(" \r\n\t") != std::string::npos || plan.method.empty()) {
    throw_error(isolate, fmt::format("\"{}\" is no method", plan.method));
    return false;
  }
  if (!plan.url) return true;
  if (asked.headers.empty())
    bytes = plan.head;
  else if (!write_head(isolate, plan, state.requests.user_agent, asked.headers, bytes))
    return false;
  if (asked.body->IsNullOrUndefined())
    bytes += "\r\n";
  else
    append_body(isolate, asked.body, bytes);
  return true;
}

HttpOutcome exchange(Vu& vu, v8::Isolate* isolate, const RequestPlan& plan, const Asked& asked,
                     std::string_view bytes) {
  HttpOutcome outcome;
  if (!plan.url) {
    outcome.failure = {1020, fmt::format("invalid URL: {}", plan.text)};
    return outcome;
  }
  constexpr double kLongestMs = 24.0 * 3600 * 1000;
  const auto timeout = std::chrono::duration<double, std::milli>(std::clamp(asked.timeout_ms, 0.0, kLongestMs));
  const HttpRequest request{
      .method = plan.method,
      .host = plan.url->host,
      .port = plan.url->port,
      .is_https = plan.url->scheme == "https",
      .bytes = bytes,
      .keeps_connection = vu.shared().requests.keeps_connections,
      .body = asked.type == ResponseType::none ? ResponseParser::Body::discard : ResponseParser::Body::keep,
      .deadline =
          std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(timeout)};
  const v8::Unlocker unlocker(isolate);
  return vu.client().send(request);
}

// Whether the script expects the answer: true stands for k6's own opinion, a function is asked, and null does not want to know.
std::optional<bool> ask_script(v8::Local<v8::Context> context, Value expected, int status) {
  if (expected->IsTrue()) return status >= 200 && status < 400;
  if (!expected->IsFunction()) return std::nullopt;
  Value argument = v8::Integer::New(context->GetIsolate(), status);
  Value answer;
  const bool is_done =
      expected.As<v8::Function>()->Call(context, v8::Undefined(context->GetIsolate()), 1, &argument).ToLocal(&answer);
  return is_done && answer->BooleanValue(context->GetIsolate());
}

// The samples of one request (k6 reference, §8).
void record(Vu& vu, RequestPlan& plan, const HttpOutcome& outcome, std::optional<bool> is_expected) {
  Recorder& recorder = vu.shared().recorder;
  const TagSetId tags = find_tags(vu, plan, outcome, is_expected);
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
  vu.note_answer(outcome.times.blocked, duration_ms(exchange), !is_expected.value_or(outcome.failure.code == 0));
}

struct Hop {
  v8::Local<v8::Object> response;
  bool goes_on = false;                     // with cookies to keep, or to where it is redirected
  std::optional<std::string> failure = {};  // of status 0
};

// Nothing where the script has thrown, or is to end.
std::optional<Hop> send_hop(const Call& call, Vu& vu, const Asked& asked) {
  v8::Isolate* isolate = call.GetIsolate();
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  const std::shared_ptr<RequestPlan> plan = find_plan(vu, asked.key);
  std::string bytes;
  if (!write_request(isolate, vu.shared(), *plan, asked, bytes)) return std::nullopt;
  const HttpOutcome outcome = exchange(vu, isolate, *plan, asked, bytes);
  const bool is_too_late = vu.deadline() != kNever && std::chrono::steady_clock::now() >= vu.deadline();
  if (outcome.was_interrupted || is_too_late) {
    isolate->TerminateExecution();
    return std::nullopt;
  }
  const int status = outcome.head.status;
  if (plan->url) record(vu, *plan, outcome, ask_script(context, asked.is_expected, status));
  if (outcome.failure.code != 0)
    vu.shared().log(LogLevel::warning, fmt::format("Request Failed: {}", outcome.failure.text), "");
  if (asked.type == ResponseType::binary && !has_room_for_buffer(isolate, outcome.body.size())) {
    throw_no_room(isolate);
    return std::nullopt;
  }
  const SentRequest sent{plan->method, asked.headers, asked.url, asked.body};
  const bool is_redirect = status >= 301 && status <= 308 && asked.redirects > 0 && outcome.head.has_header("location");
  Hop hop{.response = make_response(context, shapes_of(call), sent, asked.type, outcome),
          .goes_on = is_redirect || outcome.head.has_header("set-cookie")};
  if (status == 0) hop.failure = outcome.failure.text;
  return hop;
}

// modules/http.js goes on.
void call_hook(const Call& call, const v8::Global<v8::Function>& hook, std::span<Value> arguments) {
  v8::Isolate* isolate = call.GetIsolate();
  Value value;
  if (hook.Get(isolate)
          ->Call(isolate->GetCurrentContext(), v8::Undefined(isolate), static_cast<int>(arguments.size()),
                 arguments.data())
          .ToLocal(&value))
    call.GetReturnValue().Set(value);
}

// Nothing, and true, where the script threw when it was asked for its values.
std::pair<std::optional<Asked>, bool> read(const Call& call, Vu& vu, const GivenRequest& given) {
  v8::TryCatch caught(call.GetIsolate());
  std::optional<Asked> asked = read_request(call.GetIsolate()->GetCurrentContext(), vu, shapes_of(call), given);
  if (!caught.HasCaught()) return {std::move(asked), false};
  caught.ReThrow();
  return {std::nullopt, true};
}

void request(const Call& call, const GivenRequest& given) {
  v8::Isolate* isolate = call.GetIsolate();
  Vu& vu = vu_of(call);
  const auto [asked, has_thrown] = read(call, vu, given);
  if (has_thrown) return;
  std::array<Value, 5> arguments = {v8::Undefined(isolate), to_v8(isolate, given.method), given.url, given.body,
                                    given.params};
  const std::span<Value> all = arguments;
  if (!asked) return call_hook(call, vu.hooks().request, all.subspan(1));
  const std::optional<Hop> hop = send_hop(call, vu, *asked);
  if (!hop) return;
  if (hop->goes_on) {
    arguments[0] = hop->response;
    return call_hook(call, vu.hooks().settle, all);
  }
  if (hop->failure && asked->throws) return throw_error(isolate, *hop->failure);
  call.GetReturnValue().Set(hop->response);
}

template <std::size_t N>
struct Text {
  constexpr Text(const char (&text)[N]) { std::copy_n(text, N, value); }
  char value[N];
};

template <Text verb>
void request_without_body(const Call& call) {
  if (call.Length() > 2) {
    std::string function(verb.value);
    std::ranges::transform(function, function.begin(), [](char c) { return static_cast<char>(c + ('a' - 'A')); });
    vu_of(call).shared().log(LogLevel::warning,
                             fmt::format("http.{}() takes no body: its third argument is ignored", function), "");
  }
  request(call, {verb.value, call[0], v8::Undefined(call.GetIsolate()), call[1]});
}

template <Text verb>
void request_with_body(const Call& call) {
  request(call, {verb.value, call[0], call[1], call[2]});
}

void request_of_any_method(const Call& call) {
  std::string verb;
  v8::Local<v8::String> text;
  if (!call[0]->ToString(call.GetIsolate()->GetCurrentContext()).ToLocal(&text)) return;
  append_utf8(call.GetIsolate(), text, verb);
  for (char& c : verb) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
  request(call, {verb, call[1], call[2], call[3]});
}

std::string read_pairs(v8::Local<v8::Context> context, Value list) {
  std::string pairs;
  if (!list->IsArray()) return pairs;
  const v8::Local<v8::Array> array = list.As<v8::Array>();
  for (std::uint32_t i = 0; i < array->Length(); ++i)
    append_text(pairs, to_text(context->GetIsolate(), array->Get(context, i).ToLocalChecked()));
  return pairs;
}

void send(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  Asked asked{.headers = read_pairs(context, call[Argument::headers]),
              .url = call[Argument::url],
              .body = call[Argument::body],
              .timeout_ms = call[Argument::timeout_ms]->NumberValue(context).FromMaybe(0),
              .type = static_cast<ResponseType>(call[Argument::response_type]->Int32Value(context).FromMaybe(0)),
              .is_expected = call[Argument::is_expected]};
  append_text(asked.key, to_text(isolate, call[Argument::method]));
  append_text(asked.key, to_text(isolate, call[Argument::url]));
  append_text(asked.key, call[Argument::name]->IsString() ? to_text(isolate, call[Argument::name]) : std::string());
  asked.key += read_pairs(context, call[Argument::tags]);
  if (const std::optional<Hop> hop = send_hop(call, vu_of(call), asked)) call.GetReturnValue().Set(hop->response);
}

void request_options(const Call& call) {
  const RequestOptions& options = vu_of(call).shared().requests;
  Fields fields(call.GetIsolate()->GetCurrentContext());
  fields.set("redirects", static_cast<double>(options.redirects_max));
  fields.set("discardsBodies", options.discards_bodies);
  fields.set("throws", options.throws);
  fields.set("resetsCookies", options.resets_cookies);
  call.GetReturnValue().Set(fields.object());
}

void set_http_hooks(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  ScriptHooks& hooks = vu_of(call).hooks();
  const auto set = [&](const char* name, v8::Global<v8::Function>& hook) {
    const Value value =
        call[0].As<v8::Object>()->Get(isolate->GetCurrentContext(), to_v8(isolate, name)).ToLocalChecked();
    hook.Reset(isolate, value.As<v8::Function>());
  };
  set("request", hooks.request);
  set("settle", hooks.settle);
  set("json", hooks.json);
}

void expect_statuses(const Call& call) { vu_of(call).hooks().is_expected.Reset(call.GetIsolate(), call[0]); }
void may_have_cookies(const Call& call) { vu_of(call).hooks().may_have_cookies = call[0]->IsTrue(); }

}  // namespace

std::span<const Native> request_natives() {
  static constexpr std::array<Native, 14> kNatives = {{{"httpGet", request_without_body<"GET">},
                                                       {"httpHead", request_without_body<"HEAD">},
                                                       {"httpPost", request_with_body<"POST">},
                                                       {"httpPut", request_with_body<"PUT">},
                                                       {"httpPatch", request_with_body<"PATCH">},
                                                       {"httpDel", request_with_body<"DELETE">},
                                                       {"httpOptions", request_with_body<"OPTIONS">},
                                                       {"httpRequest", request_of_any_method},
                                                       {"send", send},
                                                       {"setHttpHooks", set_http_hooks},
                                                       {"expectStatuses", expect_statuses},
                                                       {"mayHaveCookies", may_have_cookies},
                                                       {"givenCookies", given_cookies},
                                                       {"requestOptions", request_options}}};
  return kNatives;
}

}  // namespace gantry::load
