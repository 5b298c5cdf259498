#include "load/vu/web_sockets.h"

#include "load/http/url.h"
#include "load/vu/natives.h"
#include "load/vu/script_values.h"
#include "load/vu/vu.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gantry::load {

namespace {

using Call = v8::FunctionCallbackInfo<v8::Value>;
using std::chrono::steady_clock;

constexpr auto kHandshakeTimeout = std::chrono::seconds(60);
constexpr auto kControlTimeout = std::chrono::seconds(10);  // of pings, pongs and closes, as k6 has it

bool is_late(const Vu& vu) { return vu.deadline() != kNever && steady_clock::now() >= vu.deadline(); }

WebSockets& sockets_of(Vu& vu) {
  if (!vu.hooks().sockets) vu.hooks().sockets = std::make_shared<WebSockets>();
  return *vu.hooks().sockets;
}

std::string text_at(const Call& call, v8::Local<v8::Object> object, const char* name) {
  const v8::Local<v8::Value> value =
      object->Get(call.GetIsolate()->GetCurrentContext(), to_v8(call.GetIsolate(), name)).ToLocalChecked();
  return value->IsNullOrUndefined() ? std::string() : to_text(call.GetIsolate(), value);
}

// "ws://…" as a URL of HTTP; nothing for what is none.
std::optional<Url> parse_url(std::string text) {
  if (text.starts_with("ws://") || text.starts_with("wss://")) return Url::parse("http" + text.substr(2));
  return std::nullopt;
}

void set_answer(Fields& fields, v8::Isolate* isolate, const WebSocketOutcome& outcome) {
  fields.set("status", static_cast<double>(outcome.head.status));
  fields.set("body", outcome.body);
  fields.set("error", outcome.failure);
  fields.set("ip", outcome.remote_ip);
  fields.set("ms", to_ms(outcome.connecting));
  fields.set("isOpen", outcome.socket != nullptr);
  const v8::Local<v8::Array> headers = v8::Array::New(isolate);
  for (std::size_t i = 0; i < outcome.head.headers.size(); ++i)
    for (const std::string_view text : {outcome.head.headers[i].first, outcome.head.headers[i].second})
      headers->Set(isolate->GetCurrentContext(), headers->Length(), to_v8_bytes(isolate, text)).Check();
  fields.set("headers", headers);
}

// wsOpen({url, headers, protocols, deflates}): what the server answered, and a number where there is a socket. `headers` are lines.
void open(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  Vu& vu = vu_of(call);
  const v8::Local<v8::Object> asked = call[0].As<v8::Object>();
  const std::optional<Url> url = parse_url(text_at(call, asked, "url"));
  WebSocketOutcome outcome;
  std::string went_to;
  if (url) {
    const std::string headers = text_at(call, asked, "headers");
    const std::string protocols = text_at(call, asked, "protocols");
    const bool deflates = asked->Get(context, to_v8(isolate, "deflates")).ToLocalChecked()->IsTrue();
    const WebSocketRequest request{.host = url->host,
                                   .port = url->port,
                                   .is_secure = url->scheme == "https",
                                   .authority = url->authority,
                                   .target = url->target,
                                   .headers = headers,
                                   .protocols = protocols,
                                   .compression = deflates ? WebSocketCompression::deflate : WebSocketCompression::none,
                                   .deadline = std::min(vu.deadline(), steady_clock::now() + kHandshakeTimeout)};
    const v8::Unlocker unlocker(isolate);
    outcome = open_websocket(vu.client(), request);
    went_to = fmt::format("{}:{}", url->host, url->port);
  } else {
    outcome.failure = "malformed ws or wss URL";
  }
  if (outcome.was_interrupted || is_late(vu)) return isolate->TerminateExecution();
  std::uint64_t* count = nullptr;
  vu.note_place(went_to, count);
  Fields answer(context);
  set_answer(answer, isolate, outcome);
  if (outcome.socket) {
    WebSockets& sockets = sockets_of(vu);
    sockets.open.emplace(++sockets.last, std::move(outcome.socket));
    answer.set("number", static_cast<double>(sockets.last));
  }
  call.GetReturnValue().Set(answer.object());
}

WebSocketNumber number_of(const Call& call, int argument) {
  return call[argument]->Uint32Value(call.GetIsolate()->GetCurrentContext()).FromMaybe(0);
}

std::string payload_of(v8::Isolate* isolate, v8::Local<v8::Value> value) {
  std::string payload;
  if (value->IsString()) {
    append_utf8(isolate, value.As<v8::String>(), payload);
  } else if (value->IsUint8Array()) {
    const v8::Local<v8::Uint8Array> array = value.As<v8::Uint8Array>();
    payload.assign(static_cast<const char*>(array->Buffer()->GetBackingStore()->Data()) + array->ByteOffset(),
                   array->ByteLength());
  }
  return payload;
}

// wsSend(number, opcode, payload): what went wrong, or undefined.
void send(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  Vu& vu = vu_of(call);
  const auto socket = sockets_of(vu).open.find(number_of(call, 0));
  if (socket == sockets_of(vu).open.end()) return call.GetReturnValue().Set(to_v8(isolate, "websocket: close sent"));
  const auto opcode = static_cast<WebSocketOpcode>(number_of(call, 1));
  const std::string payload = payload_of(isolate, call[2]);
  const bool is_message = opcode == WebSocketOpcode::text || opcode == WebSocketOpcode::binary;
  const SteadyTime deadline =
      is_message ? vu.deadline() : std::min(vu.deadline(), steady_clock::now() + kControlTimeout);
  std::expected<void, HttpFailure> sent;
  {
    const v8::Unlocker unlocker(isolate);
    sent = socket->second->send(opcode, payload, deadline);
  }
  if (sent) return;
  if (sent.error().code == 0 || is_late(vu)) return isolate->TerminateExecution();
  call.GetReturnValue().Set(to_v8(isolate, sent.error().text));
}

// wsClose(number, code, reason): the frame that says goodbye; what went wrong, or undefined.
void send_close(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  Vu& vu = vu_of(call);
  const auto socket = sockets_of(vu).open.find(number_of(call, 0));
  if (socket == sockets_of(vu).open.end()) return;
  std::string reason;
  if (call[2]->IsString()) append_utf8(isolate, call[2].As<v8::String>(), reason);
  const std::string payload = websocket_close_payload(static_cast<std::uint16_t>(number_of(call, 1)), reason);
  std::expected<void, HttpFailure> sent;
  {
    const v8::Unlocker unlocker(isolate);
    sent = socket->second->send(WebSocketOpcode::close, payload, steady_clock::now() + kControlTimeout);
  }
  if (!sent && sent.error().code != 0) call.GetReturnValue().Set(to_v8(isolate, sent.error().text));
}

void drop(const Call& call) { sockets_of(vu_of(call)).open.erase(number_of(call, 0)); }

v8::Local<v8::Array> to_array(v8::Isolate* isolate, WebSocketNumber number, const WebSocketEvent& event) {
  constexpr std::array<const char*, 6> kKinds = {"text", "binary", "ping", "pong", "close", "failed"};
  const bool is_binary = event.kind == WebSocketEvent::Kind::binary;
  std::array<v8::Local<v8::Value>, 4> values = {
      v8::Number::New(isolate, number), to_v8(isolate, kKinds[static_cast<std::size_t>(event.kind)]),
      is_binary ? to_buffer(isolate, event.data).As<v8::Value>() : to_v8(isolate, event.data).As<v8::Value>(),
      v8::Number::New(isolate, event.code)};
  // What the reader found wrong, and a close of its own making, are told in k6's words.
  if (event.kind == WebSocketEvent::Kind::failed) values[2] = to_v8(isolate, "websocket: " + event.data);
  if (event.kind == WebSocketEvent::Kind::close) {
    const std::string reason = event.data.empty() ? "" : ": " + event.data;
    v8::Local<v8::Value> more[] = {
        to_v8(isolate, fmt::format("websocket: close {}{}", describe_close(event.code), reason))};
    const v8::Local<v8::Array> array = v8::Array::New(isolate, values.data(), values.size());
    array->Set(isolate->GetCurrentContext(), 4, more[0]).Check();
    return array;
  }
  return v8::Array::New(isolate, values.data(), values.size());
}

// What the first of some sockets has; else they are waited for, until the time has come.
struct Heard {
  WebSocketNumber number;
  WebSocketEvent event;
};
std::optional<Heard> listen(Vu& vu, std::span<const WebSocketNumber> numbers, SteadyTime until) {
  WebSockets& sockets = sockets_of(vu);
  std::vector<Socket*> waited_for;
  for (;;) {
    waited_for.clear();
    for (const WebSocketNumber number : numbers)
      if (const auto socket = sockets.open.find(number); socket != sockets.open.end()) {
        if (std::optional<WebSocketEvent> event = socket->second->next()) return Heard{number, *std::move(event)};
        waited_for.push_back(&socket->second->socket());
      }
    if (vu.shared().crew.wait_for_any(vu.member(), waited_for, Socket::readable, until) != Wake::ready)
      return std::nullopt;
  }
}

// wsNext(numbers, ms): [number, kind, data, code], or undefined once so long has passed; without `ms` it waits for as long as it takes.
void next(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  Vu& vu = vu_of(call);
  std::vector<WebSocketNumber> numbers;
  const v8::Local<v8::Array> given = call[0].As<v8::Array>();
  for (std::uint32_t i = 0; i < given->Length(); ++i)
    numbers.push_back(given->Get(context, i).ToLocalChecked()->Uint32Value(context).FromMaybe(0));
  SteadyTime until = vu.deadline();
  if (call[1]->IsNumber()) {
    constexpr double kLongestMs = 1e10;
    const auto wait =
        std::chrono::duration<double, std::milli>(std::clamp(call[1].As<v8::Number>()->Value(), 0.0, kLongestMs));
    until = std::min(until, steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(wait));
  }
  std::optional<Heard> heard;
  {
    const v8::Unlocker unlocker(isolate);
    heard = listen(vu, numbers, until);
  }
  if (heard) return call.GetReturnValue().Set(to_array(isolate, heard->number, heard->event));
  if (!vu.member().is_interrupted() && !is_late(vu)) return;
  // The iteration is over, and so is what it listened to: its script gets no turn to say goodbye.
  sockets_of(vu).open.clear();
  isolate->TerminateExecution();
}

// Names and values by turns.
std::vector<Tag> read_pairs(v8::Isolate* isolate, v8::Local<v8::Array> given) {
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  std::vector<Tag> pairs;
  for (std::uint32_t i = 0; i + 1 < given->Length(); i += 2)
    pairs.emplace_back(to_text(isolate, given->Get(context, i).ToLocalChecked()),
                       to_text(isolate, given->Get(context, i + 1).ToLocalChecked()));
  return pairs;
}

// wsTags(the script's, system tags): what stands for them, with those that all samples of the VU have now.
void tags(const Call& call) {
  Vu& vu = vu_of(call);
  std::vector<Tag> more = read_pairs(call.GetIsolate(), call[0].As<v8::Array>());
  std::vector<Tag> system = read_pairs(call.GetIsolate(), call[1].As<v8::Array>());
  std::erase_if(system, [&](const Tag& tag) {
    const std::optional<SystemTag> known = find_system_tag(tag.first);
    return known && !vu.shared().system_tags.has(*known);
  });
  more.insert(more.end(), system.begin(), system.end());
  call.GetReturnValue().Set(vu.tags(more));
}

// wsRecord(metric, value, tags)
void record(const Call& call) {
  constexpr std::array<std::pair<std::string_view, BuiltInMetric>, 6> kMetrics = {
      {{"ws_sessions", BuiltInMetric::ws_sessions},
       {"ws_connecting", BuiltInMetric::ws_connecting},
       {"ws_session_duration", BuiltInMetric::ws_session_duration},
       {"ws_msgs_sent", BuiltInMetric::ws_msgs_sent},
       {"ws_msgs_received", BuiltInMetric::ws_msgs_received},
       {"ws_ping", BuiltInMetric::ws_ping}}};
  Vu& vu = vu_of(call);
  const std::string name = to_text(call.GetIsolate(), call[0]);
  const auto* metric = std::ranges::find(kMetrics, name, &std::pair<std::string_view, BuiltInMetric>::first);
  if (metric != kMetrics.end())
    vu.record(metric->second, call[1].As<v8::Number>()->Value(), number_of(call, 2), vu.since_start());
}

void agent(const Call& call) {
  call.GetReturnValue().Set(to_v8(call.GetIsolate(), vu_of(call).shared().requests.user_agent));
}

constexpr std::array<Native, 8> kNatives = {{{"wsOpen", open},
                                             {"wsSend", send},
                                             {"wsClose", send_close},
                                             {"wsDrop", drop},
                                             {"wsNext", next},
                                             {"wsTags", tags},
                                             {"wsRecord", record},
                                             {"userAgent", agent}}};

}  // namespace

NativeExports websocket_natives(v8::Local<v8::Context> context) {
  NativeExports exports;
  for (const Native& native : kNatives)
    exports.emplace_back(internalize(context->GetIsolate(), native.name),
                         v8::Function::New(context, native.function).ToLocalChecked());
  return exports;
}

}  // namespace gantry::load
