#include "kube/kustomize/generators.h"

#include "base/base64.h"
#include "base/text.h"
#include "kube/kustomize/lint.h"
#include "kube/kustomize/sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

namespace gantry::kube::kustomize {

using base::Node;
using base::Result;

Result<std::vector<KeyValue>> parse_env_file(std::string_view text, const base::SourcePos& file) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<KeyValue> pairs;
  base::SourcePos pos = file;
  for (std::string_view line : base::split(text, '\n')) {
    pos.line += 1;
    pos.column = 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!base::is_utf8(line))
      return base::input_error("a line of an environment file is no UTF-8", pos, "save the file as UTF-8");
    const std::size_t start = line.find_first_not_of(" \t\v\f\r");
    if (start == std::string_view::npos || line[start] == '#') continue;
    line.remove_prefix(start);
    const std::size_t equals = line.find('=');
    pos.column = static_cast<std::uint32_t>(start + 1);
    // kustomize forgets a line that begins with "=".
    if (equals == 0) continue;
    const std::string_view value = equals == std::string_view::npos ? std::string_view() : line.substr(equals + 1);
    pairs.push_back({.key = std::string(line.substr(0, equals)), .value = std::string(value), .pos = pos});
  }
  return pairs;
}

Result<KeyValue> parse_literal(const Text& literal) {
  const std::string_view text = literal.value;
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return base::input_error(fmt::format("the literal \"{}\" is no key=value", text), literal.pos, "write key=value");
  }
  std::string_view value = text.substr(equals + 1);
  const bool is_quoted =
      value.size() >= 2 && value.front() == value.back() && (value.front() == '"' || value.front() == '\'');
  if (is_quoted) value = value.substr(1, value.size() - 2);
  return KeyValue{.key = std::string(text.substr(0, equals)), .value = std::string(value), .pos = literal.pos};
}

std::string encode_base64_lines(std::string_view bytes) {
  constexpr std::size_t kLineLength = 70;
  std::string encoded = base::encode_base64(bytes);
  if (encoded.size() < kLineLength) return encoded;
  std::string lines;
  for (std::size_t i = 0; i < encoded.size(); i += kLineLength) lines += encoded.substr(i, kLineLength) + "\n";
  return lines;
}

