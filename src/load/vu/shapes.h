#pragma once

// What natives of all contexts of an isolate share: the names that they look for, internalised once, so that a script's names are compared
// by identity; and the templates of the objects that they make.

#include <v8.h>

#include <array>
#include <cstddef>
#include <string_view>

namespace gantry::load {

// The members of what scripts pass that are looked for.
enum class Name : std::size_t {
  tags,
  headers,
  timeout,
  response_type,
  redirects,
  throws,
  expects,
  cookies,
  jar,
  auth,
  url,
  name,
  compression
};

struct Shapes {
  explicit Shapes(v8::Isolate* isolate);

  v8::Local<v8::String> operator[](Name name) const { return names[static_cast<std::size_t>(name)].Get(isolate); }

  static constexpr std::size_t kNames = 13;
  v8::Isolate* isolate;
  std::array<v8::Global<v8::String>, kNames> names;
  v8::Global<v8::FunctionTemplate> response;
  v8::Global<v8::ObjectTemplate> timings;  // of a response
  v8::Global<v8::FunctionTemplate> metric;
  v8::Global<v8::FunctionTemplate> expected;  // of http.expectedStatuses()
};

// Those of the isolate of a VU, made when they are first needed.
Shapes& shapes_of(v8::Local<v8::Context> context);
inline Shapes& shapes_of(const v8::FunctionCallbackInfo<v8::Value>& call) {
  return shapes_of(call.GetIsolate()->GetCurrentContext());
}

}  // namespace gantry::load
