#include "launch/plan_envelope.h"

#include "base/text.h"

#include <algorithm>

namespace gantry::launch {

namespace {

// Front matter longer than this is a rule and a lot of text.
constexpr std::size_t kFrontMatterLinesMax = 500;

struct Fence {
  char character = 0;
  std::size_t length = 0;
  std::string_view info;
};

std::optional<Fence> read_fence(std::string_view line) {
  const std::string_view text = base::trim(line);
  if (text.empty() || (text[0] != '`' && text[0] != '~')) return std::nullopt;
  const std::size_t length = std::min(text.find_first_not_of(text[0]), text.size());
  if (length < 3) return std::nullopt;
  return Fence{.character = text[0], .length = length, .info = base::trim(text.substr(length))};
}

// "markdown", "md", and with attributes: "markdown title=plan", "markdown {.wide}".
bool names_markdown(std::string_view info) {
  const std::string word = base::to_lower_ascii(info.substr(0, info.find_first_of(" \t{,")));
  return word == "markdown" || word == "md";
}

void skip_blank_lines(const DocumentLines& document, PlanEnvelope& envelope) {
  while (envelope.first < envelope.last && document.is_blank(envelope.first)) ++envelope.first;
  while (envelope.last > envelope.first && document.is_blank(envelope.last - 1)) --envelope.last;
}

void remove_wrapper(const DocumentLines& document, PlanEnvelope& envelope) {
  if (envelope.first == envelope.last) return;
  const std::optional<Fence> opening = read_fence(document.line(envelope.first));
  if (!opening || !names_markdown(opening->info)) return;
  const std::optional<Fence> closing = read_fence(document.line(envelope.last - 1));
  const bool is_closed = envelope.last - envelope.first >= 2 && closing && closing->info.empty() &&
                         closing->character == opening->character && closing->length >= opening->length;
  if (!is_closed) {
    envelope.open_fence = envelope.first;
    return;
  }
  ++envelope.first;
  --envelope.last;
  skip_blank_lines(document, envelope);
}

void remove_front_matter(const DocumentLines& document, PlanEnvelope& envelope) {
  if (envelope.first == envelope.last || base::trim(document.line(envelope.first)) != "---") return;
  const std::size_t limit = std::min(envelope.last, envelope.first + kFrontMatterLinesMax);
  for (std::size_t i = envelope.first + 1; i < limit; ++i) {
    const std::string_view line = base::trim(document.line(i));
    if (line.starts_with("##")) return;  // a heading: the first line was a rule
    if (line != "---" && line != "...") continue;
    envelope.first = i + 1;
    skip_blank_lines(document, envelope);
    return;
  }
}

}  // namespace

PlanEnvelope open_envelope(const DocumentLines& document) {
  PlanEnvelope envelope{.first = 0, .last = document.count(), .open_fence = {}};
  skip_blank_lines(document, envelope);
  remove_front_matter(document, envelope);
  remove_wrapper(document, envelope);
  remove_front_matter(document, envelope);
  return envelope;
}

}  // namespace gantry::launch
