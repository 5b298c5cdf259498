#pragma once

// What happens when nodes drain: from a cluster's objects to a rehearsal.
//
// The main sequence; each step is a type of its own:
//
//   kube::Snapshot, node groups, claims
//     -> Cluster      cluster.h     nodes, pods that are placed, budgets that are counted, invariants
//     -> Rehearsal    rehearsal.h   one drain, upgrade or loss played through: events, verdicts, proofs of being stuck
//     -> QuorumVerdict  quorum.h    why a quorum is safe or is not: four causes, kept apart
//     -> GroupSearch  search.h      every course of events of one group, and the shortest that does harm; every order of nodes
//     -> findings     findings.h    the catalogue of mistakes, each rule by its id
//
// on the semantics of Kubernetes, each a pure function with its table of tests:
//
//   budget.h       the disruption controller's counts
//   eviction.h     the eviction API's answers
//   drain.h        kubectl drain's flags and refusals
//   node_model.h   nodes that are declared, where no cluster reports any
//   given.h        what people say about all that, as they write it
//   invariants.h   what must hold: declared, or inferred from what runs
//
// All are pure functions of their arguments; all values may be read from several threads. The rules are those of the disruption
// reference, whose sections the headers name.
//
// Never here: manifests as text, files, a cluster, a terminal, a clock.

#include "disruption/budget.h"
#include "disruption/cluster.h"
#include "disruption/drain.h"
#include "disruption/eviction.h"
#include "disruption/findings.h"
#include "disruption/given.h"
#include "disruption/invariants.h"
#include "disruption/node_model.h"
#include "disruption/quorum.h"
#include "disruption/rehearsal.h"
#include "disruption/search.h"
