#include "load/vu/response.h"

#include "load/vu/hop.h"
#include "load/vu/pair_text.h"
#include "load/vu/script_values.h"
#include "load/vu/shapes.h"
#include "load/vu/vu.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace gantry::load {

namespace {

// What an answer's text begins with; its texts follow, in the order of their sizes.
struct Facts {
  ExchangeTimes exchange = {};
  std::chrono::nanoseconds blocked{0};
  std::chrono::nanoseconds connecting{0};
  std::chrono::nanoseconds tls_handshaking{0};
  std::int32_t status = 0;
  HttpVersion version = HttpVersion::http1_1;
  std::int32_t error_code = 0;
  std::uint32_t port = 0;
  enum Text : std::size_t {
    reason,
    error,
    detail,
    ip,
    tls_version,
    tls_cipher,
    ocsp,  // an OcspStaple; "" where there is none
    method,
    sent_headers,
    head,
    places,
    text_count
  };
  std::array<std::uint32_t, text_count> sizes = {};
};
static_assert(std::is_trivially_copyable_v<Facts> && std::is_trivially_copyable_v<OcspStaple>);
static_assert(KeptBody::kBytesMax <= v8::String::kMaxLength);

// The internal fields of a Response: its text, what it has parsed, what was sent, and its members, undefined until they are made.
// Those of its timings: its text, and what a script has set.
enum Field : int { record, json, sent_body, first_member, first_timing = json };

constexpr int slot_of(int member) { return Field::first_member + member; }

std::string write_record(const SentRequest& sent, const HttpOutcome& outcome) {
  const Headers& headers = outcome.head.headers;
  const Link& link = outcome.link();
  const std::array<std::string_view, Facts::text_count> texts = {
      outcome.head.reason,
      outcome.failure.text,
      outcome.failure.detail,
      link.ip,
      link.tls_version,
      link.tls_cipher,
      std::string_view(reinterpret_cast<const char*>(link.ocsp.get()), link.ocsp ? sizeof(OcspStaple) : 0),
      sent.method,
      sent.headers,
      headers.text(),
      std::string_view(reinterpret_cast<const char*>(headers.places().data()),
                       headers.size() * sizeof(Headers::Place))};
  Facts facts{.exchange = outcome.times.exchange,
              .blocked = outcome.times.blocked,
              .connecting = outcome.times.connecting,
              .tls_handshaking = outcome.times.tls_handshaking,
              .status = outcome.head.status,
              .version = outcome.head.version,
              .error_code = error_code_of(outcome),
              .port = link.port};
  std::size_t size = sizeof facts;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    facts.sizes[i] = static_cast<std::uint32_t>(texts[i].size());
    size += texts[i].size();
  }
  std::string bytes;
  bytes.reserve(size);
  bytes.append(reinterpret_cast<const char*>(&facts), sizeof facts);
  for (const std::string_view text : texts) bytes.append(text);
  return bytes;
}

void copy_text(v8::Isolate* isolate, v8::Local<v8::String> text, void* to, std::size_t size) {
  text->WriteOneByte(isolate, static_cast<std::uint8_t*>(to), 0, static_cast<int>(size),
                     v8::String::NO_NULL_TERMINATION);
}

class Record {
 public:
  Record(v8::Isolate* isolate, v8::Local<v8::String> text) : bytes_(static_cast<std::size_t>(text->Length()), '\0') {
    copy_text(isolate, text, bytes_.data(), bytes_.size());
    std::memcpy(&facts_, bytes_.data(), sizeof facts_);
  }
  const Facts& facts() const { return facts_; }
  std::string_view text(Facts::Text which) const {
    std::size_t at = sizeof facts_;
    for (std::size_t i = 0; i < which; ++i) at += facts_.sizes[i];
    return std::string_view(bytes_).substr(at, facts_.sizes[which]);
  }
  std::vector<Headers::Pair> headers() const {
    const std::string_view head = text(Facts::head);
    const std::string_view places = text(Facts::places);
    std::vector<Headers::Pair> pairs(places.size() / sizeof(Headers::Place));
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      Headers::Place place;
      std::memcpy(&place, places.data() + i * sizeof place, sizeof place);
      pairs[i] = {head.substr(place.name_at, place.name_size), head.substr(place.value_at, place.value_size)};
    }
    return pairs;
  }

 private:
  std::string bytes_;
  Facts facts_ = {};
};

using Context = v8::Local<v8::Context>;
using Value = v8::Local<v8::Value>;

Value to_text_of(Context context, const Record& record, Facts::Text which) {
  return to_v8(context->GetIsolate(), record.text(which));
}

