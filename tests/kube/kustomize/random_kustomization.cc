#include "kube/kustomize/random_kustomization.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <random>
#include <set>
#include <span>
#include <vector>

namespace gantry::kube {

namespace {

using Files = std::map<std::string, std::string, std::less<>>;

constexpr std::string_view kNames[] = {"web", "db", "web-db", "cfg"};
constexpr std::string_view kNamespaces[] = {"", "", "", "one", "two", "default"};
constexpr std::string_view kKeys[] = {"app", "tier", "team"};
constexpr std::string_view kValues[] = {"web", "db", "true", "5", "x y"};

struct Template {
  std::string_view api_version;
  std::string_view kind;
  bool has_namespace;
  std::string_view body;  // {0}, {1}, {2}: names of other objects; {3}, {4}: a label
};

constexpr std::string_view kPodSpec =
    R"(serviceAccountName: {0}, volumes: [{{name: v, configMap: {{name: {1}}}}}, {{name: s, secret: {{secretName: {2}}}}}, {{name: e, emptyDir: }}],)"
    R"( containers: [{{name: c, image: "nginx:1", env: [{{name: A, value: a}}, {{name: B, valueFrom: {{secretKeyRef: {{name: {1}, key: k}}}}}}],)"
    R"( ports: [{{containerPort: 80}}, {{containerPort: 53, protocol: UDP}}], envFrom: [{{configMapRef: {{name: {2}}}}}]}},)"
    R"( {{name: side, image: "reg:5000/side@sha256:ab", volumeMounts: [{{name: v, mountPath: /v}}]}}])";

std::string workload(std::string_view spec_prefix, std::string_view spec_suffix) {
  return fmt::format("{}{}{}", spec_prefix, kPodSpec, spec_suffix);
}

const std::vector<Template>& templates() {
  static const std::string deployment = workload(
      R"(spec: {{selector: {{matchLabels: {{{3}: {4}}}}}, replicas: 1, template: {{metadata: {{labels: {{{3}: {4}}}}}, spec: {{)",
      "}}}}}}");
  static const std::string stateful_set = workload(
      R"(spec: {{serviceName: {0}, volumeClaimTemplates: [{{metadata: {{name: d}}, spec: {{storageClassName: {1}}}}}], template: {{spec: {{)",
      "}}}}}}");
  static const std::string daemon_set = workload(R"(spec: {{template: {{metadata: {{}}, spec: {{)", "}}}}}}");
  static const std::string job = workload(R"(spec: {{template: {{spec: {{)", "}}}}}}");
  static const std::string cron_job = workload(R"(spec: {{jobTemplate: {{spec: {{template: {{spec: {{)", "}}}}}}}}}}");
  static const std::string pod = workload("spec: {{", "}}");
  static const std::vector<Template> all = {
      {"v1", "ConfigMap", true, R"(data: {{a: "1", b: {0}}})"},
      {"v1", "ConfigMap", true, R"(data: {{url: "http://{0}.{1}"}})"},
      {"v1", "Secret", true, "stringData: {{a: b}}"},
      {"v1", "Service", true, "spec: {{selector: {{{3}: {4}}}, ports: [{{port: 80}}, {{port: 53, protocol: UDP}}]}}"},
      {"v1", "Service", true, "spec: {{type: ExternalName}}"},
      {"v1", "ServiceAccount", true, "imagePullSecrets: [{{name: {0}}}]"},
      {"v1", "Namespace", false, "spec: "},
      {"v1", "PersistentVolumeClaim", true, "spec: {{storageClassName: {0}, volumeName: {1}}}"},
      {"v1", "Pod", true, pod},
      {"apps/v1", "Deployment", true, deployment},
      {"apps/v1", "StatefulSet", true, stateful_set},
      {"apps/v1", "DaemonSet", true, daemon_set},
      {"batch/v1", "Job", true, job},
      {"batch/v1", "CronJob", true, cron_job},
      {"storage.k8s.io/v1", "StorageClass", false, "parameters: {{secretName: {0}}}"},
      {"autoscaling/v2", "HorizontalPodAutoscaler", true, "spec: {{scaleTargetRef: {{kind: Deployment, name: {0}}}}}"},
      {"policy/v1", "PodDisruptionBudget", true, "spec: {{selector: {{matchLabels: {{{3}: {4}}}}}}}"},
      {"networking.k8s.io/v1", "NetworkPolicy", true,
       "spec: {{podSelector: {{}}, ingress: [{{from: [{{podSelector: {{matchLabels: {{{3}: {4}}}}}, namespaceSelector: "
       "{{}}}}]}}]}}"},
      {"networking.k8s.io/v1", "Ingress", true,
       "spec: {{tls: [{{secretName: {0}}}], rules: [{{http: {{paths: [{{backend: {{service: {{name: {1}}}}}}}]}}}}]}}"},
      {"rbac.authorization.k8s.io/v1", "Role", true, "rules: [{{resourceNames: [{0}, {1}]}}]"},
      {"rbac.authorization.k8s.io/v1", "ClusterRole", false, "rules: [{{resourceNames: [{0}, {1}]}}]"},
      {"rbac.authorization.k8s.io/v1", "RoleBinding", true,
       "roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: {0}}}\n"
       "subjects: [{{kind: ServiceAccount, name: {1}}}, {{kind: ServiceAccount, name: {2}, namespace: one}}, {{kind: "
       "ServiceAccount, name: default}}]"},
      {"rbac.authorization.k8s.io/v1", "ClusterRoleBinding", false,
       "roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {0}}}\n"
       "subjects: [{{kind: ServiceAccount, name: {1}, namespace: one}}, {{kind: ServiceAccount, name: {2}, namespace: "
       "default}}]"},
      {"v1", "PodTemplate", true, ""},
      {"v1", "PodTemplate", true, ""},
      {"example.com/v1", "Thing", true, "spec: "},
      {"example.com/v1", "Thing", true,
       "spec: {{containers: [{{name: c, image: nginx}}], list: [1, 2], empty: , ref: {{name: {0}}}}}"},
  };
  return all;
}

struct Identity {
  const Template* type = nullptr;
  std::string name;
  std::string name_space;
  friend bool operator<(const Identity& a, const Identity& b) {
    return std::tie(a.type->kind, a.name, a.name_space) < std::tie(b.type->kind, b.name, b.name_space);
  }
};

// The same numbers on every machine: the standard's distributions differ between libraries, its engines do not.
class Dice {
 public:
  explicit Dice(std::uint32_t seed) : random_(seed) {}
  std::size_t below(std::size_t limit) { return random_() % limit; }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }
  template <typename T>
  const auto& pick(const T& from) {
    return from[below(std::size(from))];
  }

 private:
  std::mt19937 random_;
};

// Values of any shape, as YAML in braces. What is written and how is what merges are sensitive to.
class ValueGenerator {
 public:
  explicit ValueGenerator(Dice& dice) : dice_(dice) {}

