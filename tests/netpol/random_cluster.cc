#include "netpol/random_cluster.h"

#include "base/yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace gantry::netpol {

namespace {

using base::Node;

constexpr std::string_view kPodKeys[] = {"app", "tier"};
constexpr std::string_view kNamespaceKeys[] = {"team", "env"};
constexpr std::string_view kValues[] = {"a", "b", ""};
constexpr std::string_view kProtocols[] = {"TCP", "UDP", "SCTP"};
constexpr std::string_view kPortNames[] = {"http", "dns", "web"};
constexpr int kPorts[] = {1, 53, 80, 80, 8080, 65535};
constexpr std::string_view kBlocks4[] = {"0.0.0.0/0",      "10.0.0.0/8",      "10.244.0.0/16", "10.244.0.0/24",
                                         "10.244.1.0/24",  "10.244.0.0/29",   "10.244.0.4/30", "10.244.0.3/32",
                                         "10.244.1.2/32",  "172.18.0.0/16",   "172.18.0.2/32", "192.0.2.0/24",
                                         "169.254.0.0/16", "198.51.100.7/32", "128.0.0.0/1",   "10.245.0.0/16"};
constexpr std::string_view kBlocks6[] = {"::/0",        "fd00::/16",   "fd00::/64",     "fd00::/125", "fd00::4/126",
                                         "fd00::3/128", "fd01::2/128", "2001:db8::/32", "8000::/1"};

Node map(std::initializer_list<std::pair<std::string_view, Node>> members) {
  Node node = Node::empty_map();
  for (const auto& [key, value] : members) node.set(key, value);
  return node;
}

Node document(std::string_view api_version, std::string_view kind, std::string name, std::string_view name_space) {
  Node metadata = map({{"name", Node(std::move(name))}});
  if (!name_space.empty()) metadata.set("namespace", Node(name_space));
  return map({{"apiVersion", Node(api_version)}, {"kind", Node(kind)}, {"metadata", std::move(metadata)}});
}

// Cidrs of the list that lie inside `outer` and are smaller.
std::vector<std::string_view> smaller_inside(std::span<const std::string_view> all, std::string_view outer) {
  const kube::Cidr range = *kube::Cidr::parse(outer);
  std::vector<std::string_view> result;
  for (const std::string_view text : all) {
    const kube::Cidr inner = *kube::Cidr::parse(text);
    if (range.contains(inner) && inner.prefix > range.prefix) result.push_back(text);
  }
  return result;
}

class Generator {
 public:
  Generator(std::uint32_t seed, const ClusterTheme& theme) : dice_(seed), theme_(theme) {}

  RandomCluster make() {
    dual_stack_ = dice_.percent(theme_.dual_stack);
    namespaces_ = dice_.between(1, theme_.namespaces_max);
    add_options();
    add_namespaces();
    add_nodes();
    const std::size_t pods = dice_.between(1, theme_.pods_max);
    for (std::size_t i = 0; i < pods; ++i) add_pod(i);
    const std::size_t policies = dice_.between(theme_.policies_max / 3, theme_.policies_max);
    for (std::size_t i = 0; i < policies; ++i) add_policy(i);
    const std::size_t admin = dice_.between(theme_.admin_policies_max / 3, theme_.admin_policies_max);
    for (std::size_t i = 0; i < admin; ++i) add_admin_policy(i);
    const std::size_t hypothetical = dice_.below(theme_.hypothetical_max + 1);
    for (std::size_t i = 0; i < hypothetical; ++i) add_hypothetical(i);
    return std::move(cluster_);
  }

 private:
  // ---- The cluster ----

  void add_options() {
    EndpointOptions& options = cluster_.options;
    options.one_class_per_pod = dice_.percent(30);
    const bool open = theme_.without_address + theme_.derived > 0 && dice_.percent(30);
    if (!open) options.pod_ranges = {*kube::Cidr::parse("10.244.0.0/16"), *kube::Cidr::parse("fd00::/64")};
    options.ranges = {*kube::Cidr::parse("192.0.2.0/25")};
  }

  std::string namespace_name(std::size_t number) { return fmt::format("n{}", number); }
  std::string any_namespace() { return namespace_name(dice_.below(namespaces_)); }

