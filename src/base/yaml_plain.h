#pragma once

// What a plain (unquoted, untagged) scalar is under each set of rules. Private to base.

#include "base/node.h"
#include "base/yaml.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace gantry::base {

// A scalar that knows its kind but not yet its place.
struct PlainScalar {
  // A timestamp is text to kubectl and core; kustomize rewrites it.
  enum class Kind { null, boolean, integer, real, string, timestamp };
  Kind kind = Kind::string;
  bool boolean = false;
  std::int64_t integer = 0;
  double real = 0;

  bool is_text() const { return kind == Kind::string || kind == Kind::timestamp; }
  bool is_number() const { return kind == Kind::integer || kind == Kind::real; }
  Node number() const { return kind == Kind::integer ? Node(integer) : Node(real); }
};

PlainScalar resolve_plain_scalar(std::string_view text, ScalarRules rules);

// Whether both are the same value to a program: all text is, whatever it says.
bool same_meaning(const PlainScalar& a, const PlainScalar& b);

// "null", "true", "the number 8", "text" or "a timestamp".
std::string describe(const PlainScalar& scalar);

}  // namespace gantry::base