  // A map of a few keys. In a patch, keys may be null or directives.
  std::string map(std::size_t depth, bool in_patch) {
    std::set<std::string_view> keys;
    const std::size_t count = 1 + dice_.below(3);
    for (std::size_t i = 0; i < count; ++i) keys.insert(dice_.pick(kKeys));
    std::string text;
    if (in_patch && dice_.below(8) == 0) text = dice_.below(2) == 0 ? "$patch: replace" : "$patch: delete";
    for (const std::string_view key : keys) {
      if (!text.empty()) text += ", ";
      text += fmt::format("{}: ", key);
      text += value(depth, in_patch);
    }
    return "{" + text + "}";
  }

  // A pod's containers: names and ports come twice, or are missing.
  std::string containers(bool in_patch) {
    std::string text;
    const std::size_t count = 1 + dice_.below(3);
    for (std::size_t i = 0; i < count; ++i) {
      text += text.empty() ? "" : ", ";
      text += fmt::format("{{name: {}", dice_.pick(kElementNames));
      if (dice_.below(2) == 0) text += ", ports: " + ports();
      if (dice_.below(2) == 0) text += ", env: " + env();
      if (dice_.below(3) == 0) text += ", args: [a, null]";
      if (in_patch && dice_.below(8) == 0) text += ", $patch: delete";
      if (dice_.below(4) == 0) text += ", securityContext: ";
      text += "}";
    }
    if (in_patch && dice_.below(10) == 0) text += ", {$patch: replace}";
    return "[" + text + "]";
  }

 private:
  static constexpr std::string_view kKeys[] = {"a", "b", "c", "name"};
  static constexpr std::string_view kElementNames[] = {"c", "side", "fresh"};
  static constexpr std::string_view kScalars[] = {"1",    "0x10",       "1.50", "1e3",     "true", "yes",
                                                  "\"\"", "text",       "012",  "\"5\"",   "on",   "null",
                                                  "~",    "2020-01-01", "",     "'quoted'"};

