#include "load/vu/request.h"

#include "load/http/content_coding.h"
#include "load/vu/asked.h"
#include "load/vu/flights.h"
#include "load/vu/hop.h"
#include "load/vu/response.h"
#include "load/vu/script_values.h"
#include "load/vu/shapes.h"
#include "load/vu/vu.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::load {

namespace {

using Call = v8::FunctionCallbackInfo<v8::Value>;
using Value = v8::Local<v8::Value>;

// Nothing where the script has thrown, or is to end.
std::optional<LandedHop> fly_at_once(const Call& call, Vu& vu, Hop&& hop, const Asked& asked) {
  v8::Isolate* isolate = call.GetIsolate();
  {
    const v8::Unlocker unlocker(isolate);
    send_hop(vu, vu.waiting(), hop);
  }
  const bool is_too_late = vu.deadline() != kNever && std::chrono::steady_clock::now() >= vu.deadline();
  if (hop.outcome.was_interrupted || is_too_late) {
    isolate->TerminateExecution();
    return std::nullopt;
  }
  record_hop(vu, hop);
  return land_hop(isolate->GetCurrentContext(), vu, hop, asked.url, asked.body);
}

// modules/http_journeys.js goes on.
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

// Of which nothing is sent, or measured.
bool is_no_url(const Hop& hop) { return hop.outcome.failure.code == 1020; }

void request(const Call& call, const GivenRequest& given) {
  v8::Isolate* isolate = call.GetIsolate();
  Vu& vu = vu_of(call);
  const auto [asked, has_thrown] = read(call, vu, given);
  if (has_thrown) return;
  const auto call_with = [&](const v8::Global<v8::Function>& hook, std::initializer_list<Value> first) {
    std::vector<Value> arguments(first);
    arguments.insert(arguments.end(), {to_v8(isolate, given.method), given.url, given.body, given.params});
    call_hook(call, hook, arguments);
  };
  if (!asked) return call_with(vu.hooks().request, {});
  Hop hop = prepare_hop(isolate, vu, *asked);
  if (is_no_url(hop)) return call_with(vu.hooks().request, {});
  const std::optional<LandedHop> landed = fly_at_once(call, vu, std::move(hop), *asked);
  if (!landed) return;
  if (landed->goes_on) return call_with(vu.hooks().settle, {landed->response});
  if (landed->failure && asked->throws) return throw_go_error(isolate, *landed->failure);
  call.GetReturnValue().Set(landed->response);
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
    vu_of(call).shared().log(
        LogLevel::warning,
        fmt::format("http.{} only accepts a url and a params argument (2 arguments), but {} were given", function,
                    call.Length()),
        "");
  }
  request(call, {verb.value, call[0], v8::Undefined(call.GetIsolate()), call[1]});
}

template <Text verb>
void request_with_body(const Call& call) {
  request(call, {verb.value, call[0], call[1], call[2]});
}

void request_of_any_method(const Call& call) {
  std::string verb;
  if (!call[0]->IsNullOrUndefined()) {
    v8::Local<v8::String> text;
    if (!call[0]->ToString(call.GetIsolate()->GetCurrentContext()).ToLocal(&text)) return;
    append_utf8(call.GetIsolate(), text, verb);
  }
  if (verb.empty()) verb = "GET";
  request(call, {verb, call[1], call[2], call[3]});
}

void send(const Call& call) {
  Vu& vu = vu_of(call);
  const std::optional<Asked> asked = read_hop(call.GetIsolate()->GetCurrentContext(), vu, call[0].As<v8::Object>());
  if (!asked) return;
  const auto landed = fly_at_once(call, vu, prepare_hop(call.GetIsolate(), vu, *asked), *asked);
  if (landed) call.GetReturnValue().Set(landed->response);
}

void ready_request(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  Vu& vu = vu_of(call);
  const std::string method = to_text(isolate, call[0]);
  const auto [asked, has_thrown] = read(call, vu, {method, call[1], call[2], call[3]});
  if (has_thrown || !asked) return;
  Hop hop = prepare_hop(isolate, vu, *asked);
  if (!is_no_url(hop)) call.GetReturnValue().Set(vu.flights().make_ready(isolate, std::move(hop), *asked));
}

void ready_hop(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  Vu& vu = vu_of(call);
  const std::optional<Asked> asked = read_hop(isolate->GetCurrentContext(), vu, call[0].As<v8::Object>());
  if (asked) call.GetReturnValue().Set(vu.flights().make_ready(isolate, prepare_hop(isolate, vu, *asked), *asked));
}

void launch(const Call& call) {
  const v8::Local<v8::Context> context = call.GetIsolate()->GetCurrentContext();
  const auto number = [&](int i) { return call[i]->Uint32Value(context).FromMaybe(0); };
  if (const auto launched = vu_of(call).flights().launch(number(0), number(1)); !launched)
    throw_error(call.GetIsolate(), launched.error().message);
}

