// What the application needs, whether it may have it, and what nobody needs.

#include "report/net.h"
#include "report/net_values.h"
#include "report/page.h"
#include "report/terminal_findings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

namespace gantry::report {

using netpol::Access;
using netpol::JudgedNeed;
using netpol::Need;

namespace {

constexpr std::array<std::string_view, 3> kReachNames = {"same-namespace", "cross-namespace", "external"};
static_assert(kReachNames.size() == static_cast<std::size_t>(netpol::UnneededOpening::Reach::external) + 1);

// What became of one need, over all pairs of classes: the worst; nothing when somebody in it is not in the input.
struct NeedOutcome {
  std::optional<Access> access;
  bool wrong_port = false;
  bool half_open = false;
  std::set<netpol::ProfileTopic> depends_on = {};
};

std::vector<NeedOutcome> outcomes_of(const JudgedNeeds& judged) {
  std::vector<NeedOutcome> outcomes(judged.needs.needs.size());
  for (const JudgedNeed& each : judged.judgement.needs) {
    NeedOutcome& outcome = outcomes.at(each.need);
    outcome.access = outcome.access ? std::min(*outcome.access, each.access) : each.access;
    outcome.wrong_port |= each.wrong_port;
    outcome.half_open |= each.half_open;
    outcome.depends_on.insert(each.depends_on.begin(), each.depends_on.end());
  }
  return outcomes;
}

struct OutcomeLook {
  std::string_view word;  // in JSON too
  std::string_view glyph;
  Style style;
};
constexpr OutcomeLook kUnknown = {"unknown", "·", Style::faint};
constexpr std::array<OutcomeLook, 3> kOutcomes = {{
    {"blocked", "✗", Style::bad},
    {"depends", "?", Style::warning},
    {"admitted", "✓", Style::good},
}};

const OutcomeLook& look_of(const NeedOutcome& outcome) {
  return outcome.access ? kOutcomes.at(static_cast<std::size_t>(*outcome.access)) : kUnknown;
}

std::string ports_of(const Need& need) {
  std::vector<std::string> ports;
  for (const kube::Port port : need.ports) ports.push_back(std::to_string(port.value()));
  return fmt::format("{}/{}", ports.empty() ? "?" : fmt::format("{}", fmt::join(ports, ",")),
                     kube::to_string(need.protocol));
}

void write_need(Page& page, const JudgedNeeds& judged, const Need& need, const NeedOutcome& outcome) {
  const OutcomeLook& look = look_of(outcome);
  const kube::Snapshot& snapshot = judged.reach.snapshot();
  page.row(0, {{.text = std::string(look.glyph), .width = 1, .style = look.style},
               {.text = fmt::format("{} -> {} {}", netpol::to_string(need.source, snapshot),
                                    netpol::to_string(need.destination, snapshot), ports_of(need)),
                .lines_max = 3},
               {.text = std::string(netpol::to_string(need.confidence)), .width = 8, .style = Style::faint}});
  if (need.evidence.empty()) return;
  const netpol::NeedEvidence& evidence = need.evidence.front();
  page.row(2, {{.text = fmt::format("{}: {}", netpol::to_string(evidence.origin), evidence.text),
                .style = Style::faint,
                .lines_max = 2}});
  page.row(2, {{.text = base::to_string(evidence.where), .style = Style::accent, .lines_max = 2}});
}

Json json_evidence(const netpol::NeedEvidence& evidence) {
  return {{"origin", netpol::to_string(evidence.origin)},
          {"confidence", netpol::to_string(evidence.confidence)},
          {"where", json_place(evidence.where)},
          {"text", evidence.text}};
}

Json json_need(const JudgedNeeds& judged, const Need& need, const NeedOutcome& outcome) {
  const kube::Snapshot& snapshot = judged.reach.snapshot();
  Json ports = Json::array();
  for (const kube::Port port : need.ports) ports.push_back(port.value());
  Json service = nullptr;
  if (need.route) {
    service = {{"name", fmt::format("{}/{}", need.route->name_space, need.route->service)}, {"port", nullptr}};
    if (need.route->service_port) service["port"] = need.route->service_port->value();
  }
  return {
      {"source", netpol::to_string(need.source, snapshot)},
      {"destination", netpol::to_string(need.destination, snapshot)},
      {"protocol", kube::to_string(need.protocol)},
      {"ports", std::move(ports)},
      {"service", std::move(service)},
      {"confidence", netpol::to_string(need.confidence)},
      {"outcome", look_of(outcome).word},
      {"wrong_port", outcome.wrong_port},
      {"half_open", outcome.half_open},
      {"depends_on", json_topics({outcome.depends_on.begin(), outcome.depends_on.end()})},
      {"evidence", json_list(need.evidence, json_evidence)},
  };
}

Json json_dangling(const JudgedNeeds& judged, const netpol::DanglingNeed& need) {
  return {
      {"source", netpol::to_string(need.source, judged.reach.snapshot())},
      {"host", need.host},
      {"port", need.port ? Json(need.port->value()) : Json(nullptr)},
      {"reason", need.reason},
      {"nearest", need.nearest.empty() ? Json(nullptr) : Json(need.nearest)},
      {"evidence", json_evidence(need.evidence)},
  };
}

Json json_opening(const JudgedNeeds& judged, const netpol::UnneededOpening& opening) {
  const netpol::Endpoints& endpoints = judged.reach.endpoints();
  return {
      {"source", endpoints[opening.source].name}, {"destination", endpoints[opening.destination].name},
      {"ports", json_ports(opening.ports)},       {"reach", kReachNames.at(static_cast<std::size_t>(opening.reach))},
      {"sensitive", opening.sensitive},
  };
}

std::string summary_of(const JudgedNeeds& judged, const std::vector<NeedOutcome>& outcomes) {
  const auto count = [&](std::string_view word) {
    return std::ranges::count_if(outcomes, [&](const NeedOutcome& each) { return look_of(each).word == word; });
  };
  return fmt::format(
      "{} needs: {} admitted, {} blocked, {} depend, {} with a party that is not in the input; {} without a "
      "destination; {} unneeded openings",
      outcomes.size(), count("admitted"), count("blocked"), count("depends"), count("unknown"),
      judged.needs.dangling.size(), judged.judgement.openings.size());
}

}  // namespace

std::string render_needs(const JudgedNeeds& judged, const RenderOptions& options) {
  Page page(options.width, options.colour);
  const std::vector<NeedOutcome> outcomes = outcomes_of(judged);
  for (std::size_t i = 0; i < outcomes.size(); ++i) write_need(page, judged, judged.needs.needs[i], outcomes[i]);
  page.blank();
  write_every_finding(page, 0, judged.judgement.findings, options.detail);
  page.blank();
  page.row(0, {{.text = summary_of(judged, outcomes), .style = Style::strong, .lines_max = 4}});
  return page.text();
}

std::string render_needs_json(const JudgedNeeds& judged) {
  const std::vector<NeedOutcome> outcomes = outcomes_of(judged);
  Json needs = Json::array();
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    needs.push_back(json_need(judged, judged.needs.needs[i], outcomes[i]));
  return dump_document({
      {"schema", "gantry.net-needs/v1"},
      {"needs", std::move(needs)},
      {"dangling", json_list(judged.needs.dangling, [&](const auto& each) { return json_dangling(judged, each); })},
      {"unneeded_openings",
       json_list(judged.judgement.openings, [&](const auto& each) { return json_opening(judged, each); })},
      {"findings", json_list(judged.judgement.findings, json_finding)},
  });
}

}  // namespace gantry::report
