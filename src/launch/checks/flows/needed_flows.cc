#include "launch/checks/flows/needed_flows.h"

#include "launch/checks/system/plugin.h"
#include "netpol/claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::launch {

using base::Node;
using base::Result;
using netpol::DeclaredFlow;

namespace {

constexpr std::string_view kDefaultDomain = "cluster.local";

constexpr std::array kFlowFields = {
    Field{"from", FieldKind::text, Need::required, "who calls: NAMESPACE/WORKLOAD"},
    Field{"to", FieldKind::text, Need::required, "who is called: NAMESPACE/WORKLOAD, an address, a range or a host"},
    Field{"port", FieldKind::any, Need::required, "the port of the container, with /UDP or /SCTP where it is not TCP"},
};

Result<DeclaredFlow> read_flow(const Node& node) {
  TRY(check_fields(node, kFlowFields, "a flow"));
  const netpol::ClaimPort port = TRY(netpol::parse_claim_port(*node.get("port")));
  DeclaredFlow flow{.source = std::string(node.text("from")),
                    .destination = std::string(node.text("to")),
                    .protocol = port.protocol,
                    .port = std::nullopt,
                    .where = node.pos()};
  if (!port.port) return flow;
  if (!std::holds_alternative<kube::Port>(*port.port))
    return base::input_error("the port of a flow is a number", node.get("port")->pos(),
                             "write the number of the container's port");
  flow.port = std::get<kube::Port>(*port.port);
  return flow;
}

Result<std::vector<DeclaredFlow>> read_flows(const Node& block) {
  std::vector<DeclaredFlow> flows;
  const Node* list = block.get(kFlowsField.name);
  if (!list) return flows;
  if (!list->is_array())
    return base::input_error("\"flows\" is a list", list->pos(), fmt::format("it is {}", kFlowsField.help));
  for (const Node& node : list->array()) flows.push_back(TRY(read_flow(node)));
  return flows;
}

Result<std::optional<kube::LabelSelector>> read_labels(const Node& block, const Field& field) {
  const Node* labels = block.get(field.name);
  if (!labels) return std::nullopt;
  return std::optional(TRY(kube::LabelSelector::parse_map(*labels)));
}

// What the team states and nobody can have meant: a check about it would be about nothing.
Result<void> check_stated_flows(const netpol::Needs& needs) {
  const auto lost = std::ranges::find_if(needs.dangling, [](const netpol::DanglingNeed& need) {
    return need.evidence.confidence == netpol::Confidence::declared;
  });
  if (lost == needs.dangling.end()) return {};
  return base::input_error(fmt::format("a stated flow is of somebody who is not there: {}", lost->reason),
                           lost->evidence.where,
                           lost->nearest.empty() ? std::string("name a workload of the manifests")
                                                 : fmt::format("did you mean {}?", lost->nearest));
}

}  // namespace

Result<netpol::NeedOptions> read_need_options(const Node& block) {
  netpol::NeedOptions options;
  const std::string_view domain = block.text(kClusterDomainField.name);
  options.cluster_domain = domain.empty() ? kDefaultDomain : domain;
  options.ingress_controller = TRY(read_labels(block, kIngressControllerField));
  options.prometheus = TRY(read_labels(block, kPrometheusField));
  options.declared = TRY(read_flows(block));
  return options;
}

Result<netpol::AnalysisOptions> read_analysis_options(const Node& block) {
  netpol::AnalysisOptions options;
  const Node* ranges = block.get("pod_ranges");
  if (!ranges) return options;
  if (!ranges->is_array())
    return base::input_error("\"pod_ranges\" is a list", ranges->pos(), "for example [10.244.0.0/16]");
  for (const Node& node : ranges->array()) {
    Result<kube::Cidr> range = kube::Cidr::parse(node.is_string() ? node.string() : std::string());
    if (!range) return base::input_error(std::move(range).error().message, node.pos(), "write it as 10.244.0.0/16");
    options.endpoints.pod_ranges.push_back(*range);
  }
  return options;
}

Result<void> validate_need_fields(const Node& block) {
  TRY(read_analysis_options(block));
  TRY(read_need_options(block));
  return validate_plugin(block);
}

Result<NeededFlowsOrProblem> load_needed_flows(CheckContext& context, const netpol::AnalysisOptions& options) {
  LoadedManifests loaded = TRY(load_world(context));
  if (loaded.problem) return NeededFlowsOrProblem(*std::move(loaded.problem));
  const kube::Snapshot& snapshot = loaded.snapshot();
  if (snapshot->workloads.empty() && snapshot->pods.empty())
    return base::input_error("there is no workload and no pod among the manifests", context.where(),
                             "name the manifests of the workloads too, not the policies alone");
  netpol::Reachability reach = TRY(netpol::analyse(snapshot, options, context.stop));
  const netpol::NeedOptions need_options = TRY(read_need_options(context.block));
  NeededFlows flows{
      .snapshot = snapshot, .reach = std::move(reach), .needs = netpol::infer_needs(snapshot, need_options)};
  TRY(check_stated_flows(flows.needs));
  return NeededFlowsOrProblem(std::move(flows));
}

}  // namespace gantry::launch
