#include "base/json.h"
#include "launch/plan.h"

#include <fmt/format.h>

#include <iterator>

namespace gantry::launch {

namespace {

class Dumper {
 public:
  explicit Dumper(const Plan& plan) : plan_(plan) {}

  std::string dump() {
    line("title: {}", plan_.title());
    if (plan_.header) dump_header(*plan_.header);
    if (plan_.has_hydrate_cue) line("hydrate");
    for (const Handle& handle : plan_.handles) {
      line("handle {}: {}{}{}", handle.name, handle.path, handle.is_output ? " (output)" : "",
           suffix(" # ", handle.comment));
    }
    for (const LedgerEntry& entry : plan_.ledger) {
      line("ledger {}: {}{}{}", entry.phase, to_string(entry.status),
           entry.written == to_string(entry.status) ? "" : fmt::format(" '{}'", entry.written),
           suffix(" # ", entry.reason));
    }
    if (plan_.entropy) dump_entropy(*plan_.entropy);
    if (!plan_.mission.empty()) line("mission: {}", plan_.mission);
    for (const PlanTrack& track : plan_.tracks) dump_track(track);
    for (const Criterion& criterion : plan_.criteria) {
      line("criterion {} {}: {}", criterion.ordinal,
           !criterion.tick    ? "without box"
           : criterion.ticked ? "[x]"
                              : "[ ]",
           criterion.text);
      dump_blocks(criterion.blocks);
    }
    for (const RemainingItem& item : plan_.remaining_items) {
      line("remaining: {} | {} | {} | {}", item.item, item.category, item.priority, item.status);
    }
    for (const std::string& text : plan_.non_goals) line("non-goal: {}", text);
    for (const AttentionShare& share : plan_.attention)
      line("attention {}%: {} = {}", share.percent, share.name, fmt::join(share.tracks, " + "));
    for (const std::string& text : plan_.branch_candidates) line("branch: {}", text);
    for (const ContinuationMarker& marker : plan_.markers) {
      line("marker {}{}: {}", marker.kind == MarkerKind::proceed ? "proceed" : "halt",
           marker.is_damaged ? " (damaged)" : "", marker.target);
    }
    for (const base::Finding& finding : plan_.findings) {
      line("finding {} {} {}:{}: {}", finding.rule, base::to_string(finding.severity), finding.where.line,
           finding.where.column, finding.message);
    }
    return std::move(out_);
  }

 private:
  template <typename... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    out_ += '\n';
  }

  static std::string suffix(std::string_view separator, std::string_view text) {
    return text.empty() ? std::string() : fmt::format("{}{}", separator, text);
  }

  void dump_header(const PlanHeader& header) {
    std::string other;
    for (const auto& [key, value] : header.other) other += fmt::format(" {}={}", key, value);
    line("header: {} phase={} sprint={} span={}{}", header.path, header.phase, header.sprint, header.span_name, other);
  }

  void dump_entropy(const Entropy& entropy) {
    std::string amounts;
    const auto add = [&](std::string_view name, const std::optional<Entropy::Amount>& amount) {
      if (amount) amounts += fmt::format(" {}={}{}", name, to_string(amount->value), amount->span ? "" : "*");
    };
    add("planned", entropy.planned);
    add("spent", entropy.spent);
    add("returned", entropy.returned);
    add("remaining", entropy.remaining);
    line("entropy:{}", amounts);
  }

  void dump_track(const PlanTrack& track) {
    line("track {}{}: {}", track.id, track.weight_percent ? fmt::format(" {}%", *track.weight_percent) : "",
         track.title);
    for (const PlanStep& step : track.steps) {
      line("  {}{}{}: {}", step.id, step.is_conditional ? " conditional" : "", step.is_choice ? " choice" : "",
           step.text);
      for (const QuotedCommand& command : step.commands) line("    $ {}", command.text);
      dump_blocks(step.blocks);
    }
  }

  void dump_blocks(const std::vector<GantryBlock>& blocks) {
    for (const GantryBlock& block : blocks) line("    block {}", base::dump_json(block.content));
  }

  const Plan& plan_;
  std::string out_;
};

}  // namespace

std::string dump(const Plan& plan) { return Dumper(plan).dump(); }

}  // namespace gantry::launch
