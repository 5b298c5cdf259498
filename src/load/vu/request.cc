#include "load/vu/request.h"

#include "load/http/url.h"
#include "load/vu/script_values.h"
#include "load/vu/vu.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

// In order: what the script wants becomes bytes, the client sends them, the answer becomes fields, and samples.

namespace gantry::load {

namespace {

constexpr std::string_view kUserAgent = "Grafana k6/2.2.0";  // what targets that know k6 expect

struct Wanted {
  std::string method = {};
  std::string url_text = {};
  std::optional<Url> url = {};
  std::string bytes = {};
  double timeout_ms = 60'000;
  bool is_text = true;
  bool is_discarded = false;
  std::vector<Tag> tags = {};
  std::string name = {};  // what groups URLs; "" for the URL itself
};

v8::Local<v8::Value> get(v8::Local<v8::Context> context, v8::Local<v8::Object> object, std::string_view key) {
  return object->Get(context, to_v8(context->GetIsolate(), key))
      .FromMaybe(v8::Undefined(context->GetIsolate()).As<v8::Value>());
}

std::string read_body(v8::Isolate* isolate, v8::Local<v8::Value> body) {
  if (body->IsArrayBuffer()) {
    const std::shared_ptr<v8::BackingStore> store = body.As<v8::ArrayBuffer>()->GetBackingStore();
    return {static_cast<const char*>(store->Data()), store->ByteLength()};
  }
  return body->IsNullOrUndefined() ? std::string() : to_text(isolate, body);
}

bool is_safe_header(std::string_view text) { return text.find_first_of("\r\n\0") == std::string_view::npos; }

// The request as it goes out; what k6 sends by itself is Host, User-Agent and Content-Length.
bool write_request(v8::Local<v8::Context> context, v8::Local<v8::Array> headers, const std::string& body, bool has_body,
                   Wanted& wanted) {
  v8::Isolate* isolate = context->GetIsolate();
  std::string host = wanted.url->authority;
  std::string agent(kUserAgent);
  std::string rest;
  for (std::uint32_t i = 0; i + 1 < headers->Length(); i += 2) {
    const std::string name = to_text(isolate, headers->Get(context, i).ToLocalChecked());
    const std::string value = to_text(isolate, headers->Get(context, i + 1).ToLocalChecked());
    if (!is_safe_header(name) || !is_safe_header(value)) {
      throw_error(isolate, fmt::format("the header {} has a line break", name.substr(0, name.find_first_of("\r\n"))));
      return false;
    }
    if (name == "Host")
      host = value;
    else if (name == "User-Agent")
      agent = value;
    else if (name != "Content-Length")
      rest += fmt::format("{}: {}\r\n", name, value);
  }
  wanted.bytes = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\n{}", wanted.method, wanted.url->target,
                             host, agent, rest);
  if (has_body) wanted.bytes += fmt::format("Content-Length: {}\r\n", body.size());
  wanted.bytes += "\r\n";
  wanted.bytes += body;
  return true;
}

bool read_wanted(const v8::FunctionCallbackInfo<v8::Value>& call, Wanted& wanted) {
  v8::Isolate* isolate = call.GetIsolate();
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  wanted.method = to_text(isolate, call[0]);
  wanted.url_text = to_text(isolate, call[1]);
  wanted.url = Url::parse(wanted.url_text);
  const v8::Local<v8::Object> options = call[4].As<v8::Object>();
  wanted.timeout_ms = get(context, options, "timeout")->NumberValue(context).FromMaybe(wanted.timeout_ms);
  if (!read_tags(isolate, get(context, options, "tags"), wanted.tags)) return false;
  if (const v8::Local<v8::Value> name = get(context, options, "name"); name->IsString())
    wanted.name = to_text(isolate, name);
  const std::string type = to_text(isolate, get(context, options, "responseType"));
  wanted.is_text = type != "binary";
  wanted.is_discarded = type == "none";
  if (wanted.method.find_first_of(" \r\n\t") != std::string::npos || wanted.method.empty()) {
    throw_error(isolate, fmt::format("\"{}\" is no method", wanted.method));
    return false;
  }
  if (!wanted.url) return true;
  const std::string body = read_body(isolate, call[3]);
  return write_request(context, call[2].As<v8::Array>(), body, !call[3]->IsNullOrUndefined(), wanted);
}

double to_ms(std::chrono::nanoseconds duration) { return static_cast<double>(duration.count()) / 1e6; }

// What k6 calls the duration of a request: without names and connecting.
double duration_ms(const ExchangeTimes& times) { return to_ms(times.sending + times.waiting + times.receiving); }

int error_code_of(const HttpOutcome& outcome) {
  if (outcome.failure.code != 0) return outcome.failure.code;
  return outcome.head.status >= 400 ? 1000 + outcome.head.status : 0;
}

// The samples of one request, with the tags that k6 gives them (k6 reference, §8 and §9.1).
void record(Vu& vu, const Wanted& wanted, const HttpOutcome& outcome, std::optional<bool> is_expected) {
  const int status = outcome.head.status;
  const int error_code = error_code_of(outcome);
  const std::string& name = wanted.name.empty() ? wanted.url_text : wanted.name;
  std::string key = fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}", vu.scenario(), vu.group(), wanted.method, status,
                                error_code, is_expected ? static_cast<int>(*is_expected) : 2, name);
  for (const auto& [tag, value] : wanted.tags) key += fmt::format("\n{}={}", tag, value);
  const auto [at, is_new] = vu.shared().request_tags.try_emplace(std::move(key));
  if (is_new) {
    std::vector<Tag> tags = {
        {"method", wanted.method}, {"status", std::to_string(status)}, {"name", name}, {"url", name}};
    if (status != 0) tags.emplace_back("proto", fmt::format("HTTP/1.{}", outcome.head.version_minor));
    if (error_code != 0) tags.emplace_back("error_code", std::to_string(error_code));
    if (!outcome.failure.text.empty()) tags.emplace_back("error", outcome.failure.text);
    if (is_expected) tags.emplace_back("expected_response", *is_expected ? "true" : "false");
    tags.insert(tags.end(), wanted.tags.begin(), wanted.tags.end());
    at->second = vu.tags(tags);
  }
  const SampleTime now = vu.since_start();
  const ExchangeTimes& exchange = outcome.times.exchange;
  const std::array<std::pair<BuiltInMetric, double>, 8> samples = {
      {{BuiltInMetric::http_reqs, 1.0},
       {BuiltInMetric::http_req_duration, duration_ms(exchange)},
       {BuiltInMetric::http_req_blocked, to_ms(outcome.times.blocked)},
       {BuiltInMetric::http_req_connecting, to_ms(outcome.times.connecting)},
       {BuiltInMetric::http_req_tls_handshaking, 0.0},
       {BuiltInMetric::http_req_sending, to_ms(exchange.sending)},
       {BuiltInMetric::http_req_waiting, to_ms(exchange.waiting)},
       {BuiltInMetric::http_req_receiving, to_ms(exchange.receiving)}}};
  for (const auto& [metric, value] : samples) vu.shared().recorder.add(metric, value, at->second, now);
  if (is_expected) vu.shared().recorder.add(BuiltInMetric::http_req_failed, *is_expected ? 0 : 1, at->second, now);
}