  void add_namespaces() {
    for (std::size_t i = 0; i < namespaces_; ++i) {
      if (dice_.percent(theme_.mentioned)) continue;
      Node space = document("v1", "Namespace", namespace_name(i), "");
      space.get("metadata")->set("labels", labels(kNamespaceKeys));
      cluster_.documents.push_back(std::move(space));
    }
  }

  void add_nodes() {
    nodes_ = theme_.nodes_max == 0 ? 0 : dice_.between(1, theme_.nodes_max);
    for (std::size_t i = 0; i < nodes_; ++i) {
      Node node = document("v1", "Node", fmt::format("node-{}", i), "");
      node.get("metadata")->set("labels", labels(kNamespaceKeys));
      Node addresses = Node::empty_array();
      for (const std::string& ip : node_ips(i)) {
        addresses.array().push_back(map({{"type", Node("InternalIP")}, {"address", Node(ip)}}));
      }
      node.set("status", map({{"addresses", std::move(addresses)}}));
      cluster_.documents.push_back(std::move(node));
    }
  }

  std::vector<std::string> node_ips(std::size_t node) const {
    std::vector<std::string> ips = {fmt::format("172.18.0.{}", node + 1)};
    if (dual_stack_) ips.push_back(fmt::format("fd01::{}", node + 1));
    return ips;
  }

  std::vector<std::string> pod_ips(std::size_t number) {
    std::vector<std::string> ips = {fmt::format("10.244.{}.{}", number % 2, number / 2 + 1)};
    if (dual_stack_ && dice_.percent(80)) ips.push_back(fmt::format("fd00::{}", number + 1));
    return ips;
  }

  Node labels(std::span<const std::string_view> keys) {
    Node node = Node::empty_map();
    for (const std::string_view key : keys) {
      if (dice_.percent(60)) node.set(key, Node(dice_.pick(kValues)));
    }
    return node;
  }

  // ---- Pods ----

  Node container(std::string_view name) {
    Node ports = Node::empty_array();
    const std::size_t count = dice_.below(std::size(kPortNames) + 1);
    for (std::size_t i = 0; i < count; ++i) {
      Node port = map({{"containerPort", Node(dice_.pick(kPorts))}});
      // A sidecar has names of its own first, so that they make a difference.
      const std::size_t turn = name == "side" ? std::size(kPortNames) - 1 - i : i;
      if (dice_.percent(80)) port.set("name", Node(kPortNames[turn]));
      if (dice_.percent(theme_.other_protocols)) port.set("protocol", Node(dice_.pick(kProtocols)));
      ports.array().push_back(std::move(port));
    }
    return map({{"name", Node(name)}, {"image", Node("i")}, {"ports", std::move(ports)}});
  }

  Node pod_spec() {
    Node containers = Node::empty_array();
    containers.array().push_back(container("main"));
    if (dice_.percent(15)) containers.array().push_back(container("second"));
    Node spec = map({{"containers", std::move(containers)}});
    if (dice_.percent(theme_.sidecars)) {
      Node sidecar = container("side");
      if (dice_.percent(80)) sidecar.set("restartPolicy", Node("Always"));
      Node init = Node::empty_array();
      init.array().push_back(std::move(sidecar));
      spec.set("initContainers", std::move(init));
    }
    if (dice_.percent(theme_.host_network)) spec.set("hostNetwork", Node(true));
    return spec;
  }

  void add_pod(std::size_t number) {
    if (dice_.percent(theme_.derived)) {
      add_workload(number);
      return;
    }
    Node pod = document("v1", "Pod", fmt::format("p{}", number), any_namespace());
    pod.get("metadata")->set("labels", labels(kPodKeys));
    Node spec = pod_spec();
    const bool host_network = spec.get("hostNetwork") != nullptr;
    const std::size_t node = nodes_ == 0 ? 0 : dice_.below(nodes_);
    if (nodes_ > 0) spec.set("nodeName", Node(fmt::format("node-{}", node)));
    pod.set("spec", std::move(spec));
    if (!dice_.percent(theme_.without_address)) {
      pod.get("metadata")->set("uid", Node(fmt::format("u{}", number)));
      pod.set("status", status(host_network ? node_ips(node) : pod_ips(number), node));
    }
    cluster_.documents.push_back(std::move(pod));
  }

