#include "kube/kustomize/kustomization.h"

#include "base/yaml.h"
#include "kube/kustomize.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace gantry::kube::kustomize {

using base::Node;
using base::Result;

// How the types of kustomization.h are read. The field tables find these by the type of the member they name.
static Result<void> read(const Node& node, const Place& place, Selector& out);
static Result<void> read(const Node& node, const Place& place, PatchOptions& out);
static Result<void> read(const Node& node, const Place& place, Patch& out);
static Result<void> read(const Node& node, const Place& place, CustomField& out);
static Result<void> read(const Node& node, const Place& place, LabelEntry& out);
static Result<void> read(const Node& node, const Place& place, ImageEntry& out);
static Result<void> read(const Node& node, const Place& place, ReplicaEntry& out);
static Result<void> read(const Node& node, const Place& place, GeneratorOptions& out);
static Result<void> read(const Node& node, const Place& place, ReplacementOptions& out);
static Result<void> read(const Node& node, const Place& place, ReplacementSource& out);
static Result<void> read(const Node& node, const Place& place, ReplacementTarget& out);
static Result<void> read(const Node& node, const Place& place, Replacement& out);
static Result<void> read(const Node& node, const Place& place, LegacySortOptions& out);
static Result<void> read(const Node& node, const Place& place, SortOptions& out);

namespace {

// The file as it is written, before aliases of fields are joined.
struct Document {
  Text api_version;
  Text kind;
  std::vector<Text> bases;
  std::vector<ImageEntry> image_tags;
  Kustomization rest;
};

constexpr Field<Selector> kSelectorFields[] = {
    field<&Selector::group>("group"),
    field<&Selector::version>("version"),
    field<&Selector::kind>("kind"),
    field<&Selector::name>("name"),
    field<&Selector::name_space>("namespace"),
    field<&Selector::label_selector>("labelSelector"),
    field<&Selector::annotation_selector>("annotationSelector"),
};

constexpr Field<PatchOptions> kPatchOptionFields[] = {
    field<&PatchOptions::allow_name_change>("allowNameChange"),
    field<&PatchOptions::allow_kind_change>("allowKindChange"),
};

constexpr Field<Patch> kPatchFields[] = {
    field<&Patch::path>("path"),
    field<&Patch::patch>("patch"),
    field<&Patch::target>("target"),
    field<&Patch::options>("options"),
};

constexpr Field<CustomField> kCustomFieldFields[] = {
    field<&CustomField::path>("path"),       field<&CustomField::create>("create"), field<&CustomField::group>("group"),
    field<&CustomField::version>("version"), field<&CustomField::kind>("kind"),
};

constexpr Field<LabelEntry> kLabelFields[] = {
    field<&LabelEntry::pairs>("pairs"),
    field<&LabelEntry::include_selectors>("includeSelectors"),
    field<&LabelEntry::include_templates>("includeTemplates"),
    field<&LabelEntry::fields>("fields"),
};

constexpr Field<ImageEntry> kImageFields[] = {
    field<&ImageEntry::name>("name"),
    field<&ImageEntry::new_name>("newName"),
    field<&ImageEntry::new_tag>("newTag"),
    field<&ImageEntry::digest>("digest"),
    field<&ImageEntry::tag_suffix>("tagSuffix"),
};

constexpr Field<ReplicaEntry> kReplicaFields[] = {
    field<&ReplicaEntry::name>("name"),
    field<&ReplicaEntry::count>("count"),
};

constexpr Field<GeneratorOptions> kGeneratorOptionFields[] = {
    field<&GeneratorOptions::labels>("labels"),
    field<&GeneratorOptions::annotations>("annotations"),
    field<&GeneratorOptions::disable_name_suffix_hash>("disableNameSuffixHash"),
    field<&GeneratorOptions::immutable>("immutable"),
};

constexpr Field<GeneratorEntry> kSecretFields[] = {
    field<&GeneratorEntry::name>("name"),         field<&GeneratorEntry::name_space>("namespace"),
    field<&GeneratorEntry::behavior>("behavior"), field<&GeneratorEntry::literals>("literals"),
    field<&GeneratorEntry::files>("files"),       field<&GeneratorEntry::envs>("envs"),
    field<&GeneratorEntry::env>("env"),           field<&GeneratorEntry::options>("options"),
    field<&GeneratorEntry::type>("type"),
};
// A ConfigMap has no type.
constexpr std::size_t kConfigMapFieldCount = std::size(kSecretFields) - 1;

constexpr Field<ReplacementOptions> kReplacementOptionFields[] = {
    field<&ReplacementOptions::delimiter>("delimiter"),
    field<&ReplacementOptions::index>("index"),
    field<&ReplacementOptions::encoding>("encoding"),
    field<&ReplacementOptions::create>("create"),
};

constexpr Field<ReplacementSource> kSourceFields[] = {
    field<&ReplacementSource::group>("group"),
    field<&ReplacementSource::version>("version"),
    field<&ReplacementSource::kind>("kind"),
    field<&ReplacementSource::name>("name"),
    field<&ReplacementSource::name_space>("namespace"),
    field<&ReplacementSource::field_path>("fieldPath"),
    field<&ReplacementSource::options>("options"),
};

constexpr Field<ReplacementTarget> kTargetFields[] = {
    field<&ReplacementTarget::select>("select"),
    field<&ReplacementTarget::reject>("reject"),
    field<&ReplacementTarget::field_paths>("fieldPaths"),
    field<&ReplacementTarget::options>("options"),
};

constexpr Field<Replacement> kReplacementFields[] = {
    field<&Replacement::source>("source"),
    field<&Replacement::targets>("targets"),
    field<&Replacement::path>("path"),
};

constexpr Field<LegacySortOptions> kLegacySortFields[] = {
    field<&LegacySortOptions::order_first>("orderFirst"),
    field<&LegacySortOptions::order_last>("orderLast"),
};

constexpr Field<SortOptions> kSortFields[] = {
    field<&SortOptions::order>("order"),
    field<&SortOptions::legacy>("legacySortOptions"),
};

// A table entry that errors and findings will want to point at.
template <typename T>
Result<void> read_entry(const Node& node, const Place& place, std::span<const Field<T>> fields, T& out) {
  out.pos = node.pos();
  out.field = place.path();
  return read_fields(node, place, fields, out);
}

Result<void> read_generators(const Node& node, const Place& place, std::span<const Field<GeneratorEntry>> fields,
                             std::vector<GeneratorEntry>& out) {
  if (node.is_null()) return {};
  if (!node.is_array()) return wrong_type(node, place, "a list");
  for (std::size_t i = 0; i < node.array().size(); ++i) {
    TRY(read_entry(node.array()[i], place.element(i), fields, out.emplace_back()));
  }
  return {};
}

Result<void> read_config_maps(const Node& node, const Place& place, Document& out) {
  return read_generators(node, place, std::span(kSecretFields).first(kConfigMapFieldCount), out.rest.config_maps);
}
Result<void> read_secrets(const Node& node, const Place& place, Document& out) {
  return read_generators(node, place, kSecretFields, out.rest.secrets);
}

}  // namespace

