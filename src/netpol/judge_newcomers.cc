// Destinations that could come: one of each kind is put into the system, and judged as those who are there are.

#include "netpol/claim_judge.h"
#include "netpol/newcomers.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace gantry::netpol {

using base::Finding;
using base::Result;

namespace {

// A workload or a range that is named is one that is there; what labels mean is also whoever will have them.
std::vector<Wish> wishes_by_labels(const ClaimView& view) {
  std::vector<Party> parties;
  std::ranges::copy_if(view.claim.destinations, std::back_inserter(parties),
                       [](const Party& party) { return !party.workload && !party.range; });
  return wishes_of(parties, view.reach);
}

Finding of_newcomer(const ClaimView& view, Concern concern, const Stranger& newcomer, const Finding& found) {
  const bool is_unknown = found.rule.ends_with("-depends");
  Finding finding =
      make_claim_finding(rule_of(view.claim, concern, is_unknown ? "depends" : "open-world"), found.object,
                         found.where.file ? found.where : view.claim.where, found.message, found.fix);
  finding.severity = found.severity;
  finding.explanation +=
      fmt::format(" For example the destination is a pod labelled {} in namespace {} labelled {}.",
                  to_string(newcomer.pod_labels), newcomer.name_space, to_string(newcomer.namespace_labels));
  finding.related = found.related;
  return finding;
}

void take(const ClaimView& view, Concern concern, const Stranger& newcomer, ClaimDraft one, ClaimDraft& draft) {
  for (const Finding& finding : one.result.findings)
    if (!finding.rule.ends_with("-host-network"))  // told of once, for those who are there
      draft.result.findings.push_back(of_newcomer(view, concern, newcomer, finding));
  for (Counterexample& each : one.result.counterexamples) {
    // Two who could come: the labels of the other are told, those of this one stand in its name.
    if (each.world == World::closed) {
      each.name_space = newcomer.name_space;
      each.namespace_labels = newcomer.namespace_labels;
      each.pod_labels = newcomer.pod_labels;
    }
    each.world = World::open;
    draft.add(std::move(each));
  }
  draft.refuted = draft.refuted || one.refuted;
  draft.depends = draft.depends || one.depends;
}

Result<ClaimDraft> judge_one(const ClaimView& view, Concern concern) {
  ClaimDraft draft;
  if (concern == Concern::needs) {
    judge_blocked(view, draft);
  } else {
    judge_openings(view, draft);
  }
  TRY(judge_strangers(view, concern, draft));
  return draft;
}

// Until one refutes the claim: who mends that sees the next. `ports`: that the claim means on those who are there.
Result<void> judge_each(const ClaimView& view, Concern concern, const std::vector<Stranger>& newcomers,
                        const PortSet& ports, const kube::Snapshot& snapshot, ClaimDraft& draft) {
  AnalysisOptions options = view.reach.options();
  add_to(options.endpoints, newcomers);
  const Reachability reach = TRY(analyse(snapshot, options));
  const std::size_t first = reach.endpoints().pod_class_count() - newcomers.size();
  ClaimScope scope = TRY(resolve(view.claim, reach));
  for (std::size_t i = 0; i < newcomers.size() && !draft.refuted; ++i) {
    scope.targets = {{.endpoint = EndpointId(static_cast<std::uint32_t>(first + i)), .ports = ports}};
    ClaimDraft one = TRY(judge_one({.claim = view.claim, .reach = reach, .scope = scope}, concern));
    if (one.refuted || (one.depends && !draft.depends)) take(view, concern, newcomers[i], std::move(one), draft);
  }
  return {};
}

// What a newcomer calls its ports may open them to those who must not get in, or not open them to those who must.
Result<void> judge_all(const ClaimView& view, Concern concern, const std::vector<Stranger>& newcomers,
                       ClaimDraft& draft) {
  PortSet ports;
  for (const Target& target : view.scope.targets) ports = ports.united(target.ports);
  const Outcome wanted = concern == Concern::needs ? Outcome::shut : Outcome::open;
  const std::vector<kube::Snapshot> ways = TRY(name_ports(view.reach.snapshot(), wanted));
  for (const kube::Snapshot& way : ways) {
    if (draft.refuted) break;
    TRY(judge_each(view, concern, newcomers, ports, way, draft));
  }
  return {};
}

}  // namespace

Result<void> judge_newcomers(const ClaimView& view, ClaimDraft& draft) {
  const bool is_asked = view.claim.world == World::open && draft.verdict() != ClaimVerdict::refuted;
  const NewcomerQuestion question{.among = wishes_by_labels(view), .side = view.side()};
  if (!is_asked || question.among.empty()) return {};
  const auto judge = [&]() -> Result<void> {
    const std::vector<Stranger> newcomers = TRY(find_newcomers(view.reach.snapshot(), question));
    if (newcomers.empty()) return {};
    for (const Concern concern : concerns_of(view.claim)) TRY(judge_all(view, concern, newcomers, draft));
    return {};
  };
  Result<void> judged = judge();
  if (!judged && !judged.error().where) judged.error().where = view.claim.where;
  return judged;
}

}  // namespace gantry::netpol
