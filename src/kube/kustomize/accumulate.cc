#include "kube/kustomize/accumulate.h"

#include "kube/kustomize/generators.h"
#include "kube/kustomize/images.h"
#include "kube/kustomize/labels.h"
#include "kube/kustomize/lint.h"
#include "kube/kustomize/names.h"
#include "kube/kustomize/namespaces.h"
#include "kube/kustomize/patches.h"
#include "kube/kustomize/replacements.h"
#include "kube/kustomize/replicas.h"
#include "kube/kustomize/sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

namespace gantry::kube::kustomize {

using base::Result;

namespace {

bool is_at_or_below(std::string_view path, std::string_view directory) {
  return directory.empty() || path == directory || (path.starts_with(directory) && path[directory.size()] == '/');
}

// Walks the tree of kustomizations, depth first.
class Accumulator {
 public:
  explicit Accumulator(Build& build) : build_(build) {}

  Result<Resources> run(const Kustomization& top) {
    const std::string directory = TRY(build_.files.resolve(top.directory));
    visiting_.push_back(directory);
    Resources resources;
    TRY(include(resources, top));
    return resources;
  }

 private:
  // Adds what the kustomization has to `resources`, then changes all of them. A component is given the objects of the
  // kustomization that lists it, so its changes reach those too.
  Result<void> include(Resources& resources, const Kustomization& kustomization) {
    UniqueIds ids;
    for (const Resource& resource : resources) TRY(ids.add(resource, ""));
    for (std::size_t i = 0; i < kustomization.resources.size(); ++i) {
      const std::string field = fmt::format("resources[{}]", i);
      Resources added = TRY(load_entry(kustomization, kustomization.resources[i], field));
      for (const Resource& resource : added)
        TRY(ids.add(resource, fmt::format(" after {} of {}", field, kustomization.file)));
      std::ranges::move(added, std::back_inserter(resources));
    }
    TRY(run_generators(build_, resources, kustomization));
    for (std::size_t i = 0; i < kustomization.components.size(); ++i) {
      TRY(add_component(resources, kustomization, kustomization.components[i], fmt::format("components[{}]", i)));
    }
    return transform(resources, kustomization);
  }

  // In this order, whatever the order of the file's fields (reference §2).
  Result<void> transform(Resources& resources, const Kustomization& kustomization) {
    TRY(apply_patches_strategic_merge(build_, resources, kustomization));
    TRY(apply_patches(build_, resources, kustomization));
    TRY(apply_namespace(build_, resources, kustomization));
    apply_name_prefix(resources, kustomization);
    apply_name_suffix(resources, kustomization);
    TRY(apply_labels(build_, resources, kustomization));
    TRY(apply_annotations(build_, resources, kustomization));
    TRY(apply_patches_json6902(build_, resources, kustomization));
    TRY(apply_replicas(build_, resources, kustomization));
    TRY(apply_images(build_, resources, kustomization));
    TRY(apply_replacements(build_, resources, kustomization));
    drop_deleted(resources);
    return {};
  }

  // The objects of a file, or of a directory's kustomization.
  Result<Resources> load_entry(const Kustomization& kustomization, const Text& entry, const std::string& field) {
    const bool is_directory = !is_remote(entry.value) && !entry.value.starts_with('/') &&
                              TRY(kind_of_entry(kustomization, entry, field)) == base::FileKind::directory;
    if (!is_directory) return load_file(kustomization, entry, field);
    Resources nested;
    TRY(enter(nested, kustomization, entry, field, KustomizationKind::kustomization));
    return nested;
  }

  Result<void> add_component(Resources& resources, const Kustomization& kustomization, const Text& entry,
                             const std::string& field) {
    if (is_remote(entry.value) || entry.value.starts_with('/'))
      return std::unexpected(read_source(build_, kustomization, entry, field).error());
    if (TRY(kind_of_entry(kustomization, entry, field)) != base::FileKind::directory) {
      return base::input_error(fmt::format("{} is \"{}\", which is no directory", field, entry.value), entry.pos,
                               "name a directory with a kustomization of kind Component");
    }
    TRY(enter(resources, kustomization, entry, field, KustomizationKind::component));
    return check_unique(resources, fmt::format(" after {} of {}", field, kustomization.file));
  }

