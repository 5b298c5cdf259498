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

Result<std::shared_ptr<const Manifests>> load_manifests(const base::FileSystem& files, std::string_view path,
                                                        ManifestForm form) {
  auto manifests = std::make_shared<Manifests>();
  manifests->path = path;
  manifests->form = TRY(settle_form(files, path, form));
  kube::LoadedDocuments loaded = TRY(kube::load_documents(files, {source_of(path, manifests->form)}));
  manifests->findings = std::move(loaded.findings);
  manifests->snapshot = TRY(kube::build_snapshot(std::move(loaded.documents), {}, std::move(loaded.sources)));
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

ManifestForm form_of(const base::Node& block) {
  const auto is_set = [&](std::string_view field) {
    const base::Node* flag = block.get(field);
    return flag && flag->is_bool() && flag->boolean();
  };
  if (!is_set("raw")) return ManifestForm::automatic;
  return is_set("recursive") ? ManifestForm::raw_recursive : ManifestForm::raw;
}

kube::Source source_of(std::string_view path, ManifestForm form) {
  const auto folder = form == ManifestForm::kustomize ? kube::FolderForm::kustomize : kube::FolderForm::files;
  const auto recursion = form == ManifestForm::raw_recursive ? kube::Recursion::recursive : kube::Recursion::flat;
  return kube::Source::path(std::string(path), folder, recursion);
}

std::string to_string(const std::vector<AppliedPath>& applied) {
  std::vector<std::string> texts;
  for (const AppliedPath& each : applied) texts.push_back(fmt::format("{} {}", to_string(each.form), each.path));
  return fmt::format("{}", fmt::join(texts, "; "));
}

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
