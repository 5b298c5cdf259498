#pragma once

// How many replicas of what size a service needs, and whether its autoscaler follows the load.
//
// Two lines, each a pure function of what was measured and written:
//
//   a load test                 baseline.h        a summary of k6 or Gantry, or figures; what it is worth
//     -> Knee                   knee.h            up to which rate the service does what it should, and how sure that is
//     -> Sizing                 sizing.h          requests, limits, replicas, autoscaler, each with its arithmetic
//
//   an autoscaler and traffic   traffic.h         stages, a CSV, a doubling
//     -> Proposal               proposal.h        what one metric asks for: the controller's replica calculator
//     -> Decision               controller.h      what windows, policies and bounds leave of it
//     -> Simulation             simulate.h        second by second: pods that start, metrics that are late, requests that wait
//
// inputs.h reads what people write, scaled_workload.h what manifests say, judge_autoscaler.h judges both. The rules are those of the
// disruption reference, §12 to §15, and of Kubernetes' sources, named where they are followed.
//
// Never here: files, a cluster, a terminal, a running load test.

#include "capacity/baseline.h"
#include "capacity/controller.h"
#include "capacity/inputs.h"
#include "capacity/judge_autoscaler.h"
#include "capacity/knee.h"
#include "capacity/proposal.h"
#include "capacity/rules.h"
#include "capacity/scaled_workload.h"
#include "capacity/simulate.h"
#include "capacity/sizing.h"
#include "capacity/traffic.h"
