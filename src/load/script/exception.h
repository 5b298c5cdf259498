#pragma once

// What a script threw, in words.

#include "base/result.h"

#include <v8.h>

#include <cstdint>
#include <string>

namespace gantry::load {

struct ScriptException {
  enum class Kind : std::uint8_t {
    thrown,
    rejected,     // a promise, and nobody minded
    unsettled,    // a promise, for ever: nothing is left that could settle it
    no_json,      // a value came of it that JSON cannot hold
    interrupted,  // ended from outside
    heap_full,
  };
  // Whether the script is why it ended, rather than somebody who ended it.
  bool is_own() const { return kind != Kind::interrupted && kind != Kind::heap_full; }

  Kind kind = Kind::thrown;
  std::string message = {};                   // "TypeError: x is not a function"
  std::optional<base::SourcePos> where = {};  // of the statement that threw
  std::string source_line = {};  // that line without its indentation; "" where it is longer than anybody reads
  std::string stack = {};        // as V8 writes it, message first; "" where there is none
};

// `caught` has caught something. The lock is held and the context entered.
ScriptException describe_exception(v8::Local<v8::Context> context, const v8::TryCatch& caught);

// "TypeError: …, in \"the line\"", at its place.
base::Error to_error(const ScriptException& exception);

// UTF-8 of any value, as String(value) has it; of what cannot be converted, "".
std::string to_text(v8::Isolate* isolate, v8::Local<v8::Value> value);
v8::Local<v8::String> to_v8(v8::Isolate* isolate, std::string_view text);

}  // namespace gantry::load
