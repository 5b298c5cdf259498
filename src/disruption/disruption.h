#pragma once

// What happens when nodes drain: from a cluster's objects to a rehearsal.
//
// The semantics of Kubernetes, each a pure function with its table:
//
//   budget.h      the disruption controller's counts
//   eviction.h    the eviction API's answers
//   drain.h       kubectl drain's flags and refusals
//
// Never here: manifests as text, files, a cluster, a terminal, a clock.

#include "disruption/budget.h"
#include "disruption/drain.h"
#include "disruption/eviction.h"
