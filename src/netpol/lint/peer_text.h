#pragma once

// How lints speak of peers and selectors.

#include "kube/network.h"

#include <optional>
#include <string>

namespace gantry::netpol::linting {

// "pods app=web of namespaces tier=front", "pods app=web of shop", "every pod of namespaces tier=front", "10.0.0.0/8"
std::string describe(const kube::NetworkPolicy& policy, const kube::PolicyPeer& peer);

// A peer that nobody wrote: pods of namespaces.
kube::PolicyPeer make_peer(kube::LabelSelector namespaces, kube::LabelSelector pods);
// kubernetes.io/metadata.name=NAME, which the API server sets on every namespace.
kube::LabelSelector namespace_named(const std::string& name);

// "{matchLabels: {app: web}}", "{}"; matchExpressions where it takes them.
std::string yaml(const kube::LabelSelector& selector);
std::string yaml(const kube::PolicyPeer& peer);  // "{podSelector: {…}}"

// Requirements on one key that nothing can meet: "app in (a) and app notin (a)". Nothing when some labels do.
struct Contradiction {
  kube::Requirement second;  // the requirement that cannot hold beside those before it
  std::string text;
};
std::optional<Contradiction> find_contradiction(const kube::LabelSelector& selector);

}  // namespace gantry::netpol::linting
