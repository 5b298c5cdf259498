// Containers: Kubernetes API reference, core/v1 Container, and its validation (pkg/apis/core/validation).

#include "kube/names.h"
#include "kube/readers.h"
#include "kube/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace gantry::kube {

namespace {

constexpr std::string_view kContainerFields[] = {
    "args",
    "command",
    "env",
    "envFrom",
    "image",
    "imagePullPolicy",
    "lifecycle",
    "livenessProbe",
    "name",
    "ports",
    "readinessProbe",
    "resizePolicy",
    "resources",
    "restartPolicy",
    "restartPolicyRules",
    "securityContext",
    "startupProbe",
    "stdin",
    "stdinOnce",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "tty",
    "volumeDevices",
    "volumeMounts",
    "workingDir",
};
constexpr std::string_view kPortFields[] = {"containerPort", "hostIP", "hostPort", "name", "protocol"};
constexpr std::string_view kEnvFields[] = {"name", "value", "valueFrom"};
constexpr std::string_view kValueFromFields[] = {"configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef",
                                                 "secretKeyRef"};
constexpr std::string_view kEnvFromFields[] = {"configMapRef", "prefix", "secretRef"};
constexpr std::string_view kResourceFields[] = {"claims", "limits", "requests"};
constexpr std::string_view kMountFields[] = {"mountPath",         "mountPropagation", "name",       "readOnly",
                                             "recursiveReadOnly", "subPath",          "subPathExpr"};
constexpr std::string_view kProbeFields[] = {
    "exec",
    "failureThreshold",
    "grpc",
    "httpGet",
    "initialDelaySeconds",
    "periodSeconds",
    "successThreshold",
    "tcpSocket",
    "terminationGracePeriodSeconds",
    "timeoutSeconds",
};
constexpr std::string_view kHookFields[] = {"exec", "httpGet", "sleep", "tcpSocket"};
constexpr std::string_view kLifecycleFields[] = {"postStart", "preStop", "stopSignal"};
static_assert(std::ranges::is_sorted(kContainerFields) && std::ranges::is_sorted(kProbeFields));
static_assert(std::ranges::is_sorted(kMountFields) && std::ranges::is_sorted(kValueFromFields));

constexpr std::array<Choice<std::string_view>, 3> kPullPolicies = {{
    {"Always", "Always"},
    {"IfNotPresent", "IfNotPresent"},
    {"Never", "Never"},
}};

ContainerPort parse_port(const Fields& fields) {
  fields.only(kPortFields);
  ContainerPort port;
  fields.require("containerPort");
  port.port = fields.port("containerPort").value_or(Port{});
  port.name = fields.text("name");
  if (!port.name.empty()) {
    if (const auto why = invalid_port_name(port.name))
      fields.reject("name", fmt::format("{} is no port name: it {}", quoted(port.name), *why));
  }
  port.protocol = fields.protocol("protocol");
  // 0 is Go's zero value: no host port.
  if (fields.integer("hostPort", {0, 65535}).value_or(0) != 0) port.host_port = fields.port("hostPort");
  port.host_ip = fields.text("hostIP");
  port.where = fields.pos();
  return port;
}

KeyRef parse_key_ref(const Fields& fields) {
  fields.require("key");
  return {.name = fields.text("name"), .key = fields.text("key"), .optional = fields.flag("optional")};
}

void parse_value_from(const Fields& from, EnvVar& variable) {
  from.only(kValueFromFields);
  const Fields config_map = from.map("configMapKeyRef");
  const Fields secret = from.map("secretKeyRef");
  const Fields field = from.map("fieldRef");
  const Fields resource = from.map("resourceFieldRef");
  if (config_map.present()) {
    variable.source = EnvSource::config_map_key;
    variable.ref = parse_key_ref(config_map);
  } else if (secret.present()) {
    variable.source = EnvSource::secret_key;
    variable.ref = parse_key_ref(secret);
  } else if (field.present()) {
    variable.source = EnvSource::field;
    variable.value = field.text("fieldPath");
  } else if (resource.present()) {
    variable.source = EnvSource::resource_field;
    variable.value = resource.text("resource");
  } else {
    variable.source = EnvSource::other;
  }
  const int given =
      config_map.present() + secret.present() + field.present() + resource.present() + from.has("fileKeyRef");
  if (given != 1) from.reject({}, given == 0 ? "names no source" : "names more than one source");
}

EnvVar parse_env(const Fields& fields) {
  fields.only(kEnvFields);
  EnvVar variable;
  variable.name = fields.text("name");
  variable.where = fields.pos();
  if (const auto why = invalid_env_name(variable.name))
    fields.reject("name", fmt::format("{} is no variable name: it {}", quoted(variable.name), *why));
  variable.value = fields.text("value");
  const Fields from = fields.map("valueFrom");
  if (!from.present()) return variable;
  if (!variable.value.empty()) fields.reject("valueFrom", "may not stand beside a value that is not empty");
  parse_value_from(from, variable);
  return variable;
}

EnvFrom parse_env_from(const Fields& fields) {
  fields.only(kEnvFromFields);
  EnvFrom from;
  from.where = fields.pos();
  from.prefix = fields.text("prefix");
  const Fields config_map = fields.map("configMapRef");
  const Fields secret = fields.map("secretRef");
  if (config_map.present() == secret.present()) fields.reject({}, "must name either a configMapRef or a secretRef");
  const Fields& ref = secret.present() ? secret : config_map;
  from.kind = secret.present() ? EnvFrom::Kind::secret : EnvFrom::Kind::config_map;
  from.name = ref.text("name");
  from.optional = ref.flag("optional");
  return from;
}

void parse_http(const Fields& http, Handler& handler) {
  handler.kind = Handler::Kind::http_get;
  http.require("port");
  handler.port = http.port_ref("port").value_or(PortRef(Port{}));
  handler.path = http.text("path", "/");
  handler.host = http.text("host");
  handler.scheme = http.text("scheme", "HTTP");
}

// Of a probe, or of a hook; exactly one way must be given.
Handler parse_handler(const Fields& fields) {
  Handler handler;
  handler.where = fields.pos();
  const Fields exec = fields.map("exec");
  const Fields http = fields.map("httpGet");
  const Fields tcp = fields.map("tcpSocket");
  const Fields grpc = fields.map("grpc");
  const Fields sleep = fields.map("sleep");
  if (exec.present()) {
    handler.kind = Handler::Kind::exec;
    handler.command = exec.texts("command");
  } else if (http.present()) {
    parse_http(http, handler);
  } else if (tcp.present()) {
    handler.kind = Handler::Kind::tcp_socket;
    tcp.require("port");
    handler.port = tcp.port_ref("port").value_or(PortRef(Port{}));
    handler.host = tcp.text("host");
  } else if (grpc.present()) {
    handler.kind = Handler::Kind::grpc;
    grpc.require("port");
    handler.port = grpc.port("port").value_or(Port{});
    handler.grpc_service = grpc.text("service");
  } else if (sleep.present()) {
    handler.kind = Handler::Kind::sleep;
    handler.sleep = sleep.seconds("seconds").value_or(std::chrono::seconds{0});
  }
  const int given = exec.present() + http.present() + tcp.present() + grpc.present() + sleep.present();
  if (given != 1) fields.reject({}, given == 0 ? "says nothing about how" : "says more than one way how");
  return handler;
}

// A zero in the document means the default, as everywhere in the API.
std::int64_t or_default(std::optional<std::int64_t> value, std::int64_t otherwise) {
  return value.value_or(0) == 0 ? otherwise : *value;
}

std::optional<Probe> parse_probe(const Fields& container, std::string_view key) {
  const Fields fields = container.map(key);
  if (!fields.present()) return std::nullopt;
  fields.only(kProbeFields);
  Probe probe;
  probe.handler = parse_handler(fields);
  probe.initial_delay = fields.seconds("initialDelaySeconds").value_or(probe.initial_delay);
  probe.period = std::chrono::seconds(or_default(fields.integer("periodSeconds", kNotNegative), 10));
  probe.timeout = std::chrono::seconds(or_default(fields.integer("timeoutSeconds", kNotNegative), 1));
  probe.success_threshold = or_default(fields.integer("successThreshold", kNotNegative), 1);
  probe.failure_threshold = or_default(fields.integer("failureThreshold", kNotNegative), 3);
  probe.termination_grace = fields.seconds("terminationGracePeriodSeconds", {1, kAnyInt64.max});
  if (key != "readinessProbe" && probe.success_threshold != 1) {
    fields.reject("successThreshold", "must be 1 for liveness and startup probes");
  }
  if (key == "readinessProbe" && probe.termination_grace) {
    fields.reject("terminationGracePeriodSeconds", "may not be set for readiness probes");
  }
  return probe;
}

std::optional<Handler> parse_hook(const Fields& lifecycle, std::string_view key) {
  const Fields fields = lifecycle.map(key);
  if (!fields.present()) return std::nullopt;
  fields.only(kHookFields);
  return parse_handler(fields);
}

void parse_resources(const Fields& container, Container& out) {
  const Fields resources = container.map("resources");
  resources.only(kResourceFields);
  out.requests = resources.resources("requests");
  out.limits = resources.resources("limits");
  const auto check_negative = [&](std::string_view key, const ResourceList& list) {
    for (const auto& [name, amount] : list) {
      if (amount.is_negative()) resources.reject(key, fmt::format("for {} must not be negative", name));
    }
  };
  check_negative("requests", out.requests);
  check_negative("limits", out.limits);
  for (const auto& [name, request] : out.requests) {
    const auto limit = out.limits.find(name);
    if (limit == out.limits.end() || request <= limit->second) continue;
    resources.reject("requests", fmt::format("for {} ({}) must not be more than the limit ({})", name,
                                             to_string(request), to_string(limit->second)));
  }
}

VolumeMount parse_mount(const Fields& fields) {
  fields.only(kMountFields);
  fields.require("name");
  fields.require("mountPath");
  return {.volume = fields.text("name"),
          .mount_path = fields.text("mountPath"),
          .sub_path = fields.text("subPath", fields.text("subPathExpr")),
          .read_only = fields.flag("readOnly"),
          .where = fields.pos()};
}

void check_repeated_names(const Fields& fields, const Container& container) {
  std::set<std::string_view> names;
  for (const ContainerPort& port : container.ports) {
    if (port.name.empty() || names.insert(port.name).second) continue;
    fields.reject("ports", fmt::format("has the name {} twice", quoted(port.name)));
  }
  std::set<std::string_view> paths;
  for (const VolumeMount& mount : container.mounts) {
    if (paths.insert(mount.mount_path).second) continue;
    fields.reject("volumeMounts", fmt::format("has the path {} twice", quoted(mount.mount_path)));
  }
}

}  // namespace