namespace {

// "key=path", or a path whose last name is the key.
Result<std::pair<std::string, Text>> parse_file_entry(const Text& entry, const std::string& field) {
  const std::string& text = entry.value;
  const auto separators = std::ranges::count(text, '=');
  if (separators == 0) return std::pair(std::string(base::base_name_of(text)), entry);
  const std::size_t equals = text.find('=');
  if (separators > 1 || equals == 0 || equals + 1 == text.size()) {
    return base::input_error(fmt::format("{} is \"{}\", which is neither a path nor key=path", field, text), entry.pos,
                             "write key=path, with one =");
  }
  return std::pair(text.substr(0, equals), Text{.value = text.substr(equals + 1), .pos = entry.pos});
}

Result<std::vector<KeyValue>> collect_pairs(Build& build, const Kustomization& kustomization,
                                            const GeneratorEntry& entry) {
  std::vector<KeyValue> pairs;
  for (std::size_t i = 0; i < entry.envs.size(); ++i) {
    const SourceText source =
        TRY(read_source(build, kustomization, entry.envs[i], fmt::format("{}.envs[{}]", entry.field, i)));
    const base::SourcePos file{.file = std::make_shared<const std::string>(source.name), .line = 0, .column = 0};
    for (KeyValue& pair : TRY(parse_env_file(source.text, file))) pairs.push_back(std::move(pair));
  }
  for (const Text& literal : entry.literals) pairs.push_back(TRY(parse_literal(literal)));
  for (std::size_t i = 0; i < entry.files.size(); ++i) {
    const std::string field = fmt::format("{}.files[{}]", entry.field, i);
    const auto [key, path] = TRY(parse_file_entry(entry.files[i], field));
    SourceText source = TRY(read_source(build, kustomization, path, field));
    const base::SourcePos file{.file = std::make_shared<const std::string>(source.name), .line = 0, .column = 0};
    pairs.push_back({.key = key, .value = std::move(source.text), .pos = entry.files[i].pos, .file = file});
  }
  std::ranges::stable_sort(pairs, {}, &KeyValue::key);
  const auto repeated = std::ranges::adjacent_find(pairs, {}, &KeyValue::key);
  if (repeated == pairs.end()) return pairs;
  return base::input_error(fmt::format("{} has the key \"{}\" twice; the other is at {}", entry.field, repeated->key,
                                       base::to_string(repeated->pos)),
                           std::next(repeated)->pos, "keep one of the two");
}

// Entry options over the options for all; true wins over false, since an entry can't say false.
GeneratorOptions joined_options(const GeneratorEntry& entry, const std::optional<GeneratorOptions>& global) {
  GeneratorOptions options = entry.options.value_or(GeneratorOptions());
  if (!global) return options;
  options.labels.insert(global->labels.begin(), global->labels.end());
  options.annotations.insert(global->annotations.begin(), global->annotations.end());
  options.disable_name_suffix_hash |= global->disable_name_suffix_hash;
  options.immutable |= global->immutable;
  return options;
}

Node text_map(const TextMap& texts, const base::SourcePos& pos) {
  Node map = Node::empty_map(pos);
  for (const auto& [key, text] : texts) map.set(key, Node(text.value, text.pos), text.pos);
  return map;
}

void set_data(Node& tree, GeneratorKind kind, std::vector<KeyValue> pairs, const base::SourcePos& pos) {
  if (kind == GeneratorKind::secret) tree.set("data", Node::empty_map(pos), pos);
  for (KeyValue& pair : pairs) {
    const bool as_text = kind == GeneratorKind::config_map && base::is_utf8(pair.value);
    const std::string_view field = as_text || kind == GeneratorKind::secret ? "data" : "binaryData";
    Node* map = tree.get(field);
    if (!map) map = &tree.set(field, Node::empty_map(pos), pos);
    const base::SourcePos& where = pair.file.file ? pair.file : pair.pos;
    map->set(pair.key, Node(as_text ? std::move(pair.value) : encode_base64_lines(pair.value), where), pair.pos);
  }
}

Result<Behavior> parse_behavior(const GeneratorEntry& entry) {
  const std::string& text = entry.behavior.value;
  if (text.empty() || text == "create") return Behavior::create;
  if (text == "merge") return Behavior::merge;
  if (text == "replace") return Behavior::replace;
  return base::input_error(fmt::format("{}.behavior is \"{}\", which kustomize takes for create", entry.field, text),
                           entry.behavior.pos, "write create, merge or replace");
}

Result<Resource> generate(Build& build, const Kustomization& kustomization, const GeneratorEntry& entry,
                          GeneratorKind kind) {
  if (entry.name.empty())
    return base::input_error(fmt::format("{} has no name", entry.field), entry.pos, "write its name");
  const GeneratorOptions options = joined_options(entry, kustomization.generator_options);
  std::vector<KeyValue> pairs = TRY(collect_pairs(build, kustomization, entry));
  Resource resource;
  resource.generated = true;
  resource.needs_hash = !options.disable_name_suffix_hash;
  resource.behavior = TRY(parse_behavior(entry));
  const bool is_secret = kind == GeneratorKind::secret;
  Node& tree = resource.tree = Node::empty_map(entry.pos);
  tree.set("apiVersion", Node("v1", entry.pos));
  tree.set("kind", Node(is_secret ? "Secret" : "ConfigMap", entry.pos));
  set_metadata(resource, "name", entry.name.value, entry.name.pos);
  if (!entry.name_space.empty()) set_metadata(resource, "namespace", entry.name_space, entry.pos);
  Node& metadata = *tree.get("metadata");
  if (!options.labels.empty()) metadata.set("labels", text_map(options.labels, entry.pos));
  if (!options.annotations.empty()) metadata.set("annotations", text_map(options.annotations, entry.pos));
  if (is_secret) tree.set("type", Node(entry.type.empty() ? "Opaque" : entry.type, entry.pos));
  set_data(tree, kind, std::move(pairs), entry.pos);
  if (options.immutable) tree.set("immutable", Node(true, entry.pos));
  return resource;
}

// `over` on top of `under`, every value as text.
Node joined_maps(Build& build, const Node* under, const Node* over, const base::SourcePos& pos) {
  Node joined = Node::empty_map(pos);
  for (const Node* map : {under, over}) {
    if (!map || !map->is_map()) continue;
    for (const Node::Member& member : map->map())
      joined.set(member.key, Node(build.written.of(member), member.value.pos()), member.key_pos);
  }
  return joined;
}

void join_member(Build& build, Node& over, const Node& under, std::string_view name) {
  Node joined = joined_maps(build, under.get(name), over.get(name), over.pos());
  over.erase(name);
  if (!joined.map().empty()) over.set(name, std::move(joined));
}

// The generated object takes the place of the old one, with its name, history, labels and annotations; and data, to merge.
void take_over(Build& build, Resource& generated, const Resource& old) {
  Node& metadata = *generated.tree.get("metadata");
  const Node* old_metadata = old.tree.get("metadata");
  if (old_metadata) {
    join_member(build, metadata, *old_metadata, "labels");
    join_member(build, metadata, *old_metadata, "annotations");
  }
  set_metadata(generated, "name", name_of(old));
  metadata.erase("namespace");
  if (!namespace_of(old).empty()) set_metadata(generated, "namespace", namespace_of(old));
  if (generated.behavior == Behavior::merge) {
    join_member(build, generated.tree, old.tree, "data");
    join_member(build, generated.tree, old.tree, "binaryData");
  }
  generated.previous = old.previous;
  generated.prefixes = old.prefixes;
  generated.suffixes = old.suffixes;
  generated.needs_hash = generated.needs_hash && old.needs_hash;
  generated.generated = old.generated;
  generated.behavior = old.behavior;
}

Result<void> absorb(Build& build, Resources& resources, Resource generated, const GeneratorEntry& entry) {
  const ResourceId id = current_id(generated);
  std::vector<Resource*> matches;
  for (Resource& resource : resources) {
    if (has_id(resource, id)) matches.push_back(&resource);
  }
  const bool creates = generated.behavior == Behavior::create;
  if (matches.empty() && creates) {
    resources.push_back(std::move(generated));
    return {};
  }
  if (matches.empty()) {
    return base::input_error(
        fmt::format("{} should {} {}, and there is none", entry.field, entry.behavior.value, describe(generated)),
        entry.pos, "correct name and namespace (they are compared as they are in the base), or remove `behavior`");
  }
  if (creates) {
    return base::input_error(fmt::format("{} creates {}, which exists: {}", entry.field, describe(generated),
                                         base::to_string(matches.front()->tree.pos())),
                             entry.pos, "write `behavior: merge` or `behavior: replace`, or another name");
  }
  if (matches.size() > 1) {
    return base::input_error(
        fmt::format("{} matches several objects: {} and {}", entry.field, describe(*matches[0]), describe(*matches[1])),
        entry.pos);
  }
  take_over(build, generated, *matches.front());
  *matches.front() = std::move(generated);
  return {};
}

Result<void> run_list(Build& build, Resources& resources, const Kustomization& kustomization,
                      const std::vector<GeneratorEntry>& entries, GeneratorKind kind) {
  for (const GeneratorEntry& entry : entries) {
    Resource generated = TRY(generate(build, kustomization, entry, kind));
    TRY(absorb(build, resources, std::move(generated), entry));
  }
  return {};
}

}  // namespace

Result<void> run_generators(Build& build, Resources& resources, const Kustomization& kustomization) {
  TRY(run_list(build, resources, kustomization, kustomization.config_maps, GeneratorKind::config_map));
  return run_list(build, resources, kustomization, kustomization.secrets, GeneratorKind::secret);
}

}  // namespace gantry::kube::kustomize
