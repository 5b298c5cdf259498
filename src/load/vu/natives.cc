#include "load/vu/natives.h"

#include "load/vu/request.h"
#include "load/vu/script_values.h"
#include "load/vu/shapes.h"
#include "load/vu/vu.h"
#include "load/vu/web_crypto.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::load {

namespace {

using Call = v8::FunctionCallbackInfo<v8::Value>;

// Asked by all that may be called in the init context, or only there.
void is_init(const Call& call) {
  Vu& vu = vu_of(call);
  vu.guard_in_init();
  call.GetReturnValue().Set(vu.is_init());
}

void keep_intrinsics(const Call& call) {
  vu_of(call).script().intrinsics().keep(call.GetIsolate(), call[0].As<v8::Array>());
}

void sleep(const Call& call) {
  Vu& vu = vu_of(call);
  const double seconds = call[0]->NumberValue(call.GetIsolate()->GetCurrentContext()).FromMaybe(0);
  constexpr double kLongest = 365.0 * 24 * 3600;
  if (!(seconds > 0)) return;
  const auto length = std::chrono::duration<double>(std::min(seconds, kLongest));
  const SteadyTime begun = std::chrono::steady_clock::now();
  const SteadyTime until = begun + std::chrono::duration_cast<std::chrono::steady_clock::duration>(length);
  const Wake wake = vu.shared().sleep(vu.member(), std::min(until, vu.deadline()));
  const SteadyTime now = std::chrono::steady_clock::now();
  vu.note_sleep(now - begun, wake == Wake::timed_out ? now - until : std::chrono::nanoseconds(0));
  if (wake == Wake::interrupted || until > vu.deadline()) call.GetIsolate()->TerminateExecution();
}

void group_start(const Call& call) { vu_of(call).start_group(to_text(call.GetIsolate(), call[0])); }
void group_end(const Call& call) { vu_of(call).end_group(); }

void warn(const Call& call) { vu_of(call).shared().log(LogLevel::warning, to_text(call.GetIsolate(), call[0]), ""); }

void log(const Call& call) {
  constexpr std::array<std::pair<std::string_view, LogLevel>, 4> kLevels = {{{"debug", LogLevel::debug},
                                                                             {"info", LogLevel::info},
                                                                             {"warning", LogLevel::warning},
                                                                             {"error", LogLevel::error}}};
  const std::string name = to_text(call.GetIsolate(), call[0]);
  Vu& vu = vu_of(call);
  const CrewState& shared = vu.shared();
  const Log& told = shared.console && !vu.is_init() ? shared.console : shared.log;
  for (const auto& [text, level] : kLevels)
    if (text == name) told(level, to_text(call.GetIsolate(), call[1]), "console");
}

constexpr std::array<Native, 7> kNatives = {{{"isInit", is_init},
                                             {"keepIntrinsics", keep_intrinsics},
                                             {"sleep", sleep},
                                             {"groupStart", group_start},
                                             {"groupEnd", group_end},
                                             {"log", log},
                                             {"warn", warn}}};

v8::Local<v8::Function> function_of(v8::Local<v8::Context> context, const v8::Global<v8::FunctionTemplate>& shape) {
  return shape.Get(context->GetIsolate())->GetFunction(context).ToLocalChecked();
}

// The members of the prototype are added here, since V8 looks through all contexts that there are when a template has them.
v8::Local<v8::Function> make_class(v8::Local<v8::Context> context, const ClassShape& shape) {
  v8::Isolate* isolate = context->GetIsolate();
  const v8::Local<v8::Function> made = function_of(context, shape.made);
  const v8::Local<v8::Object> prototype =
      made->Get(context, internalize(isolate, "prototype")).ToLocalChecked().As<v8::Object>();
  for (const NativeShape& method : shape.methods) {
    const v8::Local<v8::Function> function = function_of(context, method.shape);
    function->SetName(method.name.Get(isolate));
    prototype->DefineOwnProperty(context, method.name.Get(isolate), function, v8::DontEnum).Check();
  }
  for (const NativeShape& getter : shape.getters)
    prototype->SetAccessorProperty(getter.name.Get(isolate), function_of(context, getter.shape), {}, v8::DontEnum);
  return made;
}

}  // namespace

std::vector<Native> all_natives() {
  std::vector<Native> all;
  for (const std::span<const Native> natives :
       {std::span<const Native>(kNatives), check_natives(), crypto_natives(), data_natives(), execution_natives(),
        file_natives(), request_natives(), web_crypto_natives()})
    all.insert(all.end(), natives.begin(), natives.end());
  return all;
}

NativeExports vu_natives(v8::Local<v8::Context> context) {
  const Shapes& shapes = shapes_of(context);
  NativeExports exports;
  exports.reserve(shapes.natives.size() + 2);
  for (const NativeShape& native : shapes.natives)
    exports.emplace_back(native.name.Get(shapes.isolate), function_of(context, native.shape));
  exports.emplace_back(internalize(shapes.isolate, "Response"), make_class(context, shapes.response));
  exports.emplace_back(internalize(shapes.isolate, "Metric"), make_class(context, shapes.metric));
  return exports;
}

}  // namespace gantry::load
