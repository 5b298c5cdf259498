// simdjson's On-Demand parser, which hands out each value with the place of its text, so positions cost one pass over the
// line feeds. Its tree of values has no places, and SAX parsers that report them (nlohmann's) are several times slower.
// On-Demand checks only what is read; everything is.

#include "base/json.h"

#include "base/checked_text.h"
#include "base/key_index.h"
#include "base/number.h"
#include "base/text.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <iterator>
#include <optional>
#include <span>

namespace gantry::base {

namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

std::string_view explain(error_code error) {
  switch (error) {
    case simdjson::EMPTY: return "there is no value";
    case simdjson::UNCLOSED_STRING: return "a string is not closed";
    case simdjson::UNESCAPED_CHARS: return "a control character stands in a string";
    case simdjson::STRING_ERROR: return "an escape in a string is wrong";
    case simdjson::NUMBER_ERROR: return "not a number, or one too large for any program";
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR:
    case simdjson::INCORRECT_TYPE: return "a word that is none of true, false and null";
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT: return "the text does not end with the bracket that closes it";
    case simdjson::TRAILING_CONTENT: return "something follows the value";
    default: return "a value, a comma, a colon or a bracket is missing or in excess";
  }
}

// simdjson finds these while it still indexes the text and does not say where: the byte that breaks a string, or the quote
// that opens the one that is not closed.
std::size_t find_broken_string(std::string_view text) {
  std::size_t open = std::string_view::npos;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool inside = open != std::string_view::npos;
    if (text[i] == '"') {
      open = inside ? std::string_view::npos : i;
    } else if (inside && text[i] == '\\') {
      ++i;
    } else if (inside && static_cast<unsigned char>(text[i]) < 0x20) {
      return i;
    }
  }
  return open;
}

// RFC 8259 §6: -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?
bool is_json_number(std::string_view text) {
  const auto skip = [&text](std::string_view letters) {
    const bool found = !text.empty() && letters.contains(text.front());
    if (found) text.remove_prefix(1);
    return found;
  };
  const auto skip_digits = [&text] {
    const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(count);
    return count > 0;
  };
  skip("-");
  if (!skip("0") && !skip_digits()) return false;
  if (skip(".") && !skip_digits()) return false;
  if (skip("eE")) {
    skip("-+");
    if (!skip_digits()) return false;
  }
  return text.empty();
}

class JsonReader {
 public:
  JsonReader(const CheckedText& source, const YamlLimits& limits) : source_(source), limits_(limits) {}

  Result<Node> read() {
    const std::string_view start = trim(source_.text).substr(0, 1);
    if (start == "{" || start == "[") return read_text(simdjson::padded_string(source_.text));

    // When a number or a word is the whole text, simdjson 3.0.1 refuses "null\n" and takes "falsey" for false. In a list it
    // is right about them.
    lead_ = 1;
    Node list = TRY(read_text(simdjson::padded_string(fmt::format("[{}]", source_.text))));
    if (list.array().empty()) return error_at(simdjson::EMPTY, source_.pos_at(0));
    if (list.array().size() > 1) return error_at(simdjson::TRAILING_CONTENT, list.array()[1].pos());
    return std::move(list.array().front());
  }

 private:
  Result<Node> read_text(simdjson::padded_string text) {
    padded_ = std::move(text);
    if (const error_code error = parser_.iterate(padded_).get(document_)) return index_error(error);
    Node node;
    TRY(read_value(document_, 1, node));
    const bool at_end = document_.current_location().error() == simdjson::OUT_OF_BOUNDS;
    if (!at_end) return error_here(simdjson::TRAILING_CONTENT);
    return node;
  }

  // A value, or the document, which has the same functions but another type. Into a node rather than out of the function,
  // and with positions moved: a cluster has millions of values, and handing each up level by level shows.
  template <typename Value>
  Result<void> read_value(Value& value, std::uint32_t depth, Node& node) {
    ondemand::json_type type{};
    if (const error_code error = value.type().get(type)) return error_here(error);
    std::string_view token;
    simdjson::simdjson_result<std::string_view> raw = value.raw_json_token();
    if (const error_code error = std::move(raw).get(token)) return error_here(error);
    SourcePos pos = advance_to(token.data());
    if (++nodes_ > limits_.nodes_max) {
      return input_error(fmt::format("more than {} values in one file", limits_.nodes_max), pos, "split the file");
    }
    switch (type) {
      case ondemand::json_type::object: return read_object(value, std::move(pos), depth, node);
      case ondemand::json_type::array: return read_array(value, std::move(pos), depth, node);
      case ondemand::json_type::number: return read_number(trim(token), std::move(pos), node);
      case ondemand::json_type::string: return read_scalar<std::string_view>(value, std::move(pos), node);
      case ondemand::json_type::boolean: return read_scalar<bool>(value, std::move(pos), node);
      case ondemand::json_type::null: break;
    }
    bool is_null = false;
    if (const error_code error = value.is_null().get(is_null)) return error_at(error, pos);
    if (!is_null) return error_at(simdjson::N_ATOM_ERROR, pos);
    node = Node::null_at(std::move(pos));
    return {};
  }

  template <typename T, typename Value>
  Result<void> read_scalar(Value& value, SourcePos pos, Node& node) {
    T scalar;
    if (const error_code error = value.template get<T>().get(scalar)) return error_at(error, pos);
    node = Node(scalar, std::move(pos));
    return {};
  }

