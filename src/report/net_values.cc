#include "report/net_values.h"

namespace gantry::report {

using netpol::to_string;

Json json_ports(const netpol::PortSet& ports) {
  Json list = Json::array();
  for (const kube::Protocol protocol : {kube::Protocol::tcp, kube::Protocol::udp, kube::Protocol::sctp})
    for (const kube::PortRange& range : ports.ranges(protocol))
      list.push_back(
          {{"protocol", kube::to_string(protocol)}, {"first", range.first.value()}, {"last", range.last.value()}});
  return list;
}

Json json_topics(const std::vector<netpol::ProfileTopic>& topics) {
  return json_list(topics, [](netpol::ProfileTopic topic) { return Json(to_string(topic)); });
}

Json json_rule(const netpol::RulePlace& place) {
  return {{"rule", to_string(place)}, {"policy", kube::to_string(place.policy)}, {"where", json_place(place.where)}};
}

namespace {

Json json_refusal(const netpol::Refusal& refusal) {
  Json json = json_rule(refusal.place);
  json["missed"] = to_string(refusal.missed);
  json["message"] = refusal.message;
  return json;
}

Json json_side(const netpol::SideExplanation& side) {
  return {
      {"access", to_string(side.access)},
      {"decided_by", to_string(side.decided_by)},
      {"admitting", json_list(side.admitting, json_rule)},
      {"denying", json_list(side.denying, json_rule)},
      {"refusals", json_list(side.refusals, json_refusal)},
  };
}

}  // namespace

Json json_explanation(const netpol::Explanation& explanation) {
  return {
      {"access", to_string(explanation.access)},           {"sentence", explanation.sentence},
      {"egress", json_side(explanation.egress)},           {"ingress", json_side(explanation.ingress)},
      {"depends_on", json_topics(explanation.depends_on)},
  };
}

}  // namespace gantry::report
