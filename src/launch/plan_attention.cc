#include "base/text.h"
#include "launch/plan_body.h"

#include <algorithm>

namespace gantry::launch {

namespace {

// The letters in "Tracks A + B (verification)", "Track C", "Tracks A, B and D".
std::vector<std::string> read_track_letters(std::string_view text) {
  std::vector<std::string> letters;
  text = text.substr(0, text.find('('));
  std::size_t at = base::to_lower_ascii(text).find("track");
  if (at == std::string_view::npos) return letters;
  at = std::min(text.find_first_of(" \t", at), text.size());
  while (at < text.size()) {
    if (!is_letter(text[at]) && !is_digit(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && (is_letter(text[end]) || is_digit(text[end]))) ++end;
    const std::string_view word = text.substr(at, end - at);
    at = end;
    if (word == "and") continue;
    if (word.size() > 3 || (is_letter(word[0]) && word[0] >= 'a')) break;  // the list of letters is over
    letters.emplace_back(word);
  }
  return letters;
}

}  // namespace

std::optional<AttentionShare> read_attention_line(std::string_view line, base::SourcePos where) {
  const std::size_t percent = line.find('%');
  const std::size_t opening = line.substr(0, percent).rfind('(');
  if (percent == std::string_view::npos || opening == std::string_view::npos) return std::nullopt;
  const std::optional<Decimal> number = parse_decimal(base::trim(line.substr(opening + 1, percent - opening - 1)));
  if (!number || number->digits != 0 || number->units > 1000) return std::nullopt;
  AttentionShare share{.name = plain_text(base::trim(line.substr(0, opening))),
                       .percent = static_cast<int>(number->units),
                       .tracks = {},
                       .where = std::move(where)};
  const std::size_t colon = line.find(':', percent);
  if (colon != std::string_view::npos) share.tracks = read_track_letters(line.substr(colon + 1));
  return share;
}

}  // namespace gantry::launch