Value make_ip(Context context, const Record& record) { return to_text_of(context, record, Facts::ip); }
Value make_error(Context context, const Record& record) { return to_text_of(context, record, Facts::error); }
Value make_tls_version(Context context, const Record& record) {
  return to_text_of(context, record, Facts::tls_version);
}
Value make_tls_cipher(Context context, const Record& record) { return to_text_of(context, record, Facts::tls_cipher); }
// Of a plain connection all of it is empty.
Value make_ocsp(Context context, const Record& record) {
  const std::string_view bytes = record.text(Facts::ocsp);
  const bool is_told = !record.text(Facts::tls_version).empty();
  OcspStaple staple{0, 0, 0, 0, "", is_told ? ocsp_status(nullptr) : ""};
  if (bytes.size() == sizeof staple) std::memcpy(&staple, bytes.data(), sizeof staple);
  Fields fields(context);
  fields.set("produced_at", static_cast<double>(staple.produced_at));
  fields.set("this_update", static_cast<double>(staple.this_update));
  fields.set("next_update", static_cast<double>(staple.next_update));
  fields.set("revoked_at", static_cast<double>(staple.revoked_at));
  fields.set("revocation_reason", staple.revocation_reason);
  fields.set("status", staple.status);
  return fields.object();
}

Value make_empty(Context context, const Record&) { return v8::Object::New(context->GetIsolate()); }

Value make_port(Context context, const Record& record) {
  return v8::Integer::NewFromUnsigned(context->GetIsolate(), record.facts().port);
}
Value make_error_code(Context context, const Record& record) {
  return v8::Integer::New(context->GetIsolate(), record.facts().error_code);
}
Value make_status_text(Context context, const Record& record) {
  const int status = record.facts().status;
  const std::string text = status == 0 ? "" : fmt::format("{} {}", status, record.text(Facts::reason));
  return to_v8(context->GetIsolate(), text);
}
Value make_proto(Context context, const Record& record) {
  const Facts& facts = record.facts();
  return to_v8(context->GetIsolate(), facts.status == 0 ? std::string_view() : to_string(facts.version));
}

Value make_headers(Context context, const Record& record) {
  std::vector<std::pair<std::string, std::string>> joined;
  for (const auto& [name, value] : record.headers()) {
    std::string key = canonical_header(name);
    const auto known =
        std::ranges::find(joined, key, [](const auto& header) -> const std::string& { return header.first; });
    if (known != joined.end())
      known->second.append(", ").append(value);
    else
      joined.emplace_back(std::move(key), value);
  }
  Fields headers(context);
  for (const auto& [name, value] : joined) headers.set(name, std::string_view(value));
  return headers.object();
}

constexpr std::array<std::string_view, 8> kTimings = {"duration",        "blocked", "looking_up", "connecting",
                                                      "tls_handshaking", "sending", "waiting",    "receiving"};

// They have the text of their answer: most scripts look at one of them, and to make that is as much work as to fill one in.
Value make_timings(Context context, Value text) {
  v8::Isolate* isolate = context->GetIsolate();
  const v8::Local<v8::Object> timings = shapes_of(context).timings.Get(isolate)->NewInstance(context).ToLocalChecked();
  timings->SetInternalField(Field::record, text);
  return timings;
}

// In the order of kTimings.
double timing_of(const Facts& facts, int which) {
  const std::array<std::chrono::nanoseconds, kTimings.size()> times = {
      facts.exchange.duration(), facts.blocked,           {},
      facts.connecting,          facts.tls_handshaking,   facts.exchange.sending,
      facts.exchange.waiting,    facts.exchange.receiving};
  return to_ms(times[static_cast<std::size_t>(which)]);
}

// Each name with a list, as Go has them. Url and body are those of the Response, added by its caller. Of a Response that nothing was sent
// for there is none.
Value make_request(Context context, const Record& record) {
  v8::Isolate* isolate = context->GetIsolate();
  if (record.text(Facts::method).empty()) return v8::Null(isolate);
  Fields headers(context);
  const auto add = [&](std::string_view name, std::string_view value) {
    Value text = to_v8(isolate, value);
    headers.set(name, v8::Array::New(isolate, &text, 1));
  };
  add("User-Agent", vu_of(context)->shared().requests.user_agent);
  for (std::string_view rest = record.text(Facts::sent_headers); !rest.empty();) {
    const std::string_view name = take_text(rest);
    const std::string_view value = take_text(rest);
    if (name != "Content-Length") add(name, value);
  }
  Fields request(context);
  request.set("method", record.text(Facts::method));
  request.set("url", std::string_view());
  request.set("headers", headers.object());
  request.set("body", std::string_view());
  request.set("cookies", v8::Object::New(context->GetIsolate()));
  return request.object();
}

