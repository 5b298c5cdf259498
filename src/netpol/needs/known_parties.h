#pragma once

// Programs that other objects speak of without naming their pods: ingress controllers, gateways, Prometheus. They are found by
// what their makers call them, or by the selector that the options give.

#include "netpol/needs/collector.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::netpol {

// Those that serve an Ingress of a class ("" for the default class). One party that is not in the input when none is found.
std::vector<NeedParty> ingress_controllers(const NeedCollector& needs, const kube::Ingress& ingress);
// The data-plane pods of a Gateway.
std::vector<NeedParty> gateway_pods(const NeedCollector& needs, const kube::Gateway& gateway);
std::vector<NeedParty> kong_proxies(const NeedCollector& needs);
std::vector<NeedParty> openshift_routers(const NeedCollector& needs);
std::vector<NeedParty> prometheus_pods(const NeedCollector& needs);

}  // namespace gantry::netpol
