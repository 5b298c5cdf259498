// ConfigMaps as files: what each container really sees through its mounts, with sub paths and items.

#include "netpol/needs/containers.h"
#include "netpol/needs/documents.h"
#include "netpol/needs/sources.h"

#include <algorithm>
#include <set>
#include <utility>

namespace gantry::netpol {

namespace {

using kube::ConfigEntry;

// A key of a ConfigMap that is a file in a volume, and the path it has there.
struct VolumeFile {
  const ConfigEntry* entry = nullptr;
  std::string path;
};

void add_files(const kube::Snapshot& snapshot, std::string_view name_space, const kube::VolumeSource& source,
               std::vector<VolumeFile>& files) {
  if (source.kind != kube::VolumeKind::config_map) return;
  const kube::ConfigMap* config = kube::find_named(snapshot->config_maps, name_space, source.name);
  if (config == nullptr) return;
  for (const ConfigEntry& entry : config->data) {
    const auto item = std::ranges::find(source.items, entry.key, &kube::KeyToPath::key);
    if (!source.items.empty() && item == source.items.end()) continue;
    files.push_back({&entry, item == source.items.end() ? entry.key : item->path});
  }
}

std::vector<VolumeFile> files_of(const kube::Snapshot& snapshot, std::string_view name_space, const kube::PodSpec& spec,
                                 const kube::VolumeMount& mount) {
  std::vector<VolumeFile> files;
  const auto volume = std::ranges::find(spec.volumes, mount.volume, &kube::Volume::name);
  if (volume == spec.volumes.end()) return files;
  add_files(snapshot, name_space, volume->source, files);
  for (const kube::VolumeSource& part : volume->projected) add_files(snapshot, name_space, part, files);
  std::erase_if(files, [&](const VolumeFile& file) {
    const bool is_below = file.path.starts_with(mount.sub_path) &&
                          (file.path.size() == mount.sub_path.size() || file.path[mount.sub_path.size()] == '/');
    return !mount.sub_path.empty() && !is_below;
  });
  return files;
}

}  // namespace

void collect_config_files(NeedCollector& needs) {
  const kube::Snapshot& snapshot = needs.snapshot();
  for (const std::size_t index : independent_workloads(snapshot)) {
    const kube::Workload& workload = snapshot->workloads[index];
    std::set<std::pair<const ConfigEntry*, std::string>> read;  // a file that two containers share is read once
    for (const kube::Container* container : containers_of(*workload.pod_template.spec)) {
      const Environment environment = environment_of(snapshot, workload.name_space(), *container);
      for (const kube::VolumeMount& mount : container->mounts) {
        for (const VolumeFile& file : files_of(snapshot, workload.name_space(), *workload.pod_template.spec, mount)) {
          const std::string text = expand_variables(file.entry->value, environment);
          if (!read.emplace(file.entry, text).second) continue;
          read_config_file(needs, {.source = NeedWorkload{index},
                                   .name_space = workload.name_space(),
                                   .name = file.entry->key,
                                   .text = text,
                                   .where = file.entry->where});
        }
      }
    }
  }
}

}  // namespace gantry::netpol
