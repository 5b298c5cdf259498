// The main sequence of the room: what is named is read into documents, and the documents become a snapshot.

#include "kube/sources.h"

#include "base/json.h"
#include "base/yaml.h"
#include "kube/kubectl.h"
#include "kube/kustomize.h"
#include "kube/objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace gantry::kube {

namespace {

using base::FileKind;
using base::FileSystem;
using base::Node;
using base::Result;

constexpr std::array<std::string_view, 3> kManifestExtensions = {".yaml", ".yml", ".json"};
constexpr std::array<std::string_view, 3> kKustomizationNames = {"kustomization.yaml", "kustomization.yml",
                                                                 "Kustomization"};

// A saved `kubectl get -o json` of 100,000 pods is about a gigabyte; manifests stay far below the usual limits.
constexpr base::YamlLimits kJsonLimits{
    .bytes_max = 1ULL << 30, .depth_max = 200, .nodes_max = 30'000'000, .alias_nodes_max = 0};

constexpr std::size_t kFolderDepthMax = 64;  // folders in folders; also ends a symlink that leads upwards

bool is_manifest_name(std::string_view name) {
  return std::ranges::any_of(kManifestExtensions,
                             [&](std::string_view extension) { return name.ends_with(extension); });
}

bool is_kustomization_name(std::string_view name) {
  return std::ranges::find(kKustomizationNames, name) != kKustomizationNames.end();
}

// ---- Texts ----

// kubectl takes what begins with '{' for JSON. YAML may begin so as well: it has the second word.
Result<std::vector<Node>> parse_text(std::string_view text, std::string_view name) {
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  const bool may_be_json = start != std::string_view::npos && text[start] == '{';
  std::vector<Node> documents;
  if (may_be_json) {
    Result<Node> json = base::load_json(text, name, kJsonLimits);
    if (json) {
      documents.push_back(*std::move(json));
      return documents;
    }
    Result<std::vector<Node>> yaml = base::load_yaml(text, name);
    if (!yaml && name.ends_with(".json")) return std::unexpected(std::move(json).error());
    return yaml;
  }
  return base::load_yaml(text, name);
}

// ---- One source ----

struct Reading {
  const FileSystem& files;
  const LoadOptions& options;
  LoadedDocuments& out;