struct MemberOf {
  const char* name;
  Value (*make)(Context context, const Record& record);  // null for one that is made of nothing in the record
};
enum Own : int { url = 2, status = 3, body = 8, timings = 9, request = 15 };
constexpr std::array<MemberOf, 16> kMembers = {{{"remote_ip", make_ip},
                                                {"remote_port", make_port},
                                                {"url", nullptr},
                                                {"status", nullptr},
                                                {"status_text", make_status_text},
                                                {"proto", make_proto},
                                                {"headers", make_headers},
                                                {"cookies", make_empty},
                                                {"body", nullptr},
                                                {"timings", nullptr},
                                                {"tls_version", make_tls_version},
                                                {"tls_cipher_suite", make_tls_cipher},
                                                {"ocsp", make_ocsp},
                                                {"error", make_error},
                                                {"error_code", make_error_code},
                                                {"request", make_request}}};

Value make_member(Context context, v8::Local<v8::Object> response, int member) {
  const Value text = response->GetInternalField(Field::record);
  const auto make = kMembers[static_cast<std::size_t>(member)].make;
  if (text->IsString() && member == Own::timings) return make_timings(context, text);
  if (!text->IsString() || !make) return v8::Undefined(context->GetIsolate());  // of a Response that a script has made
  const Value value = make(context, Record(context->GetIsolate(), text.As<v8::String>()));
  if (member == Own::request && value->IsObject()) {
    Fields more(context, value.As<v8::Object>());
    more.set("url", response->GetInternalField(slot_of(Own::url)));
    const Value sent = response->GetInternalField(Field::sent_body);
    if (!sent->IsUndefined()) more.set("body", sent);
  }
  return value;
}

// For undefined, where a script has set a member to it.
Value stand_in(v8::Isolate* isolate) { return v8::Symbol::GetUnscopables(isolate); }

void get_member(v8::Local<v8::Name>, const v8::PropertyCallbackInfo<v8::Value>& info) {
  const int member = info.Data().As<v8::Int32>()->Value();
  const v8::Local<v8::Object> response = info.Holder();
  Value value = response->GetInternalField(slot_of(member));
  if (value->IsUndefined()) {
    value = make_member(info.GetIsolate()->GetCurrentContext(), response, member);
    response->SetInternalField(slot_of(member), value);
  } else if (value == stand_in(info.GetIsolate())) {
    return;
  }
  info.GetReturnValue().Set(value);
}

void set_member(v8::Local<v8::Name>, Value value, const v8::PropertyCallbackInfo<void>& info) {
  if (value->IsUndefined()) value = stand_in(info.GetIsolate());
  info.Holder()->SetInternalField(slot_of(info.Data().As<v8::Int32>()->Value()), value);
}

void get_timing(v8::Local<v8::Name>, const v8::PropertyCallbackInfo<v8::Value>& info) {
  v8::Isolate* isolate = info.GetIsolate();
  const int which = info.Data().As<v8::Int32>()->Value();
  const Value value = info.Holder()->GetInternalField(Field::first_timing + which);
  if (value == stand_in(isolate)) return;
  if (!value->IsUndefined()) return info.GetReturnValue().Set(value);
  Facts facts;
  copy_text(isolate, info.Holder()->GetInternalField(Field::record).As<v8::String>(), &facts, sizeof facts);
  info.GetReturnValue().Set(timing_of(facts, which));
}

void set_timing(v8::Local<v8::Name>, Value value, const v8::PropertyCallbackInfo<void>& info) {
  if (value->IsUndefined()) value = stand_in(info.GetIsolate());
  info.Holder()->SetInternalField(Field::first_timing + info.Data().As<v8::Int32>()->Value(), value);
}

// json(), for a body that is JSON, without a path. All else is for modules/response_json.js.
void parse_json(const v8::FunctionCallbackInfo<v8::Value>& call) {
  v8::Isolate* isolate = call.GetIsolate();
  const Context context = isolate->GetCurrentContext();
  const v8::Local<v8::Object> response = call.Holder();
  if (call[0]->IsUndefined()) {
    Value value = response->GetInternalField(Field::json);
    if (!value->IsUndefined()) return call.GetReturnValue().Set(value);
    const Value text = response->GetInternalField(slot_of(Own::body));
    const v8::TryCatch caught(isolate);
    if (text->IsString() && v8::JSON::Parse(context, text.As<v8::String>()).ToLocal(&value)) {
      response->SetInternalField(Field::json, value);
      return call.GetReturnValue().Set(value);
    }
  }
  Value arguments[] = {response, call[0]};
  Value value;
  if (vu_of(call).hooks().json.Get(isolate)->Call(context, v8::Undefined(isolate), 2, arguments).ToLocal(&value))
    call.GetReturnValue().Set(value);
}

