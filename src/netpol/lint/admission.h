#pragma once

// Whether the rules that hold for a group of pods admit somebody who is not in the snapshot: an address from outside, the API
// server, the cluster's DNS. Syntactic: a rule whose peer could be them counts.

#include "netpol/lint/context.h"

#include <functional>

namespace gantry::netpol::linting {

using PeerTest = std::function<bool(const kube::NetworkPolicy& policy, const kube::PolicyPeer& peer)>;

// Whether a rule of the policies that isolate the group holds the port and has no peers (everybody), or one that passes the test.
bool admits(const Context& context, GroupId group, kube::Direction direction, kube::Protocol protocol, kube::Port port,
            const PeerTest& test);

bool is_address(const kube::NetworkPolicy& policy, const kube::PolicyPeer& peer);
// Pods of a namespace that is not among the manifests, or addresses.
bool may_be_stranger(const kube::Snapshot& snapshot, const kube::PolicyPeer& peer);

// Whether an administrator's policy denies everybody in that direction, so that the pods are closed without a NetworkPolicy.
bool closed_by_administrator(const Context& context, const PodGroup& group, kube::Direction direction);
// Whether an administrator's policy lets the group send to that port of pods (of anybody who could be the DNS).
bool opened_by_administrator(const Context& context, const PodGroup& group, kube::Protocol protocol, kube::Port port);

bool selects(const Context& context, const kube::AdminPods& pods, const PodGroup& group);

}  // namespace gantry::netpol::linting
