#pragma once

// Kubernetes objects, read the way the API server would read them, into one immutable Snapshot that every engine works on.
//
// The main sequence is load_snapshot() in sources.cc:
//
//   files, text, a cluster      sources.h    what to read; kustomizations are rendered on the way (kustomize.h),
//                               kubectl.h    a cluster is read through the kubectl program
//     -> documents              base::Node, each with its place in a file
//     -> objects                object.h     identity and metadata; lists taken apart, Secret values dropped,
//                                            an object given twice resolved as `kubectl apply` would
//     -> typed values           workload.h, network.h, policy.h, …: plain structs, the API server's defaults filled in
//     -> Snapshot               snapshot.h   sorted, indexed, pods derived from their workloads
//
// Bad input has two sides. What is no Kubernetes object at all, or cannot be read, is an Error. What the API server would
// reject, or what strict validation would, is a Finding in the snapshot, and the object is marked `rejected`.
//
// Never here: anything that judges a launch, sends a packet, or knows an engine. Values of Secrets never leave this room.

#include "kube/access.h"
#include "kube/address.h"
#include "kube/admin_policy.h"
#include "kube/cluster_node.h"
#include "kube/config.h"
#include "kube/extension.h"
#include "kube/int_or_percent.h"
#include "kube/kubectl.h"
#include "kube/kustomize.h"
#include "kube/labels.h"
#include "kube/network.h"
#include "kube/object.h"
#include "kube/pod_spec.h"
#include "kube/policy.h"
#include "kube/port.h"
#include "kube/quantity.h"
#include "kube/routing.h"
#include "kube/selector_hint.h"
#include "kube/shared_list.h"
#include "kube/snapshot.h"
#include "kube/sources.h"
#include "kube/storage.h"
#include "kube/workload.h"