// Builds objects key by key.
class Fields {
 public:
  explicit Fields(v8::Local<v8::Context> context)
      : context_(context), object_(v8::Object::New(context->GetIsolate())) {}
  void set(std::string_view key, v8::Local<v8::Value> value) {
    v8::Isolate* isolate = context_->GetIsolate();
    const v8::Local<v8::String> name =
        v8::String::NewFromUtf8(isolate, key.data(), v8::NewStringType::kInternalized, static_cast<int>(key.size()))
            .ToLocalChecked();
    object_->Set(context_, name, value).Check();
  }
  void set(std::string_view key, std::string_view text) { set(key, to_v8(context_->GetIsolate(), text)); }
  void set(std::string_view key, double number) { set(key, v8::Number::New(context_->GetIsolate(), number)); }
  v8::Local<v8::Object> object() const { return object_; }

 private:
  v8::Local<v8::Context> context_;
  v8::Local<v8::Object> object_;
};

std::string canonical(std::string_view name) {
  std::string result(name);
  bool starts = true;
  for (char& c : result) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    const bool is_lower = c >= 'a' && c <= 'z';
    if (starts && is_lower) c = static_cast<char>(c - ('a' - 'A'));
    if (!starts && is_upper) c = static_cast<char>(c + ('a' - 'A'));
    starts = c == '-';
  }
  return result;
}

v8::Local<v8::Object> make_headers(v8::Local<v8::Context> context, const ResponseHead& head) {
  std::vector<std::pair<std::string, std::string>> joined;
  for (const auto& [name, value] : head.headers) {
    const std::string key = canonical(name);
    const auto known =
        std::ranges::find(joined, key, [](const auto& header) -> const std::string& { return header.first; });
    if (known != joined.end())
      known->second += ", " + value;
    else
      joined.emplace_back(key, value);
  }
  Fields headers(context);
  for (const auto& [name, value] : joined) headers.set(name, value);
  return headers.object();
}

v8::Local<v8::Object> make_timings(v8::Local<v8::Context> context, const HttpTimes& times) {
  const ExchangeTimes& exchange = times.exchange;
  Fields timings(context);
  timings.set("duration", duration_ms(exchange));
  timings.set("blocked", to_ms(times.blocked));
  timings.set("looking_up", 0.0);
  timings.set("connecting", to_ms(times.connecting));
  timings.set("tls_handshaking", 0.0);
  timings.set("sending", to_ms(exchange.sending));
  timings.set("waiting", to_ms(exchange.waiting));
  timings.set("receiving", to_ms(exchange.receiving));
  return timings.object();
}

