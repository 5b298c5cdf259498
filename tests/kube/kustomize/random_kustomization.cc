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

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  Files run() {
    const std::size_t bases = 1 + below(2);
    for (std::size_t i = 0; i < bases; ++i) write_base(fmt::format("base{}", i));
    const bool has_component = chance(3);
    if (has_component) write_component();
    std::string overlay = "resources:\n";
    for (std::size_t i = 0; i < bases; ++i) {
      if (chance(3)) {
        write_middle(fmt::format("middle{}", i), fmt::format("base{}", i));
        overlay += fmt::format("- ../middle{}\n", i);
      } else {
        overlay += fmt::format("- ../base{}\n", i);
      }
    }
    if (has_component) overlay += "components: [../component]\n";
    overlay += fields(true);
    if (chance(6)) overlay += "sortOptions: {order: fifo}\n";
    files_["overlay/kustomization.yaml"] = overlay;
    return std::move(files_);
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }
  template <typename T>
  const auto& pick(const T& from) {
    return from[below(std::size(from))];
  }

  std::string quoted_value() { return fmt::format("\"{}\"", pick(kValues)); }

  std::string show_object(const Identity& id) {
    const std::string label_key(pick(kKeys));
    const std::string label_value = quoted_value();
    std::string metadata = fmt::format("name: {}", id.name);
    if (!id.name_space.empty()) metadata += fmt::format(", namespace: {}", id.name_space);
    if (chance(2)) metadata += fmt::format(", labels: {{{}: {}}}", pick(kKeys), quoted_value());
    if (chance(3)) metadata += fmt::format(", annotations: {{note: {}}}", quoted_value());
    return fmt::format(
        "apiVersion: {}\nkind: {}\nmetadata: {{{}}}\n{}\n", id.type->api_version, id.type->kind, metadata,
        fmt::format(fmt::runtime(id.type->body), pick(kNames), pick(kNames), pick(kNames), label_key, label_value));
  }

  void write_base(const std::string& directory) {
    std::set<Identity> own;
    const std::size_t count = 3 + below(6);
    for (std::size_t i = 0; i < count; ++i) {
      const Template& type = pick(templates());
      own.insert({&type, std::string(pick(kNames)), type.has_namespace ? std::string(pick(kNamespaces)) : ""});
    }
    std::string objects;
    for (const Identity& id : own) {
      // "default" and no namespace are one identity.
      const bool is_default = id.name_space == "default";
      if (is_default && own.contains({id.type, id.name, ""})) continue;
      objects += (objects.empty() ? "" : "---\n") + show_object(id);
      objects_.push_back(id);
    }
    files_[directory + "/objects.yaml"] = objects;
    std::string text = "resources: [objects.yaml]\n";
    if (chance(2)) text += "configMapGenerator: [{name: generated, literals: [a=b, c=d]}]\n";
    if (chance(3)) text += "secretGenerator: [{name: generated, literals: [a=b]}]\n";
    // Two bases may have an object in common; a prefix of its own keeps them apart.
    text += fmt::format("namePrefix: {}-\n", directory);
    files_[directory + "/kustomization.yaml"] = text + fields(false);
  }

  void write_middle(const std::string& directory, const std::string& base) {
    files_[directory + "/kustomization.yaml"] = fmt::format("resources: [../{}]\n{}", base, fields(true));
  }

  void write_component() { files_["component/kustomization.yaml"] = "kind: Component\n" + fields(true); }

  std::string fields(bool may_rename) {
    std::string text;
    if (may_rename && chance(3)) text += fmt::format("namePrefix: {}-\n", pick(kNames));
    if (may_rename && chance(4)) text += fmt::format("nameSuffix: -{}\n", pick(kNames));
    if (chance(8)) text += fmt::format("namespace: {}\n", pick(std::span(kNamespaces).last(3)));
    if (chance(3)) text += labels();
    if (chance(4)) text += fmt::format("commonLabels: {{{}: {}}}\n", pick(kKeys), quoted_value());
    if (chance(4)) text += fmt::format("commonAnnotations: {{note: {}}}\n", quoted_value());
    if (chance(2)) text += patches();
    if (chance(4))
      text += R"(images: [{name: nginx, newTag: "2"}, {name: "reg:5000/side", newName: other}])"
              "\n";
    if (may_rename && chance(6)) text += "generatorOptions: {labels: {generated: x}}\n";
    if (chance(6)) text += replacements();
    return text;
  }

  std::string labels() {
    std::string text = "labels:\n";
    for (std::size_t i = 0; i <= below(2); ++i) {
      text += fmt::format("- pairs: {{{}: {}}}\n", pick(kKeys), quoted_value());
      if (chance(3)) text += "  includeTemplates: true\n";
      if (chance(3)) text += "  includeSelectors: true\n";
    }
    return text;
  }

  std::string patches() {
    std::string text = "patches:\n";
    for (std::size_t i = 0; i <= below(3); ++i) text += chance(2) ? merge_patch() : json_patch();
    return text;
  }

  std::string target() {
    constexpr std::string_view kTargets[] = {"kind: Deployment",  "kind: ConfigMap",     "name: .*web",
                                             "kind: Pod|Service", "namespace: default",  "kind: StatefulSet",
                                             "group: apps",       "labelSelector: app",  "annotationSelector: note",
                                             "kind: Thing",       "kind: NetworkPolicy", "kind: DaemonSet"};
    return fmt::format("{{{}}}", pick(kTargets));
  }

  std::string merge_patch() {
    constexpr std::string_view kBodies[] = {
        R"(metadata: {name: any, labels: {app: patched, tier: null}})",
        R"(metadata: {name: any, annotations: {note: patched, other: "1"}})",
        R"(metadata: {name: any, labels: {$patch: replace, app: only}})",
        R"({metadata: {name: any}, spec: {template: {spec: {containers: [{name: c, image: "new:1", env: [{name: B, $patch: delete}, {name: Z, value: z}]}, {name: fresh}]}}}})",
        R"({metadata: {name: any}, spec: {template: {spec: {volumes: [{name: e, $patch: delete}, {name: v, emptyDir: {}, configMap: null}]}}}})",
        R"({metadata: {name: any}, spec: {ports: [{port: 53, name: dns}, {port: 80, targetPort: 8080}]}})",
        R"({metadata: {name: any}, spec: {list: [3], ref: {$patch: delete}}})",
        R"({metadata: {name: any}, data: {a: null, z: "9"}})",
        R"({metadata: {name: any}, spec: {template: {metadata: {labels: {app: patched}}}}})",
    };
    const std::string_view body = pick(kBodies);
    const bool is_flow = body.starts_with('{');
    const std::string inner(is_flow ? body.substr(1, body.size() - 2) : body);
    return fmt::format("- target: {}\n  patch: '{{apiVersion: v1, kind: Any, {}}}'\n", target(), inner);
  }

  std::string json_patch() {
    constexpr std::string_view kOperations[] = {
        R"({op: add, path: /metadata/annotations/added, value: y})",
        R"({op: add, path: /metadata/labels, value: {app: json}})",
        R"({op: replace, path: /metadata/name, value: web})",
        R"({op: add, path: /extra, value: [1, 1.5, {deep: 0x10}]})",
        R"({op: replace, path: /extra, value: text})",
        R"({op: add, path: /metadata/annotations, value: {all: new}})",
    };
    return fmt::format("- target: {}\n  patch: |-\n    - {}\n", target(), pick(kOperations));
  }

  std::string replacements() {
    constexpr std::string_view kTargets[] = {
        "fieldPaths: [metadata.labels.app], options: {create: true}",
        "fieldPaths: ['metadata.annotations.[a.b/c]'], options: {create: true}",
        "fieldPaths: [spec.template.spec.containers.*.image], options: {create: true}",
        "fieldPaths: [spec.made.here], options: {create: true}",
    };
    const Identity& source = pick(objects_);
    if (!source.type->has_namespace) return "";
    return fmt::format(
        "replacements:\n- source: {{kind: {}, name: {}, namespace: {}}}\n  targets: [{{select: {{kind: {}}}, {}}}]\n",
        source.type->kind, source.name, source.name_space.empty() ? "default" : source.name_space,
        chance(2) ? "Deployment" : "ConfigMap", pick(kTargets));
  }

  std::mt19937 random_;
  Files files_;
  std::vector<Identity> objects_;
};

}  // namespace

Files random_kustomization(std::uint32_t seed) { return Generator(seed).run(); }

}  // namespace gantry::kube
