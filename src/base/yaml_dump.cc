#include "base/number.h"
#include "base/utf8.h"
#include "base/yaml.h"
#include "base/yaml_scalar.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace gantry::base {

namespace {

// YAML 1.1 §9.2.1: a key may be written in one line without "?" when it is no longer than 1024 characters.
constexpr std::size_t kSimpleKeyMax = 1000;

// Code points that every reader takes for themselves in plain and block scalars: printable (YAML 1.1 §5.1), not among the
// line breaks of YAML 1.1 (NEL, LS, PS), no byte order mark, no surrogates and noncharacters.
bool is_printable(char32_t c) {
  if (c < 0xA0) return c >= 0x20 && c < 0x7F;
  if (c == 0x2028 || c == 0x2029 || c == 0xFEFF) return false;
  return c < 0xFFFE || c > 0xFFFF;
}

// Whether all code points are printable, line feeds and tabs aside.
bool is_printable(std::string_view text) {
  while (!text.empty()) {
    const CodePoint c = first_code_point(text);
    if (c.bytes == 0 || (!is_printable(c.value) && c.value != '\n' && c.value != '\t')) return false;
    text.remove_prefix(c.bytes);
  }
  return true;
}

// YAML 1.2.2 §7.3.3, narrowed: what starts with an indicator, or might end early, is quoted.
bool is_plain(std::string_view text) {
  constexpr std::string_view kIndicators = "-?:,[]{}#&*!|>'\"%@`=";
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
  const bool is_option =
      text.size() > 1 && text.front() == '-' && text[1] != ' ' && !text.starts_with("---");  // "--port=80"
  if (kIndicators.contains(text.front()) && !is_option) return false;
  if (text.starts_with("...")) return false;
  if (text.contains(": ") || text.contains(" #") || text.find_first_of("\n\t") != std::string_view::npos) return false;
  return is_printable(text) && is_plain_string_everywhere(text);
}

// A literal block scalar keeps every line as it is, and needs no indentation indicator unless it starts with space.
bool is_literal(std::string_view text) {
  return text.contains('\n') && text.front() != ' ' && text.front() != '\t' && text.front() != '\n' &&
         is_printable(text);
}

void append_escaped(std::string& out, char32_t c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  if (is_printable(c)) {
    append_utf8(out, c);
  } else if (c <= 0xFF) {
    fmt::format_to(std::back_inserter(out), "\\x{:02X}", static_cast<std::uint32_t>(c));
  } else {
    fmt::format_to(std::back_inserter(out), "\\u{:04X}",
                   static_cast<std::uint32_t>(c));  // U+10000 and up are printable
  }
}

std::string quote(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const CodePoint c = first_code_point(text);
    append_escaped(out, c.bytes == 0 ? U'\uFFFD' : c.value);
    text.remove_prefix(std::max<std::size_t>(c.bytes, 1));
  }
  return out + '"';
}

class YamlWriter {
 public:
  std::string write(const Node& node) {
    write_value(node, 0, Place::line_start);
    return std::move(out_);
  }

 private:
  // What stands before a value on its line: nothing, or "key:", or "-".
  enum class Place { line_start, after_key, after_dash };

  void write_value(const Node& node, std::size_t indent, Place place) {
    if (node.is_map() && !node.map().empty()) return write_map(node.map(), indent, place);
    if (node.is_array() && !node.array().empty()) return write_array(node.array(), indent, place);
    if (place != Place::line_start) out_ += ' ';
    if (node.is_string() && is_literal(node.string())) return write_literal(node.string(), indent);
    write_scalar(node);
    out_ += '\n';
  }

  void write_scalar(const Node& node) {
    switch (node.kind()) {
      case Node::Kind::null: out_ += "null"; return;
      case Node::Kind::boolean: out_ += node.boolean() ? "true" : "false"; return;
      case Node::Kind::integer: fmt::format_to(std::back_inserter(out_), "{}", node.integer()); return;
      case Node::Kind::real: out_ += format_double(node.real()); return;
      case Node::Kind::string: out_ += is_plain(node.string()) ? node.string() : quote(node.string()); return;
      case Node::Kind::array: out_ += "[]"; return;
      case Node::Kind::map: out_ += "{}"; return;
    }
  }

  // The first line of a block continues the line of a "-" and starts a new one after a key.
  void write_map(const Node::Map& map, std::size_t indent, Place place) {
    for (const Node::Member& member : map) {
      start_line(indent, &member == &map.front() ? place : Place::line_start);
      write_key(member.key, indent);
      out_ += ':';
      write_value(member.value, indent + 2, Place::after_key);
    }
  }

  void write_array(const Node::Array& array, std::size_t indent, Place place) {
    for (const Node& item : array) {
      start_line(indent, &item == &array.front() ? place : Place::line_start);
      out_ += '-';
      write_value(item, indent + 2, Place::after_dash);
    }
  }

  void start_line(std::size_t indent, Place place) {
    if (place == Place::after_dash) {
      out_ += ' ';
      return;
    }
    if (place == Place::after_key) out_ += '\n';
    out_.append(indent, ' ');
  }

  void write_key(const std::string& key, std::size_t indent) {
    const std::string text = is_plain(key) ? key : quote(key);
    if (text.size() <= kSimpleKeyMax) {
      out_ += text;
    } else {
      out_.append("? ").append(text).append(1, '\n').append(indent, ' ');
    }
  }

  // YAML 1.2.2 §8.1.1.2: "-" drops the last line feed, nothing keeps one, "+" keeps all.
  void write_literal(std::string_view text, std::size_t indent) {
    out_ += text.ends_with("\n\n") ? "|+\n" : text.ends_with('\n') ? "|\n" : "|-\n";
    if (text.ends_with('\n')) text.remove_suffix(1);
    const std::size_t content_indent = std::max<std::size_t>(indent, 2);  // at the top of a document as well
    for (std::size_t start = 0; start <= text.size();) {
      const std::size_t end = std::min(text.find('\n', start), text.size());
      if (end > start) out_.append(content_indent, ' ').append(text.substr(start, end - start));
      out_ += '\n';
      start = end + 1;
    }
  }

  std::string out_;
};

}  // namespace

std::string dump_yaml(const Node& node) { return YamlWriter().write(node); }

}  // namespace gantry::base
