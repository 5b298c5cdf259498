#pragma once

// Arbitrary document trees for properties.

#include "base/node.h"
#include "base/utf8.h"

#include <rapidcheck.h>

#include <cmath>
#include <set>
#include <string>

namespace gantry::base {

// Texts that some reader of YAML or JSON takes for something else, or stumbles over.
inline rc::Gen<std::string> tricky_text() {
  return rc::gen::element<std::string>(
      "", " ", "~", "null", "true", "True", "yes", "NO", "on", "y", "0777", "0o17", "0x1F", "0b1", "1_000", "1e3",
      "1.0", "-0", "+1", ".5", "1.", ".inf", "-.INF", ".nan", "12:30:45", "190:20:30.15", "2001-01-01",
      "2001-12-14 21:59:43.10", "<<", "=", "-", "--", "---", "--- a", "...", "... a", "- a", "-a", "--port=80", "? a",
      "?a", "a: b", "a:", ":a", ":", "a #b", "a#b", "#a", "&a", "*a", "!a", "!!str a", "|", ">", "%a", "@a", "`a",
      "'a'", "\"a\"", "[a]", "{a}", "a, b", "a]", "\\", "a\\b", "\t", "a\tb", "\ta", "a\t", "\n", "\n\n", "a\n",
      "a\n\n", "\na", "a\n b", "a \nb", " a\nb", "a\n\tb", "a\n---\nb", "a\n...\n", "a\r\nb", "\r", "a\n  ", "  \na",
      "a\n#b", "a\n: b", "a\n- b", std::string("\0", 1), "\x07", "\x1B[0m", "\x7F", "\u0080", "\u0085", "a\u0085b",
      "\u00A0", "\u2028", "a\u2029b\nc", "\uFEFF", "a\uFEFFb", "\uFFFD", "\uFFFE", "\uD7FF\uE000", "é", "日本", "😀",
      "\U0010FFFF", "registry.example.com/web:1.2", "10.0.0.0/8", "100m", "8Gi", "http://x:80/y?z=1#q",
      "kubernetes.io/metadata.name", "{{ .Values.name }}");
}

inline rc::Gen<std::string> any_text() {
  const auto code_point =
      rc::gen::weightedOneOf<char32_t>({{8, rc::gen::inRange<char32_t>(0x20, 0x7F)},
                                        {2, rc::gen::element<char32_t>('\n', '\t', '\r', ' ', ':', '#', '-')},
                                        {1, rc::gen::inRange<char32_t>(0, 0x300)},
                                        {1, rc::gen::inRange<char32_t>(0x2000, 0x2100)},
                                        {1, rc::gen::inRange<char32_t>(0xE000, 0x110000)}});
  const auto random_text =
      rc::gen::map(rc::gen::container<std::vector<char32_t>>(code_point), [](const std::vector<char32_t>& code_points) {
        std::string text;
        for (const char32_t c : code_points) append_utf8(text, c);
        return text;
      });
  return rc::gen::oneOf(random_text, tricky_text());
}

inline rc::Gen<double> any_finite() {
  return rc::gen::suchThat(
      rc::gen::map(rc::gen::arbitrary<std::uint64_t>(), [](std::uint64_t bits) { return std::bit_cast<double>(bits); }),
      [](double value) { return std::isfinite(value); });
}

inline rc::Gen<Node> any_scalar() {
  const auto node_of = [](auto value) { return Node(value); };
  return rc::gen::oneOf(rc::gen::just(Node()), rc::gen::map(rc::gen::arbitrary<bool>(), node_of),
                        rc::gen::map(rc::gen::arbitrary<std::int64_t>(), node_of), rc::gen::map(any_finite(), node_of),
                        rc::gen::map(rc::gen::inRange<int>(-100, 100), [](int tenths) { return Node(tenths / 10.0); }),
                        rc::gen::map(any_text(), node_of), rc::gen::map(any_text(), node_of));
}

// Any tree that a loader could make: keys unique, numbers finite, text UTF-8.
inline rc::Gen<Node> any_node(int levels = 4) {
  if (levels == 0) return any_scalar();
  const auto child = rc::gen::resize(5, any_node(levels - 1));
  const auto array = rc::gen::map(rc::gen::container<std::vector<Node>>(child),
                                  [](std::vector<Node> items) { return Node(std::move(items)); });
  const auto map =
      rc::gen::map(rc::gen::container<std::vector<std::pair<std::string, Node>>>(rc::gen::pair(any_text(), child)),
                   [](const std::vector<std::pair<std::string, Node>>& pairs) {
                     Node node = Node::empty_map();
                     for (const auto& [key, value] : pairs) node.set(key, value);
                     return node;
                   });
  return rc::gen::oneOf(any_scalar(), array, map, map);
}

}  // namespace gantry::base
