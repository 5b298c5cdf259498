#include "kube/words.h"

#include "base/text.h"

namespace gantry::kube {

namespace {

constexpr std::size_t kQuotedMax = 60;

}  // namespace

std::string quoted(std::string_view text) {
  const bool cut = text.size() > kQuotedMax;
  return "\"" + base::replace_invalid_utf8(text.substr(0, kQuotedMax)) + (cut ? "…\"" : "\"");
}

std::string_view with_article(base::Node::Kind kind) {
  switch (kind) {
    case base::Node::Kind::null: return "null";
    case base::Node::Kind::boolean: return "a bool";
    case base::Node::Kind::integer: return "an integer";
    case base::Node::Kind::real: return "a number with a fraction";
    case base::Node::Kind::string: return "a string";
    case base::Node::Kind::array: return "a list";
    case base::Node::Kind::map: return "a map";
  }
  return "something else";
}

}  // namespace gantry::kube
