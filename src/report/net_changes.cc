// What a change opens and closes, and the changes that Gantry proposes.

#include "report/net.h"
#include "report/net_values.h"
#include "report/page.h"
#include "report/plain_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace gantry::report {

using netpol::FlowChange;
using netpol::PolicyEdit;

namespace {

constexpr std::size_t kChangesShown = 200;

struct ChangeLook {
  std::string_view word;  // in JSON too
  std::string_view glyph;
  std::string_view title;
  Style style;
};
constexpr std::array<ChangeLook, 3> kChanges = {{
    {"opened", "+", "opens", Style::bad},
    {"closed", "-", "closes", Style::good},
    {"perhaps", "?", "depends on what the input does not say", Style::warning},
}};
static_assert(kChanges.size() == static_cast<std::size_t>(FlowChange::Kind::perhaps) + 1);

constexpr std::array<std::string_view, 7> kEditNames = {"add-port",    "add-peer",    "add-rule",   "add-policy",
                                                        "remove-port", "remove-peer", "remove-rule"};
static_assert(kEditNames.size() == static_cast<std::size_t>(PolicyEdit::Kind::remove_rule) + 1);

void write_changes(Page& page, const netpol::PolicyDiff& diff, FlowChange::Kind kind, bool may_open = false) {
  const ChangeLook& look = kChanges.at(static_cast<std::size_t>(kind));
  const std::string_view direction = may_open ? "may open: " : "may close: ";
  const std::string title =
      fmt::format("{}{}", kind == FlowChange::Kind::perhaps ? direction : std::string_view(), look.title);
  std::size_t written = 0;
  for (const FlowChange& change : diff.changes) {
    if (change.kind != kind || change.may_open != may_open) continue;
    if (written == 0) page.row(0, {{.text = title, .style = Style::strong}});
    if (++written > kChangesShown) continue;
    page.row(2,
             {{.text = std::string(look.glyph), .width = 1, .style = look.style},
              {.text = fmt::format("{} -> {}: {}", change.source, change.destination, netpol::to_string(change.ports)),
               .lines_max = 6}});
    for (const netpol::RulePlace& rule : change.because)
      page.row(6, {{.text = fmt::format("{}  {}", netpol::to_string(rule), base::to_string(rule.where)),
                    .style = Style::faint,
                    .lines_max = 3}});
  }
  if (written > kChangesShown)
    page.row(
        2, {{.text = fmt::format("and {} more: --json has them all", written - kChangesShown), .style = Style::faint}});
  page.blank();
}

void write_names(Page& page, std::string_view title, const std::vector<std::string>& names) {
  if (names.empty()) return;
  page.row(0, {{.text = std::string(title), .style = Style::strong}});
  for (const std::string& name : names) page.row(2, {{.text = name, .lines_max = 2}});
  page.blank();
}

Json json_change(const FlowChange& change) {
  return {
      {"kind", kChanges.at(static_cast<std::size_t>(change.kind)).word},
      {"may_open", change.kind == FlowChange::Kind::opened || change.may_open},
      {"source", change.source},
      {"destination", change.destination},
      {"ports", json_ports(change.ports)},
      {"because", json_list(change.because, json_rule)},
  };
}

// Lines that a patch may begin with: whoever applies it skips them.
void add_comment(std::string& text, std::string_view untrusted) {
  text += fmt::format("# {}\n", inert_line(untrusted));
}

std::string need_name(const ProposedChange& change, std::size_t index) {
  const netpol::Need& need = change.needs.needs.at(index);
  return fmt::format("{} -> {}", netpol::to_string(need.source, change.before),
                     netpol::to_string(need.destination, change.before));
}

std::string need_ports(const ProposedChange& change, std::size_t index) {
  const netpol::Need& need = change.needs.needs.at(index);
  std::vector<std::string> ports;
  for (const kube::Port port : need.ports) ports.push_back(std::to_string(port.value()));
  return fmt::format("{}/{}", fmt::join(ports, " or "), kube::to_string(need.protocol));
}

Json json_edit(const ProposedChange& change, const PolicyEdit& edit) {
  return {
      {"kind", kEditNames.at(static_cast<std::size_t>(edit.kind))},
      {"policy", kube::to_string(edit.policy)},
      {"rule", netpol::to_string(edit.place)},
      {"where", json_place(edit.place.where)},
      {"yaml", edit.yaml},
      {"reason", edit.reason},
      {"needs", json_list(edit.needs, [&](std::size_t need) { return Json(need_name(change, need)); })},
  };
}

// What no edit of the proposal does, or does beside what it is for.
void add_left_over(std::string& text, const ProposedChange& change) {
  const netpol::Proposal& proposal = change.proposal;
  for (const std::string& excess : proposal.excess)
    add_comment(text, fmt::format("also opens, which nothing smaller avoids: {}", excess));
  for (const std::size_t index : change.patches.by_hand)
    add_comment(text, fmt::format("to be done by hand, as no file holds this policy as it is: {}",
                                  netpol::to_string(proposal.edits.at(index).place)));
  for (const std::size_t need : proposal.unmet)
    add_comment(text, fmt::format("no NetworkPolicy can admit {}: see `gantry net explain`", need_name(change, need)));
  for (const std::size_t need : proposal.unproposed)
    add_comment(text,
                fmt::format("to be done by hand, as one end is not in the input: {} on {}: `gantry net needs` says "
                            "how",
                            need_name(change, need), need_ports(change, need)));
}

}  // namespace

