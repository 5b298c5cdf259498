#include "netpol/needs/containers.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::netpol {

namespace {

// How far the bracket of a reference may be: what is longer is no name, and text that only opens brackets stays cheap to read.
constexpr std::size_t kReferenceMax = 300;

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// "WEB_SERVICE_HOST" for the Service "web" of the namespace: the DNS name stands in for the address, which nobody knows yet.
std::optional<std::string> service_variable(const kube::Snapshot& snapshot, std::string_view name_space,
                                            std::string_view name) {
  constexpr std::string_view kHost = "_SERVICE_HOST";
  constexpr std::string_view kPort = "_SERVICE_PORT";
  const std::size_t mark = std::min(name.find(kHost), name.find(kPort));
  if (mark == std::string_view::npos) return std::nullopt;
  std::string service_name = base::to_lower_ascii(name.substr(0, mark));
  std::ranges::replace(service_name, '_', '-');
  const kube::Service* service = kube::find_named(snapshot->services, name_space, service_name);
  if (service == nullptr || service->headless || service->ports.empty()) return std::nullopt;
  if (name.substr(mark).starts_with(kHost)) return fmt::format("{}.{}.svc", service_name, name_space);
  std::string port_name = base::to_lower_ascii(name.substr(mark + kPort.size()));
  std::ranges::replace(port_name, '_', '-');
  for (const kube::ServicePort& port : service->ports) {
    if (!port_name.empty() && "-" + port.name == port_name) return std::to_string(port.port.value());
  }
  return std::to_string(service->ports.front().port.value());
}

// Kubernetes' own expansion: "$(NAME)", and "$$" for a dollar sign.
template <typename Find>
std::string expand_references(std::string_view text, Find find) {
  std::string expanded;
  std::size_t i = 0;
  while (i < text.size()) {
    if (text.substr(i).starts_with("$$")) {
      expanded += '$';
      i += 2;
      continue;
    }
    const std::string_view rest = text.substr(i, kReferenceMax);
    const std::size_t end = rest.starts_with("$(") ? rest.find(')') : std::string_view::npos;
    if (end == std::string_view::npos) {
      expanded += text[i++];
      continue;
    }
    const std::optional<std::string> value = find(rest.substr(2, end - 2));
    expanded += value ? *value : std::string(rest.substr(0, end + 1));
    i += end + 1;
  }
  return expanded;
}

class EnvironmentBuilder {
 public:
  EnvironmentBuilder(const kube::Snapshot& snapshot, std::string_view name_space)
      : snapshot_(snapshot), name_space_(name_space) {}

  void add(const kube::EnvFrom& from) {
    if (from.kind == kube::EnvFrom::Kind::secret) {
      const kube::Secret* secret = kube::find_named(snapshot_->secrets, name_space_, from.name);
      if (secret == nullptr) return;
      for (const kube::SecretKey& key : secret->keys)
        built_.secrets.push_back({from.prefix + key.key, from.name, key.key, key.where});
      return;
    }
    const kube::ConfigMap* config = kube::find_named(snapshot_->config_maps, name_space_, from.name);
    if (config == nullptr) return;
    for (const kube::ConfigEntry& entry : config->data)
      set({from.prefix + entry.key, std::string(entry.value), entry.where});
  }

  void add(const kube::EnvVar& variable) {
    switch (variable.source) {
      case kube::EnvSource::value: return set({variable.name, expand(variable.value), variable.where});
      case kube::EnvSource::config_map_key: {
        const kube::ConfigMap* config = kube::find_named(snapshot_->config_maps, name_space_, variable.ref.name);
        const kube::ConfigEntry* entry = config ? config->find(variable.ref.key) : nullptr;
        if (entry) set({variable.name, std::string(entry->value), entry->where});
        return;
      }
      case kube::EnvSource::secret_key:
        built_.secrets.push_back({variable.name, variable.ref.name, variable.ref.key, variable.where});
        return;
      case kube::EnvSource::field:
      case kube::EnvSource::resource_field:
      case kube::EnvSource::other: return;
    }
  }

  Environment take() { return std::move(built_); }

 private:
  void set(Setting setting) {
    if (built_.values.contains(setting.name))
      std::erase_if(built_.settings, [&](const Setting& known) { return known.name == setting.name; });
    built_.values[setting.name] = setting.value;
    built_.settings.push_back(std::move(setting));
  }

