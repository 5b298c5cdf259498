// Needs whose verdict turns on the network plugin: once for each topic.

#include "netpol/judgement/findings.h"
#include "netpol/judgement/need_text.h"

#include <fmt/format.h>

#include <map>
#include <string>

namespace gantry::netpol {

namespace {

struct TopicGroup {
  NeedGroup needs;
  std::vector<std::string> flows;
  std::size_t first = 0;
};

std::string flow_text(const Reachability& reach, const Needs& needs, const JudgedNeed& judged) {
  return fmt::format("{} -> {} {}/{} is {}", reach.endpoints()[judged.source].name,
                     reach.endpoints()[judged.destination].name, judged.port.value(),
                     kube::to_string(needs.needs[judged.need].protocol),
                     judged.access == Access::yes  ? "admitted, and not elsewhere"
                     : judged.access == Access::no ? "blocked, and not elsewhere"
                                                   : "undecided, and not elsewhere");
}

}  // namespace

void report_topics(const Reachability& reach, const Needs& needs, const std::vector<JudgedNeed>& judged,
                   std::vector<base::Finding>& findings) {
  std::map<ProfileTopic, TopicGroup> groups;
  for (const JudgedNeed& each : judged)
    for (const ProfileTopic topic : each.depends_on) {
      TopicGroup& group = groups[topic];
      if (group.needs.empty()) group.first = each.need;
      group.needs.insert(each.need);
      group.flows.push_back(flow_text(reach, needs, each));
    }
  for (auto& [topic, group] : groups) {
    const Need& first = needs.needs[group.first];
    base::Finding finding = start_finding("net.need-profile", base::Severity::info, describe(topic));
    finding.object = to_string(first.source, reach.snapshot());
    finding.where = first.evidence.empty() ? base::SourcePos() : first.evidence.front().where;
    finding.message = fmt::format("{} {} on the network plugin ({}): {}",
                                  group.needs.size() == 1 ? "1 need" : fmt::format("{} needs", group.needs.size()),
                                  group.needs.size() == 1 ? "depends" : "depend", to_string(topic),
                                  list_names(std::move(group.flows)));
    finding.fix = "find out what the cluster's plugin does, and choose the profile";
    add_evidence(needs, group.needs, finding);
    findings.push_back(std::move(finding));
  }
}

}  // namespace gantry::netpol
