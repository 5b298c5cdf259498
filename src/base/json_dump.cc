// Written from the tree itself: a JSON library would first want its own copy of it.

#include "base/json.h"
#include "base/number.h"
#include "base/text.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace gantry::base {

namespace {

// RFC 8259 §7: quotes, backslashes and what is below U+0020 must be escaped. U+007F and the line separators need not be.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

class JsonWriter {
 public:
  explicit JsonWriter(JsonStyle style) : style_(style) {}

  void write(const Node& node) {
    switch (node.kind()) {
      case Node::Kind::null: out_ += "null"; return;
      case Node::Kind::boolean: out_ += node.boolean() ? "true" : "false"; return;
      case Node::Kind::integer: fmt::format_to(std::back_inserter(out_), "{}", node.integer()); return;
      case Node::Kind::real: out_ += std::isfinite(node.real()) ? format_double(node.real()) : "null"; return;
      case Node::Kind::string: append_quoted(out_, replace_invalid_utf8(node.string())); return;
      case Node::Kind::array: write_array(node.array()); return;
      case Node::Kind::map: write_map(node.map()); return;
    }
  }

  std::string take() { return std::move(out_); }

 private:
  void write_array(const Node::Array& array) {
    out_ += '[';
    ++depth_;
    for (const Node& item : array) {
      start_child(&item == &array.front());
      write(item);
    }
    end_children(array.empty());
    out_ += ']';
  }

  void write_map(const Node::Map& map) {
    out_ += '{';
    ++depth_;
    for (const Node::Member& member : map) {
      start_child(&member == &map.front());
      append_quoted(out_, replace_invalid_utf8(member.key));
      out_ += style_ == JsonStyle::indented ? ": " : ":";
      write(member.value);
    }
    end_children(map.empty());
    out_ += '}';
  }

  void start_child(bool is_first) {
    if (!is_first) out_ += ',';
    break_line();
  }

  void end_children(bool is_empty) {
    --depth_;
    if (!is_empty) break_line();
  }

  void break_line() {
    if (style_ == JsonStyle::indented) out_.append(1, '\n').append(2 * depth_, ' ');
  }

  const JsonStyle style_;
  std::size_t depth_ = 0;
  std::string out_;
};

}  // namespace

std::string dump_json(const Node& node, JsonStyle style) {
  JsonWriter writer(style);
  writer.write(node);
  return writer.take();
}

std::string json_quote(std::string_view text) {
  std::string out;
  append_quoted(out, replace_invalid_utf8(text));
  return out;
}

}  // namespace gantry::base
