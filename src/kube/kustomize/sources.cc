#include "kube/kustomize/sources.h"

#include "base/text.h"
#include "base/yaml.h"
#include "kube/kustomize/nulls.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <iterator>

namespace gantry::kube::kustomize {

using base::Node;
using base::Result;

bool is_remote(std::string_view path) {
  constexpr std::array<std::string_view, 6> kStarts = {"git@", "git::", "github.com/", "gh:", "ssh://", "file://"};
  if (path.find("://") != std::string_view::npos || path.find("?ref=") != std::string_view::npos) return true;
  return std::ranges::any_of(kStarts, [path](std::string_view start) { return path.starts_with(start); });
}

namespace {

Result<std::string> confined_path(const Kustomization& kustomization, const Text& path, const std::string& field) {
  if (is_remote(path.value)) {
    return base::input_error(
        fmt::format("{} is \"{}\", which is on another machine; nothing is ever fetched", field, path.value), path.pos,
        "copy it into the repository and name the copy");
  }
  if (path.value.starts_with('/')) {
    return base::input_error(fmt::format("{} is the absolute path \"{}\"", field, path.value), path.pos,
                             "write a path relative to the kustomization");
  }
  return located(base::join_path(kustomization.directory, path.value), path.pos);
}

Result<std::string> resolve_below(Build& build, const Kustomization& kustomization, const std::string& joined,
                                  const Text& path, const std::string& field) {
  const std::string file = TRY(located(build.files.resolve(joined), path.pos));
  const std::string root = TRY(located(build.files.resolve(kustomization.directory), path.pos));
  if (root.empty() || file.starts_with(root + "/")) return file;
  return base::input_error(
      fmt::format("{} is \"{}\", which is not in or below the kustomization's directory", field, path.value), path.pos,
      "move the file, or list its directory (with a kustomization of its own) under `resources`");
}

}  // namespace

Result<SourceText> read_source(Build& build, const Kustomization& kustomization, const Text& path,
                               const std::string& field) {
  const std::string context = fmt::format("while reading {} of {}", field, kustomization.file);
  const std::string joined = TRY(with_context(confined_path(kustomization, path, field), context));
  const base::FileKind kind = TRY(with_context(located(build.files.kind(joined), path.pos), context));
  if (kind != base::FileKind::regular) {
    const bool is_missing = kind == base::FileKind::missing;
    return with_context<SourceText>(
        base::input_error(fmt::format("{} is \"{}\", {}", field, path.value,
                                      is_missing ? "which does not exist" : "which is no file"),
                          path.pos,
                          is_missing && path.value.find('*') != std::string::npos
                              ? "list files one by one: patterns are not supported"
                              : "correct the path"),
        context);
  }
  const std::string file = TRY(with_context(resolve_below(build, kustomization, joined, path, field), context));
  if (++build.files_read > kFilesMax) return base::input_error(fmt::format("more than {} files", kFilesMax), path.pos);
  SourceText source;
  source.name = joined;
  source.text = TRY(with_context(located(build.files.read(file), path.pos), context));
  return source;
}

SourceText inline_source(const Kustomization& kustomization, const Text& text) {
  SourceText source{.name = kustomization.file, .text = text.value, .pos = text.pos, .is_inside = true};
  const std::vector<std::string_view> lines = base::split(kustomization.text, '\n');
  const std::size_t line = text.pos.line;
  if (line == 0 || line >= lines.size()) return source;
  // Only a block scalar ("|") keeps its lines apart; of any other form, the value's own place is the best there is.
  const std::string_view header =
      lines[line - 1].substr(std::min<std::size_t>(text.pos.column - 1, lines[line - 1].size()));
  if (!header.starts_with('|')) return source;
  source.lines_above = text.pos.line;
  for (std::size_t i = line; i < lines.size(); ++i) {
    const std::size_t indent = lines[i].find_first_not_of(" \r");
    if (indent == std::string_view::npos) continue;
    source.columns_before = static_cast<std::uint32_t>(indent);
    break;
  }
  return source;
}

namespace {

void move_pos(base::SourcePos& pos, const SourceText& source, const base::SourcePos& whole) {
  if (source.lines_above == 0) {
    pos = whole;
    return;
  }
  pos.line += source.lines_above;
  pos.column += source.columns_before;
}

void move_positions(Node& node, const SourceText& source, const base::SourcePos& whole) {
  base::SourcePos pos = node.pos();
  if (pos.file) move_pos(pos, source, whole);
  node.set_pos(pos);
  if (node.is_array()) {
    for (Node& element : node.array()) move_positions(element, source, whole);
  } else if (node.is_map()) {
    for (Node::Member& member : node.map()) {
      const bool is_written_null = member.value.is_null() && null_form(member) == NullForm::written;
      move_pos(member.key_pos, source, whole);
      move_positions(member.value, source, whole);
      if (!is_written_null || member.value.pos() != member.key_pos) continue;
      base::SourcePos apart = member.key_pos;
      ++apart.column;
      member.value.set_pos(apart);
    }
  }
}

// Gives documents, or the place of an error, their positions in the file the user sees.
Result<std::vector<Node>> moved(Result<std::vector<Node>> documents, const SourceText& source) {
  if (!source.is_inside) return documents;
  if (!documents) {
    if (documents.error().where) move_pos(*documents.error().where, source, source.pos);
    return documents;
  }
  for (Node& document : *documents) move_positions(document, source, source.pos);
  return documents;
}

bool is_list_kind(const Node& object) { return object.text("kind").ends_with("List"); }

Result<void> check_object(const Node& object) {
  if (!object.is_map()) {
    return base::input_error(fmt::format("an object is a {}", to_string(object.kind())), object.pos(),
                             "write apiVersion, kind and metadata");
  }
  if (object.text("kind").empty()) return base::input_error("an object has no kind", object.pos(), "write its kind");
  const Node* name = object.find("metadata", "name");
  if (is_list_kind(object) || (name && !scalar_text(*name).empty())) return {};
  const bool has_generate_name = object.find("metadata", "generateName") != nullptr;
  return base::input_error(
      fmt::format("a {} has no metadata.name", object.text("kind")), object.pos(),
      has_generate_name ? "kustomize needs a name; generateName is for kubectl create" : "write its name");
}

bool is_empty(const Node& node) {
  return node.is_null() || (node.is_map() && node.map().empty()) || (node.is_array() && node.array().empty());
}

// Lists ("kind: List", "PodList") give way to their items, which follow everything else.
Result<std::vector<Node>> expand_lists(std::vector<Node> documents) {
  std::deque<Node> waiting(std::make_move_iterator(documents.begin()), std::make_move_iterator(documents.end()));
  std::vector<Node> objects;
  while (!waiting.empty()) {
    Node object = std::move(waiting.front());
    waiting.pop_front();
    if (is_empty(object)) continue;
    TRY(check_object(object));
    Node* items = is_list_kind(object) ? object.get("items") : nullptr;
    if (!items) {
      objects.push_back(std::move(object));
    } else if (items->is_array()) {
      std::ranges::move(items->array(), std::back_inserter(waiting));
    } else if (!items->is_null()) {
      return base::input_error(fmt::format("items of a {} is a {}", object.text("kind"), to_string(items->kind())),
                               items->pos(), "write a list");
    }
  }
  return objects;
}

Result<std::vector<Node>> load_objects_unmoved(const SourceText& source) {
  std::vector<Node> documents =
      TRY(base::load_yaml(source.text, source.name, {.rules = base::ScalarRules::kustomize_resource, .limits = {}}));
  std::vector<Node> objects = TRY(expand_lists(std::move(documents)));
  const std::vector<std::string_view> lines = base::split(source.text, '\n');
  for (Node& object : objects) {
    mark_unwritten_nulls(object, lines);
  }
  return objects;
}

}  // namespace

Result<std::vector<Node>> load_documents(const SourceText& source, base::ScalarRules rules) {
  return moved(base::load_yaml(source.text, source.name, {.rules = rules, .limits = {}}), source);
}

Result<std::vector<Node>> load_objects(const SourceText& source) { return moved(load_objects_unmoved(source), source); }

}  // namespace gantry::kube::kustomize
