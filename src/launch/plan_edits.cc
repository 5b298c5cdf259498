#include "base/text.h"
#include "launch/document_lines.h"
#include "launch/plan.h"
#include "launch/plan_envelope.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace gantry::launch {

using base::Result;

namespace {

std::string_view slice(const Plan& plan, Span span) {
  return std::string_view(plan.text()).substr(span.offset, span.length);
}

// How the document ends its lines.
std::string_view line_end(std::string_view text) {
  const std::size_t end = text.find('\n');
  return end != std::string_view::npos && end > 0 && text[end - 1] == '\r' ? "\r\n" : "\n";
}

std::string marker_text(MarkerKind kind, std::string_view target) {
  return fmt::format("{}[{}]", kind == MarkerKind::proceed ? "⟿" : "⟂", target);
}

std::string_view tick_text(Tick tick) { return tick == Tick::on ? "x" : " "; }

}  // namespace

void PlanEdits::replace(Replacement replacement) {
  if (slice(plan_, replacement.span) == replacement.text) {
    replacements_.erase(replacement.span.offset);
    return;
  }
  const std::size_t offset = replacement.span.offset;
  replacements_.insert_or_assign(offset, std::move(replacement));
}

Result<void> PlanEdits::set_tick(int criterion_ordinal, Tick tick) {
  const auto criterion = std::ranges::find(plan_.criteria, criterion_ordinal, &Criterion::ordinal);
  if (criterion == plan_.criteria.end()) {
    return base::input_error(fmt::format("the plan has no exit criterion {}", criterion_ordinal));
  }
  if (!criterion->tick) {
    return base::input_error(fmt::format("exit criterion {} has no box to tick", criterion_ordinal), criterion->where,
                             "write it as '- [ ] …'");
  }
  // A tick that is there, in either case, stays as it is; so does an odd mark that was never a tick.
  const bool is_so = tick == Tick::on ? criterion->ticked : !criterion->ticked;
  replace({.span = *criterion->tick,
           .text = std::string(is_so ? slice(plan_, *criterion->tick) : tick_text(tick)),
           .description = fmt::format("criterion {} {}", criterion_ordinal, tick == Tick::on ? "ticked" : "unticked")});
  return {};
}

Result<void> PlanEdits::set_phase(std::string_view phase, PhaseStatus status) {
  const auto entry = std::ranges::find(plan_.ledger, phase, &LedgerEntry::phase);
  if (entry == plan_.ledger.end()) {
    return base::input_error(fmt::format("the plan's ledger does not list phase {}", phase), {},
                             "add it to the ledger");
  }
  const auto second = std::ranges::find(std::next(entry), plan_.ledger.end(), phase, &LedgerEntry::phase);
  if (second != plan_.ledger.end()) {
    return base::input_error(fmt::format("the plan's ledger lists phase {} twice", phase), second->where,
                             "keep one of both");
  }
  // "done" already says complete; an unknown word says nothing and is replaced.
  const bool is_so = entry->status == status && entry->is_known;
  replace({.span = entry->span,
           .text = is_so ? entry->written : std::string(to_string(status)),
           .description = fmt::format("ledger: {} {} -> {}", phase,
                                      entry->written.empty() ? "(nothing)" : entry->written, to_string(status))});
  return {};
}

void PlanEdits::write_amount(const Entropy::Amount& amount, Decimal value, std::string_view name) {
  if (!amount.span) return;
  // The amount keeps the digits it was written with, and takes more only where the value needs them.
  value = shorten(value, amount.value.digits);
  replace({.span = *amount.span,
           .text = to_string(value),
           .description = fmt::format("entropy: {} {} -> {}", name, to_string(amount.value), to_string(value))});
}

