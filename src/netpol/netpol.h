#pragma once

// Who can reach what: from a cluster's objects to reachability, claims, needs, lints and proposals.
//
// The main sequence is analyse() in reachability.cc; each step is a type of its own, so that none can be left out:
//
//   kube::Snapshot
//     -> Endpoints         endpoints.h       classes of pods that no policy can tell apart, regions of addresses
//     -> CompiledPolicies  (private)         selectors resolved, once: below this a peer is a set of endpoints
//     -> Reachability      reachability.h    who may open which ports of whom, why, and where network plugins differ
//
// and what stands on it:
//
//   claims.h      is what the team says true, here and in every cluster that could come to be?
//   policy_sets.h do two policy sets allow the same, or one no more than the other?
//   needs.h       which flows do the manifests say that the application needs?
//   judgement.h   needs against verdicts: blocked needs, unneeded openings, missing DNS, …
//   lint.h        what in the policies is probably not meant
//   proposals.h   the smallest edits that admit what is needed and close what is not, and a safe order to apply them
//   diff.h        what a change opens and closes
//   matrix.h      reachability as a table, by groups and rectangles
//   query.h       questions about single flows
//
// All are pure functions of a snapshot and options; all values may be read from several threads. The rules are those of the
// network policy reference (docs/reference/network-policy.md names its sections).
//
// Never here: manifests as text, files, a cluster, a terminal. The one text that is read is what ConfigMaps hold, for needs.h.
// Policies of other makers (Cilium's, Calico's, Istio's) are not judged: their presence is reported.

#include "netpol/claims.h"
#include "netpol/diff.h"
#include "netpol/endpoints.h"
#include "netpol/judgement.h"
#include "netpol/lint.h"
#include "netpol/matrix.h"
#include "netpol/needs.h"
#include "netpol/policy_sets.h"
#include "netpol/profile.h"
#include "netpol/profiles.h"
#include "netpol/proposals.h"
#include "netpol/query.h"
#include "netpol/reachability.h"
