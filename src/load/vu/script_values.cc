#include "load/vu/script_values.h"

#include "load/http/response_parser.h"
#include "load/script/buffer_allocator.h"
#include "load/vu/vu.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace gantry::load {

void throw_error(v8::Isolate* isolate, std::string_view message) {
  isolate->ThrowException(v8::Exception::Error(to_v8(isolate, message)));
}

void throw_go_error(v8::Isolate* isolate, std::string_view message) {
  const v8::Local<v8::Value> error = v8::Exception::Error(to_v8(isolate, message));
  error.As<v8::Object>()
      ->DefineOwnProperty(isolate->GetCurrentContext(), internalize(isolate, "name"), to_v8(isolate, "GoError"),
                          v8::DontEnum)
      .Check();
  isolate->ThrowException(error);
}

v8::Local<v8::String> to_v8_bytes(v8::Isolate* isolate, std::string_view bytes) {
  const auto* characters = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return v8::String::NewFromOneByte(isolate, characters, v8::NewStringType::kNormal, static_cast<int>(bytes.size()))
      .FromMaybe(v8::String::Empty(isolate));
}

v8::Local<v8::String> internalize(v8::Isolate* isolate, std::string_view name) {
  return v8::String::NewFromUtf8(isolate, name.data(), v8::NewStringType::kInternalized, static_cast<int>(name.size()))
      .FromMaybe(v8::String::Empty(isolate));
}

void append_utf8(v8::Isolate* isolate, v8::Local<v8::String> text, std::string& bytes) {
  const std::size_t before = bytes.size();
  const auto length = static_cast<std::size_t>(text->Length());
  if (text->IsOneByte()) {
    bytes.resize(before + length);
    text->WriteOneByte(isolate, reinterpret_cast<std::uint8_t*>(bytes.data() + before), 0, text->Length(),
                       v8::String::NO_NULL_TERMINATION);
    const bool is_ascii =
        std::all_of(bytes.begin() + static_cast<std::ptrdiff_t>(before), bytes.end(), [](char c) { return c >= 0; });
    if (is_ascii) return;
  }
  bytes.resize(before + static_cast<std::size_t>(text->Utf8Length(isolate)));
  text->WriteUtf8(isolate, bytes.data() + before, static_cast<int>(bytes.size() - before), nullptr,
                  v8::String::NO_NULL_TERMINATION | v8::String::REPLACE_INVALID_UTF8);
}

std::string canonical_header(std::string_view name) {
  std::string result(name);
  if (!is_token(name)) return result;
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

v8::Local<v8::ArrayBuffer> to_buffer(v8::Isolate* isolate, std::string_view bytes) {
  const bool has_room = has_room_for_buffer(isolate, bytes.size());
  const v8::Local<v8::ArrayBuffer> buffer = v8::ArrayBuffer::New(isolate, has_room ? bytes.size() : 0);
  if (!has_room) {
    throw_no_room(isolate);
    return buffer;
  }
  if (!bytes.empty()) std::memcpy(buffer->GetBackingStore()->Data(), bytes.data(), bytes.size());
  return buffer;
}

double to_ms(std::chrono::nanoseconds duration) { return static_cast<double>(duration.count()) / 1e6; }

void Fields::set(std::string_view name, v8::Local<v8::Value> value) {
  object_->Set(context_, to_v8(isolate(), name), value).Check();
}

v8::MaybeLocal<v8::Array> own_names(v8::Local<v8::Context> context, v8::Local<v8::Object> object) {
  v8::Isolate* isolate = context->GetIsolate();
  v8::Local<v8::Value> argument = object;
  v8::Local<v8::Value> names;
  if (!vu_of(context)->hooks().keys.Get(isolate)->Call(context, v8::Undefined(isolate), 1, &argument).ToLocal(&names))
    return {};
  return names.As<v8::Array>();
}

bool read_tags(v8::Isolate* isolate, v8::Local<v8::Value> value, std::vector<Tag>& tags) {
  if (value->IsNullOrUndefined()) return true;
  v8::Local<v8::Object> object;  // of a number, one without members, as k6 has it
  if (!value->ToObject(isolate->GetCurrentContext()).ToLocal(&object)) return false;
  const auto take = [&](v8::Local<v8::String> name, v8::Local<v8::Value> tag) {
    const bool is_tag = tag->IsString() || tag->IsNumber() || tag->IsBoolean();
    if (is_tag)
      tags.emplace_back(to_text(isolate, name), to_text(isolate, tag));
    else
      throw_error(isolate, fmt::format("tag {} must be a string, a number or a boolean", to_text(isolate, name)));
    return is_tag;
  };
  return for_each_member(isolate->GetCurrentContext(), object, take);
}

}  // namespace gantry::load
