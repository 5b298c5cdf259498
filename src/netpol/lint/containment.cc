#include "netpol/lint/containment.h"

#include <algorithm>

namespace gantry::netpol::linting {

using kube::LabelSelector;
using kube::PolicyPeer;
using kube::PolicyPort;
using kube::PolicyRule;
using kube::Requirement;
using kube::SelectorOperator;

namespace {

// Whether labels that meet `given` meet `wanted`, both on one key.
bool implies(const Requirement& given, const Requirement& wanted) {
  const auto includes = [](const std::vector<std::string>& all, const std::vector<std::string>& some) {
    return std::ranges::includes(all, some);
  };
  const auto meets = [](const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return std::ranges::any_of(a, [&](const std::string& each) { return std::ranges::binary_search(b, each); });
  };
  switch (wanted.op) {
    case SelectorOperator::in: return given.op == SelectorOperator::in && includes(wanted.values, given.values);
    case SelectorOperator::exists: return given.op == SelectorOperator::in || given.op == SelectorOperator::exists;
    case SelectorOperator::does_not_exist: return given.op == SelectorOperator::does_not_exist;
    case SelectorOperator::not_in:
      if (given.op == SelectorOperator::does_not_exist) return true;
      if (given.op == SelectorOperator::in) return !meets(given.values, wanted.values);
      return given.op == SelectorOperator::not_in && includes(given.values, wanted.values);
  }
  return false;
}

bool contains(const kube::IpBlock& outer, const kube::IpBlock& inner) {
  if (!outer.cidr.contains(inner.cidr)) return false;
  // What the outer block leaves out is outside the inner one, or left out there as well.
  return std::ranges::all_of(outer.except, [&](const kube::Cidr& hole) {
    if (!hole.contains(inner.cidr) && !inner.cidr.contains(hole)) return true;
    return std::ranges::any_of(inner.except, [&](const kube::Cidr& except) { return except.contains(hole); });
  });
}

}  // namespace

bool contains(const LabelSelector& outer, const LabelSelector& inner) {
  return std::ranges::all_of(outer.requirements(), [&](const Requirement& wanted) {
    return std::ranges::any_of(inner.requirements(), [&](const Requirement& given) {
      return given.key == wanted.key && implies(given, wanted);
    });
  });
}

bool contains(const PolicyPeer& outer, const PolicyPeer& inner) {
  if (outer.ip_block || inner.ip_block)
    return outer.ip_block && inner.ip_block && contains(*outer.ip_block, *inner.ip_block);
  const auto pods_of = [](const PolicyPeer& peer) { return peer.pod_selector.value_or(LabelSelector()); };
  if (!contains(pods_of(outer), pods_of(inner))) return false;
  if (!outer.namespace_selector) return !inner.namespace_selector;
  // Pods of the policy's own namespace are among those of all namespaces; of others only the snapshot could tell.
  if (!inner.namespace_selector) return outer.namespace_selector->selects_everything();
  return contains(*outer.namespace_selector, *inner.namespace_selector);
}

bool contains(const PolicyPort& outer, const PolicyPort& inner) {
  if (outer.protocol != inner.protocol) return false;
  if (!outer.port) return true;
  if (!inner.port) return false;
  if (*outer.port == *inner.port && outer.end_port == inner.end_port) return true;
  const kube::Port* outer_first = std::get_if<kube::Port>(&*outer.port);
  const kube::Port* inner_first = std::get_if<kube::Port>(&*inner.port);
  if (!outer_first || !inner_first) return false;
  return *outer_first <= *inner_first && inner.end_port.value_or(*inner_first) <= outer.end_port.value_or(*outer_first);
}

bool contains(const PolicyRule& outer, const PolicyRule& inner) {
  const auto all_in = [](const auto& inner_list, const auto& outer_list) {
    return std::ranges::all_of(inner_list, [&](const auto& small) {
      return std::ranges::any_of(outer_list, [&](const auto& large) { return contains(large, small); });
    });
  };
  const bool ports = outer.ports.empty() || (!inner.ports.empty() && all_in(inner.ports, outer.ports));
  return ports && (outer.peers.empty() || (!inner.peers.empty() && all_in(inner.peers, outer.peers)));
}

PortSet ports_on(const PolicyRule& rule, const kube::PodSpec& spec) {
  if (rule.ports.empty()) return PortSet::everything();
  PortSet ports;
  for (const PolicyPort& entry : rule.ports) {
    if (!entry.port) {
      ports = ports.united(PortSet::all_of(entry.protocol));
    } else if (const kube::Port* first = std::get_if<kube::Port>(&*entry.port)) {
      ports = ports.united(PortSet::of(entry.protocol, kube::PortRange{*first, entry.end_port.value_or(*first)}));
    } else {
      for (const kube::Port port : find_named_ports(spec, std::get<std::string>(*entry.port), entry.protocol))
        ports = ports.united(PortSet::of(entry.protocol, port));
    }
  }
  return ports;
}

}  // namespace gantry::netpol::linting