std::string render_policy_diff(const netpol::PolicyDiff& diff, const RenderOptions& options) {
  Page page(options.width, options.colour);
  write_names(page, "only before", diff.removed);
  write_names(page, "only after", diff.added);
  write_changes(page, diff, FlowChange::Kind::opened);
  write_changes(page, diff, FlowChange::Kind::perhaps, true);
  write_changes(page, diff, FlowChange::Kind::closed);
  write_changes(page, diff, FlowChange::Kind::perhaps, false);
  if (diff.changes.empty()) page.row(0, {{.text = "no flow opens or closes", .style = Style::strong}});
  return page.text();
}

std::string render_policy_diff_json(const netpol::PolicyDiff& diff) {
  return dump_document({
      {"schema", "gantry.net-diff/v1"},
      {"opens", diff.may_open()},
      {"closes", diff.closes()},
      {"added", diff.added},
      {"removed", diff.removed},
      {"changes", json_list(diff.changes, json_change)},
  });
}

std::string render_proposal(const ProposedChange& change, const RenderOptions&) {
  const netpol::Proposal& proposal = change.proposal;
  std::string text;
  if (proposal.edits.empty() && proposal.unmet.empty() && proposal.unproposed.empty())
    add_comment(text, "nothing to change: what is needed is admitted, and nothing else is open");
  for (const PolicyEdit& edit : proposal.edits)
    add_comment(text, fmt::format("{}: {}", kube::to_string(edit.policy), edit.reason));
  add_left_over(text, change);
  for (const netpol::FilePatch& patch : change.patches.files) text += patch.diff;
  return text;
}

std::string render_written(const ProposedChange& change) {
  std::string text;
  for (const netpol::FilePatch& patch : change.patches.files)
    text += fmt::format("{} {}\n", patch.is_new ? "wrote" : "changed", inert_line(patch.path));
  add_left_over(text, change);
  return text.empty() ? "nothing to change\n" : text;
}

std::string render_proposal_json(const ProposedChange& change) {
  const netpol::Proposal& proposal = change.proposal;
  return dump_document({
      {"schema", "gantry.net-propose/v1"},
      {"edits", json_list(proposal.edits, [&](const PolicyEdit& edit) { return json_edit(change, edit); })},
      {"excess", proposal.excess},
      {"unmet", json_list(proposal.unmet, [&](std::size_t need) { return Json(need_name(change, need)); })},
      {"unproposed", json_list(proposal.unproposed, [&](std::size_t need) { return Json(need_name(change, need)); })},
      {"patches", json_list(change.patches.files,
                            [](const netpol::FilePatch& patch) {
                              return Json{{"path", patch.path}, {"is_new", patch.is_new}, {"diff", patch.diff}};
                            })},
      {"by_hand", json_list(change.patches.by_hand,
                            [&](std::size_t index) { return json_edit(change, proposal.edits.at(index)); })},
      {"apply_order", json_list(netpol::safe_apply_order(change.before, proposal.after),
                                [](const kube::ObjectId& id) { return Json(kube::to_string(id)); })},
  });
}

}  // namespace gantry::report
