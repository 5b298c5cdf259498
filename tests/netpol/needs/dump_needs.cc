#include "netpol/needs/dump_needs.h"

#include "base/yaml.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace gantry::netpol::test {

namespace {

std::string ports_text(const Need& need) {
  std::vector<std::string> ports;
  for (const kube::Port port : need.ports) ports.push_back(std::to_string(port.value()));
  return fmt::format("{}/{}", ports.empty() ? "?" : fmt::format("{}", fmt::join(ports, ",")),
                     kube::to_string(need.protocol));
}

std::string flow_text(const kube::Snapshot& snapshot, const Need& need) {
  return fmt::format("{} -> {} {} {}", to_string(need.source, snapshot), to_string(need.destination, snapshot),
                     ports_text(need), to_string(need.confidence));
}

std::string dangling_text(const kube::Snapshot& snapshot, const DanglingNeed& need) {
  return fmt::format("dangling: {} -> {}{}: {}{}", to_string(need.source, snapshot), need.host,
                     need.port ? fmt::format(":{}", need.port->value()) : "", need.reason,
                     need.nearest.empty() ? "" : fmt::format(" (nearest: {})", need.nearest));
}

}  // namespace

std::string dump_flows(const kube::Snapshot& snapshot, const Needs& needs) {
  std::string text;
  for (const Need& need : needs.needs) {
    if (need.evidence.front().origin != NeedOrigin::dns) text += flow_text(snapshot, need) + "\n";
  }
  for (const DanglingNeed& need : needs.dangling) text += dangling_text(snapshot, need) + "\n";
  return text;
}

std::string dump_needs(const kube::Snapshot& snapshot, const Needs& needs) {
  std::string text;
  for (const Need& need : needs.needs) {
    text += flow_text(snapshot, need);
    if (need.route) {
      text += fmt::format(" through {}/{}{}", need.route->name_space, need.route->service,
                          need.route->service_port ? fmt::format(":{}", need.route->service_port->value()) : "");
    }
    text += "\n";
    for (const NeedEvidence& evidence : need.evidence) {
      text += fmt::format("    {}: {} ({}, {})\n", base::to_string(evidence.where), evidence.text,
                          to_string(evidence.origin), to_string(evidence.confidence));
    }
  }
  for (const DanglingNeed& need : needs.dangling) {
    text += fmt::format("{}\n    {}: {}\n", dangling_text(snapshot, need), base::to_string(need.evidence.where),
                        need.evidence.text);
  }
  return text;
}

kube::Snapshot snapshot_of(std::string_view yaml) {
  base::Result<std::vector<base::Node>> documents = base::load_yaml(yaml, "input.yaml");
  EXPECT_TRUE(documents) << (documents ? "" : base::describe(documents.error()));
  if (!documents) return {};
  base::Result<kube::Snapshot> snapshot = kube::build_snapshot(*std::move(documents));
  EXPECT_TRUE(snapshot) << (snapshot ? "" : base::describe(snapshot.error()));
  return snapshot ? *std::move(snapshot) : kube::Snapshot();
}

std::string flows_of(std::string_view yaml, const NeedOptions& options) {
  const kube::Snapshot snapshot = snapshot_of(yaml);
  return dump_flows(snapshot, infer_needs(snapshot, options));
}

}  // namespace gantry::netpol::test
