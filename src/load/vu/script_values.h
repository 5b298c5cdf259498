#pragma once

// JavaScript's values into ours and back, as natives need them. Each that returns false has thrown in the script.

#include "load/metrics/recorder.h"
#include "load/script/exception.h"

#include <v8.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::load {

void throw_error(v8::Isolate* isolate, std::string_view message);
// By the name that k6's own errors have.
void throw_go_error(v8::Isolate* isolate, std::string_view message);

// One character for each byte.
v8::Local<v8::String> to_v8_bytes(v8::Isolate* isolate, std::string_view bytes);

// A name that many objects have: to look it up is cheaper.
v8::Local<v8::String> internalize(v8::Isolate* isolate, std::string_view name);

// A string's UTF-8, behind what is there.
void append_utf8(v8::Isolate* isolate, v8::Local<v8::String> text, std::string& bytes);

// "content-type" -> "Content-Type", as Go has it; what is no name stays.
std::string canonical_header(std::string_view name);

// Empty, and thrown in the script, where there is no room (script/buffer_allocator.h).
v8::Local<v8::ArrayBuffer> to_buffer(v8::Isolate* isolate, std::string_view bytes);

double to_ms(std::chrono::nanoseconds duration);

// An object, built member by member.
class Fields {
 public:
  explicit Fields(v8::Local<v8::Context> context) : context_(context), object_(v8::Object::New(isolate())) {}
  Fields(v8::Local<v8::Context> context, v8::Local<v8::Object> object) : context_(context), object_(object) {}
  void set(std::string_view name, v8::Local<v8::Value> value);
  void set(std::string_view name, double value) { set(name, v8::Number::New(isolate(), value)); }
  void set(std::string_view name, bool value) { set(name, v8::Boolean::New(isolate(), value)); }
  void set(std::string_view name, std::string_view value) { set(name, to_v8(isolate(), value)); }
  v8::Local<v8::Object> object() const { return object_; }

 private:
  v8::Isolate* isolate() const { return context_->GetIsolate(); }

  v8::Local<v8::Context> context_;
  v8::Local<v8::Object> object_;
};

// As Object.keys() has them: V8's own function, which is several times as fast as its interface for C++.
v8::MaybeLocal<v8::Array> own_names(v8::Local<v8::Context> context, v8::Local<v8::Object> object);

// Calls `take` with each of an object's own members; false where it does, or the script throws.
bool for_each_member(v8::Local<v8::Context> context, v8::Local<v8::Object> object, auto take) {
  v8::Local<v8::Array> names;
  if (!own_names(context, object).ToLocal(&names)) return false;
  for (std::uint32_t i = 0; i < names->Length(); ++i) {
    v8::Local<v8::Value> name;
    v8::Local<v8::Value> value;
    if (!names->Get(context, i).ToLocal(&name) || !object->Get(context, name).ToLocal(&value)) return false;
    if (!take(name.As<v8::String>(), value)) return false;
  }
  return true;
}

// The tags of an object, behind those that are there: strings, numbers and booleans, as text (k6 reference, §9.2). undefined and null have
// none.
bool read_tags(v8::Isolate* isolate, v8::Local<v8::Value> value, std::vector<Tag>& tags);

}  // namespace gantry::load
