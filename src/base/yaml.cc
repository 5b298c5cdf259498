// The one file that knows yaml-cpp. Its event parser reports what stands in the text; YamlTree makes values of it. Its own
// Node is not used: it has no positions for keys, resolves nothing, and expands aliases by sharing.

#include "base/yaml.h"

#include "base/checked_text.h"
#include "base/yaml_tree.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <spanstream>

namespace gantry::base {

namespace {

// yaml-cpp can only be stopped by an exception from a handler. It never leaves this file.
struct Stop {
  Error error;
};

class Handler final : public YAML::EventHandler {
 public:
  Handler(const CheckedText& source, YamlTree& tree) : source_(source), tree_(tree) {}

  void OnDocumentStart(const YAML::Mark&) override { tree_.start_document(); }
  void OnDocumentEnd() override { require(tree_.end_document()); }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const std::string_view text = null_text_at(mark);
    const SourcePos pos = text.empty() ? tree_.implied_pos() : pos_of(mark);
    require(tree_.scalar(YamlScalar{.text = text, .tag = {}, .plain = true}, pos.line == 0 ? pos_of(mark) : pos, anchor));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override { require(tree_.alias(pos_of(mark), anchor)); }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
    // yaml-cpp reports "?" for a plain scalar and "!" for a quoted or block one, unless a tag is written.
    const bool tagged = tag != "?" && tag != "!";
    require(tree_.scalar(YamlScalar{.text = value, .tag = tagged ? std::string_view(tag) : "", .plain = tag == "?"}, pos_of(mark), anchor));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    require(tree_.start_array(pos_of(mark), anchor));
  }
  void OnSequenceEnd() override { require(tree_.end_collection()); }

  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    require(tree_.start_map(pos_of(mark), anchor));
  }
  void OnMapEnd() override { require(tree_.end_collection()); }

 private:
  static void require(Result<void> result) {
    if (!result) throw Stop{std::move(result).error()};
  }

  SourcePos pos_of(const YAML::Mark& mark) const {
    return source_.pos(static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1);
  }

  // How the null at the mark is written: "~", "null" and so on, or nothing; then the mark is that of the next token.
  std::string_view null_text_at(const YAML::Mark& mark) const {
    const std::string_view rest = source_.text.substr(std::min(static_cast<std::size_t>(mark.pos), source_.text.size()));
    for (const std::string_view text : {"~", "null", "Null", "NULL"}) {
      if (rest.starts_with(text)) return text;
    }
    return {};
  }

  const CheckedText& source_;
  YamlTree& tree_;
};

std::unexpected<Error> syntax_error(const YAML::Exception& exception, const CheckedText& source) {
  const SourcePos pos = exception.mark.is_null() ? source.pos(0, 0)
                                                 : source.pos(static_cast<std::size_t>(exception.mark.line) + 1,
                                                              static_cast<std::size_t>(exception.mark.column) + 1);
  return input_error(fmt::format("not valid YAML: {}", exception.msg), pos);
}

}  // namespace

Result<std::vector<Node>> load_yaml(std::string_view text, std::string_view file, const YamlOptions& options) {
  const CheckedText source = TRY(check_text(text, file, options.limits.bytes_max));
  TRY(check_no_control_characters(source));
  YamlTree tree(options);
  Handler handler(source, tree);
  try {
    std::ispanstream stream(std::span(source.text.data(), source.text.size()));
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(handler)) {
    }
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
