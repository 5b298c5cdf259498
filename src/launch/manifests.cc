#include "launch/manifests.h"

#include "kube/kustomize.h"
#include "kube/sources.h"

#include <fmt/format.h>

namespace gantry::launch {

using base::Result;

namespace {

Result<ManifestForm> settle_form(const base::FileSystem& files, std::string_view path, ManifestForm form) {
  if (form != ManifestForm::automatic) return form;
  if (TRY(files.kind(path)) != base::FileKind::directory) return ManifestForm::raw;
  const std::optional<std::string> kustomization = TRY(kube::find_kustomization_file(files, path));
  return kustomization ? ManifestForm::kustomize : ManifestForm::raw;
}

Result<std::shared_ptr<const Manifests>> load_manifests(const base::FileSystem& files, std::string_view path,
                                                        ManifestForm form) {
  auto manifests = std::make_shared<Manifests>();
  manifests->path = path;
  manifests->form = TRY(settle_form(files, path, form));
  const kube::FolderForm folder_form =
      manifests->form == ManifestForm::kustomize ? kube::FolderForm::kustomize : kube::FolderForm::files;
  kube::LoadedDocuments loaded = TRY(kube::load_documents(files, {kube::Source::path(std::string(path), folder_form)}));
  manifests->findings = std::move(loaded.findings);
  manifests->snapshot = TRY(kube::build_snapshot(std::move(loaded.documents), {}, std::move(loaded.sources)));
  return manifests;
}

}  // namespace

Result<std::shared_ptr<const Manifests>> ManifestCache::load(std::string_view path, ManifestForm form,
                                                             InputRecorder& recorder) {
  const std::pair<std::string, ManifestForm> key(path, form);
  auto known = entries_.find(key);
  if (known == entries_.end()) {
    InputRecorder inputs;
    const RecordingFiles files(files_, digests_, inputs);
    Result<std::shared_ptr<const Manifests>> manifests = base::with_context(
        load_manifests(files, path, form), fmt::format("cannot load the manifests of {}", path.empty() ? "." : path));
    known = entries_.emplace(key, Entry{std::move(manifests), std::move(inputs)}).first;
  }
  recorder.add(known->second.inputs);
  return known->second.manifests;
}

}  // namespace gantry::launch