  void add(std::vector<Node>&& documents) {
    std::ranges::move(flatten_lists(std::move(documents)), std::back_inserter(out.documents));
  }
};

Result<void> read_file(const std::string& path, Reading& reading) {
  if (reading.options.stop.stop_requested()) return base::environment_error("stopped while reading manifests");
  const bool json = path.ends_with(".json");
  const std::string text = TRY(reading.files.read(path, json ? kJsonLimits.bytes_max : base::kFileBytesMax));
  reading.add(TRY(parse_text(text, path)));
  return {};
}

std::string join(std::string_view directory, std::string_view name) {
  return directory.empty() ? std::string(name) : fmt::format("{}/{}", directory, name);
}

// Files and folders in the order of their names, as `kubectl apply -f` walks them.
Result<void> read_folder(const std::string& path, Recursion recursion, std::size_t depth, Reading& reading) {
  if (depth > kFolderDepthMax) {
    return base::input_error(fmt::format("{}: folders are nested deeper than {}", path, kFolderDepthMax), {},
                             "look for a symlink that leads to a folder above it");
  }
  for (const base::DirectoryEntry& entry : TRY(reading.files.list(path))) {
    const std::string below = join(path, entry.name);
    if (entry.kind == FileKind::directory && recursion == Recursion::recursive) {
      TRY(read_folder(below, recursion, depth + 1, reading));
    } else if (entry.kind == FileKind::regular && is_manifest_name(entry.name) && !is_kustomization_name(entry.name)) {
      TRY(read_file(below, reading));
    }
  }
  return {};
}

Result<void> render_folder(const std::string& path, Reading& reading) {
  Rendered rendered = TRY(render_kustomization(reading.files, path));
  std::ranges::move(rendered.findings, std::back_inserter(reading.out.findings));
  reading.add(std::move(rendered.objects));
  return {};
}

Result<SourceRecord::Kind> read_directory(const Source& source, const std::string& path, Reading& reading) {
  if (source.form != FolderForm::files) {
    const bool renders = TRY(find_kustomization_file(reading.files, path)).has_value();
    if (renders) {
      TRY(render_folder(path, reading));
      return SourceRecord::Kind::kustomization;
    }
    if (source.form == FolderForm::kustomize) {
      return base::input_error(fmt::format("{} has no kustomization file", path.empty() ? "." : path), {},
                               "apply it with -f, or add a kustomization.yaml that lists its manifests");
    }
  }
  TRY(read_folder(path, source.recursion, 0, reading));
  return SourceRecord::Kind::folder;
}

Result<SourceRecord::Kind> read_path(const Source& source, Reading& reading) {
  const std::string path = TRY(base::normal_path(source.name));
  switch (TRY(reading.files.kind(path))) {
    case FileKind::directory: return read_directory(source, path, reading);
    case FileKind::missing: return base::environment_error(fmt::format("{} does not exist", source.name));
    case FileKind::other: return base::environment_error(fmt::format("{} is neither a file nor a folder", source.name));
    case FileKind::regular: break;
  }
  if (is_kustomization_name(base::base_name_of(path))) {
    return base::usage_error(fmt::format("{} is no manifest but renders some", source.name), "name its folder instead");
  }
  TRY(read_file(path, reading));
  return SourceRecord::Kind::file;
}

Result<SourceRecord::Kind> read_cluster(Reading& reading) {
  if (reading.options.kubectl == nullptr) return base::internal_error("a cluster is to be read without kubectl");
  reading.add(TRY(reading.options.kubectl->read_objects(reading.options.stop)));
  return SourceRecord::Kind::cluster;
}

Result<SourceRecord::Kind> read_source(const Source& source, Reading& reading) {
  switch (source.kind) {
    case Source::Kind::path: return read_path(source, reading);
    case Source::Kind::cluster: return read_cluster(reading);
    case Source::Kind::text: break;
  }
  reading.add(TRY(parse_text(source.content, source.name)));
  return SourceRecord::Kind::text;
}

Result<void> refuse_nothing(const SourceRecord& record) {
  if (record.object_count > 0 || record.kind == SourceRecord::Kind::kustomization) return {};
  const bool folder = record.kind == SourceRecord::Kind::folder;
  return base::input_error(
      fmt::format("{} holds no Kubernetes objects", record.name.empty() ? "." : record.name), {},
      folder
          ? "manifests are files that end in .yaml, .yml or .json; those in folders below are left out unless asked for"
          : "");
}

}  // namespace

Source Source::path(std::string path, FolderForm form, Recursion recursion) {
  return {.kind = Kind::path, .name = std::move(path), .content = {}, .form = form, .recursion = recursion};
}

Source Source::text(std::string name, std::string content) {
  Source source;
  source.kind = Kind::text;
  source.name = std::move(name);
  source.content = std::move(content);
  return source;
}

Source Source::cluster(std::string context) {
  Source source;
  source.kind = Kind::cluster;
  source.name = std::move(context);
  return source;
}

Result<LoadedDocuments> load_documents(const FileSystem& files, const std::vector<Source>& sources,
                                       const LoadOptions& options) {
  LoadedDocuments loaded;
  Reading reading{files, options, loaded};
  for (const Source& source : sources) {
    const std::size_t before = loaded.documents.size();
    SourceRecord record{.kind = SourceRecord::Kind::file, .name = source.name, .object_count = 0};
    record.kind = TRY(base::with_context(read_source(source, reading), fmt::format("while reading {}", source.name)));
    record.object_count = loaded.documents.size() - before;
    TRY(refuse_nothing(record));
    loaded.sources.push_back(std::move(record));
  }
  return loaded;
}

Result<Snapshot> load_snapshot(const FileSystem& files, const std::vector<Source>& sources,
                               const LoadOptions& options) {
  // Files, texts and clusters become documents; kustomizations are rendered, lists taken apart.
  LoadedDocuments loaded = TRY(load_documents(files, sources, options));
  // Documents become objects, objects typed values, and those are joined.
  return build_snapshot(std::move(loaded.documents), options.snapshot, std::move(loaded.sources),
                        std::move(loaded.findings));
}

}  // namespace gantry::kube
