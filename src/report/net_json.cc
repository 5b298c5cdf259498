// The matrix as JSON, schema gantry.net-matrix/v1 (docs/formats/net.md): endpoints, and rectangles of flows between them.

#include "report/net_axis.h"
#include "report/net_formats.h"
#include "report/net_values.h"

#include <array>

namespace gantry::report {

namespace {

constexpr std::array<std::string_view, 6> kZoneNames = {"outside", "pods",       "services",
                                                        "nodes",   "link-local", "loopback"};
static_assert(kZoneNames.size() == static_cast<std::size_t>(netpol::Endpoint::Zone::loopback) + 1);

Json json_endpoint(const AxisRow& row, const netpol::Endpoint& endpoint, MatrixRows rows) {
  const bool is_addresses = !endpoint.is_pods();
  const std::string_view kind = is_addresses ? "addresses" : rows == MatrixRows::pods ? "pod" : "workload";
  Json json = {{"name", row.name}, {"kind", kind}};
  json["namespace"] = is_addresses ? Json(nullptr) : Json(row.name_space);
  json["pods"] = is_addresses ? Json(nullptr) : Json(rows == MatrixRows::pods ? 1 : endpoint.count);
  json["zone"] = is_addresses ? Json(kZoneNames.at(static_cast<std::size_t>(endpoint.zone))) : Json(nullptr);
  json["holes"] = json_list(endpoint.holes, [](const kube::Cidr& hole) { return Json(kube::to_string(hole)); });
  json["host_network"] = endpoint.host_network;
  return json;
}

Json json_counts(const netpol::AnalysisCounts& counts) {
  return {
      {"pods", counts.pods},         {"pod_classes", counts.pod_classes}, {"regions", counts.regions},
      {"policies", counts.policies}, {"selectors", counts.selectors},
  };
}

}  // namespace

void write_matrix_json(const MatrixJob& job) {
  const netpol::Reachability& reach = job.matrix.reach();
  const Axis axis(reach, job.style.rows);
  const std::span<const netpol::ProfileTopic> topics = reach.topics();
  Json rectangles = Json::array();
  for (const netpol::MatrixRectangle& each : job.matrix.rectangles(job.stop)) {
    if (axis.count_of(each.sources) == 0 || axis.count_of(each.destinations) == 0) continue;
    rectangles.push_back({{"sources", axis.names_of(each.sources)},
                          {"destinations", axis.names_of(each.destinations)},
                          {"ports", json_ports(each.open.ports)},
                          {"perhaps", json_ports(each.open.perhaps)},
                          {"depends_on", json_topics(each.open.depends_on)},
                          {"note", netpol::describe_doubt(each.open)}});
  }
  const Json document = {
      {"schema", "gantry.net-matrix/v1"},
      {"rows", job.style.rows == MatrixRows::pods ? "pods" : "workloads"},
      {"counts", json_counts(reach.counts())},
      {"topics", json_topics({topics.begin(), topics.end()})},
      {"endpoints", json_list(axis.rows(),
                              [&](const AxisRow& row) {
                                return json_endpoint(row, reach.endpoints()[row.endpoint], job.style.rows);
                              })},
      {"rectangles", std::move(rectangles)},
  };
  job.sink(dump_document(document));
}

}  // namespace gantry::report
