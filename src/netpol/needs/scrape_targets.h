#pragma once

// What Prometheus' discovery finds in a cluster (Prometheus: configuration, kubernetes_sd_config): targets with the labels that
// relabelling works on.

#include "base/node.h"
#include "netpol/needs/collector.h"
#include "netpol/needs/relabelling.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::netpol {

// Stands for the address of the pod that the target is: no target has it otherwise (RFC 5737).
inline constexpr std::string_view kPodAddress = "192.0.2.1";

struct ScrapeTarget {
  TargetLabels labels;  // __address__ and __meta_kubernetes_…
  NeedParty party;      // the pods behind kPodAddress
  std::optional<ServiceRoute> route;
  // The annotation that asks for it (prometheus.io/scrape), when there is one.
  base::SourcePos annotation;
};

// By an element of kubernetes_sd_configs, for a Prometheus of the namespace.
std::vector<ScrapeTarget> discover(const NeedCollector& needs, std::string_view name_space,
                                   const base::Node& discovery);

// Where an annotation of the object, or of its pods, is written; the object itself when it cannot be found.
base::SourcePos annotation_place(const kube::Object& object, std::string_view key);
base::SourcePos annotation_place(const kube::Workload& workload, std::string_view key);

}  // namespace gantry::netpol
