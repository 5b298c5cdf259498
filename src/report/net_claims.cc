// Claims and what became of them.

#include "report/net.h"
#include "report/net_values.h"
#include "report/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gantry::report {

using netpol::ClaimVerdict;
using netpol::Counterexample;

namespace {

constexpr std::size_t kShownNormal = 5;
constexpr std::size_t kShownVerbose = netpol::kCounterexamplesMax;

struct VerdictLook {
  std::string_view glyph;
  Style style;
};
constexpr std::array<VerdictLook, 3> kLooks = {{{"✓", Style::good}, {"✗", Style::bad}, {"?", Style::warning}}};
static_assert(kLooks.size() == static_cast<std::size_t>(ClaimVerdict::depends) + 1);

std::string title_of(const netpol::Claim& claim) {
  return claim.name.empty() ? netpol::to_string(claim) : fmt::format("{} ({})", claim.name, netpol::to_string(claim));
}

std::string_view describe_access(netpol::Access access) {
  switch (access) {
    case netpol::Access::yes: return "open";
    case netpol::Access::depends: return "open perhaps";
    case netpol::Access::no: return "closed";
  }
  std::unreachable();
}

void write_counterexample(Page& page, const Counterexample& example) {
  page.row(4, {{.text = fmt::format("{} -> {}: {} {}", example.source, example.destination,
                                    netpol::to_string(example.ports), describe_access(example.access)),
                .lines_max = 4}});
  if (!example.allowed_by.empty())
    page.row(6, {{.text = "allowed by " + example.allowed_by, .style = Style::faint, .lines_max = 2}});
  if (example.why) page.row(6, {{.text = example.why->sentence, .style = Style::faint, .lines_max = 4}});
  for (const netpol::RulePlace& rule : example.rules) {
    page.row(6, {{.text = netpol::to_string(rule), .style = Style::faint, .lines_max = 2}});
    page.row(6, {{.text = base::to_string(rule.where), .style = Style::accent, .lines_max = 2}});
  }
}

Json json_labels(const kube::LabelSet& labels) {
  Json json = Json::object();
  for (const auto& [key, value] : labels) json[key] = value;
  return json;
}

Json json_counterexample(const Counterexample& example) {
  return {
      {"source", example.source},
      {"destination", example.destination},
      {"ports", json_ports(example.ports)},
      {"access", netpol::to_string(example.access)},
      {"world", netpol::to_string(example.world)},
      {"namespace", example.name_space.empty() ? Json(nullptr) : Json(example.name_space)},
      {"namespace_labels", json_labels(example.namespace_labels)},
      {"pod_labels", json_labels(example.pod_labels)},
      {"allowed_by", example.allowed_by.empty() ? Json(nullptr) : Json(example.allowed_by)},
      {"why", example.why ? json_explanation(*example.why) : Json(nullptr)},
      {"rules", json_list(example.rules, json_rule)},
  };
}

Json json_claim(const JudgedClaim& judged) {
  const netpol::Claim& claim = judged.claim;
  const auto party = [](const netpol::Party& each) { return Json(netpol::to_string(each)); };
  return {
      {"name", claim.name},
      {"claim", netpol::to_string(claim.kind)},
      {"world", claim.world ? Json(netpol::to_string(*claim.world)) : Json(nullptr)},
      {"destinations", json_list(claim.destinations, party)},
      {"ports", json_list(claim.ports, [](const netpol::ClaimPort& each) { return Json(netpol::to_string(each)); })},
      {"sources", json_list(claim.sources, party)},
      {"needed", json_list(claim.needed, party)},
      {"policies", claim.policies.empty() ? Json(nullptr) : Json(claim.policies)},
      {"others", claim.others.empty() ? Json(nullptr) : Json(claim.others)},
      {"where", json_place(claim.where)},
      {"verdict", netpol::to_string(judged.result.verdict)},
      {"summary", judged.result.summary},
      {"depends_on", json_topics(judged.result.depends_on)},
      {"flows_decided", judged.result.flows_decided},
      {"workloads", judged.result.workloads},
      {"workloads_reaching", judged.result.workloads_reaching},
      {"needed_open", judged.result.needed_open},
      {"needed_blocked", judged.result.needed_blocked},
      {"counterexamples", json_list(judged.result.counterexamples, json_counterexample)},
      {"findings", json_list(judged.result.findings, json_finding)},
  };
}

std::size_t count_of(std::span<const JudgedClaim> claims, ClaimVerdict verdict) {
  return static_cast<std::size_t>(
      std::ranges::count_if(claims, [&](const JudgedClaim& judged) { return judged.result.verdict == verdict; }));
}

}  // namespace

std::string render_claims(std::span<const JudgedClaim> claims, const RenderOptions& options) {
  Page page(options.width, options.colour);
  const std::size_t most = options.detail == Detail::verbose ? kShownVerbose : kShownNormal;
  for (const JudgedClaim& judged : claims) {
    const VerdictLook& look = kLooks.at(static_cast<std::size_t>(judged.result.verdict));
    page.row(0, {{.text = std::string(look.glyph), .width = 1, .style = look.style},
                 {.text = title_of(judged.claim), .style = Style::strong, .lines_max = 3}});
    page.row(2, {{.text = judged.result.summary, .lines_max = 4}});
    for (const netpol::ProfileTopic topic : judged.result.depends_on)
      page.row(2, {{.text = fmt::format("depends on {}: {}", netpol::to_string(topic), netpol::describe(topic)),
                    .style = Style::warning,
                    .lines_max = 3}});
    for (const base::Finding& finding : judged.result.findings)
      if (finding.rule.ends_with("-host-network") && finding.message != judged.result.summary)
        page.row(2, {{.text = "but " + finding.message, .style = Style::warning, .lines_max = 4}});
    page.row(2, {{.text = base::to_string(judged.claim.where), .style = Style::accent, .lines_max = 2}});
    const std::vector<Counterexample>& examples = judged.result.counterexamples;
    for (const Counterexample& example : std::span(examples).first(std::min(examples.size(), most)))
      write_counterexample(page, example);
    if (examples.size() > most)
      page.row(4, {{.text = fmt::format("and {} more: --verbose or --json", examples.size() - most),
                    .style = Style::faint}});
    page.blank();
  }
  page.row(0, {{.text = fmt::format("{} proved, {} refuted, {} undecided", count_of(claims, ClaimVerdict::proved),
                                    count_of(claims, ClaimVerdict::refuted), count_of(claims, ClaimVerdict::depends)),
                .style = Style::strong}});
  return page.text();
}

std::string render_claims_json(std::span<const JudgedClaim> claims) {
  return dump_document({
      {"schema", "gantry.net-check/v1"},
      {"proved", count_of(claims, ClaimVerdict::proved)},
      {"refuted", count_of(claims, ClaimVerdict::refuted)},
      {"undecided", count_of(claims, ClaimVerdict::depends)},
      {"claims", json_list(claims, json_claim)},
  });
}

}  // namespace gantry::report