  std::string value(std::size_t depth, bool in_patch) {
    const std::size_t form = depth == 0 ? 0 : dice_.below(4);
    if (form == 1) return map(depth - 1, in_patch);
    if (form == 2) {
      const std::string element = value(depth - 1, false);
      return element.empty() ? "[x]" : fmt::format("[{}, x]", element);
    }
    return std::string(dice_.pick(kScalars));
  }

  std::string ports() {
    std::string text;
    const std::size_t count = 1 + dice_.below(3);
    for (std::size_t i = 0; i < count; ++i) {
      text += text.empty() ? "{" : ", {";
      text += dice_.below(6) == 0 ? "name: portless" : fmt::format("containerPort: {}", 80 + dice_.below(2));
      if (dice_.below(3) == 0) text += dice_.below(2) == 0 ? ", protocol: UDP" : ", protocol: TCP";
      text += "}";
    }
    return "[" + text + "]";
  }

  std::string env() {
    std::string text;
    const std::size_t count = 1 + dice_.below(3);
    for (std::size_t i = 0; i < count; ++i) {
      text += text.empty() ? "{name: " : ", {name: ";
      text += dice_.below(2) == 0 ? "A" : "B";
      if (dice_.below(3) != 0) text += fmt::format(", value: v{}", dice_.below(3));
      text += "}";
    }
    return "[" + text + "]";
  }

  Dice& dice_;
};

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : dice_(seed), values_(dice_) {}

  Files run() {
    const std::size_t bases = 1 + dice_.below(2);
    for (std::size_t i = 0; i < bases; ++i) write_base(fmt::format("base{}", i));
    const bool has_component = dice_.chance(3);
    if (has_component) files_["component/kustomization.yaml"] = "kind: Component\n" + fields(Place::above_a_base);
    std::string overlay = "resources:\n";
    for (std::size_t i = 0; i < bases; ++i) {
      const bool has_middle = dice_.chance(3);
      if (has_middle) {
        files_[fmt::format("middle{}/kustomization.yaml", i)] =
            fmt::format("resources: [../base{}]\n", i) + fields(Place::above_a_base);
      }
      overlay += fmt::format("- ../{}{}\n", has_middle ? "middle" : "base", i);
    }
    if (has_component) overlay += "components: [../component]\n";
    overlay += fields(Place::above_a_base);
    if (dice_.chance(6)) overlay += "sortOptions: {order: fifo}\n";
    files_["overlay/kustomization.yaml"] = overlay;
    return std::move(files_);
  }

 private:
  enum class Place { base, above_a_base };

  // "app: \"web\"". Each random number is drawn in a statement of its own: the order of arguments is the compiler's.
  std::string pair() {
    const std::string_view key = dice_.pick(kKeys);
    return fmt::format("{}: \"{}\"", key, dice_.pick(kValues));
  }

  std::string show_object(const Identity& id) {
    std::string metadata = fmt::format("name: {}", id.name);
    if (!id.name_space.empty()) metadata += fmt::format(", namespace: {}", id.name_space);
    if (dice_.chance(2)) metadata += fmt::format(", labels: {{{}}}", pair());
    if (dice_.chance(3))
      metadata += fmt::format(", annotations: {{note: \"{}\", raw: 1.10, empty: }}", dice_.pick(kValues));
    const std::string_view first = dice_.pick(kNames);
    const std::string_view second = dice_.pick(kNames);
    const std::string_view third = dice_.pick(kNames);
    const std::string_view label_key = dice_.pick(kKeys);
    const std::string label_value = fmt::format("\"{}\"", dice_.pick(kValues));
    std::string body = fmt::format(fmt::runtime(id.type->body), first, second, third, label_key, label_value);
    if (id.type->kind == "Thing") body += fmt::format("\nwild: {}", values_.map(3, false));
    if (id.type->kind == "PodTemplate")
      body = fmt::format("template: {{spec: {{containers: {}}}}}", values_.containers(false));
    return fmt::format("apiVersion: {}\nkind: {}\nmetadata: {{{}}}\n{}\n", id.type->api_version, id.type->kind,
                       metadata, body);
  }

