// Files and arrays that all VUs share: open() and k6/data (k6 reference, §3.3 and §11.4).

#include "load/vu/natives.h"
#include "load/vu/script_values.h"
#include "load/vu/vu.h"

#include <fmt/format.h>

namespace gantry::load {

namespace {

using Call = v8::FunctionCallbackInfo<v8::Value>;

// A file beside the script, as text or, where the second argument is true, as bytes. Read once, whoever asks.
void open_file(const Call& call) {
  Vu& vu = vu_of(call);
  const std::string name = to_text(call.GetIsolate(), call[0]);
  // k6 looks beside the module that is evaluated, as import does for what is written at top level.
  const std::string module = vu.script().evaluated_file();
  const base::Result<std::string> path =
      vu.shared().sources.locate(name, module.empty() ? vu.folder() : base::directory_of(module));
  const base::Result<std::string_view> bytes =
      path ? vu.shared().sources.read(*path) : base::Result<std::string_view>(std::unexpected(path.error()));
  if (!bytes)
    return throw_error(call.GetIsolate(), fmt::format("open() cannot read {}: {}", name, bytes.error().message));
  if (call[1]->BooleanValue(call.GetIsolate()))
    call.GetReturnValue().Set(to_buffer(call.GetIsolate(), *bytes));
  else
    call.GetReturnValue().Set(to_v8(call.GetIsolate(), *bytes));
}

// Keeps the texts that the function makes, unless the name has some already, and tells how many there are.
void shared_array(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  auto& arrays = vu_of(call).shared().shared_arrays;
  const std::string name = to_text(isolate, call[0]);
  if (!arrays.contains(name)) {
    v8::Local<v8::Value> made;
    if (!call[1].As<v8::Function>()->Call(context, v8::Undefined(isolate), 0, nullptr).ToLocal(&made)) return;
    const v8::Local<v8::Array> texts = made.As<v8::Array>();
    std::vector<std::string> elements;
    for (std::uint32_t i = 0; i < texts->Length(); ++i) {
      v8::Local<v8::Value> text;
      if (!texts->Get(context, i).ToLocal(&text)) return;
      elements.push_back(to_text(isolate, text));
    }
    arrays.emplace(name, std::move(elements));
  }
  call.GetReturnValue().Set(static_cast<std::uint32_t>(arrays.at(name).size()));
}

void shared_element(const Call& call) {
  const std::string name = to_text(call.GetIsolate(), call[0]);
  const std::uint32_t index = call[1]->Uint32Value(call.GetIsolate()->GetCurrentContext()).FromMaybe(0);
  const std::vector<std::string>& elements = vu_of(call).shared().shared_arrays.at(name);
  if (index < elements.size()) call.GetReturnValue().Set(to_v8(call.GetIsolate(), elements[index]));
}

// A built-in module that a script need not import: evaluated when something first needs it, by what the language was before the script.
void load_module(const Call& call) {
  Vu& vu = vu_of(call);
  vu.guard_in_init();
  v8::Local<v8::Value> exports;
  if (vu.script().require_built_in(to_text(call.GetIsolate(), call[0])).ToLocal(&exports))
    call.GetReturnValue().Set(exports);
}

void read_secret(const Call& call) {
  Secrets none({});
  Secrets* secrets = vu_of(call).shared().secrets;
  const base::Result<std::string_view> secret =
      (secrets ? secrets : &none)->get(to_text(call.GetIsolate(), call[0]), to_text(call.GetIsolate(), call[1]));
  if (!secret) return throw_error(call.GetIsolate(), secret.error().message);
  call.GetReturnValue().Set(to_v8(call.GetIsolate(), *secret));
}

}  // namespace

std::span<const Native> data_natives() {
  static constexpr std::array<Native, 5> kNatives = {{{"loadModule", load_module},
                                                      {"openFile", open_file},
                                                      {"readSecret", read_secret},
                                                      {"sharedArray", shared_array},
                                                      {"sharedElement", shared_element}}};
  return kNatives;
}

}  // namespace gantry::load