static Result<void> read(const Node& node, const Place& place, Selector& out) {
  return read_fields<Selector>(node, place, kSelectorFields, out);
}
static Result<void> read(const Node& node, const Place& place, PatchOptions& out) {
  return read_fields<PatchOptions>(node, place, kPatchOptionFields, out);
}
static Result<void> read(const Node& node, const Place& place, Patch& out) {
  return read_entry<Patch>(node, place, kPatchFields, out);
}
static Result<void> read(const Node& node, const Place& place, CustomField& out) {
  return read_fields<CustomField>(node, place, kCustomFieldFields, out);
}
static Result<void> read(const Node& node, const Place& place, LabelEntry& out) {
  return read_entry<LabelEntry>(node, place, kLabelFields, out);
}
static Result<void> read(const Node& node, const Place& place, ImageEntry& out) {
  return read_entry<ImageEntry>(node, place, kImageFields, out);
}
static Result<void> read(const Node& node, const Place& place, ReplicaEntry& out) {
  return read_entry<ReplicaEntry>(node, place, kReplicaFields, out);
}
static Result<void> read(const Node& node, const Place& place, GeneratorOptions& out) {
  return read_fields<GeneratorOptions>(node, place, kGeneratorOptionFields, out);
}
static Result<void> read(const Node& node, const Place& place, ReplacementOptions& out) {
  TRY(read_fields<ReplacementOptions>(node, place, kReplacementOptionFields, out));
  if (out.encoding.empty()) return {};
  return base::input_error(
      fmt::format("{} is accepted by kustomize 5.5 and does nothing", place.field("encoding").path()), node.pos(),
      "remove it");
}
static Result<void> read(const Node& node, const Place& place, ReplacementSource& out) {
  return read_fields<ReplacementSource>(node, place, kSourceFields, out);
}
static Result<void> read(const Node& node, const Place& place, ReplacementTarget& out) {
  return read_fields<ReplacementTarget>(node, place, kTargetFields, out);
}
static Result<void> read(const Node& node, const Place& place, Replacement& out) {
  return read_entry<Replacement>(node, place, kReplacementFields, out);
}
static Result<void> read(const Node& node, const Place& place, LegacySortOptions& out) {
  return read_fields<LegacySortOptions>(node, place, kLegacySortFields, out);
}
static Result<void> read(const Node& node, const Place& place, SortOptions& out) {
  return read_fields<SortOptions>(node, place, kSortFields, out);
}