  std::string expand(std::string_view text) const {
    return expand_references(text, [&](std::string_view name) -> std::optional<std::string> {
      if (const std::string* value = built_.find(name)) return *value;
      return service_variable(snapshot_, name_space_, name);
    });
  }

  const kube::Snapshot& snapshot_;
  std::string_view name_space_;
  Environment built_;
};

struct Reference {
  std::string_view name;
  std::string_view fallback;
  std::size_t length = 0;  // of the whole; 0: none
};

// "$NAME", "${NAME}", "${NAME:-default}", "${env:NAME}" at the beginning of the text.
Reference parse_reference(std::string_view text) {
  if (!text.starts_with("${")) {
    std::size_t end = 1;
    while (end < text.size() && is_name_char(text[end])) ++end;
    return {text.substr(1, end - 1), {}, end > 1 ? end : 0};
  }
  const std::size_t end = text.find('}');
  if (end == std::string_view::npos) return {};
  std::string_view inside = text.substr(2, end - 2);
  if (inside.starts_with("env:")) inside.remove_prefix(4);
  const std::size_t mark = inside.find(":-");
  const std::string_view fallback = mark == std::string_view::npos ? std::string_view() : inside.substr(mark + 2);
  return {inside.substr(0, mark), fallback, end + 1};
}

}  // namespace

const std::string* Environment::find(std::string_view name) const {
  const auto it = values.find(name);
  return it == values.end() ? nullptr : &it->second;
}

Environment environment_of(const kube::Snapshot& snapshot, std::string_view name_space,
                           const kube::Container& container) {
  EnvironmentBuilder builder(snapshot, name_space);
  for (const kube::EnvFrom& from : container.env_from) builder.add(from);
  for (const kube::EnvVar& variable : container.env) builder.add(variable);
  return builder.take();
}

std::string expand_variables(std::string_view text, const Environment& environment) {
  // An expansion may not grow without end: values hold values, and a document may be large.
  constexpr std::size_t kExpandedMax = 4 << 20;
  std::string expanded;
  std::size_t i = 0;
  while (i < text.size() && expanded.size() < kExpandedMax) {
    if (text[i] != '$') {
      expanded += text[i++];
      continue;
    }
    const std::string_view rest = text.substr(i, kReferenceMax);
    const std::size_t close = rest.starts_with("$(") ? rest.find(')') : std::string_view::npos;
    const Reference reference =
        close != std::string_view::npos ? Reference{rest.substr(2, close - 2), {}, close + 1} : parse_reference(rest);
    const std::string* value = environment.find(reference.name);
    if (reference.length > 0 && (value || !reference.fallback.empty())) {
      expanded += value ? *value : std::string(reference.fallback);
      i += reference.length;
    } else {
      expanded += text[i++];
    }
  }
  return expanded;
}

std::vector<std::size_t> independent_workloads(const kube::Snapshot& snapshot) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < snapshot->workloads.size(); ++i) {
    if (snapshot.controller_of(snapshot->workloads[i]) == nullptr) found.push_back(i);
  }
  return found;
}

std::vector<const kube::Container*> containers_of(const kube::PodSpec& spec) {
  std::vector<const kube::Container*> found;
  for (const auto* containers : {&spec.init_containers, &spec.containers})
    for (const kube::Container& container : *containers) found.push_back(&container);
  return found;
}

const base::Node* find_container(const kube::Workload& workload, const kube::Container& container) {
  const base::Node* document = workload.object.document.get();
  if (document == nullptr) return nullptr;
  const base::Node* spec = document->get("spec");
  if (workload.kind == kube::WorkloadKind::cron_job && spec) spec = spec->find("jobTemplate", "spec");
  if (workload.kind != kube::WorkloadKind::pod && spec) spec = spec->find("template", "spec");
  for (const char* key : {"initContainers", "containers"}) {
    const base::Node* list = spec ? spec->get(key) : nullptr;
    if (list == nullptr || !list->is_array()) continue;
    for (const base::Node& candidate : list->array()) {
      if (candidate.text("name") == container.name) return &candidate;
    }
  }
  return nullptr;
}

}  // namespace gantry::netpol
