#pragma once

// What k6's modules, which are JavaScript, ask of the VU that they run in: the module gantry:vu.

#include <v8.h>

namespace gantry::load {

void install_vu_natives(v8::Local<v8::Context> context, v8::Local<v8::Object> exports);

}  // namespace gantry::load