SecurityContext parse_security(const Fields& holder) {
  const Fields fields = holder.map("securityContext");
  SecurityContext security;
  if (!fields.present()) return security;
  security.privileged = fields.optional_flag("privileged");
  security.allow_privilege_escalation = fields.optional_flag("allowPrivilegeEscalation");
  security.read_only_root_filesystem = fields.optional_flag("readOnlyRootFilesystem");
  security.run_as_non_root = fields.optional_flag("runAsNonRoot");
  security.run_as_user = fields.integer("runAsUser", {0, kAnyInt64.max});
  security.run_as_group = fields.integer("runAsGroup", {0, kAnyInt64.max});
  security.fs_group = fields.integer("fsGroup", {0, kAnyInt64.max});
  const Fields capabilities = fields.map("capabilities");
  security.capabilities_added = capabilities.texts("add");
  security.capabilities_dropped = capabilities.texts("drop");
  const Fields seccomp = fields.map("seccompProfile");
  security.seccomp_profile = seccomp.text("type");
  return security;
}

Container parse_container(const Fields& fields, ContainerRole role) {
  fields.only(kContainerFields);
  Container container;
  container.where = fields.pos();
  container.name = fields.text("name");
  if (const auto why = invalid_dns_label(container.name)) {
    fields.reject("name", container.name.empty() ? "is missing" : fmt::format("{} {}", quoted(container.name), *why));
  }
  container.image = fields.text("image");
  if (container.image.empty()) fields.require("image");
  container.image_pull_policy = fields.choice<std::string_view>("imagePullPolicy", kPullPolicies).value_or("");
  container.command = fields.texts("command");
  container.args = fields.texts("args");
  container.working_dir = fields.text("workingDir");
  fields.each("ports", [&](const Fields& port) { container.ports.push_back(parse_port(port)); });
  fields.each("env", [&](const Fields& env) { container.env.push_back(parse_env(env)); });
  fields.each("envFrom", [&](const Fields& from) { container.env_from.push_back(parse_env_from(from)); });
  parse_resources(fields, container);
  container.startup = parse_probe(fields, "startupProbe");
  container.readiness = parse_probe(fields, "readinessProbe");
  container.liveness = parse_probe(fields, "livenessProbe");
  const Fields lifecycle = fields.map("lifecycle");
  lifecycle.only(kLifecycleFields);
  container.post_start = parse_hook(lifecycle, "postStart");
  container.pre_stop = parse_hook(lifecycle, "preStop");
  fields.each("volumeMounts", [&](const Fields& mount) { container.mounts.push_back(parse_mount(mount)); });
  container.security = parse_security(fields);
  container.sidecar = role == ContainerRole::init && fields.text("restartPolicy") == "Always";
  check_repeated_names(fields, container);
  return container;
}

}  // namespace gantry::kube
