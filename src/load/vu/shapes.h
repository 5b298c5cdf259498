#pragma once

// What natives of all contexts of an isolate share: the names that they look for, internalised once, so that a script's names are compared
// by identity; and the templates of the objects that they make.

#include <v8.h>

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

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

// A function that contexts get.
struct NativeShape {
  v8::Global<v8::String> name;
  v8::Global<v8::FunctionTemplate> shape;
};
NativeShape make_native_shape(v8::Isolate* isolate, std::string_view name, v8::FunctionCallback function,
                              v8::Local<v8::Signature> receivers = {});

struct ClassShape {
  v8::Global<v8::FunctionTemplate> made = {};
  // Of the prototype.
  std::vector<NativeShape> methods = {};
  std::vector<NativeShape> getters = {};
};

struct Shapes {
  explicit Shapes(v8::Isolate* isolate);

  v8::Local<v8::String> operator[](Name name) const { return names[static_cast<std::size_t>(name)].Get(isolate); }

  static constexpr std::size_t kNames = 13;
  v8::Isolate* isolate;
  std::array<v8::Global<v8::String>, kNames> names;
  ClassShape response;
  v8::Global<v8::ObjectTemplate> response_instance;  // of that
  v8::Global<v8::ObjectTemplate> timings;            // of a response
  ClassShape metric;
  v8::Global<v8::FunctionTemplate> expected;  // of http.expectedStatuses()
  std::vector<NativeShape> natives;
};

// Those of the isolate of a VU, made when they are first needed.
Shapes& shapes_of(v8::Local<v8::Context> context);
inline Shapes& shapes_of(const v8::FunctionCallbackInfo<v8::Value>& call) {
  return shapes_of(call.GetIsolate()->GetCurrentContext());
}

}  // namespace gantry::load
