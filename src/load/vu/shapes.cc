#include "load/vu/shapes.h"

#include "load/vu/asked.h"
#include "load/vu/natives.h"
#include "load/vu/response.h"
#include "load/vu/script_values.h"
#include "load/vu/vu.h"

#include <memory>

namespace gantry::load {

namespace {

// In the order of Name.
constexpr std::array<std::string_view, Shapes::kNames> kTexts = {
    "tags",    "headers", "timeout", "responseType", "redirects", "throw",      "responseCallback",
    "cookies", "jar",     "auth",    "url",          "name",      "compression"};

}  // namespace

// No constructor, and so without a prototype.
NativeShape make_native_shape(v8::Isolate* isolate, std::string_view name, v8::FunctionCallback function,
                              v8::Local<v8::Signature> receivers) {
  const v8::Local<v8::FunctionTemplate> shape =
      v8::FunctionTemplate::New(isolate, function, {}, receivers, 0, v8::ConstructorBehavior::kThrow);
  return {{isolate, internalize(isolate, name)}, {isolate, shape}};
}

Shapes::Shapes(v8::Isolate* of_isolate) : isolate(of_isolate) {
  for (std::size_t i = 0; i < kNames; ++i) names[i].Reset(isolate, internalize(isolate, kTexts[i]));
  response = response_shape(isolate);
  response_instance.Reset(isolate, response.made.Get(isolate)->InstanceTemplate());
  timings.Reset(isolate, timings_template(isolate));
  metric = metric_shape(isolate);
  expected.Reset(isolate, expected_template(isolate));
  for (const Native& native : all_natives())
    natives.push_back(make_native_shape(isolate, native.name, native.function));
}

Shapes& shapes_of(v8::Local<v8::Context> context) {
  CrewState& state = vu_of(context)->shared();
  if (!state.shapes) state.shapes = std::make_shared<Shapes>(context->GetIsolate());
  return *state.shapes;
}

}  // namespace gantry::load
