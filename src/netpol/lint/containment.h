#pragma once

// Whether one part of a policy lies within another whatever pods there are. Conservative: "no" where it would take a proof.

#include "kube/labels.h"
#include "kube/network.h"
#include "kube/pod_spec.h"
#include "netpol/port_set.h"

namespace gantry::netpol::linting {

// Whether everything that `inner` matches is matched by `outer` too.
bool contains(const kube::LabelSelector& outer, const kube::LabelSelector& inner);
// Of rules of policies in one namespace.
bool contains(const kube::PolicyPeer& outer, const kube::PolicyPeer& inner);
bool contains(const kube::PolicyPort& outer, const kube::PolicyPort& inner);
bool contains(const kube::PolicyRule& outer, const kube::PolicyRule& inner);

// The ports that a rule holds on pods of that spec.
PortSet ports_on(const kube::PolicyRule& rule, const kube::PodSpec& spec);

}  // namespace gantry::netpol::linting