namespace {

template <auto Member>
constexpr Field<Document> rest(std::string_view name) {
  return {name,
          [](const Node& node, const Place& place, Document& out) { return read(node, place, out.rest.*Member); }};
}

// Accepted and without effect on what is rendered.
struct Metadata {
  std::string name;
  std::string name_space;
  TextMap labels;
  TextMap annotations;
};
constexpr Field<Metadata> kMetadataFields[] = {
    field<&Metadata::name>("name"),
    field<&Metadata::name_space>("namespace"),
    field<&Metadata::labels>("labels"),
    field<&Metadata::annotations>("annotations"),
};
Result<void> check_metadata(const Node& node, const Place& place, Document&) {
  Metadata ignored;
  return read_fields<Metadata>(node, place, kMetadataFields, ignored);
}

// Fields of kustomize that this renderer does not run: what to do instead (reference §15).
struct Unsupported {
  std::string_view field;
  std::string_view help;
};
constexpr Unsupported kUnsupported[] = {
    {"vars", "copy values with `replacements` instead; vars are deprecated"},
    {"crds", "write namespaces, labels and references of custom resources out, or use `patches` and `replacements`"},
    {"configurations", "write what the configuration changes as `patches`, `labels` with `fields`, or `replacements`"},
    {"openapi", "merge lists of custom resources with JSON6902 patches, which need no schema"},
    {"generators", "write the generated objects to a file and list it under `resources`"},
    {"transformers", "use the kustomization's own fields (namePrefix, labels, patches, ...)"},
    {"validators", "check the rendered objects instead"},
    {"helmCharts", "render the chart first (helm template) and list the result under `resources`"},
    {"helmGlobals", "render the chart first (helm template) and list the result under `resources`"},
    {"helmChartInflationGenerator", "render the chart first (helm template) and list the result under `resources`"},
    {"buildMetadata", "add the label or annotations with `labels` or `commonAnnotations`"},
};

bool is_empty_value(const Node& node) {
  return node.is_null() || (node.is_array() && node.array().empty()) || (node.is_map() && node.map().empty()) ||
         (node.is_string() && node.string().empty());
}

// What an unsupported field names: its files, as far as they are plain strings.
std::string named_files(const Node& node) {
  std::string names;
  if (!node.is_array()) return names;
  for (const Node& element : node.array()) {
    if (element.is_string() && element.string().find('\n') == std::string::npos)
      names += (names.empty() ? ": " : ", ") + element.string();
  }
  return names;
}

template <std::size_t Index>
Result<void> refuse(const Node& node, const Place& place, Document&) {
  if (is_empty_value(node)) return {};
  return base::input_error(fmt::format("{} is not supported{}", place.path(), named_files(node)), node.pos(),
                           std::string(kUnsupported[Index].help));
}

template <std::size_t... Index>
constexpr auto unsupported_rows(std::index_sequence<Index...>) {
  return std::array<Field<Document>, sizeof...(Index)>{Field<Document>{kUnsupported[Index].field, refuse<Index>}...};
}

constexpr Field<Document> kSupportedFields[] = {
    field<&Document::api_version>("apiVersion"),
    field<&Document::kind>("kind"),
    {"metadata", check_metadata},
    rest<&Kustomization::resources>("resources"),
    field<&Document::bases>("bases"),
    rest<&Kustomization::components>("components"),
    {"configMapGenerator", read_config_maps},
    {"secretGenerator", read_secrets},
    rest<&Kustomization::generator_options>("generatorOptions"),
    rest<&Kustomization::patches_strategic_merge>("patchesStrategicMerge"),
    rest<&Kustomization::patches>("patches"),
    rest<&Kustomization::patches_json6902>("patchesJson6902"),
    rest<&Kustomization::name_space>("namespace"),
    rest<&Kustomization::name_prefix>("namePrefix"),
    rest<&Kustomization::name_suffix>("nameSuffix"),
    rest<&Kustomization::labels>("labels"),
    rest<&Kustomization::common_labels>("commonLabels"),
    rest<&Kustomization::common_annotations>("commonAnnotations"),
    rest<&Kustomization::replicas>("replicas"),
    rest<&Kustomization::images>("images"),
    field<&Document::image_tags>("imageTags"),
    rest<&Kustomization::replacements>("replacements"),
    rest<&Kustomization::sort_options>("sortOptions"),
};
constexpr auto kUnsupportedFields = unsupported_rows(std::make_index_sequence<std::size(kUnsupported)>());

std::vector<Field<Document>> all_fields() {
  std::vector<Field<Document>> fields(std::begin(kSupportedFields), std::end(kSupportedFields));
  fields.insert(fields.end(), kUnsupportedFields.begin(), kUnsupportedFields.end());
  return fields;
}

struct Deprecated {
  std::string_view field;
  std::string_view instead;
};
constexpr Deprecated kDeprecated[] = {
    {"bases", "resources"},         {"commonLabels", "labels"},           {"imageTags", "images"},
    {"patchesJson6902", "patches"}, {"patchesStrategicMerge", "patches"},
};

void warn_of_deprecated(Build& build, const Node& root) {
  for (const Deprecated& deprecated : kDeprecated) {
    const Node* value = root.get(deprecated.field);
    if (!value || value->is_null()) continue;
    build.warn({.rule = "kustomize.deprecated-field",
                .severity = base::Severity::info,
                .object = {},
                .where = *root.key_pos(deprecated.field),
                .message = fmt::format("{} is deprecated", deprecated.field),
                .explanation = "kubectl still accepts it and prints a warning; a later release may not",
                .fix = fmt::format("use `{}` instead", deprecated.instead),
                .related = {}});
  }
}

// Fields whose empty list kustomize forgets when it joins it with another field.
constexpr std::string_view kJoinedFields[] = {"bases", "imageTags", "helmChartInflationGenerator"};

// kustomize's idea of an empty file: nothing but apiVersion, kind, nulls and empty strings. `resources: []` is something.
bool says_nothing(const Node& root) {
  return std::ranges::all_of(root.map(), [](const Node::Member& member) {
    if (member.key == "apiVersion" || member.key == "kind" || member.value.is_null()) return true;
    if (member.value.is_string()) return member.value.string().empty();
    return is_empty_value(member.value) && std::ranges::find(kJoinedFields, member.key) != std::end(kJoinedFields);
  });
}

Result<KustomizationKind> check_kind(const Document& document) {
  const std::string& kind = document.kind.value;
  if (!kind.empty() && kind != "Kustomization" && kind != "Component") {
    return base::input_error(fmt::format("kind is \"{}\"", kind), document.kind.pos,
                             "write Kustomization or Component");
  }
  const bool is_component = kind == "Component";
  const std::string_view wanted = is_component ? "kustomize.config.k8s.io/v1alpha1" : "kustomize.config.k8s.io/v1beta1";
  if (!document.api_version.empty() && document.api_version.value != wanted) {
    return base::input_error(fmt::format("apiVersion of a {} is \"{}\"", is_component ? "Component" : "Kustomization",
                                         document.api_version.value),
                             document.api_version.pos, fmt::format("write {}", wanted));
  }
  return is_component ? KustomizationKind::component : KustomizationKind::kustomization;
}

void join_env(std::vector<GeneratorEntry>& entries) {
  for (GeneratorEntry& entry : entries) {
    if (!entry.env.empty()) entry.envs.push_back(std::exchange(entry.env, {}));
  }
}

Result<Kustomization> parse(Build& build, std::string_view text, const std::string& file) {
  const Node root = TRY(base::load_yaml_document(text, file, {.rules = base::ScalarRules::kubectl, .limits = {}}));
  const base::SourcePos whole_file{.file = std::make_shared<const std::string>(file), .line = 0, .column = 0};
  if (root.is_null())
    return base::input_error("the kustomization is empty", whole_file, "list something under `resources`");
  Document document;
  const std::vector<Field<Document>> fields = all_fields();
  TRY(read_fields<Document>(root, Place(), fields, document));
  warn_of_deprecated(build, root);
  if (says_nothing(root))
    return base::input_error("the kustomization is empty", root.pos(), "list something under `resources`");
  document.rest.kind = TRY(check_kind(document));
  document.rest.pos = root.pos();
  Kustomization& result = document.rest;
  std::ranges::move(document.bases, std::back_inserter(result.resources));
  std::ranges::move(document.image_tags, std::back_inserter(result.images));
  join_env(result.config_maps);
  join_env(result.secrets);
  return std::move(result);
}

}  // namespace

Result<Kustomization> load_kustomization(Build& build, std::string_view directory) {
  const std::optional<std::string> file = TRY(find_kustomization_file(build.files, directory));
  if (!file) {
    return base::input_error(fmt::format("no kustomization.yaml, kustomization.yml or Kustomization in {}",
                                         directory.empty() ? "." : directory),
                             {}, "name a directory that has one");
  }
  ++build.files_read;
  std::string text = TRY(build.files.read(*file));
  Kustomization result = TRY(parse(build, text, *file));
  result.file = *file;
  result.directory = std::string(directory);
  result.text = std::move(text);
  return result;
}

Result<std::vector<Replacement>> parse_replacements_file(std::string_view text, std::string_view file) {
  const Node root = TRY(base::load_yaml_document(text, file, {.rules = base::ScalarRules::kubectl, .limits = {}}));
  std::vector<Replacement> replacements;
  if (root.is_array()) {
    TRY(read(root, Place(), replacements));
  } else {
    TRY(read(root, Place(), replacements.emplace_back()));
  }
  return replacements;
}

}  // namespace gantry::kube::kustomize