Result<void> PlanEdits::spend_entropy(Decimal amount) {
  if (!plan_.entropy || !plan_.entropy->remaining) {
    return base::input_error("the plan does not say how much entropy remains",
                             plan_.entropy ? std::optional(plan_.entropy->where) : std::nullopt,
                             "add a line 'entropy: 0.10 budget'");
  }
  const Entropy& entropy = *plan_.entropy;
  const Decimal spent = add(entropy_spent_, amount);
  const Decimal remaining = subtract(entropy.remaining->value, spent);
  if (amount.units < 0 || remaining.units < 0) {
    return base::input_error(
        fmt::format("{} of entropy can't be spent: {} remains", to_string(spent), to_string(entropy.remaining->value)),
        entropy.where, "plan a new budget");
  }
  entropy_spent_ = spent;
  write_amount(*entropy.remaining, remaining, "remaining");
  if (entropy.spent) write_amount(*entropy.spent, add(entropy.spent->value, spent), "spent");
  if (entropy.remaining->span || !entropy.planned || !entropy.planned->span) return {};
  const Decimal shown = shorten(remaining, entropy.planned->value.digits);
  // Only the budget is written. What remains goes behind it and behind the word for it: "0.10 budget (0.08 remaining)".
  const Span after{.offset = entropy.insert_at, .length = 0};
  replace({.span = after,
           .text = spent.units == 0 ? "" : fmt::format(" ({} remaining)", to_string(shown)),
           .description =
               fmt::format("entropy: remaining {} -> {}", to_string(entropy.remaining->value), to_string(shown))});
  return {};
}

Result<void> PlanEdits::set_marker(MarkerKind kind, std::string_view target) {
  const bool has_halt =
      std::ranges::any_of(plan_.markers, [](const ContinuationMarker& m) { return m.kind == MarkerKind::halt; });
  if (kind == MarkerKind::proceed && has_halt) {
    return base::input_error("the plan is halted, and only a person may lift a halt", plan_.markers.back().where,
                             "replace the halt marker in the plan by hand");
  }
  if (target.find_first_of("]\r\n") != std::string_view::npos)
    return base::usage_error("a marker's target is one line without ']'");
  std::string text = marker_text(kind, target);
  const std::string description = fmt::format("marker {}", text);
  const DocumentLines document(plan_.text(), plan_.file());
  Span span;
  if (plan_.markers.empty()) {
    const std::string_view end = line_end(plan_.text());
    span = {.offset = document.span(open_envelope(document).last - 1).end(), .length = 0};
    text = fmt::format("{}{}{}", end, end, text);
  } else {
    const ContinuationMarker& last = plan_.markers.back();
    span = last.span;
    if (last.kind == kind && last.target == target) text = std::string(slice(plan_, span));
  }
  // Where the document ends inside code or a comment, what is written there is no marker; and the text that a marker replaces may
  // have held the backticks that ended some code.
  const Plan changed =
      TRY(Plan::parse(std::string(plan_.text()).replace(span.offset, span.length, text), plan_.file()));
  if (changed.markers.empty() || changed.markers.back().kind != kind || changed.markers.back().target != target) {
    return base::input_error("a marker there means nothing: it would be part of code or of a comment",
                             document.pos(span.offset), "close the code or the comment in the plan by hand");
  }
  replace({.span = span, .text = std::move(text), .description = description});
  return {};
}

Result<void> PlanEdits::set_remaining_status(std::size_t index, std::string_view status) {
  if (index >= plan_.remaining_items.size() || !plan_.remaining_items[index].status_span) {
    return base::input_error(fmt::format("row {} of the remaining items has no status cell", index + 1));
  }
  const RemainingItem& item = plan_.remaining_items[index];
  std::string cell;
  for (const char c : status) {
    if (c == '|') cell += '\\';
    cell += c == '\n' || c == '\r' ? ' ' : c;
  }
  // One space on either side; behind the text as many as keep the cell's width.
  const std::string_view old = slice(plan_, *item.status_span);
  std::string padded = " " + cell;
  const std::size_t width = base::display_width(old);
  do padded += ' ';
  while (base::display_width(padded) < width);
  replace({.span = *item.status_span,
           .text = item.status == status ? std::string(old) : std::move(padded),
           .description = fmt::format("remaining item '{}': {} -> {}", item.item, item.status, status)});
  return {};
}

std::vector<std::string> PlanEdits::descriptions() const {
  std::vector<std::string> lines;
  lines.reserve(replacements_.size());
  for (const auto& [offset, replacement] : replacements_) lines.push_back(replacement.description);
  return lines;
}

std::string PlanEdits::apply() const {
  std::string text;
  std::size_t copied = 0;
  for (const auto& [offset, replacement] : replacements_) {
    text.append(plan_.text(), copied, offset - copied);
    text += replacement.text;
    copied = replacement.span.end();
  }
  text.append(plan_.text(), copied);
  return text;
}

}  // namespace gantry::launch
