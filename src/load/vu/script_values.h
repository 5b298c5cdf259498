#pragma once

// JavaScript's values into ours and back, as natives need them. Each that returns false has thrown in the script.

#include "load/script/exception.h"

#include <v8.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::load {

using Tag = std::pair<std::string, std::string>;

void throw_error(v8::Isolate* isolate, std::string_view message);

// The tags of an object, behind those that are there: strings, numbers and booleans, as text (k6 reference, §9.2). undefined and null have
// none.
bool read_tags(v8::Isolate* isolate, v8::Local<v8::Value> value, std::vector<Tag>& tags);

}  // namespace gantry::load