Value make_body(v8::Isolate* isolate, ResponseType type, const HttpOutcome& outcome) {
  const int code = outcome.head.status;
  if (type == ResponseType::none || code < 200 || code == 204 || code == 304) return v8::Null(isolate);
  if (type == ResponseType::text) return to_v8(isolate, outcome.body.text());
  return to_buffer(isolate, outcome.body.text());
}

}  // namespace

double duration_ms(const ExchangeTimes& times) { return to_ms(times.duration()); }

int error_code_of(const HttpOutcome& outcome) {
  if (outcome.failure.code != 0) return outcome.failure.code;
  return outcome.head.status >= 400 ? 1000 + outcome.head.status : 0;
}

ClassShape response_shape(v8::Isolate* isolate) {
  const v8::Local<v8::FunctionTemplate> made = v8::FunctionTemplate::New(isolate);
  made->SetClassName(to_v8(isolate, "Response"));
  const v8::Local<v8::ObjectTemplate> instance = made->InstanceTemplate();
  instance->SetInternalFieldCount(Field::first_member + static_cast<int>(kMembers.size()));
  // V8 gives them to an object the last one first.
  for (std::size_t i = kMembers.size(); i-- > 0;)
    instance->SetNativeDataProperty(to_v8(isolate, kMembers[i].name).As<v8::Name>(), get_member, set_member,
                                    v8::Integer::New(isolate, static_cast<int>(i)));
  ClassShape shape{.made = {isolate, made}};
  shape.methods.push_back(make_native_shape(isolate, "json", parse_json, v8::Signature::New(isolate, made)));
  return shape;
}

v8::Local<v8::ObjectTemplate> timings_template(v8::Isolate* isolate) {
  const v8::Local<v8::ObjectTemplate> timings = v8::ObjectTemplate::New(isolate);
  timings->SetInternalFieldCount(Field::first_timing + static_cast<int>(kTimings.size()));
  for (std::size_t i = kTimings.size(); i-- > 0;)
    timings->SetNativeDataProperty(internalize(isolate, kTimings[i]).As<v8::Name>(), get_timing, set_timing,
                                   v8::Integer::New(isolate, static_cast<int>(i)));
  return timings;
}

v8::Local<v8::Object> make_response(v8::Local<v8::Context> context, const Shapes& shapes, const SentRequest& sent,
                                    ResponseType type, const HttpOutcome& outcome) {
  v8::Isolate* isolate = context->GetIsolate();
  const v8::Local<v8::Object> response = shapes.response_instance.Get(isolate)->NewInstance(context).ToLocalChecked();
  const std::string text = write_record(sent, outcome);
  response->SetInternalField(Field::record, to_v8_bytes(isolate, text));
  if (!sent.body->IsUndefined()) response->SetInternalField(Field::sent_body, sent.body);
  const auto set = [&](Own member, Value value) { response->SetInternalField(slot_of(member), value); };
  set(Own::url, sent.url);
  set(Own::status, v8::Integer::New(isolate, outcome.head.status));
  set(Own::body, make_body(isolate, type, outcome));
  return response;
}

void failed_response(const v8::FunctionCallbackInfo<v8::Value>& call) {
  v8::Isolate* isolate = call.GetIsolate();
  HttpOutcome outcome;
  outcome.failure = {call[1]->Int32Value(isolate->GetCurrentContext()).FromMaybe(0), to_text(isolate, call[0])};
  const SentRequest nothing{{}, {}, v8::String::Empty(isolate), v8::Undefined(isolate)};
  call.GetReturnValue().Set(
      make_response(isolate->GetCurrentContext(), shapes_of(call), nothing, ResponseType::none, outcome));
}

void failure_of(const v8::FunctionCallbackInfo<v8::Value>& call) {
  v8::Isolate* isolate = call.GetIsolate();
  const v8::Local<v8::Object> response = call[0].As<v8::Object>();
  const Record record(isolate, response->GetInternalField(Field::record).As<v8::String>());
  const HttpFailure failure{record.facts().error_code, std::string(record.text(Facts::error)),
                            std::string(record.text(Facts::detail))};
  const std::string url = to_text(isolate, response->GetInternalField(slot_of(Own::url)));
  call.GetReturnValue().Set(to_v8(isolate, describe_failure(record.text(Facts::method), url, failure)));
}

void given_cookies(const v8::FunctionCallbackInfo<v8::Value>& call) {
  v8::Isolate* isolate = call.GetIsolate();
  const Record record(isolate, call[0].As<v8::Object>()->GetInternalField(Field::record).As<v8::String>());
  std::vector<Value> cookies;
  for (const auto& [name, value] : record.headers())
    if (canonical_header(name) == "Set-Cookie") cookies.push_back(to_v8(isolate, value));
  if (!cookies.empty()) call.GetReturnValue().Set(v8::Array::New(isolate, cookies.data(), cookies.size()));
}

}  // namespace gantry::load
