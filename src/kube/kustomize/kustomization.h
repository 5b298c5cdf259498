#pragma once

// A kustomization file, parsed: the fields that this renderer supports, each with the place it was written at. What it does
// not support is refused while parsing, so nothing below needs to think of it.

#include "kube/kustomize/build.h"
#include "kube/kustomize/decode.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::kube::kustomize {

// Which objects, by identity and labels. In `patches` the first five fields are regular expressions that match as a whole,
// in `replacements` plain text.
struct Selector {
  std::string group;
  std::string version;
  std::string kind;
  std::string name;
  std::string name_space;
  std::string label_selector;
  std::string annotation_selector;
};

struct PatchOptions {
  bool allow_name_change = false;
  bool allow_kind_change = false;
};

struct Patch {
  Text path;
  Text patch;
  std::optional<Selector> target;
  std::optional<PatchOptions> options;
  base::SourcePos pos;
  std::string field;  // "patches[2]"
};

// A place in objects of some kinds: "spec/template/metadata/labels".
struct CustomField {
  std::string group;
  std::string version;
  std::string kind;
  std::string path;
  bool create = false;
};

struct LabelEntry {
  TextMap pairs;
  bool include_selectors = false;
  bool include_templates = false;
  std::vector<CustomField> fields;
  base::SourcePos pos;
  std::string field;
};

struct ImageEntry {
  Text name;
  std::string new_name;
  std::string new_tag;
  std::string digest;
  std::string tag_suffix;
  base::SourcePos pos;
  std::string field;
};

struct ReplicaEntry {
  Text name;
  std::int64_t count = 0;
  base::SourcePos pos;
  std::string field;
};

struct GeneratorOptions {
  TextMap labels;
  TextMap annotations;
  bool disable_name_suffix_hash = false;
  bool immutable = false;
};

enum class GeneratorKind { config_map, secret };

struct GeneratorEntry {
  Text name;
  std::string name_space;
  Text behavior;
  std::vector<Text> literals;
  std::vector<Text> files;
  std::vector<Text> envs;
  Text env;
  std::optional<GeneratorOptions> options;
  std::string type;  // of a Secret
  base::SourcePos pos;
  std::string field;
};

struct ReplacementOptions {
  std::string delimiter;
  std::int64_t index = 0;
  std::string encoding;  // refused when not empty
  bool create = false;
};

struct ReplacementSource {
  std::string group;
  std::string version;
  std::string kind;
  std::string name;
  std::string name_space;
  Text field_path;
  std::optional<ReplacementOptions> options;
};

struct ReplacementTarget {
  std::optional<Selector> select;
  std::vector<Selector> reject;
  std::vector<Text> field_paths;
  std::optional<ReplacementOptions> options;
};

struct Replacement {
  Text path;  // of a file with replacements; otherwise the rest is given
  std::optional<ReplacementSource> source;
  std::optional<std::vector<ReplacementTarget>> targets;
  base::SourcePos pos;
  std::string field;
};

struct LegacySortOptions {
  std::vector<std::string> order_first;
  std::vector<std::string> order_last;
};

struct SortOptions {
  Text order;
  std::optional<LegacySortOptions> legacy;
};

enum class KustomizationKind { kustomization, component };

struct Kustomization {
  std::string file;       // "overlays/prod/kustomization.yaml"
  std::string directory;  // "overlays/prod"
  std::string text;       // of the file, to find the places of patches written inside
  KustomizationKind kind = KustomizationKind::kustomization;
  base::SourcePos pos;

  std::vector<Text> resources;  // `bases` follow
  std::vector<Text> components;
  std::vector<GeneratorEntry> config_maps;
  std::vector<GeneratorEntry> secrets;
  std::optional<GeneratorOptions> generator_options;

  std::vector<Text> patches_strategic_merge;
  std::vector<Patch> patches;
  std::vector<Patch> patches_json6902;
  Text name_space;
  Text name_prefix;
  Text name_suffix;
  std::vector<LabelEntry> labels;
  TextMap common_labels;
  TextMap common_annotations;
  std::vector<ReplicaEntry> replicas;
  std::vector<ImageEntry> images;  // `imageTags` follow
  std::vector<Replacement> replacements;

  std::optional<SortOptions> sort_options;
};

// Parses the file and warns of what is deprecated. Errors: input, whatever kustomize refuses and whatever we do.
base::Result<Kustomization> load_kustomization(Build& build, std::string_view directory);

// The replacements of a file that `replacements[i].path` names: one, or a list.
base::Result<std::vector<Replacement>> parse_replacements_file(std::string_view text, std::string_view file);

}  // namespace gantry::kube::kustomize
