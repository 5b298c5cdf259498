#pragma once

// A document tree in one line, for tables: JSON's spelling, with a point or exponent in every real and none in an integer.

#include "base/node.h"
#include "base/result.h"

#include <fmt/format.h>

#include <string>

namespace gantry::base {

inline std::string show(double real) {
  std::string text = fmt::format("{}", real);
  return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

inline std::string show(const Node& node) {
  switch (node.kind()) {
    case Node::Kind::null: return "null";
    case Node::Kind::boolean: return node.boolean() ? "true" : "false";
    case Node::Kind::integer: return std::to_string(node.integer());
    case Node::Kind::real: return show(node.real());
    case Node::Kind::string: return fmt::format("\"{}\"", node.string());
    case Node::Kind::array: break;
    case Node::Kind::map: break;
  }
  std::string text;
  if (node.is_array()) {
    for (const Node& item : node.array()) text += (text.empty() ? "" : ", ") + show(item);
    return "[" + text + "]";
  }
  for (const Node::Member& member : node.map()) {
    text += fmt::format("{}\"{}\": {}", text.empty() ? "" : ", ", member.key, show(member.value));
  }
  return "{" + text + "}";
}

// The tree, or "line:column: message" of the error.
inline std::string show(const Result<Node>& result) {
  if (result) return show(*result);
  const Error& error = result.error();
  return error.where ? fmt::format("{}:{}: {}", error.where->line, error.where->column, error.message) : error.message;
}

}  // namespace gantry::base