  Node status(const std::vector<std::string>& ips, std::size_t node) {
    Node list = Node::empty_array();
    for (const std::string& ip : ips) list.array().push_back(map({{"ip", Node(ip)}}));
    Node hosts = Node::empty_array();
    for (const std::string& ip : node_ips(node)) hosts.array().push_back(map({{"ip", Node(ip)}}));
    const std::string_view phase =
        dice_.percent(theme_.ended) ? (dice_.percent(50) ? "Succeeded" : "Failed") : "Running";
    Node result = map({{"phase", Node(phase)}, {"podIP", Node(ips.front())}, {"podIPs", std::move(list)}});
    if (nodes_ > 0) {
      result.set("hostIP", Node(node_ips(node).front()));
      result.set("hostIPs", std::move(hosts));
    }
    return result;
  }

  void add_workload(std::size_t number) {
    const bool stateful = dice_.percent(40);
    Node workload =
        document("apps/v1", stateful ? "StatefulSet" : "Deployment", fmt::format("w{}", number), any_namespace());
    Node pod_labels = labels(kPodKeys);
    pod_labels.set("id", Node(fmt::format("w{}", number)));
    Node spec =
        map({{"replicas", Node(static_cast<int>(dice_.between(1, 2)))},
             {"selector", map({{"matchLabels", map({{"id", Node(fmt::format("w{}", number))}})}})},
             {"template", map({{"metadata", map({{"labels", std::move(pod_labels)}})}, {"spec", pod_spec()}})}});
    if (stateful) spec.set("serviceName", Node("s"));
    workload.set("spec", std::move(spec));
    cluster_.documents.push_back(std::move(workload));
  }

  kube::LabelSet label_set(std::span<const std::string_view> keys) {
    kube::LabelSet set;
    for (const std::string_view key : keys) {
      if (dice_.percent(60)) set.set(std::string(key), std::string(dice_.pick(kValues)));
    }
    return set;
  }

  void add_hypothetical(std::size_t number) {
    const std::string fresh = fmt::format("fresh-{}", number);
    EndpointOptions::HypotheticalPod pod{.name = fmt::format("hypothetical {}", number),
                                         .name_space = dice_.percent(50) ? any_namespace() : fresh,
                                         .namespace_labels = label_set(kNamespaceKeys),
                                         .labels = label_set(kPodKeys)};
    pod.namespace_labels.set("kubernetes.io/metadata.name", pod.name_space);
    cluster_.options.hypothetical.push_back(std::move(pod));
  }

  // ---- Selectors ----

  Node requirement(std::span<const std::string_view> keys) {
    static constexpr std::string_view kOperators[] = {"In", "NotIn", "Exists", "DoesNotExist"};
    const std::string_view op = dice_.pick(kOperators);
    Node node = map({{"key", Node(selector_key(keys))}, {"operator", Node(op)}});
    if (op == "In" || op == "NotIn") {
      Node values = Node::empty_array();
      const std::size_t count = dice_.between(1, 2);
      for (std::size_t i = 0; i < count; ++i) values.array().emplace_back(selector_value());
      node.set("values", std::move(values));
    }
    return node;
  }

  // Labels that controllers add come up where pods are derived.
  std::string_view selector_key(std::span<const std::string_view> keys) {
    static constexpr std::string_view kAdded[] = {"pod-template-hash", "apps.kubernetes.io/pod-index"};
    if (keys.data() == std::data(kPodKeys) && theme_.derived > 0 && dice_.percent(15)) return dice_.pick(kAdded);
    return dice_.pick(keys);
  }
  std::string_view selector_value() { return dice_.percent(5) ? "0" : dice_.pick(kValues); }

  Node selector(std::span<const std::string_view> keys) {
    const bool of_namespaces = keys.data() == std::data(kNamespaceKeys);
    Node node = Node::empty_map();
    if (dice_.percent(35)) return node;
    if (of_namespaces && dice_.percent(30)) {
      node.set("matchLabels", map({{"kubernetes.io/metadata.name", Node(any_namespace())}}));
      return node;
    }
    const std::size_t form = dice_.below(5);
    if (form < 3) node.set("matchLabels", map({{dice_.pick(keys), Node(dice_.pick(kValues))}}));
    if (form > 1) {
      Node expressions = Node::empty_array();
      const std::size_t count = dice_.between(1, 2);
      for (std::size_t i = 0; i < count; ++i) expressions.array().push_back(requirement(keys));
      node.set("matchExpressions", std::move(expressions));
    }
    return node;
  }

