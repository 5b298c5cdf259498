#include "load/vu/script_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace gantry::load {

void throw_error(v8::Isolate* isolate, std::string_view message) {
  isolate->ThrowException(v8::Exception::Error(to_v8(isolate, message)));
}

v8::Local<v8::String> to_v8_bytes(v8::Isolate* isolate, std::string_view bytes) {
  const auto* characters = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return v8::String::NewFromOneByte(isolate, characters, v8::NewStringType::kNormal, static_cast<int>(bytes.size()))
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
  const v8::Local<v8::ArrayBuffer> buffer = v8::ArrayBuffer::New(isolate, bytes.size());
  if (!bytes.empty()) std::memcpy(buffer->GetBackingStore()->Data(), bytes.data(), bytes.size());
  return buffer;
}

double to_ms(std::chrono::nanoseconds duration) { return static_cast<double>(duration.count()) / 1e6; }

void Fields::set(std::string_view name, v8::Local<v8::Value> value) {
  object_->Set(context_, to_v8(isolate(), name), value).Check();
}

bool read_tags(v8::Isolate* isolate, v8::Local<v8::Value> value, std::vector<Tag>& tags) {
  if (value->IsNullOrUndefined()) return true;
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  v8::Local<v8::Array> names;
  if (!value->IsObject() || !value.As<v8::Object>()->GetOwnPropertyNames(context).ToLocal(&names)) {
    throw_error(isolate, "tags must be an object");
    return false;
  }
  for (std::uint32_t i = 0; i < names->Length(); ++i) {
    v8::Local<v8::Value> name;
    v8::Local<v8::Value> tag;
    if (!names->Get(context, i).ToLocal(&name) || !value.As<v8::Object>()->Get(context, name).ToLocal(&tag))
      return false;
    if (!tag->IsString() && !tag->IsNumber() && !tag->IsBoolean()) {
      throw_error(isolate, fmt::format("tag {} must be a string, a number or a boolean", to_text(isolate, name)));
      return false;
    }
    tags.emplace_back(to_text(isolate, name), to_text(isolate, tag));
  }
  return true;
}

}  // namespace gantry::load
