#include "kube/kustomize.h"

#include "kube/kustomize/accumulate.h"
#include "kube/kustomize/hash.h"
#include "kube/kustomize/kustomization.h"
#include "kube/kustomize/lint_result.h"
#include "kube/kustomize/name_references.h"
#include "kube/kustomize/order.h"
#include "kube/kustomize/output.h"
#include "kube/kustomize/sources.h"

#include <fmt/format.h>

#include <array>
#include <exception>

namespace gantry::kube {

using base::Result;

namespace {

Result<Rendered> render(const base::FileSystem& files, std::string_view directory) {
  kustomize::Build build(files);
  const kustomize::Kustomization top = TRY(kustomize::load_kustomization(build, directory));
  // Everything that is listed, generated and included, each kustomization's changes applied from the leaves to the top.
  kustomize::Resources resources = TRY(kustomize::accumulate(build, top));
  // From here on no content changes, so generated names get their hashes, and all names are final.
  TRY(kustomize::append_hashes(resources));
  // What refers to a renamed object follows.
  TRY(kustomize::fix_name_references(resources));
  // What is there for the build only is not rendered.
  kustomize::drop_local_config(resources);
  TRY(kustomize::check_unique(resources, " in the result"));
  TRY(kustomize::sort_resources(resources, top));
  kustomize::lint_result(build, resources);
  return Rendered{.objects = kustomize::to_objects(build, std::move(resources)), .findings = std::move(build.findings)};
}

}  // namespace

Result<Rendered> render_kustomization(const base::FileSystem& files, std::string_view directory) {
  const std::string normal = TRY(base::normal_path(directory));
  return with_context(render(files, normal), fmt::format("while rendering {}", normal.empty() ? "." : normal));
}

Result<std::optional<std::string>> find_kustomization_file(const base::FileSystem& files, std::string_view directory) {
  constexpr std::array<std::string_view, 3> kNames = {"kustomization.yaml", "kustomization.yml", "Kustomization"};
  std::optional<std::string> found;
  for (const std::string_view name : kNames) {
    std::string path = TRY(base::join_path(directory, name));
    if (TRY(files.kind(path)) != base::FileKind::regular) continue;
    if (found) {
      return base::input_error(fmt::format("{} and {} are both there", *found, path), {},
                               "keep one kustomization file in a directory");
    }
    found = std::move(path);
  }
  return found;
}

bool is_remote_base(std::string_view path) { return kustomize::is_remote(path); }

}  // namespace gantry::kube
