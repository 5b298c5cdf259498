#pragma once

// What k6's modules, which are JavaScript, ask of the VU that they run in: the module gantry:vu.

#include "load/script/built_in.h"

#include <v8.h>

#include <array>
#include <span>
#include <vector>

namespace gantry::load {

struct ClassShape;  // shapes.h

struct Native {
  const char* name;
  void (*function)(const v8::FunctionCallbackInfo<v8::Value>& call);
};

// By topic, each in a file of its own.
std::span<const Native> check_natives();
std::span<const Native> crypto_natives();
std::span<const Native> data_natives();
std::span<const Native> execution_natives();
std::span<const Native> file_natives();

// All of them, topic by topic.
std::vector<Native> all_natives();

// What the classes of k6/metrics extend.
ClassShape metric_shape(v8::Isolate* isolate);

NativeExports vu_natives(v8::Local<v8::Context> context);

}  // namespace gantry::load
