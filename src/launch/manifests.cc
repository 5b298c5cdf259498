#include "launch/manifests.h"

#include "kube/kustomize.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gantry::launch {

using base::Result;

namespace {

Result<ManifestForm> settle_form(const base::FileSystem& files, std::string_view path, ManifestForm form) {
  if (form != ManifestForm::automatic) return form;
  if (TRY(files.kind(path)) != base::FileKind::directory) return ManifestForm::raw;
  const std::optional<std::string> kustomization = TRY(kube::find_kustomization_file(files, path));
  return kustomization ? ManifestForm::kustomize : ManifestForm::raw_recursive;
}

Result<std::shared_ptr<const Manifests>> load_manifests(const base::FileSystem& files, const ManifestPlace& place) {
  auto manifests = std::make_shared<Manifests>();
  manifests->place = place;
  manifests->place.form = TRY(settle_form(files, place.path, place.form));
  kube::LoadedDocuments loaded = TRY(kube::load_documents(files, {source_of(place.path, manifests->place.form)}));
  manifests->findings = std::move(loaded.findings);
  kube::SnapshotOptions options;
  if (!place.name_space.empty()) options.default_namespace = place.name_space;
  manifests->snapshot = TRY(kube::build_snapshot(std::move(loaded.documents), options, std::move(loaded.sources)));
  return manifests;
}

}  // namespace

std::string_view to_string(ManifestForm form) {
  switch (form) {
    case ManifestForm::automatic: return "";
    case ManifestForm::kustomize: return "-k";
    case ManifestForm::raw: return "-f";
    case ManifestForm::raw_recursive: return "-f -R";
  }
  return "";
}

ManifestPlace place_of(const base::Node& block) {
  const auto is_set = [&](std::string_view field) {
    const base::Node* flag = block.get(field);
    return flag && flag->is_bool() && flag->boolean();
  };
  const ManifestForm raw = is_set("recursive") ? ManifestForm::raw_recursive : ManifestForm::raw;
  return {.path = std::string(block.text("path")),
          .form = is_set("raw") ? raw : ManifestForm::automatic,
          .name_space = std::string(block.text("into"))};
}

std::string to_string(const ManifestPlace& place) {
  std::string text(to_string(place.form));
  text += (text.empty() ? "" : " ") + place.path;
  return place.name_space.empty() ? text : fmt::format("{} -n {}", text, place.name_space);
}

kube::Source source_of(std::string_view path, ManifestForm form) {
  const auto folder = form == ManifestForm::kustomize ? kube::FolderForm::kustomize : kube::FolderForm::files;
  const auto recursion = form == ManifestForm::raw_recursive ? kube::Recursion::recursive : kube::Recursion::flat;
  return kube::Source::path(std::string(path), folder, recursion);
}

std::string to_string(const std::vector<AppliedPath>& applied) {
  std::vector<std::string> texts;
  for (const AppliedPath& each : applied) texts.push_back(to_string(each.place));
  return fmt::format("{}", fmt::join(texts, "; "));
}

Result<std::shared_ptr<const Manifests>> ManifestCache::load(const ManifestPlace& place, InputRecorder& recorder) {
  auto known = entries_.find(place);
  if (known == entries_.end()) {
    InputRecorder inputs;
    const RecordingFiles files(files_, digests_, inputs);
    Result<std::shared_ptr<const Manifests>> manifests =
        base::with_context(load_manifests(files, place),
                           fmt::format("cannot load the manifests of {}", place.path.empty() ? "." : place.path));
    known = entries_.emplace(place, Entry{std::move(manifests), std::move(inputs)}).first;
  }
  recorder.add(known->second.inputs);
  return known->second.manifests;
}

}  // namespace gantry::launch
