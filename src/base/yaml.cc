// The one file that knows yaml-cpp. Its event parser reports what stands in the text; YamlTree makes values of it. Its own
// Node is not used: it has no positions for keys, resolves nothing, and expands aliases by sharing.

#include "base/yaml.h"

#include "base/checked_text.h"
#include "base/text.h"
#include "base/utf8.h"
#include "base/yaml_syntax.h"
#include "base/yaml_tree.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cstdint>
#include <istream>
#include <streambuf>

namespace gantry::base {

namespace {

// yaml-cpp can only be stopped by an exception from a handler. It never leaves this file.
struct Stop {
  Error error;
};

// Passes events on to the tree, and refuses what yaml-cpp 0.7 lets through although it is no YAML and kubectl refuses it: a
// last line of a map without ":", an element of a flow list that isn't there, and (at the end of the text) a quote that is
// not closed. All three would quietly change what a damaged manifest says.
class Handler final : public YAML::EventHandler {
 public:
  Handler(const CheckedText& source, YamlTree& tree) : source_(source), tree_(tree) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    // After "[a], b" yaml-cpp reports a document at the second comma, and another, and another.
    if (documents_++ > 0 && offset_of(mark) == document_start_) require(something_follows(mark));
    document_start_ = offset_of(mark);
    tree_.start_document();
  }
  void OnDocumentEnd() override { require(tree_.end_document()); }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const std::string_view text = null_text_at(mark);
    if (text.empty()) require(check_absent_value(mark, anchor));
    const SourcePos implied = text.empty() ? tree_.implied_pos() : SourcePos();
    take_scalar({.text = text, .tag = {}, .plain = true}, mark, implied.line > 0 ? implied : pos_of(mark), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override { require(tree_.alias(pos_of(mark), anchor)); }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    // yaml-cpp reports "?" for a plain scalar and "!" for a quoted or block one, unless a tag is written.
    const bool tagged = tag != "?" && tag != "!";
    const YamlScalar scalar{.text = value, .tag = tagged ? std::string_view(tag) : "", .plain = tag == "?"};
    if (is_utf8(value)) return take_scalar(scalar, mark, pos_of(mark), anchor);
    const std::string repaired = repair_escapes(value);
    take_scalar({.text = repaired, .tag = scalar.tag, .plain = false}, mark, pos_of(mark), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    require(tree_.start_array(pos_of(mark), anchor));
    open_.push_back(style == YAML::EmitterStyle::Flow ? Style::flow_list : Style::block);
  }
  void OnSequenceEnd() override { end_collection(); }

  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    require(tree_.start_map(pos_of(mark), anchor));
    open_.push_back(style == YAML::EmitterStyle::Flow ? Style::flow_map : Style::block);
  }
  void OnMapEnd() override { end_collection(); }

  // How many events came, and the byte where the last scalar stands.
  std::uint64_t events() const { return events_; }
  std::size_t offset() const { return last_scalar_; }

  // Once all is read: only the last scalar can have run into the end of the text.
  Result<void> check_last_quote() const {
    const std::size_t open = skip_properties(last_scalar_);
    if (is_closed(source_.text.substr(open))) return {};
    return input_error("not valid YAML: a quote is not closed", source_.pos_at(open), "close the quote");
  }

 private:
  enum class Style : std::uint8_t { block, flow_list, flow_map };

  Result<void> something_follows(const YAML::Mark& mark) const {
    return input_error("not valid YAML: something follows the value", pos_of(mark),
                       "remove it, or start a document with \"---\"");
  }

  // Every event passes through here.
  void require(Result<void> result) {
    ++events_;
    if (!result) throw Stop{std::move(result).error()};
  }

  void take_scalar(const YamlScalar& scalar, const YAML::Mark& mark, const SourcePos& pos, YAML::anchor_t anchor) {
    require(tree_.scalar(scalar, pos, anchor));
    last_scalar_ = offset_of(mark);
  }

  void end_collection() {
    require(tree_.end_collection());
    open_.pop_back();
  }

  // A value without text. yaml-cpp gives it the place of the next token, except for a key that no ":" follows: then it is
  // the place of that key.
  Result<void> check_absent_value(const YAML::Mark& mark, YAML::anchor_t anchor) const {
    if (open_.empty() || anchor != 0) return {};
    if (open_.back() == Style::flow_list) {
      return input_error("not valid YAML: nothing stands between the commas or brackets of a list", pos_of(mark),
                         "remove a comma, or write null");
    }
    if (open_.back() == Style::block && !tree_.key_is_next() && offset_of(mark) == last_scalar_) {
      return input_error("not valid YAML: this line of a map has no \":\"", pos_of(mark),
                         yaml_help(source_, pos_of(mark).line, "write `key: value`"));
    }
    return {};
  }

  std::size_t offset_of(const YAML::Mark& mark) const {
    return std::min(static_cast<std::size_t>(mark.pos), source_.text.size());
  }

  SourcePos pos_of(const YAML::Mark& mark) const {
    return source_.pos(static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1);
  }