void landed(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  Vu& vu = vu_of(call);
  SteadyTime until = vu.deadline();
  if (call[1]->IsNumber()) {
    const std::chrono::duration<double, std::milli> wait(call[1].As<v8::Number>()->Value());
    until = std::min(until, std::chrono::steady_clock::now() +
                                std::chrono::duration_cast<std::chrono::steady_clock::duration>(wait));
  }
  const auto next = vu.flights().take_landed(call[0]->Uint32Value(context).FromMaybe(0), until);
  const bool is_too_late = vu.deadline() != kNever && std::chrono::steady_clock::now() >= vu.deadline();
  if (is_too_late || vu.member().is_interrupted()) return isolate->TerminateExecution();
  if (!next) return;
  const Flight& flight = *next->flight;
  const auto hop = land_hop(context, vu, flight.hop, flight.url.Get(isolate), flight.body.Get(isolate));
  if (!hop) return;
  std::array<Value, 4> answer = {v8::Integer::NewFromUnsigned(isolate, next->number), hop->response,
                                 v8::Boolean::New(isolate, hop->goes_on),
                                 v8::Boolean::New(isolate, flight.hop.terms.throws)};
  call.GetReturnValue().Set(v8::Array::New(isolate, answer.data(), answer.size()));
}

void check_url(const Call& call) {
  const std::string text = to_text(call.GetIsolate(), call[0]);
  if (Url::parse(text)) return;
  if (const UrlFault fault = find_url_fault(text); fault.is_invalid)
    call.GetReturnValue().Set(to_v8(call.GetIsolate(), fault.text));
}

void params_of(const Call& call) {
  Value read;
  if (read_params(call.GetIsolate()->GetCurrentContext(), vu_of(call), call[0].As<v8::Object>()).ToLocal(&read))
    call.GetReturnValue().Set(read);
}

void request_options(const Call& call) {
  const RequestOptions& options = vu_of(call).shared().requests;
  Fields fields(call.GetIsolate()->GetCurrentContext());
  fields.set("redirects", static_cast<double>(options.redirects_max));
  fields.set("discardsBodies", options.discards_bodies);
  fields.set("throws", options.throws);
  fields.set("resetsCookies", options.resets_cookies);
  fields.set("userAgent", std::string_view(options.user_agent));
  fields.set("batch", static_cast<double>(options.batch));
  fields.set("batchPerHost", static_cast<double>(options.batch_per_host));
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

void expect_statuses(const Call& call) {
  std::optional<ExpectedStatuses> expected = read_expected(call.GetIsolate()->GetCurrentContext(), call[0]);
  call.GetReturnValue().Set(expected.has_value());
  if (expected) vu_of(call).hooks().expected = *std::move(expected);
}

// A body (a string or an ArrayBuffer) with the codings of a list, as an ArrayBuffer; a text that says what is wrong with the list.
void compressed(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  std::string body;
  if (call[0]->IsArrayBuffer()) {
    const std::shared_ptr<v8::BackingStore> store = call[0].As<v8::ArrayBuffer>()->GetBackingStore();
    body.assign(static_cast<const char*>(store->Data()), store->ByteLength());
  } else {
    append_utf8(isolate, call[0].As<v8::String>(), body);
  }
  const auto coded = encode_content(std::move(body), to_text(isolate, call[1]));
  if (coded)
    call.GetReturnValue().Set(to_buffer(isolate, *coded));
  else
    call.GetReturnValue().Set(to_v8(isolate, coded.error()));
}

// What the first answer to a request may be that waits to be asked who it is: 401, and as it may be anyway where the second argument says so.
void expect_401(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  const ExpectedStatuses own = call[0]->IsUndefined() ? vu_of(call).hooks().expected
                                                      : read_expected(context, call[0]).value_or(ExpectedStatuses());
  if (!own) return call.GetReturnValue().SetNull();
  std::vector<StatusRange> ranges = {{401, 401}};
  if (call[1]->IsTrue()) ranges.insert(ranges.end(), own->begin(), own->end());
  std::vector<Value> bounds;
  for (const auto& [min, max] : ranges)
    for (const int bound : {min, max}) bounds.push_back(v8::Integer::New(isolate, bound));
  call.GetReturnValue().Set(make_expected(context, v8::Array::New(isolate, bounds.data(), bounds.size())));
}

void make_expected_statuses(const Call& call) {
  call.GetReturnValue().Set(make_expected(call.GetIsolate()->GetCurrentContext(), call[0].As<v8::Array>()));
}

void may_have_cookies(const Call& call) { vu_of(call).hooks().may_have_cookies = call[0]->IsTrue(); }

}  // namespace

std::span<const Native> request_natives() {
  static constexpr std::array<Native, 25> kNatives = {{{"httpGet", request_without_body<"GET">},
                                                       {"httpHead", request_without_body<"HEAD">},
                                                       {"httpPost", request_with_body<"POST">},
                                                       {"httpPut", request_with_body<"PUT">},
                                                       {"httpPatch", request_with_body<"PATCH">},
                                                       {"httpDel", request_with_body<"DELETE">},
                                                       {"httpOptions", request_with_body<"OPTIONS">},
                                                       {"httpRequest", request_of_any_method},
                                                       {"send", send},
                                                       {"readyRequest", ready_request},
                                                       {"readyHop", ready_hop},
                                                       {"launch", launch},
                                                       {"landed", landed},
                                                       {"checkUrl", check_url},
                                                       {"readParams", params_of},
                                                       {"makeExpected", make_expected_statuses},
                                                       {"expect401", expect_401},
                                                       {"compressed", compressed},
                                                       {"failedResponse", failed_response},
                                                       {"failureOf", failure_of},
                                                       {"setHttpHooks", set_http_hooks},
                                                       {"expectStatuses", expect_statuses},
                                                       {"mayHaveCookies", may_have_cookies},
                                                       {"givenCookies", given_cookies},
                                                       {"requestOptions", request_options}}};
  return kNatives;
}

}  // namespace gantry::load