  void write_base(const std::string& directory) {
    std::set<Identity> own;
    const std::size_t count = 3 + dice_.below(6);
    for (std::size_t i = 0; i < count; ++i) {
      const Template& type = dice_.pick(templates());
      const std::string_view name = dice_.pick(kNames);
      own.insert({&type, std::string(name), type.has_namespace ? std::string(dice_.pick(kNamespaces)) : ""});
    }
    std::string objects;
    for (const Identity& id : own) {
      // "default" and no namespace are one identity.
      if (id.name_space == "default" && own.contains({id.type, id.name, ""})) continue;
      objects += (objects.empty() ? "" : "---\n") + show_object(id);
      objects_.push_back(id);
    }
    files_[directory + "/objects.yaml"] = objects;
    std::string text = "resources: [objects.yaml]\n";
    const bool generates = dice_.chance(2);
    if (generates) text += "configMapGenerator: [{name: generated, literals: [a=b, c=d]}]\n";
    generators_ += generates ? 1 : 0;
    if (dice_.chance(3)) text += "secretGenerator: [{name: generated, literals: [a=b]}]\n";
    // Two bases may have an object in common; a prefix of its own keeps them apart.
    text += fmt::format("namePrefix: {}-\n", directory);
    files_[directory + "/kustomization.yaml"] = text + fields(Place::base);
  }

  std::string fields(Place place) {
    std::string text;
    if (place == Place::above_a_base) text += renaming_fields();
    if (dice_.chance(8)) text += fmt::format("namespace: {}\n", dice_.pick(std::span(kNamespaces).last(3)));
    if (dice_.chance(3)) text += labels();
    if (dice_.chance(4)) text += fmt::format("commonLabels: {{{}}}\n", pair());
    if (dice_.chance(4)) text += fmt::format("commonAnnotations: {{note: \"{}\"}}\n", dice_.pick(kValues));
    if (dice_.chance(2)) text += patches();
    if (dice_.chance(4)) text += "images: [{name: nginx, newTag: \"2\"}, {name: \"reg:5000/side\", newName: other}]\n";
    if (dice_.chance(8))
      text +=
          "patchesJson6902: [{target: {kind: Deployment, name: web}, patch: '[{\"op\": \"remove\", \"path\": "
          "\"/spec\"}]'}]\n";
    if (dice_.chance(6)) text += replacements();
    return text;
  }

  std::string renaming_fields() {
    std::string text;
    if (dice_.chance(3)) text += fmt::format("namePrefix: {}-\n", dice_.pick(kNames));
    if (dice_.chance(4)) text += fmt::format("nameSuffix: -{}\n", dice_.pick(kNames));
    if (dice_.chance(6)) text += "generatorOptions: {labels: {generated: x}}\n";
    // Merging needs exactly one to merge into.
    if (generators_ == 1 && dice_.chance(3)) {
      const std::string_view behavior = dice_.chance(2) ? "merge" : "replace";
      text += fmt::format("configMapGenerator: [{{name: generated, behavior: {}, literals: [c=new, e=f]", behavior);
      text += dice_.chance(3) ? ", options: {disableNameSuffixHash: true, annotations: {note: x}}}]\n" : "}]\n";
    }
    return text;
  }

  std::string labels() {
    std::string text = "labels:\n";
    const std::size_t count = 1 + dice_.below(2);
    for (std::size_t i = 0; i < count; ++i) {
      text += fmt::format("- pairs: {{{}}}\n", pair());
      if (dice_.chance(3)) text += "  includeTemplates: true\n";
      if (dice_.chance(3)) text += "  includeSelectors: true\n";
      if (dice_.chance(6)) text += "  fields: [{path: spec/made/labels, kind: Thing, create: true}]\n";
    }
    return text;
  }

  std::string patches() {
    std::string text = "patches:\n";
    const std::size_t count = 1 + dice_.below(3);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t form = dice_.below(4);
      if (form == 0) {
        text += named_patch();
      } else {
        text += form == 1 ? json_patch() : merge_patch();
      }
    }
    return text;
  }

  std::string target() {
    constexpr std::string_view kTargets[] = {"kind: Deployment",  "kind: ConfigMap",     "name: .*web",
                                             "kind: Pod|Service", "namespace: default",  "kind: StatefulSet",
                                             "group: apps",       "labelSelector: app",  "annotationSelector: note",
                                             "kind: Thing",       "kind: NetworkPolicy", "kind: DaemonSet",
                                             "kind: PodTemplate", "kind: PodTemplate",   "kind: Thing"};
    return fmt::format("{{{}}}", dice_.pick(kTargets));
  }