  // yaml-cpp makes the bytes 0x85 and 0xA0 of the escapes \N and \_, which stand for U+0085 and U+00A0 (YAML 1.1 §5.6).
  static std::string repair_escapes(std::string_view text) {
    std::string repaired;
    while (!text.empty()) {
      const CodePoint c = first_code_point(text);
      append_utf8(repaired, c.bytes > 0 ? c.value : static_cast<unsigned char>(text.front()));
      text.remove_prefix(std::max<std::size_t>(c.bytes, 1));
    }
    return repaired;
  }

  // How the null at the mark is written: "~", "null" and so on, or nothing; then the mark is that of another token.
  std::string_view null_text_at(const YAML::Mark& mark) const {
    const std::string_view rest = source_.text.substr(offset_of(mark));
    for (const std::string_view text : {"~", "null", "Null", "NULL"}) {
      if (rest.starts_with(text)) return text;
    }
    return {};
  }

  // A mark is that of a scalar's tag or anchor if it has one.
  std::size_t skip_properties(std::size_t offset) const {
    const std::string_view text = source_.text;
    while (offset < text.size() && (text[offset] == '!' || text[offset] == '&')) {
      offset = std::min(text.find_first_of(" \t\r\n", offset), text.size());
      offset = std::min(text.find_first_not_of(" \t\r\n", offset), text.size());
    }
    return offset;
  }

  // Whether the text starts with a quoted scalar that ends, or with no quote at all.
  static bool is_closed(std::string_view text) {
    if (!text.starts_with('"') && !text.starts_with('\'')) return true;
    const char quote = text.front();
    for (std::size_t i = 1; i < text.size(); ++i) {
      const bool is_escape = quote == '"' ? text[i] == '\\' : text.substr(i).starts_with("''");
      if (is_escape) {
        ++i;
      } else if (text[i] == quote) {
        return true;
      }
    }
    return false;
  }

  const CheckedText& source_;
  YamlTree& tree_;
  std::vector<Style> open_;  // outermost first
  std::uint64_t events_ = 0;
  std::uint64_t documents_ = 0;
  std::size_t document_start_ = 0;
  std::size_t last_scalar_ = 0;  // the byte where its text, tag or anchor starts
};

// The text as yaml-cpp reads it. Its scanner looks ahead to the end of a flow collection before it reports the start, at 230
// bytes for each token: 60 MB of "[" would take 14 GB. So what is read between two events is limited.
class LimitedText final : public std::streambuf {
 public:
  LimitedText(const CheckedText& source, const Handler& handler) : source_(source), handler_(handler) {}

 protected:
  int_type underflow() override {
    if (handler_.events() != events_seen_) {
      events_seen_ = handler_.events();
      limit_ = offset_ + kAheadMax;
    }
    if (offset_ >= source_.text.size()) return traits_type::eof();
    if (offset_ >= limit_) {
      throw Stop{input_error(fmt::format("a list, map or text of more than {} MB in one piece", kAheadMax >> 20),
                             source_.pos_at(handler_.offset()),
                             "write lists and maps in block style, or as a JSON file")
                     .error()};
    }
    const std::size_t size = std::min(kChunk, source_.text.size() - offset_);
    chunk_.assign(source_.text.substr(offset_, size));
    offset_ += size;
    setg(chunk_.data(), chunk_.data(), chunk_.data() + size);
    return traits_type::to_int_type(chunk_.front());
  }

 private:
  static constexpr std::size_t kChunk = 4096;
  // Larger than any object Kubernetes stores (etcd takes 1.5 MB); costs at most 500 MB of look-ahead.
  static constexpr std::size_t kAheadMax = std::size_t{2} << 20;

  const CheckedText& source_;
  const Handler& handler_;
  std::string chunk_;
  std::size_t offset_ = 0;  // bytes given out
  std::size_t limit_ = kAheadMax;
  std::uint64_t events_seen_ = 0;
};

std::unexpected<Error> syntax_error(const YAML::Exception& exception, const CheckedText& source) {
  if (exception.mark.is_null()) return yaml_syntax_error(exception.msg, source, 0, 0);
  return yaml_syntax_error(exception.msg, source, static_cast<std::size_t>(exception.mark.line) + 1,
                           static_cast<std::size_t>(exception.mark.column) + 1);
}

// yaml-cpp takes a carriage return for the end of a line in some places and for text in others.
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

}  // namespace

Result<std::vector<Node>> load_yaml(std::string_view text, std::string_view file, const YamlOptions& options) {
  const CheckedText source = TRY(check_text(text, file, options.limits.bytes_max));
  TRY(check_no_control_characters(source));
  TRY(check_line_ends(source));
  YamlTree tree(options);
  Handler handler(source, tree);
  try {
    LimitedText limited(source, handler);
    std::istream stream(&limited);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(handler)) {
    }
    TRY(handler.check_last_quote());
  } catch (Stop& stop) {
    return std::unexpected(std::move(stop.error));
  } catch (const YAML::Exception& exception) {
    return syntax_error(exception, source);
  }
  return tree.take_documents();
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
