// Files of which every VU sees the same bytes, kept once: k6/experimental/fs and k6/experimental/csv.

#include "load/vu/csv.h"
#include "load/vu/natives.h"
#include "load/vu/script_values.h"
#include "load/vu/vu.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace gantry::load {

namespace {

using Call = v8::FunctionCallbackInfo<v8::Value>;

double number_of(const Call& call, int index) {
  return call[index]->NumberValue(call.GetIsolate()->GetCurrentContext()).FromMaybe(0);
}

// What has been opened before.
std::string_view bytes_of(const Call& call) {
  const base::Result<std::string_view> bytes = vu_of(call).shared().sources.read(to_text(call.GetIsolate(), call[0]));
  return bytes ? *bytes : std::string_view();
}

// { key, path, name, size }: the key is for the functions below.
void stat_file(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  Vu& vu = vu_of(call);
  ModuleSources& sources = vu.shared().sources;
  const base::Result<std::string> key = sources.locate(to_text(isolate, call[0]), vu.folder());
  const auto bytes = key ? sources.read(*key) : base::Result<std::string_view>(std::unexpected(key.error()));
  if (!bytes) return throw_error(isolate, bytes.error().message);
  Fields info(isolate->GetCurrentContext());
  info.set("key", *key);
  info.set("path", fmt::format("{}/{}", sources.root(), *key));
  info.set("name", base::base_name_of(*key));
  info.set("size", static_cast<double>(bytes->size()));
  call.GetReturnValue().Set(info.object());
}

// Copies what is at an offset into a buffer, and tells how many bytes.
void read_file(const Call& call) {
  const std::string_view bytes = bytes_of(call);
  const double offset = number_of(call, 1);
  if (!call[2]->IsArrayBuffer() || !(offset >= 0) || !(offset < static_cast<double>(bytes.size())))
    return call.GetReturnValue().Set(0);
  const std::shared_ptr<v8::BackingStore> target = call[2].As<v8::ArrayBuffer>()->GetBackingStore();
  const std::string_view from = bytes.substr(static_cast<std::size_t>(offset), target->ByteLength());
  if (!from.empty()) std::memcpy(target->Data(), from.data(), from.size());
  call.GetReturnValue().Set(static_cast<double>(from.size()));
}

// The record of a file at an offset, and behind its fields the offset of the next; nothing at the end.
void read_record(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  const auto record =
      read_csv(bytes_of(call), static_cast<std::size_t>(std::max(0.0, number_of(call, 1))), to_text(isolate, call[2]));
  if (!record) return throw_error(isolate, record.error().message);
  if (!*record) return;
  std::vector<v8::Local<v8::Value>> values;
  for (const std::string& field : (*record)->fields) values.push_back(to_v8(isolate, field));
  values.push_back(v8::Number::New(isolate, static_cast<double>((*record)->next)));
  call.GetReturnValue().Set(v8::Array::New(isolate, values.data(), values.size()));
}

}  // namespace

std::span<const Native> file_natives() {
  static constexpr std::array<Native, 3> kNatives = {
      {{"readFile", read_file}, {"readRecord", read_record}, {"statFile", stat_file}}};
  return kNatives;
}

}  // namespace gantry::load
