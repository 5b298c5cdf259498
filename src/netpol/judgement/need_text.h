#pragma once

// Words that the findings about needs share.

#include "netpol/judgement.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::netpol {

// Indices into Needs::needs of what one edit would mend.
using NeedGroup = std::set<std::size_t>;

// A finding of a rule, without place and message.
base::Finding start_finding(std::string_view rule, base::Severity severity, std::string_view explanation);

// How bad a broken need is, by how sure it is that it is one (§14.3); DNS without TCP works until an answer is long.
base::Severity severity_of(const Needs& needs, const NeedGroup& group);
bool is_dns(const Need& need);

// "Deployment shop/web"; the endpoint's name when it is no workload.
std::string object_name(const Reachability& reach, EndpointId endpoint);
// Sorted, each once, the first few.
std::string list_names(std::vector<std::string> names);
// "5432/TCP", "443 or 6443/TCP".
std::string ports_text(const Needs& needs, const NeedGroup& group);
// "shop/web needs shop/db on 5432/TCP (DB_HOST=db)".
std::string need_text(const Reachability& reach, const Needs& needs, const NeedGroup& group);
// The places that say so.
void add_evidence(const Needs& needs, const NeedGroup& group, base::Finding& finding);
// The policies that isolate the endpoint.
void add_policies(const Reachability& reach, EndpointId endpoint, kube::Direction side, base::Finding& finding);

inline constexpr std::string_view kDnsExplanation =
    "every host by name is asked for first; without DNS nothing that the pod calls is found";
inline constexpr std::string_view kBlockedExplanation =
    "the manifests say that this flow is needed; under the policies it times out from the first request on";

}  // namespace gantry::netpol
