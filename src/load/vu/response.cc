#include "load/vu/response.h"

#include "load/vu/script_values.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::load {

namespace {

// "content-type" -> "Content-Type", as Go has it.
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

v8::Local<v8::Value> make_headers(v8::Local<v8::Context> context, const ResponseHead& head) {
  std::vector<std::pair<std::string, std::string>> joined;
  for (const auto& [name, value] : head.headers) {
    std::string key = canonical(name);
    const auto known =
        std::ranges::find(joined, key, [](const auto& header) -> const std::string& { return header.first; });
    if (known != joined.end())
      known->second += ", " + value;
    else
      joined.emplace_back(std::move(key), value);
  }
  Fields headers(context);
  for (const auto& [name, value] : joined) headers.set(name, std::string_view(value));
  return headers.object();
}

// Each by itself: joined, as headers are, they could not be told apart.
v8::Local<v8::Value> make_cookies(v8::Isolate* isolate, const ResponseHead& head) {
  std::vector<v8::Local<v8::Value>> cookies;
  for (const auto& [name, value] : head.headers)
    if (canonical(name) == "Set-Cookie") cookies.push_back(to_v8(isolate, value));
  if (cookies.empty()) return v8::Undefined(isolate);
  return v8::Array::New(isolate, cookies.data(), cookies.size());
}

v8::Local<v8::Value> make_body(v8::Isolate* isolate, ResponseType type, const HttpOutcome& outcome) {
  const int status = outcome.head.status;
  if (type == ResponseType::none || status < 200 || status == 204 || status == 304) return v8::Null(isolate);
  if (type == ResponseType::text) return to_v8(isolate, outcome.body);
  return to_buffer(isolate, outcome.body);
}

}  // namespace

double duration_ms(const ExchangeTimes& times) { return to_ms(times.sending + times.waiting + times.receiving); }

int error_code_of(const HttpOutcome& outcome) {
  if (outcome.failure.code != 0) return outcome.failure.code;
  return outcome.head.status >= 400 ? 1000 + outcome.head.status : 0;
}

v8::Local<v8::Array> make_answer(v8::Local<v8::Context> context, Vu& vu, ResponseType type,
                                 const HttpOutcome& outcome) {
  v8::Isolate* isolate = context->GetIsolate();
  const auto integer = [&](int number) { return v8::Integer::New(isolate, number); };
  const auto number = [&](std::chrono::nanoseconds time) { return v8::Number::New(isolate, to_ms(time)); };
  v8::Local<v8::Value> headers = v8::Undefined(isolate);
  if (vu.remember_headers(outcome.head.headers)) headers = make_headers(context, outcome.head);
  const ExchangeTimes& exchange = outcome.times.exchange;
  std::array<v8::Local<v8::Value>, 18> answer = {integer(outcome.head.status),
                                                 to_v8(isolate, outcome.head.reason),
                                                 integer(outcome.head.version_minor),
                                                 integer(error_code_of(outcome)),
                                                 to_v8(isolate, outcome.failure.text),
                                                 to_v8(isolate, outcome.remote_ip),
                                                 integer(outcome.remote_port),
                                                 headers,
                                                 make_body(isolate, type, outcome),
                                                 number(outcome.times.blocked),
                                                 number(outcome.times.connecting),
                                                 number(outcome.times.tls_handshaking),
                                                 number(exchange.sending),
                                                 number(exchange.waiting),
                                                 number(exchange.receiving),
                                                 to_v8(isolate, outcome.tls_version),
                                                 to_v8(isolate, outcome.tls_cipher),
                                                 make_cookies(isolate, outcome.head)};
  return v8::Array::New(isolate, answer.data(), answer.size());
}

}  // namespace gantry::load