  Result<base::FileKind> kind_of_entry(const Kustomization& kustomization, const Text& entry,
                                       const std::string& field) {
    const std::string context = fmt::format("while reading {} of {}", field, kustomization.file);
    if (entry.empty())
      return with_context<base::FileKind>(
          base::input_error(fmt::format("{} is empty", field), entry.pos, "write a path"), context);
    const std::string path =
        TRY(with_context(located(base::join_path(kustomization.directory, entry.value), entry.pos), context));
    return with_context(located(build_.files.kind(path), entry.pos), context);
  }

  Result<Resources> load_file(const Kustomization& kustomization, const Text& entry, const std::string& field) {
    const SourceText source = TRY(read_source(build_, kustomization, entry, field));
    const std::string context = fmt::format("while reading {} of {}", field, kustomization.file);
    Resources loaded;
    for (base::Node& object : TRY(with_context(load_objects(source), context))) {
      if (is_kustomization(object)) {
        return with_context<Resources>(base::input_error(fmt::format("{} is a kustomization file", source.name),
                                                         entry.pos, "list its directory instead"),
                                       context);
      }
      loaded.emplace_back().tree = std::move(object);
    }
    objects_ += loaded.size();
    if (objects_ > kObjectsMax)
      return base::input_error(fmt::format("more than {} objects", kObjectsMax), entry.pos, "render parts of the tree");
    return loaded;
  }

  static bool is_kustomization(const base::Node& object) {
    return object.text("apiVersion").starts_with("kustomize.config.k8s.io/") &&
           (object.text("kind") == "Kustomization" || object.text("kind") == "Component");
  }

  // Renders the kustomization of a directory into `resources`.
  Result<void> enter(Resources& resources, const Kustomization& parent, const Text& entry, const std::string& field,
                     KustomizationKind wanted) {
    const std::string context = fmt::format("in {} of {}", field, parent.file);
    return with_context(enter_directory(resources, parent, entry, wanted), context);
  }

  Result<void> enter_directory(Resources& resources, const Kustomization& parent, const Text& entry,
                               KustomizationKind wanted) {
    const std::string path = TRY(located(base::join_path(parent.directory, entry.value), entry.pos));
    const std::string directory = TRY(located(build_.files.resolve(path), entry.pos));
    TRY(check_no_cycle(directory, entry));
    const Kustomization nested = TRY(load_kustomization(build_, path));
    if (nested.kind != wanted) {
      const bool is_component = nested.kind == KustomizationKind::component;
      return base::input_error(fmt::format("\"{}\" is a {}", entry.value, is_component ? "Component" : "Kustomization"),
                               entry.pos, is_component ? "list it under `components`" : "list it under `resources`");
    }
    visiting_.push_back(directory);
    TRY(include(resources, nested));
    visiting_.pop_back();
    return {};
  }

  // A directory may include no directory that contains it, nor any that led here.
  Result<void> check_no_cycle(const std::string& directory, const Text& entry) const {
    for (const std::string& visited : visiting_) {
      if (!is_at_or_below(visited, directory)) continue;
      return base::input_error(fmt::format("\"{}\" is a cycle: it is or contains {}, which is being rendered",
                                           entry.value, visited.empty() ? "." : visited),
                               entry.pos, "move what both need into a directory of its own");
    }
    if (visiting_.size() < kNestingMax) return {};
    return base::input_error(fmt::format("kustomizations are nested deeper than {}", kNestingMax), entry.pos,
                             "flatten the tree");
  }

  Build& build_;
  std::vector<std::string> visiting_;  // directories from the top to here, symlinks resolved
  std::size_t objects_ = 0;
};

}  // namespace

Result<Resources> accumulate(Build& build, const Kustomization& top) { return Accumulator(build).run(top); }

}  // namespace gantry::kube::kustomize