v8::Local<v8::Value> make_body(v8::Local<v8::Context> context, const Wanted& wanted, const HttpOutcome& outcome) {
  v8::Isolate* isolate = context->GetIsolate();
  const int status = outcome.head.status;
  if (wanted.is_discarded || status < 200 || status == 204 || status == 304) return v8::Null(isolate);
  if (wanted.is_text) return to_v8(isolate, outcome.body);
  const v8::Local<v8::ArrayBuffer> buffer = v8::ArrayBuffer::New(isolate, outcome.body.size());
  if (!outcome.body.empty()) std::memcpy(buffer->GetBackingStore()->Data(), outcome.body.data(), outcome.body.size());
  return buffer;
}

v8::Local<v8::Object> make_fields(v8::Local<v8::Context> context, const Wanted& wanted, const HttpOutcome& outcome) {
  const int status = outcome.head.status;
  Fields fields(context);
  fields.set("remote_ip", outcome.remote_ip);
  fields.set("remote_port", outcome.remote_port);
  fields.set("url", wanted.url_text);
  fields.set("status", status);
  fields.set("status_text", status == 0 ? std::string() : fmt::format("{} {}", status, outcome.head.reason));
  fields.set("proto", status == 0 ? std::string() : fmt::format("HTTP/1.{}", outcome.head.version_minor));
  fields.set("headers", make_headers(context, outcome.head));
  fields.set("cookies", v8::Object::New(context->GetIsolate()));
  fields.set("body", make_body(context, wanted, outcome));
  fields.set("timings", make_timings(context, outcome.times));
  fields.set("tls_version", "");
  fields.set("tls_cipher_suite", "");
  fields.set("ocsp", v8::Object::New(context->GetIsolate()));
  fields.set("error", outcome.failure.code == 0 ? "" : outcome.failure.text);
  fields.set("error_code", error_code_of(outcome));
  return fields.object();
}

// Whether the script expects the answer; nothing where it does not want to know.
std::optional<bool> ask_script(v8::Local<v8::Context> context, v8::Local<v8::Value> callback, int status) {
  if (!callback->IsFunction()) return std::nullopt;
  v8::Local<v8::Value> argument = v8::Integer::New(context->GetIsolate(), status);
  v8::Local<v8::Value> answer;
  const bool is_done =
      callback.As<v8::Function>()->Call(context, v8::Undefined(context->GetIsolate()), 1, &argument).ToLocal(&answer);
  return is_done && answer->BooleanValue(context->GetIsolate());
}

HttpOutcome send(Vu& vu, v8::Isolate* isolate, const Wanted& wanted) {
  HttpOutcome outcome;
  if (!wanted.url) {
    outcome.failure = {1020, fmt::format("invalid URL: {}", wanted.url_text)};
    return outcome;
  }
  constexpr double kLongestMs = 24.0 * 3600 * 1000;
  const auto timeout = std::chrono::duration<double, std::milli>(std::clamp(wanted.timeout_ms, 0.0, kLongestMs));
  const HttpRequest request{.method = wanted.method,
                            .host = wanted.url->host,
                            .port = wanted.url->port,
                            .bytes = wanted.bytes,
                            .body = wanted.is_discarded ? ResponseParser::Body::discard : ResponseParser::Body::keep,
                            .deadline = std::chrono::steady_clock::now() +
                                        std::chrono::duration_cast<std::chrono::steady_clock::duration>(timeout)};
  const v8::Unlocker unlocker(isolate);
  return vu.client().send(request);
}

}  // namespace

void send_request(const v8::FunctionCallbackInfo<v8::Value>& call) {
  v8::Isolate* isolate = call.GetIsolate();
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  Vu& vu = *vu_of(context);
  Wanted wanted;
  if (!read_wanted(call, wanted)) return;
  if (wanted.url && wanted.url->scheme == "https") return throw_error(isolate, "https is not there yet");
  const HttpOutcome outcome = send(vu, isolate, wanted);
  const bool is_too_late = std::chrono::steady_clock::now() >= vu.deadline();
  if (outcome.was_interrupted || is_too_late) return isolate->TerminateExecution();
  const v8::Local<v8::Value> callback = get(context, call[4].As<v8::Object>(), "callback");
  if (wanted.url) record(vu, wanted, outcome, ask_script(context, callback, outcome.head.status));
  if (outcome.failure.code != 0)
    vu.shared().log(LogLevel::warning, fmt::format("Request Failed: {}", outcome.failure.text), "");
  call.GetReturnValue().Set(make_fields(context, wanted, outcome));
}

}  // namespace gantry::load