  // Whole numbers beyond int64 become reals, as in Kubernetes' own decoder. Read from the text: simdjson 3.0.1 reads some
  // numbers of more than 19 digits wrongly (0.112345678920134567891 as 0.00166), and refuses very small ones.
  Result<void> read_number(std::string_view token, SourcePos pos, Node& node) const {
    std::int64_t integer = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), integer);
    const std::optional<double> real = parse_double(token);
    if (!is_json_number(token) || !real) return error_at(simdjson::NUMBER_ERROR, pos);
    const bool is_whole = error == std::errc() && end == token.data() + token.size();
    node = is_whole ? Node(integer, std::move(pos)) : number_node(*real, std::move(pos));
    return {};
  }

  template <typename Value>
  Result<void> read_array(Value& value, SourcePos pos, std::uint32_t depth, Node& node) {
    TRY(check_depth(pos, depth));
    ondemand::array array;
    if (const error_code error = value.get_array().get(array)) return error_here(error);
    const std::size_t first = items_.size();
    for (auto element : array) {
      ondemand::value item;
      if (const error_code error = std::move(element).get(item)) return error_here(error);
      Node child;
      TRY(read_value(item, depth + 1, child));
      items_.push_back(std::move(child));
    }
    node = Node(take_from(items_, first), std::move(pos));
    return {};
  }

  template <typename Value>
  Result<void> read_object(Value& value, SourcePos pos, std::uint32_t depth, Node& node) {
    TRY(check_depth(pos, depth));
    ondemand::object object;
    if (const error_code error = value.get_object().get(object)) return error_here(error);
    const std::size_t first = members_.size();
    KeyIndex index;
    for (auto element : object) {
      ondemand::field field;
      if (const error_code error = std::move(element).get(field)) return error_here(error);
      SourcePos key_pos = advance_to(field.key().raw() - 1);  // from the first letter back to the quote
      std::string_view key;
      if (const error_code error = field.unescaped_key().get(key)) return error_at(error, key_pos);
      const std::span<const Node::Member> members = std::span(members_).subspan(first);
      if (const auto repeated = index.find(members, key)) return repeated_key(key, key_pos, members[*repeated].key_pos);
      Node child;
      TRY(read_value(field.value(), depth + 1, child));
      members_.push_back(Node::Member{std::string(key), std::move(child), std::move(key_pos)});
    }
    node = Node(take_from(members_, first), std::move(pos));
    return {};
  }

  // Children are collected on one stack for all levels and moved out when their number is known: no vector of the tree has
  // room to spare, which would cost half again the memory.
  template <typename Child>
  static std::vector<Child> take_from(std::vector<Child>& stack, std::size_t first) {
    const auto begin = stack.begin() + static_cast<std::ptrdiff_t>(first);
    std::vector<Child> children(std::make_move_iterator(begin), std::make_move_iterator(stack.end()));
    stack.erase(begin, stack.end());
    return children;
  }

  Result<void> check_depth(const SourcePos& pos, std::uint32_t depth) const {
    if (depth <= limits_.depth_max) return {};
    return input_error(fmt::format("nested deeper than {} levels", limits_.depth_max), pos,
                       "flatten it: no file that people write nests so deep");
  }

  // The place of a byte at or after the last one asked for: values come in the order of the text.
  SourcePos advance_to(const char* byte) {
    const char* const begin = padded_.data() + lead_;
    // The list that was put around a single value starts before the text.
    const std::size_t offset = byte < begin ? 0 : static_cast<std::size_t>(byte - begin);
    while (offset_ < offset) {
      const void* const feed = std::memchr(begin + offset_, '\n', offset - offset_);
      if (!feed) break;
      offset_ = static_cast<std::size_t>(static_cast<const char*>(feed) - begin) + 1;
      line_start_ = offset_;
      ++line_;
    }
    offset_ = offset;
    return source_.pos(line_, offset - line_start_ + 1);
  }

  static std::unexpected<Error> error_at(error_code error, const SourcePos& pos) {
    return input_error(fmt::format("not valid JSON: {}", explain(error)), pos);
  }

  // Where the parser stands. Past the last token it has no place, and then the end of the text is the place; so it is when
  // the parser has looked ahead and found that the text doesn't end with a bracket.
  std::unexpected<Error> error_here(error_code error) {
    const char* location = nullptr;
    const bool is_known = error != simdjson::INCOMPLETE_ARRAY_OR_OBJECT &&
                          document_.current_location().get(location) == simdjson::SUCCESS;
    return error_at(error, source_.pos_at(is_known ? static_cast<std::size_t>(location - padded_.data()) - lead_
                                                   : source_.text.size()));
  }

  std::unexpected<Error> index_error(error_code error) const {
    const bool in_string = error == simdjson::UNCLOSED_STRING || error == simdjson::UNESCAPED_CHARS;
    return error_at(error, source_.pos_at(in_string ? find_broken_string(source_.text) : 0));
  }

  static std::unexpected<Error> repeated_key(std::string_view key, const SourcePos& pos, const SourcePos& first) {
    return input_error(fmt::format("key \"{}\" is repeated; it was first written in line {}, column {}", key,
                                   first.line, first.column),
                       pos, "keep one of the two");
  }

  const CheckedText& source_;  // outlives the reader, which lives for one call of load_json
  const YamlLimits& limits_;
  simdjson::padded_string padded_;
  std::size_t lead_ = 0;  // bytes of padded_ before the text
  ondemand::parser parser_;
  ondemand::document document_;

  std::uint64_t nodes_ = 0;
  std::vector<Node> items_;            // of the arrays that are not complete, outermost first
  std::vector<Node::Member> members_;  // of the objects that are not complete
  std::size_t offset_ = 0;             // the byte last asked for, its line, and where that line starts
  std::size_t line_ = 1;
  std::size_t line_start_ = 0;
};

}  // namespace

Result<Node> load_json(std::string_view text, std::string_view file, const YamlLimits& limits) {
  const CheckedText source = TRY(check_text(text, file, limits.bytes_max));
  return JsonReader(source, limits).read();
}

}  // namespace gantry::base
