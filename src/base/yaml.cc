// The one file that knows libyaml. Its events say what stands in the text; YamlTree makes values of them. The Go parser that
// kubectl and kustomize use is a port of libyaml, so both take and refuse the same texts (docs/decisions/0004).

#include "base/yaml.h"

#include "base/checked_text.h"
#include "base/yaml_syntax.h"
#include "base/yaml_tree.h"

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::base {

namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : is_ready_(yaml_parser_initialize(&parser_) != 0) {
    if (!is_ready_) return;
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  ~Parser() {
    if (is_ready_) yaml_parser_delete(&parser_);
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  // Reads the next event. False on an error, and when there was no memory to begin with.
  bool next(yaml_event_t& event) { return is_ready_ && yaml_parser_parse(&parser_, &event) != 0; }

  bool is_out_of_memory() const { return !is_ready_ || parser_.error == YAML_MEMORY_ERROR; }
  const yaml_parser_t& raw() const { return parser_; }

 private:
  yaml_parser_t parser_ = {};
  bool is_ready_;
};

// An event that frees what libyaml allocated for it.
struct Event : yaml_event_t {
  Event() : yaml_event_t{} {}
  ~Event() { yaml_event_delete(this); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
};

std::string_view view(const yaml_char_t* text) {
  return text ? std::string_view(reinterpret_cast<const char*>(text)) : std::string_view();
}

// Where marks are in the text. A mark counts characters, and for libyaml NEL, LS and PS end a line (YAML 1.1 §5.4); we count
// bytes, and lines as editors do.
class Places {
 public:
  struct Place {
    std::size_t offset = 0;
    SourcePos pos;
  };

  explicit Places(const CheckedText& source)
      : source_(source), is_ascii_(std::all_of(source.text.begin(), source.text.end(), [](char c) {
          return static_cast<unsigned char>(c) < 0x80;
        })) {}

  Place at(const yaml_mark_t& mark) {
    if (is_ascii_) {
      return {.offset = std::min(mark.index, source_.text.size()), .pos = source_.pos(mark.line + 1, mark.column + 1)};
    }
    if (mark.index < cursor_.character) cursor_ = {};  // events come in order; what an error is about may stand before
    while (cursor_.character < mark.index && cursor_.offset < source_.text.size()) skip_character();
    return {.offset = cursor_.offset, .pos = source_.pos(cursor_.line, cursor_.offset - cursor_.line_start + 1)};
  }

 private:
  struct Cursor {
    std::size_t character = 0;  // the index of a mark, of which offset is the byte
    std::size_t offset = 0;
    std::size_t line = 1;
    std::size_t line_start = 0;
  };

  void skip_character() {
    const std::string_view text = source_.text;
    const bool ends_line = text[cursor_.offset] == '\n';
    const auto is_continuation = [text](std::size_t i) {
      return i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80;
    };
    ++cursor_.character;
    ++cursor_.offset;
    while (is_continuation(cursor_.offset)) ++cursor_.offset;
    if (!ends_line) return;
    ++cursor_.line;
    cursor_.line_start = cursor_.offset;
  }

  const CheckedText& source_;
  const bool is_ascii_;
  Cursor cursor_;
};

// One text, from its first event to its last.
class Reader {
 public:
  Reader(const CheckedText& source, const YamlOptions& options)
      : source_(source), places_(source), parser_(source.text), tree_(options) {}

  Result<std::vector<Node>> read() {
    for (;;) {
      Event event;
      if (!parser_.next(event)) return error();
      if (event.type == YAML_STREAM_END_EVENT) return tree_.take_documents();
      TRY(take(event));
    }
  }

 private:
  Result<void> take(const yaml_event_t& event) {
    switch (event.type) {
      case YAML_DOCUMENT_START_EVENT:
        anchors_.clear();
        tree_.start_document();
        return {};
      case YAML_DOCUMENT_END_EVENT: return tree_.end_document();
      case YAML_ALIAS_EVENT: return take_alias(view(event.data.alias.anchor), pos_of(event));
      case YAML_SCALAR_EVENT: return take_scalar(event);
      case YAML_SEQUENCE_START_EVENT:
        if (brackets_ > 0 || event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE) ++brackets_;
        return tree_.start_array(pos_of(event), define(event.data.sequence_start.anchor));
      case YAML_MAPPING_START_EVENT:
        if (brackets_ > 0 || event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE) ++brackets_;
        return tree_.start_map(pos_of(event), define(event.data.mapping_start.anchor));
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        if (brackets_ > 0) --brackets_;
        return tree_.end_collection();
      default: return {};  // the start of the stream
    }
  }

  Result<void> take_scalar(const yaml_event_t& event) {
    const auto& scalar = event.data.scalar;
    const Places::Place place = places_.at(event.start_mark);
    const std::string_view text(reinterpret_cast<const char*>(scalar.value), scalar.length);
    const std::string_view tag = view(scalar.tag);
    const bool is_plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (is_plain && brackets_ > 0) TRY(check_question_marks(text, place.pos));
    if (scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE && text.contains('/')) {
      TRY(check_slashes(place.offset, places_.at(event.end_mark).offset));
    }
    // A value that is not written stands where its key does: the mark may be that of the next line's token.
    const bool is_absent = is_plain && text.empty() && !scalar.anchor && tag.empty();
    const SourcePos* const key_pos = is_absent ? tree_.key_pos() : nullptr;
    const YamlScalar value{.text = text, .tag = tag, .plain = is_plain && !has_bare_tag(place.offset)};
    return tree_.scalar(value, key_pos ? SourcePos(*key_pos) : place.pos, define(scalar.anchor));
  }

  // YAML 1.2 has both of what follows, and libyaml 0.2.5 reads them; kubectl 1.32 and its kustomize do not.
  static Result<void> check_question_marks(std::string_view text, const SourcePos& pos) {
    if (!text.contains('?')) return {};
    return input_error("not valid YAML 1.1: between brackets, a text with \"?\" needs quotes", pos, "quote the text");
  }
  Result<void> check_slashes(std::size_t begin, std::size_t end) const {
    const std::string_view scalar = source_.text.substr(begin, end - begin);
    for (std::size_t at = 0; (at = scalar.find('\\', at)) != std::string_view::npos; at += 2) {
      if (!scalar.substr(at).starts_with("\\/")) continue;
      return input_error("not valid YAML 1.1: \"\\/\" is no escape", source_.pos_at(begin + at), "write the / alone");
    }
    return {};
  }

  Result<void> take_alias(std::string_view name, const SourcePos& pos) {
    if (const auto it = anchors_.find(name); it != anchors_.end()) return tree_.alias(pos, it->second);
    return input_error("not valid YAML: this alias has no anchor before it", pos,
                       "write `&name` before the value to repeat; quote a text that starts with \"*\"");
  }

  // An anchor's number in the tree: the last value that has the name is the one that an alias repeats.
  YamlTree::Anchor define(const yaml_char_t* name) {
    if (!name) return 0;
    anchors_.insert_or_assign(std::string(view(name)), ++anchors_defined_);
    return anchors_defined_;
  }

  // "! 12" is text. libyaml reports neither that tag nor a difference to a scalar without one.
  bool has_bare_tag(std::size_t offset) const { return source_.text.substr(offset).starts_with('!'); }

  SourcePos pos_of(const yaml_event_t& event) { return places_.at(event.start_mark).pos; }

  std::unexpected<Error> error() {
    if (parser_.is_out_of_memory()) return environment_error("not enough memory to read YAML");
    const yaml_parser_t& parser = parser_.raw();
    YamlProblem problem{.problem = parser.problem ? parser.problem : "", .context = {}};
    if (parser.error == YAML_READER_ERROR) {  // counts bytes and knows no mark
      problem.offset = problem.context_offset = parser.problem_offset;
      return yaml_syntax_error(problem, source_, tree_.open_pos());
    }
    problem.offset = problem.context_offset = places_.at(parser.problem_mark).offset;
    if (parser.context) {
      problem.context = parser.context;
      problem.context_offset = places_.at(parser.context_mark).offset;
    }
    return yaml_syntax_error(problem, source_, tree_.open_pos());
  }

  const CheckedText& source_;
  Places places_;
  Parser parser_;
  YamlTree tree_;
  std::map<std::string, YamlTree::Anchor, std::less<>> anchors_;  // of this document
  YamlTree::Anchor anchors_defined_ = 0;
  std::size_t brackets_ =
      0;  // lists and maps open from the first in brackets on: what stands inside is in brackets too
};

// A carriage return alone ends a line for libyaml, and for no editor that shows line numbers as we count them.
Result<void> check_line_ends(const CheckedText& source) {
  const std::string_view text = source.text;
  for (std::size_t at = text.find('\r'); at != std::string_view::npos; at = text.find('\r', at + 1)) {
    if (!text.substr(at).starts_with("\r\n")) {
      return input_error("a carriage return without a line feed", source.pos_at(at),
                         "save the file with LF or CRLF at the end of each line");
    }
  }
  return {};
}

// libyaml compares each %TAG directive with all before it. No tool of Kubernetes writes even one.
Result<void> check_directives(const CheckedText& source) {
  constexpr std::string_view kDirective = "%TAG";
  constexpr std::string_view kEndsLine = "\n\x85\xA8\xA9";  // the last bytes of LF, NEL, LS and PS
  constexpr int kDirectivesMax = 100;
  int directives = 0;
  for (std::size_t at = source.text.find(kDirective); at != std::string_view::npos;
       at = source.text.find(kDirective, at + 1)) {
    if (at > 0 && !kEndsLine.contains(source.text[at - 1])) continue;
    if (++directives <= kDirectivesMax) continue;
    return input_error(fmt::format("more than {} lines start with %TAG", kDirectivesMax), source.pos_at(at),
                       "remove the directives, and write the tags in full");
  }
  return {};
}

}  // namespace

Result<std::vector<Node>> load_yaml(std::string_view text, std::string_view file, const YamlOptions& options) {
  CheckedText source = TRY(check_text(text, file, options.limits.bytes_max));
  TRY(check_no_control_characters(source));
  TRY(check_line_ends(source));
  TRY(check_directives(source));
  std::string with_line_end;
  if (options.rules == ScalarRules::kubectl && !source.text.empty() && !source.text.ends_with('\n')) {
    // kubectl reads line by line and ends each, which a block scalar that ends the file shows; kustomize does not.
    with_line_end.append(source.text).append("\n");
    source.text = with_line_end;
  }
  return Reader(source, options).read();
}

Result<Node> load_yaml_document(std::string_view text, std::string_view file, const YamlOptions& options) {
  std::vector<Node> documents = TRY(load_yaml(text, file, options));
  if (documents.empty()) return Node::null_at({std::make_shared<const std::string>(file), 0, 0});
  if (documents.size() > 1) {
    return input_error(fmt::format("{} documents where one is expected", documents.size()), documents[1].pos(),
                       "keep one document in this file");
  }
  return std::move(documents.front());
}

}  // namespace gantry::base
