#pragma once

// The modules that scripts find without a file: k6's own, written in JavaScript, and below them the one through which those reach the
// VU that they run in.

#include <v8.h>

#include <span>
#include <string_view>
#include <vector>

namespace gantry::load {

// One of the two: what `install` puts into `exports` becomes the named exports, and all of it the default one; or the text of an ES
// module.
struct BuiltInModule {
  std::string_view name;
  void (*install)(v8::Local<v8::Context> context, v8::Local<v8::Object> exports) = nullptr;
  std::string_view source = {};
};

std::vector<std::string_view> names_of(std::span<const BuiltInModule> modules);

// All that scripts of k6 may import here.
std::span<const BuiltInModule> k6_modules();

}  // namespace gantry::load