  // ---- NetworkPolicies ----

  Node ip_block() {
    const bool six = dual_stack_ && dice_.percent(40);
    const std::span<const std::string_view> all = six ? std::span<const std::string_view>(kBlocks6) : kBlocks4;
    const std::string_view cidr = all[dice_.below(all.size())];
    Node block = map({{"cidr", Node(cidr)}});
    const std::vector<std::string_view> inner = smaller_inside(all, cidr);
    if (!inner.empty() && dice_.percent(50)) {
      Node except = Node::empty_array();
      const std::size_t count = dice_.between(1, 2);
      for (std::size_t i = 0; i < count; ++i) except.array().emplace_back(dice_.pick(inner));
      block.set("except", std::move(except));
    }
    return map({{"ipBlock", std::move(block)}});
  }

  Node peer() {
    if (dice_.percent(theme_.rejected / 3)) return Node::empty_map();
    if (dice_.percent(theme_.ip_blocks)) return ip_block();
    Node node = Node::empty_map();
    const std::size_t form = dice_.below(3);
    if (form != 1) node.set("podSelector", selector(kPodKeys));
    if (form != 0) node.set("namespaceSelector", selector(kNamespaceKeys));
    if (form == 1 && dice_.percent(10)) node.set("podSelector", Node());
    return node;
  }

  Node port() {
    Node node = Node::empty_map();
    if (dice_.percent(theme_.other_protocols)) node.set("protocol", Node(dice_.pick(kProtocols)));
    if (dice_.percent(theme_.rejected / 3)) node.set("protocol", Node("ICMP"));
    if (dice_.percent(15)) return node;
    if (dice_.percent(theme_.named_ports)) {
      node.set("port", Node(dice_.pick(kPortNames)));
      return node;
    }
    const int first = dice_.pick(kPorts);
    node.set("port", Node(first));
    if (dice_.percent(theme_.end_ports)) node.set("endPort", Node(std::max(first, dice_.pick(kPorts))));
    return node;
  }

  // Of `keys`: absent, null, empty, or some elements.
  template <typename Make>
  void set_list(Node& holder, std::string_view key, std::size_t max, std::size_t missing, const Make& make) {
    if (dice_.percent(missing)) {
      const std::size_t form = dice_.below(4);
      if (form == 0) holder.set(key, Node());
      if (form == 1) holder.set(key, Node::empty_array());
      return;
    }
    Node list = Node::empty_array();
    const std::size_t count = dice_.between(1, max);
    for (std::size_t i = 0; i < count; ++i) list.array().push_back(make());
    holder.set(key, std::move(list));
  }

  Node rule(std::string_view peers_key) {
    Node node = Node::empty_map();
    if (dice_.percent(4)) return node;
    set_list(node, peers_key, 3, 12, [&] { return peer(); });
    set_list(node, "ports", 3, 35, [&] { return port(); });
    return node;
  }

  void add_policy(std::size_t number) {
    Node policy = document("networking.k8s.io/v1", "NetworkPolicy", fmt::format("np{}", number), any_namespace());
    Node spec = Node::empty_map();
    const std::size_t subject = dice_.below(20);
    if (subject == 0) spec.set("podSelector", Node());
    if (subject > 1) spec.set("podSelector", selector(kPodKeys));
    const std::size_t types = dice_.below(6);
    static constexpr std::string_view kTypes[][2] = {
        {"", ""}, {"", ""}, {"Ingress", ""}, {"Egress", ""}, {"Ingress", "Egress"}, {"Egress", "Ingress"}};
    if (types > 0) {
      Node list = Node::empty_array();
      for (const std::string_view type : kTypes[types]) {
        if (!type.empty()) list.array().emplace_back(type);
      }
      spec.set("policyTypes", std::move(list));
    }
    set_list(spec, "ingress", 3, 30, [&] { return rule("from"); });
    set_list(spec, "egress", 3, 40, [&] { return rule("to"); });
    if (dice_.percent(theme_.rejected / 3)) {
      Node unknown = Node::empty_array();
      unknown.array().emplace_back("Both");
      spec.set("policyTypes", std::move(unknown));
    }
    policy.set("spec", std::move(spec));
    cluster_.documents.push_back(std::move(policy));
  }

