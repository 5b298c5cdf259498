#include "base/text.h"
#include "launch/plan_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>

namespace gantry::launch {

namespace {

using base::Severity;

// What may stand between a track's letter and its title, in UTF-8.
constexpr std::string_view kSeparators[] = {":", "-", "–", "—"};

// "(30%)" at the end of a title, rounded to whole percent; removes it from the title.
std::optional<int> take_weight(std::string_view& title) {
  if (!title.ends_with(")")) return std::nullopt;
  const std::size_t opening = title.rfind('(');
  if (opening == std::string_view::npos) return std::nullopt;
  std::string_view inside = base::trim(title.substr(opening + 1, title.size() - opening - 2));
  if (!inside.ends_with('%')) return std::nullopt;
  inside.remove_suffix(1);
  const std::optional<Decimal> percent = parse_decimal(base::trim(inside));
  if (!percent || std::is_gt(compare(*percent, {.units = 1000, .digits = 0}))) return std::nullopt;
  title = base::trim(title.substr(0, opening));
  const Decimal rounded = add(*percent, {.units = 5, .digits = 1});
  std::int64_t whole = rounded.units;
  for (int i = 0; i < rounded.digits; ++i) whole /= 10;
  return static_cast<int>(whole);
}

}  // namespace

std::optional<PlanTrack> read_track_heading(const InlineText& heading, base::SourcePos where) {
  constexpr std::string_view kWord = "track";
  const std::string plain = plain_text(heading.text());
  std::string_view rest = plain;
  if (base::to_lower_ascii(rest.substr(0, kWord.size())) != kWord) return std::nullopt;
  rest.remove_prefix(kWord.size());
  if (rest.empty() || !is_space_or_tab(rest[0])) return std::nullopt;
  rest = base::trim(rest);
  const auto letter_end = std::ranges::find_if_not(rest, [](char c) { return is_letter(c) || is_digit(c); });
  const auto length = static_cast<std::size_t>(letter_end - rest.begin());
  if (length == 0 || length > 3) return std::nullopt;  // "Track record" is no track
  PlanTrack track{.id = std::string(rest.substr(0, length)),
                  .title = {},
                  .weight_percent = {},
                  .steps = {},
                  .where = std::move(where)};
  rest = base::trim(rest.substr(length));
  const auto* separator =
      std::ranges::find_if(kSeparators, [&](std::string_view text) { return rest.starts_with(text); });
  if (separator != std::end(kSeparators)) {
    rest = base::trim(rest.substr(separator->size()));
  } else if (!rest.empty() && rest[0] != '(') {
    return std::nullopt;
  }
  track.weight_percent = take_weight(rest);
  track.title = std::string(rest);
  return track;
}

void number_as_rendered(std::span<PlanStep> steps, PlanFindings& findings) {
  if (steps.size() < 2) return;
  const std::string first = steps.front().ordinal;
  if (!std::ranges::all_of(steps, [&](const PlanStep& step) { return step.ordinal == first; })) return;
  long long ordinal = std::strtoll(first.c_str(), nullptr, 10);
  for (PlanStep& step : steps) step.ordinal = std::to_string(ordinal++);
  findings.add(
      {.rule = "plan.step-numbering",
       .severity = Severity::info,
       .where = steps.front().where,
       .message = fmt::format("{} steps are all numbered {}; they are called as a reader of the page sees them",
                              steps.size(), first),
       .fix = "number the steps of a track 1, 2, 3, …"});
}

void number_steps(PlanTrack& track, PlanFindings& findings) {
  std::map<std::string, int, std::less<>> seen;
  long long expected = 1;
  for (PlanStep& step : track.steps) {
    const long long ordinal = std::strtoll(step.ordinal.c_str(), nullptr, 10);
    step.id = fmt::format("{}.{}", track.id, step.ordinal);
    const int count = ++seen[step.ordinal];
    if (count > 1) {
      findings.add(
          {.rule = "plan.step-numbering",
           .where = step.where,
           .object = step.id,
           .message = fmt::format("track {} has a second step {}", track.id, step.ordinal),
           .explanation = fmt::format(
               "it is called {}#{} so that evidence and sign-offs of one do not count for the other", step.id, count),
           .fix = "number the steps of a track 1, 2, 3, …"});
      step.id += fmt::format("#{}", count);
    } else if (ordinal != expected) {
      findings.add({.rule = "plan.step-numbering",
                    .severity = Severity::low,
                    .where = step.where,
                    .object = step.id,
                    .message = fmt::format("step {} follows where {}.{} was expected", step.id, track.id, expected),
                    .fix = "number the steps of a track 1, 2, 3, …"});
    }
    expected = ordinal + 1;
  }
}

}  // namespace gantry::launch
