// A snapshot as text: one line for each typed value, the parts that engines decide on.

#include "kube/snapshot.h"

#include <fmt/format.h>

#include <iterator>
#include <string>

namespace gantry::kube {

namespace {

using Out = std::back_insert_iterator<std::string>;

std::string name_of(const Object& object) {
  return fmt::format("{}{}", to_string(object.id), object.rejected() ? " REJECTED" : "");
}

std::string list(const std::vector<std::string>& texts) { return fmt::format("[{}]", fmt::join(texts, " ")); }

std::string selector(const std::optional<LabelSelector>& value) { return value ? to_string(*value) : "<none>"; }

std::string resources(const ResourceList& amounts) {
  std::vector<std::string> parts;
  for (const auto& [name, amount] : amounts) parts.push_back(fmt::format("{}={}", name, to_string(amount)));
  return list(parts);
}

std::string labels(const LabelKnowledge& known) {
  std::string text = to_string(known.known);
  for (const std::string& key : known.present) text += "," + key + "=?";
  return text + (known.others_possible ? ",…" : "");
}

std::string port(const std::optional<PortRef>& value) { return value ? to_string(*value) : "*"; }

// ---- Workloads ----

void dump_container(const Container& container, std::string_view role, Out out) {
  std::vector<std::string> ports;
  for (const ContainerPort& p : container.ports) {
    ports.push_back(fmt::format("{}{}{}/{}", p.name, p.name.empty() ? "" : ":", p.port.value(), to_string(p.protocol)));
  }
  fmt::format_to(out, "  {} {} image={} ports={} requests={} limits={}", role, container.name, container.image,
                 list(ports), resources(container.requests), resources(container.limits));
  for (const auto& [name, probe] :
       {std::pair("startup", &container.startup), std::pair("readiness", &container.readiness),
        std::pair("liveness", &container.liveness)}) {
    if (*probe) fmt::format_to(out, " {}={}s*{}", name, (*probe)->period.count(), (*probe)->failure_threshold);
  }
  if (container.pre_stop) fmt::format_to(out, " preStop");
  fmt::format_to(out, "\n");
  for (const EnvVar& e : container.env) {
    const bool ref = e.source == EnvSource::config_map_key || e.source == EnvSource::secret_key;
    fmt::format_to(out, "    {}={}\n", e.name, ref ? fmt::format("<{}/{}>", e.ref.name, e.ref.key) : e.value);
  }
}

void dump_pod_spec(const PodSpec& spec, Out out) {
  for (const Container& c : spec.init_containers) dump_container(c, c.sidecar ? "sidecar" : "init", out);
  for (const Container& c : spec.containers) dump_container(c, "container", out);
  for (const Volume& v : spec.volumes) fmt::format_to(out, "  volume {} {} {}\n", v.name, v.source.type, v.source.name);
  fmt::format_to(out, "  account={} grace={}s requests={}{}\n", spec.service_account, spec.termination_grace.count(),
                 resources(total_requests(spec)), spec.host_network ? " hostNetwork" : "");
}

void dump_workload(const Workload& w, Out out) {
  fmt::format_to(out, "{} replicas={} selector={} labels={}", name_of(w.object), w.replicas(), selector(w.selector),
                 to_string(w.pod_template.labels));
  if (w.kind == WorkloadKind::stateful_set) {
    fmt::format_to(out, " service={}{} claims={}", w.service_name, w.parallel ? " parallel" : "",
                   w.claim_templates.size());
  }
  if (w.kind == WorkloadKind::deployment) {
    const RollingBounds bounds = rolling_bounds(w.strategy, w.replicas());
    fmt::format_to(out, " surge={} unavailable={}", bounds.surge, bounds.unavailable);
  }
  fmt::format_to(out, "\n");
  dump_pod_spec(*w.pod_template.spec, out);
}

void dump_pod(const Snapshot& snapshot, const Pod& pod, Out out) {
  const Workload* workload = snapshot.workload_of(pod);
  fmt::format_to(out, "{}{} of {} labels={} phase={}{}", name_of(pod.object), pod.name_is_stand_in ? "~" : "",
                 workload == nullptr ? "<none>" : to_string(workload->object.id), labels(pod.labels),
                 to_string(pod.phase), pod.ready ? "" : " not-ready");
  if (!pod.node.empty()) fmt::format_to(out, " node={}", pod.node);
  for (const IpAddress& ip : pod.ips) fmt::format_to(out, " ip={}", to_string(ip));
  fmt::format_to(out, "\n");
}

// ---- Network ----

void dump_service(const Service& s, Out out) {
  fmt::format_to(out, "{} {}{} selector={}", name_of(s.object), to_string(s.type), s.headless ? " headless" : "",
                 selector(s.selector));
  for (const ServicePort& p : s.ports) {
    fmt::format_to(out, " {}{}{}/{}->{}", p.name, p.name.empty() ? "" : ":", p.port.value(), to_string(p.protocol),
                   to_string(p.target));
  }
  fmt::format_to(out, "\n");
}

std::string peer(const PolicyPeer& p) {
  if (p.ip_block) {
    std::string text = to_string(p.ip_block->cidr);
    for (const Cidr& except : p.ip_block->except) text += "-" + to_string(except);
    return text;
  }
  std::string text;
  if (p.namespace_selector) text += fmt::format("ns({})", to_string(*p.namespace_selector));
  if (p.pod_selector) text += fmt::format("pod({})", to_string(*p.pod_selector));
  return text;
}

void dump_rules(const NetworkPolicy& policy, Direction direction, Out out) {
  for (const PolicyRule& rule : policy.rules(direction)) {
    std::vector<std::string> peers;
    std::vector<std::string> ports;
    for (const PolicyPeer& p : rule.peers) peers.push_back(peer(p));
    for (const PolicyPort& p : rule.ports) {
      const std::string end = p.end_port ? fmt::format("-{}", p.end_port->value()) : "";
      ports.push_back(fmt::format("{}{}/{}", port(p.port), end, to_string(p.protocol)));
    }
    fmt::format_to(out, "  {} {} ports {}\n", to_string(direction), rule.peers.empty() ? "anybody" : list(peers),
                   rule.ports.empty() ? "any" : list(ports));
  }
}

void dump_policy(const NetworkPolicy& policy, Out out) {
  fmt::format_to(out, "{} pods={} isolates{}{}\n", name_of(policy.object), to_string(policy.pod_selector),
                 policy.isolates_ingress ? " ingress" : "", policy.isolates_egress ? " egress" : "");
  dump_rules(policy, Direction::ingress, out);
  dump_rules(policy, Direction::egress, out);
}

std::string admin_pods(const AdminPods& pods) {
  return fmt::format("ns({})pod({})", to_string(pods.namespaces), to_string(pods.pods));
}

std::string admin_peer(const AdminPeer& p) {
  switch (p.kind) {
    case AdminPeer::Kind::pods: return admin_pods(p.pods);
    case AdminPeer::Kind::nodes: return fmt::format("nodes({})", to_string(p.nodes));
    case AdminPeer::Kind::domain_names: return list(p.domain_names);
    case AdminPeer::Kind::unknown: return "unknown";
    case AdminPeer::Kind::networks: break;
  }
  std::vector<std::string> ranges;
  for (const Cidr& range : p.networks) ranges.push_back(to_string(range));
  return list(ranges);
}

std::string admin_port(const AdminPort& p) {
  if (!p.name.empty()) return p.name;
  const std::string range = p.range ? fmt::format("{}-{}", p.range->first.value(), p.range->last.value()) : "*";
  return fmt::format("{}/{}", range, p.protocol ? to_string(*p.protocol) : "*");
}

void dump_admin_policy(const AdminPolicy& policy, Out out) {
  fmt::format_to(out, "{} {} priority={} subject={}\n", name_of(policy.object),
                 policy.tier == AdminTier::admin ? "admin" : "baseline", policy.priority, admin_pods(policy.subject));
  for (const auto& [direction, rules] : {std::pair("ingress", &policy.ingress), std::pair("egress", &policy.egress)}) {
    for (const AdminRule& rule : *rules) {
      std::vector<std::string> peers;
      std::vector<std::string> ports;
      for (const AdminPeer& p : rule.peers) peers.push_back(admin_peer(p));
      for (const AdminPort& p : rule.ports) ports.push_back(admin_port(p));
      fmt::format_to(out, "  {} {} {} ports {}\n", direction, to_string(rule.action), list(peers),
                     ports.empty() ? "any" : list(ports));
    }
  }
}

void dump_ingress(const Ingress& ingress, Out out) {
  fmt::format_to(out, "{} class={}\n", name_of(ingress.object), ingress.class_name);
  for (const IngressRule& rule : ingress.rules) {
    for (const IngressPath& path : rule.paths) {
      fmt::format_to(out, "  {}{} -> {}{}:{}\n", rule.host, path.path, path.backend.service, path.backend.resource,
                     port(path.backend.port));
    }
  }
}

void dump_route(const Route& route, Out out) {
  fmt::format_to(out, "{} hosts={}\n", name_of(route.object), list(route.hostnames));
  for (const RouteParent& parent : route.parents)
    fmt::format_to(out, "  parent {} {}/{}\n", parent.gateway.kind, parent.gateway.name_space, parent.gateway.name);
  for (const RouteRule& rule : route.rules) {
    for (const RouteBackend& b : rule.backends) {
      fmt::format_to(out, "  {} -> {} {}/{}:{} weight={}\n", list(rule.paths), b.target.kind, b.target.name_space,
                     b.target.name, b.port ? std::to_string(b.port->value()) : "*", b.weight);
    }
  }
}

// ---- Policies and the rest ----

void dump_budget(const PodDisruptionBudget& b, Out out) {
  fmt::format_to(out, "{} selector={} minAvailable={} maxUnavailable={}{}\n", name_of(b.object), selector(b.selector),
                 b.min_available ? to_string(*b.min_available) : "-",
                 b.max_unavailable ? to_string(*b.max_unavailable) : "-",
                 b.unhealthy_policy == UnhealthyPodEvictionPolicy::always_allow ? " AlwaysAllow" : "");
}

void dump_autoscaler(const HorizontalPodAutoscaler& a, Out out) {
  fmt::format_to(out, "{} target={}/{} {}..{}", name_of(a.object), a.target_kind, a.target_name, a.min_replicas,
                 a.max_replicas);
  for (const ScaleMetric& m : a.metrics) {
    const bool utilization = m.target == ScaleMetric::Target::utilization;
    fmt::format_to(out, " {}={}", m.name,
                   utilization ? fmt::format("{}%", m.utilization_percent) : to_string(m.amount));
  }
  for (const auto& [name, rules] : {std::pair("up", &a.scale_up), std::pair("down", &a.scale_down)}) {
    fmt::format_to(out, " {}:", name);
    if (rules->stabilization_window) fmt::format_to(out, "window={}s", rules->stabilization_window->count());
    for (const ScalePolicy& p : rules->policies) {
      fmt::format_to(out, ",{}{}/{}s", p.value, p.type == ScalePolicy::Type::percent ? "%" : "", p.period.count());
    }
  }
  fmt::format_to(out, "\n");
}

void dump_config(const SnapshotData& data, Out out) {
  for (const ConfigMap& c : data.config_maps) {
    std::vector<std::string> keys;
    for (const ConfigEntry& entry : c.data) keys.push_back(entry.key);
    fmt::format_to(out, "{} keys={}\n", name_of(c.object), list(keys));
  }
  for (const Secret& s : data.secrets) {
    std::vector<std::string> keys;
    for (const SecretKey& key : s.keys) keys.push_back(key.key);
    fmt::format_to(out, "{} type={} keys={}\n", name_of(s.object), s.type, list(keys));
  }
}

void dump_access(const SnapshotData& data, Out out) {
  for (const ServiceAccount& a : data.service_accounts) fmt::format_to(out, "{}\n", name_of(a.object));
  for (const Role& r : data.roles) {
    fmt::format_to(out, "{}", name_of(r.object));
    for (const AccessRule& rule : r.rules)
      fmt::format_to(out, " {}{}{}", list(rule.verbs), list(rule.api_groups), list(rule.resources));
    fmt::format_to(out, "\n");
  }
  for (const RoleBinding& b : data.role_bindings) {
    fmt::format_to(out, "{} {} {}", name_of(b.object), b.role_kind, b.role_name);
    for (const AccessSubject& s : b.subjects) fmt::format_to(out, " {}:{}/{}", s.kind, s.name_space, s.name);
    fmt::format_to(out, "\n");
  }
}

void dump_storage(const SnapshotData& data, Out out) {
  for (const PersistentVolumeClaim& c : data.volume_claims) {
    fmt::format_to(out, "{} class={} {} {}\n", name_of(c.object), c.storage_class.value_or("<default>"),
                   list(c.access_modes), c.request ? to_string(*c.request) : "-");
  }
  for (const PersistentVolume& v : data.volumes) {
    fmt::format_to(out, "{} class={} {} claim={}/{}\n", name_of(v.object), v.storage_class, v.type, v.claim_namespace,
                   v.claim_name);
  }
  for (const StorageClass& c : data.storage_classes) {
    fmt::format_to(out, "{} {}{}\n", name_of(c.object), c.provisioner, c.is_default ? " default" : "");
  }
}

void dump_limits(const SnapshotData& data, Out out) {
  for (const LimitRange& range : data.limit_ranges) {
    fmt::format_to(out, "{}\n", name_of(range.object));
    for (const LimitRangeItem& item : range.items) {
      fmt::format_to(out, "  {} default={} defaultRequest={} max={}\n", item.type, resources(item.default_limit),
                     resources(item.default_request), resources(item.max));
    }
  }
  for (const ResourceQuota& q : data.resource_quotas)
    fmt::format_to(out, "{} hard={}\n", name_of(q.object), resources(q.hard));
  for (const PriorityClass& p : data.priority_classes) fmt::format_to(out, "{} {}\n", name_of(p.object), p.value);
}

void dump_cluster(const SnapshotData& data, Out out) {
  for (const ClusterNode& n : data.nodes) {
    fmt::format_to(out, "{} allocatable={} zone={} taints={}{}\n", name_of(n.object), resources(n.allocatable),
                   n.zone(), n.taints.size(), n.unschedulable ? " cordoned" : "");
  }
  for (const CustomResourceDefinition& c : data.custom_resources) {
    fmt::format_to(out, "{} {} {}\n", name_of(c.object), c.kind, c.scope == Scope::cluster ? "cluster" : "namespaced");
  }
  for (const WebhookConfiguration& w : data.webhooks) {
    fmt::format_to(out, "{}", name_of(w.object));
    for (const Webhook& hook : w.webhooks) {
      if (hook.service)
        fmt::format_to(out, " {}/{}:{}", hook.service->name_space, hook.service->name, hook.service->port.value());
    }
    fmt::format_to(out, "\n");
  }
  for (const ApiService& a : data.api_services) fmt::format_to(out, "{}\n", name_of(a.object));
}

void dump_gateways(const SnapshotData& data, Out out) {
  for (const IngressClass& c : data.ingress_classes)
    fmt::format_to(out, "{} {}{}\n", name_of(c.object), c.controller, c.is_default ? " default" : "");
  for (const GatewayClass& c : data.gateway_classes) fmt::format_to(out, "{} {}\n", name_of(c.object), c.controller);
  for (const Gateway& g : data.gateways) {
    fmt::format_to(out, "{} class={}", name_of(g.object), g.class_name);
    for (const Listener& l : g.listeners) fmt::format_to(out, " {}:{}/{}", l.name, l.port.value(), l.protocol);
    fmt::format_to(out, "\n");
  }
  for (const Route& route : data.routes) dump_route(route, out);
  for (const ReferenceGrant& grant : data.reference_grants)
    fmt::format_to(out, "{} from={} to={}\n", name_of(grant.object), grant.from.size(), grant.to.size());
}

void dump_findings(const SnapshotData& data, Out out) {
  for (const base::Finding& f : data.findings) {
    fmt::format_to(out, "! {} {} [{}] {}: {}{}{}\n", to_string(f.severity), f.rule, to_string(f.where), f.object,
                   f.message, f.fix.empty() ? "" : " -- ", f.fix);
    for (const base::RelatedPlace& place : f.related)
      fmt::format_to(out, "    [{}] {}\n", to_string(place.where), place.note);
  }
}

}  // namespace

std::string dump(const Snapshot& snapshot) {
  std::string text;
  const Out out = std::back_inserter(text);
  for (const SourceRecord& source : snapshot->sources) fmt::format_to(out, "from {}\n", to_string(source));
  for (const Namespace& n : snapshot->namespaces) {
    fmt::format_to(out, "{}{} labels={}\n", name_of(n.object), n.defined ? "" : " (mentioned)", labels(n.labels));
  }
  for (const Workload& w : snapshot->workloads) dump_workload(w, out);
  for (const Pod& p : snapshot->pods) dump_pod(snapshot, p, out);
  for (const Service& s : snapshot->services) dump_service(s, out);
  for (const Endpoints& e : snapshot->endpoints)
    fmt::format_to(out, "{} of {}: {} endpoints\n", name_of(e.object), e.service, e.endpoints.size());
  for (const NetworkPolicy& p : snapshot->network_policies) dump_policy(p, out);
  for (const AdminPolicy& p : snapshot->admin_policies) dump_admin_policy(p, out);
  for (const Ingress& i : snapshot->ingresses) dump_ingress(i, out);
  dump_gateways(*snapshot, out);
  for (const PodDisruptionBudget& b : snapshot->disruption_budgets) dump_budget(b, out);
  for (const HorizontalPodAutoscaler& a : snapshot->autoscalers) dump_autoscaler(a, out);
  dump_limits(*snapshot, out);
  dump_config(*snapshot, out);
  dump_access(*snapshot, out);
  dump_storage(*snapshot, out);
  dump_cluster(*snapshot, out);
  for (const Object& o : snapshot->others) fmt::format_to(out, "other {} {}\n", o.api_version(), name_of(o));
  dump_findings(*snapshot, out);
  return text;
}

}  // namespace gantry::kube