  // ---- The administrator's policies ----

  Node admin_pods() {
    if (dice_.percent(50)) return map({{"namespaces", selector(kNamespaceKeys)}});
    return map({{"pods", map({{"namespaceSelector", selector(kNamespaceKeys)}, {"podSelector", selector(kPodKeys)}})}});
  }

  Node admin_peer(bool egress, bool allows) {
    if (dice_.percent(2)) return map({{"somethingNew", map({{"a", Node("b")}})}});
    if (!egress || dice_.percent(60)) return admin_pods();
    if (allows && dice_.percent(theme_.domain_names)) {
      Node names = Node::empty_array();
      names.array().emplace_back("*.example.com");
      return map({{"domainNames", std::move(names)}});
    }
    if (dice_.percent(30)) return map({{"nodes", selector(kNamespaceKeys)}});
    Node networks = Node::empty_array();
    const std::size_t count = dice_.between(1, 2);
    for (std::size_t i = 0; i < count; ++i) {
      networks.array().emplace_back(dual_stack_ && dice_.percent(40) ? dice_.pick(kBlocks6) : dice_.pick(kBlocks4));
    }
    return map({{"networks", std::move(networks)}});
  }

  Node admin_port(bool v2, bool may_be_named) {
    if (may_be_named && dice_.percent(theme_.named_ports)) {
      return map({{v2 ? "destinationNamedPort" : "namedPort", Node(dice_.pick(kPortNames))}});
    }
    const std::string_view protocol = dice_.percent(theme_.other_protocols) ? dice_.pick(kProtocols) : "TCP";
    const int first = dice_.pick(kPorts);
    const int last = dice_.pick(kPorts);
    const bool range = first < last && dice_.percent(40);
    if (v2) {
      Node port =
          range ? map({{"range", map({{"start", Node(first)}, {"end", Node(last)}})}}) : map({{"number", Node(first)}});
      const std::string_view key = protocol == "TCP" ? "tcp" : protocol == "UDP" ? "udp" : "sctp";
      return map({{key, map({{"destinationPort", std::move(port)}})}});
    }
    if (range) {
      return map({{"portRange", map({{"protocol", Node(protocol)}, {"start", Node(first)}, {"end", Node(last)}})}});
    }
    Node number = map({{"port", Node(first)}});
    if (protocol != "TCP" || dice_.percent(50)) number.set("protocol", Node(protocol));
    return map({{"portNumber", std::move(number)}});
  }

  Node admin_rule(bool egress, std::string_view allow_word, bool may_pass, bool v2) {
    const std::size_t what = dice_.below(may_pass ? 3 : 2);
    const std::string_view action = what == 0 ? allow_word : what == 1 ? "Deny" : "Pass";
    Node node = map({{"action", Node(action)}});
    Node peers = Node::empty_array();
    bool only_pods = true;
    const std::size_t count = dice_.between(1, 2);
    for (std::size_t i = 0; i < count; ++i) {
      peers.array().push_back(admin_peer(egress, what == 0));
      only_pods = only_pods && (peers.array().back().get("namespaces") || peers.array().back().get("pods"));
      // What an unknown peer beside a known one means for Pass, nothing says.
      if (peers.array().back().get("somethingNew") != nullptr) {
        peers.array().erase(peers.array().begin(), peers.array().end() - 1);
        break;
      }
    }
    node.set(egress ? "to" : "from", std::move(peers));
    if (dice_.percent(50)) return node;
    Node ports = Node::empty_array();
    const std::size_t port_count = dice_.between(1, 2);
    for (std::size_t i = 0; i < port_count; ++i) ports.array().push_back(admin_port(v2, only_pods));
    node.set(v2 ? "protocols" : "ports", std::move(ports));
    return node;
  }

