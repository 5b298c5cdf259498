#include "kube/kustomize/written_text.h"

#include "base/text.h"
#include "base/yaml.h"
#include "kube/kustomize/nulls.h"
#include "kube/kustomize/resource.h"

namespace gantry::kube::kustomize {

using base::Node;

namespace {

// What an unquoted date is read as: "2020-01-01T00:00:00Z".
bool may_be_date(const Node& node) {
  constexpr std::size_t kDateAndTime = 20;
  return node.is_string() && node.string().size() >= kDateAndTime && node.string().ends_with('Z') &&
         node.string()[10] == 'T';
}

// From the place up to the end of a plain scalar.
std::string_view plain_text(const std::vector<std::string_view>& lines, const base::SourcePos& pos) {
  if (pos.line == 0 || pos.line > lines.size()) return {};
  const std::string_view line = lines[pos.line - 1];
  if (pos.column == 0 || pos.column > line.size()) return {};
  std::string_view text = line.substr(pos.column - 1);
  text = text.substr(0, text.find(" #"));
  return base::trim(text.substr(0, text.find_first_of(",]}")));
}

}  // namespace

std::string WrittenTexts::of(const Node::Member& member) {
  if (member.value.is_null()) return null_form(member) == NullForm::written ? "null" : "";
  return of(member.value);
}

std::string WrittenTexts::of(const Node& scalar) {
  const bool may_differ = scalar.is_number() || scalar.is_bool() || may_be_date(scalar);
  if (!may_differ || !scalar.pos().file) return scalar_text(scalar);
  const std::string_view written = plain_text(open(*scalar.pos().file).lines, scalar.pos());
  if (written.empty()) return scalar_text(scalar);
  const auto read =
      base::load_yaml_document(written, "", {.rules = base::ScalarRules::kustomize_resource, .limits = {}});
  return read && *read == scalar ? std::string(written) : scalar_text(scalar);
}

namespace {

bool is_plain_string(const std::string& text, base::ScalarRules rules) {
  const auto read = base::load_yaml_document(text, "", {.rules = rules, .limits = {}});
  return read && read->is_string();
}

}  // namespace

bool WrittenTexts::is_quoted(const Node& string) {
  const std::string& text = string.string();
  if (text.contains('\n') || !is_plain_string(text, base::ScalarRules::kubectl) ||
      !is_plain_string(text, base::ScalarRules::kustomize_resource)) {
    return true;
  }
  const base::SourcePos& pos = string.pos();
  if (!pos.file) return false;
  const std::vector<std::string_view>& lines = open(*pos.file).lines;
  if (pos.line == 0 || pos.line > lines.size() || pos.column == 0 || pos.column > lines[pos.line - 1].size())
    return false;
  return std::string_view("\"'|>").contains(lines[pos.line - 1][pos.column - 1]);
}

const WrittenTexts::File& WrittenTexts::open(const std::string& name) {
  const auto [it, is_new] = opened_.try_emplace(name);
  File& file = it->second;
  if (is_new) {
    file.text = files_->read(name).value_or("");  // without the text, the value is as good as it gets
    file.lines = base::split(file.text, '\n');
  }
  return file;
}

}  // namespace gantry::kube::kustomize