  std::string patch_body() {
    constexpr std::string_view kBodies[] = {
        "metadata: {name: any, labels: {app: patched, tier: null}}",
        "metadata: {name: any, annotations: {note: patched, other: \"1\"}}",
        "metadata: {name: any, labels: {$patch: replace, app: only}}",
        "metadata: {name: any, annotations: null}",
        "metadata: {name: any}, spec: {template: {spec: {containers: [{name: c, image: \"new:1\", env: [{name: B, "
        "$patch: delete}, "
        "{name: Z, value: z}]}, {name: fresh}]}}}",
        "metadata: {name: any}, spec: {template: {spec: {volumes: [{name: e, $patch: delete}, {name: v, emptyDir: {}, "
        "configMap: null}]}}}",
        "metadata: {name: any}, spec: {ports: [{port: 53, name: dns}, {port: 80, targetPort: 8080}]}",
        "metadata: {name: any}, spec: {list: [3], ref: {$patch: delete}}",
        "metadata: {name: any}, data: {a: null, z: \"9\"}",
        "metadata: {name: any}, spec: {template: {metadata: {labels: {app: patched}}}}",
    };
    const std::size_t form = dice_.below(4);
    if (form == 0) return fmt::format("metadata: {{name: any}}, wild: {}", values_.map(3, true));
    if (form == 1)
      return fmt::format("metadata: {{name: any}}, template: {{spec: {{containers: {}}}}}", values_.containers(true));
    return std::string(dice_.pick(kBodies));
  }

  std::string merge_patch() {
    const std::string selected = target();
    const std::string body = patch_body();
    return fmt::format("- target: {}\n  patch: |-\n    {{apiVersion: v1, kind: Any, {}}}\n", selected, body);
  }

  // A patch that names its object, by the name it has in its base.
  std::string named_patch() {
    if (objects_.empty()) return json_patch();
    const Identity& id = dice_.pick(objects_);
    std::string body = patch_body();
    const std::string name_space = id.name_space.empty() ? "" : fmt::format(", namespace: {}", id.name_space);
    body.replace(body.find("any"), 3, id.name + name_space);
    return fmt::format("- patch: |-\n    {{apiVersion: {}, kind: {}, {}}}\n", id.type->api_version, id.type->kind,
                       body);
  }

  std::string json_patch() {
    constexpr std::string_view kOperations[] = {
        "{op: add, path: /metadata/annotations/added, value: y}",
        "{op: add, path: /metadata/labels, value: {app: json}}",
        "{op: replace, path: /metadata/name, value: web}",
        "{op: add, path: /extra, value: [1, 1.5, {deep: 0x10, none: }]}",
        "{op: replace, path: /extra, value: text}",
        "{op: add, path: /metadata/annotations, value: {all: new}}",
    };
    const std::string selected = target();
    return fmt::format("- target: {}\n  patch: |-\n    - {}\n", selected, dice_.pick(kOperations));
  }

  std::string replacements() {
    constexpr std::string_view kTargets[] = {
        "fieldPaths: [metadata.labels.app], options: {create: true}",
        "fieldPaths: ['metadata.annotations.[a.b/c]'], options: {create: true}",
        "fieldPaths: [metadata.labels.made, spec.replicas], options: {create: true}",
        "fieldPaths: [spec.made.here], options: {create: true}",
        "fieldPaths: [metadata.annotations.note, metadata.name], options: {create: true, delimiter: '-', index: 1}",
    };
    const Identity& source = dice_.pick(objects_);
    if (!source.type->has_namespace) return "";
    const std::string_view name_space = source.name_space.empty() ? "default" : std::string_view(source.name_space);
    const std::string_view selected = dice_.chance(2) ? "Deployment" : "ConfigMap";
    return fmt::format(
        "replacements:\n- source: {{kind: {}, name: {}, namespace: {}}}\n  targets: [{{select: {{kind: {}}}, {}}}]\n",
        source.type->kind, source.name, name_space, selected, dice_.pick(kTargets));
  }

  Dice dice_;
  ValueGenerator values_;
  Files files_;
  std::size_t generators_ = 0;
  std::vector<Identity> objects_;
};

}  // namespace

Files random_kustomization(std::uint32_t seed) { return Generator(seed).run(); }

}  // namespace gantry::kube