  void add_admin_policy(std::size_t number) {
    const std::size_t kind = dice_.below(5);  // ANP, ANP, BANP, CNP, CNP
    const bool v2 = kind >= 3;
    const bool baseline = kind == 2;
    if (baseline && has_baseline_) return;
    has_baseline_ = has_baseline_ || baseline;
    const std::string_view name = v2         ? "ClusterNetworkPolicy"
                                  : baseline ? "BaselineAdminNetworkPolicy"
                                             : "AdminNetworkPolicy";
    Node policy = document(v2 ? "policy.networking.k8s.io/v1alpha2" : "policy.networking.k8s.io/v1alpha1", name,
                           baseline ? "default" : fmt::format("admin{}", number), "");
    Node spec = Node::empty_map();
    if (v2) spec.set("tier", Node(dice_.percent(65) ? "Admin" : "Baseline"));
    // A BaselineAdminNetworkPolicy has no priority, and takes part as 0: others come later unless ties are wanted.
    const std::size_t priority =
        dice_.percent(theme_.equal_priorities) ? dice_.below(2) : 10 * (number + 1) + dice_.below(3);
    if (!baseline) spec.set("priority", Node(static_cast<int>(priority)));
    spec.set("subject", admin_pods());
    const std::string_view allow_word = v2 ? "Accept" : "Allow";
    if (dice_.percent(70))
      set_list(spec, "ingress", 3, 0, [&] { return admin_rule(false, allow_word, !baseline, v2); });
    if (dice_.percent(70)) set_list(spec, "egress", 3, 0, [&] { return admin_rule(true, allow_word, !baseline, v2); });
    policy.set("spec", std::move(spec));
    cluster_.documents.push_back(std::move(policy));
  }

  Dice dice_;
  const ClusterTheme& theme_;
  RandomCluster cluster_;
  std::size_t namespaces_ = 1;
  std::size_t nodes_ = 0;
  bool dual_stack_ = false;
  bool has_baseline_ = false;
};

// ---- Shrinking ----

// Every list and map below, so that one element after the other can be tried without.
void collect_holders(Node& node, std::vector<Node*>& holders) {
  if (node.is_array()) {
    holders.push_back(&node);
    for (Node& element : node.array()) collect_holders(element, holders);
  } else if (node.is_map()) {
    holders.push_back(&node);
    for (Node::Member& member : node.map()) collect_holders(member.value, holders);
  }
}

// The document without one element of one of its lists or maps; nothing when there are not so many.
std::optional<Node> without(const Node& document, std::size_t number) {
  Node copy = document;
  std::vector<Node*> holders;
  collect_holders(copy, holders);
  for (Node* holder : holders) {
    const std::size_t size = holder->is_array() ? holder->array().size() : holder->map().size();
    if (number >= size) {
      number -= size;
      continue;
    }
    const auto offset = static_cast<std::ptrdiff_t>(number);
    if (holder->is_array()) {
      holder->array().erase(holder->array().begin() + offset);
    } else {
      holder->map().erase(holder->map().begin() + offset);
    }
    return copy;
  }
  return std::nullopt;
}

}  // namespace

RandomCluster make_random_cluster(std::uint32_t seed, const ClusterTheme& theme) {
  return Generator(seed, theme).make();
}

std::vector<Node> shrink(std::vector<Node> documents, const std::function<bool(const std::vector<Node>&)>& has_it,
                         std::size_t tries_max) {
  std::size_t tries = 0;
  const auto still = [&](const std::vector<Node>& candidate) { return ++tries <= tries_max && has_it(candidate); };
  for (bool smaller = true; smaller && tries < tries_max;) {
    smaller = false;
    for (std::size_t i = 0; i < documents.size();) {
      std::vector<Node> candidate = documents;
      candidate.erase(candidate.begin() + static_cast<std::ptrdiff_t>(i));
      if (still(candidate)) {
        documents = std::move(candidate);
        smaller = true;
      } else {
        ++i;
      }
    }
    for (std::size_t i = 0; i < documents.size(); ++i) {
      for (std::size_t number = 0;;) {
        std::optional<Node> less = without(documents[i], number);
        if (!less) break;
        std::vector<Node> candidate = documents;
        candidate[i] = *std::move(less);
        if (still(candidate)) {
          documents = std::move(candidate);
          smaller = true;
        } else {
          ++number;
        }
      }
    }
  }
  return documents;
}

std::string to_yaml(const std::vector<Node>& documents) {
  std::string text;
  for (const Node& document : documents) text += "---\n" + base::dump_yaml(document);
  return text;
}

}  // namespace gantry::netpol
