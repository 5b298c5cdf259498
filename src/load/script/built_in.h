#pragma once

// The modules that scripts find without a file: k6's own, written in JavaScript, and below them the one through which those reach the
// VU that they run in.

#include <v8.h>

#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::load {

// What a module exports that is no text, each by its name. No object of them all: an object with so many members takes longer to fill
// than all of them to make.
using NativeExports = std::vector<std::pair<v8::Local<v8::String>, v8::Local<v8::Value>>>;

// One of the two: what `make_exports` makes in a context, or the text of an ES module.
struct BuiltInModule {
  std::string_view name;
  NativeExports (*make_exports)(v8::Local<v8::Context> context) = nullptr;
  std::string_view source = {};
};

std::vector<std::string_view> names_of(std::span<const BuiltInModule> modules);

// Whether a text of that name, as stacks have it, is one of those.
bool is_built_in(std::string_view name);

// All that scripts of k6 may import here.
std::span<const BuiltInModule> k6_modules();

}  // namespace gantry::load
