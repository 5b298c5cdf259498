// Entropy is prose with numbers in it. Each number plays a part, which the word before it ("spent=0.07") or after it ("0.02
// remaining") names; a number without such a word is the budget. What is not written follows from
// planned = spent + returned + remaining (reference §2.4).

#include "base/text.h"
#include "launch/plan_preamble.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::launch {

namespace {

using base::Severity;

enum class Part { planned, spent, returned, remaining };
constexpr std::array<std::string_view, 4> kPartNames = {"planned", "spent", "returned", "remaining"};

struct PartWord {
  std::string_view word;
  Part part;
};
constexpr PartWord kPartWords[] = {
    {"budget", Part::planned}, {"planned", Part::planned}, {"total", Part::planned},       {"spent", Part::spent},
    {"used", Part::spent},     {"sip", Part::spent},       {"pour", Part::spent},          {"returned", Part::returned},
    {"tithe", Part::returned}, {"tithed", Part::returned}, {"remaining", Part::remaining}, {"left", Part::remaining},
};

// The least that leaves anything to spend.
constexpr Decimal kDepleted{.units = 1, .digits = 2};

std::optional<Part> find_part(std::string_view word) {
  const std::string lower = base::to_lower_ascii(word);
  const auto* found = std::ranges::find(kPartWords, lower, &PartWord::word);
  if (found == std::end(kPartWords)) return std::nullopt;
  return found->part;
}

bool is_number_character(char c) { return is_digit(c) || c == '.'; }
bool is_name_character(char c) { return is_letter(c) || is_digit(c) || c == '_'; }

// A number in the text, with its surroundings.
struct Number {
  Span span;
  std::string_view before;  // the name in "name=0.1", or ""
  std::string_view after;   // the word behind it, or ""
  bool is_alone = true;     // no sign, percent or letter is glued to it
};

class EntropyReader {
 public:
  EntropyReader(Span region, PlanFindings& findings)
      : findings_(findings), text_(findings.document().text()), region_(region) {}

  Entropy read() {
    entropy_.text = std::string(findings_.document().slice(region_));
    entropy_.where = findings_.pos(region_.offset);
    std::size_t at = region_.offset;
    while (const std::optional<Number> number = next_number(at)) {
      read_number(*number);
      at = number->span.end();
    }
    if (!entropy_.planned && !entropy_.spent && !entropy_.returned && !entropy_.remaining) {
      complain(region_.offset, "the entropy line names no amount", "write it as '0.10 budget'");
      return std::move(entropy_);
    }
    derive();
    return std::move(entropy_);
  }

 private:
  std::optional<Number> next_number(std::size_t at) const {
    while (at < region_.end()) {
      if (is_digit(text_[at]) || (text_[at] == '.' && at + 1 < region_.end() && is_digit(text_[at + 1])))
        return number_at(at);
      // A digit inside a word ("Phase7") is no number.
      if (is_name_character(text_[at])) {
        while (at < region_.end() && is_name_character(text_[at])) ++at;
      } else {
        ++at;
      }
    }
    return std::nullopt;
  }

  Number number_at(std::size_t start) const {
    std::size_t end = start;
    while (end < region_.end() && is_number_character(text_[end])) ++end;
    while (text_[end - 1] == '.') --end;  // the end of a sentence
    Number number{.span = {.offset = start, .length = end - start}, .before = name_before(start), .after = {}};
    const char glued = end < region_.end() ? text_[end] : ' ';
    const bool has_sign = start > region_.offset && (text_[start - 1] == '-' || text_[start - 1] == '+');
    number.is_alone = !has_sign && glued != '%' && !is_name_character(glued);
    std::size_t word = end;
    while (word < region_.end() && is_space_or_tab(text_[word])) ++word;
    std::size_t word_end = word;
    while (word_end < region_.end() && is_letter(text_[word_end])) ++word_end;
    number.after = text_.substr(word, word_end - word);
    return number;
  }

  // "spent" in "spent=0.07" and "spent: 0.07".
  std::string_view name_before(std::size_t start) const {
    std::size_t end = start;
    while (end > region_.offset && is_space_or_tab(text_[end - 1])) --end;
    if (end == region_.offset || (text_[end - 1] != '=' && text_[end - 1] != ':')) return {};
    --end;
    while (end > region_.offset && is_space_or_tab(text_[end - 1])) --end;
    std::size_t begin = end;
    while (begin > region_.offset && is_letter(text_[begin - 1])) --begin;
    return text_.substr(begin, end - begin);
  }

  void read_number(const Number& number) {
    const std::optional<Part> named = find_part(number.before);
    const std::optional<Part> part = named ? named : find_part(number.after);
    const bool is_first = !entropy_.planned && !entropy_.spent && !entropy_.returned && !entropy_.remaining;
    if (!part && !is_first) return;  // prose: "after 2 sprints"
    const std::string_view written = text_.substr(number.span.offset, number.span.length);
    const std::optional<Decimal> value = number.is_alone ? parse_decimal(written) : std::nullopt;
    if (!value) {
      complain(number.span.offset, fmt::format("'{}' is no amount of entropy", written), "write it as '0.10'");
      return;
    }
    const bool is_planned = part.value_or(Part::planned) == Part::planned && !entropy_.planned;
    if (is_planned)
      entropy_.insert_at = named || number.after.empty() || !part ? number.span.end() : end_of_word(number);
    assign(part.value_or(Part::planned), {.value = *value, .span = number.span});
  }

  std::size_t end_of_word(const Number& number) const {
    return static_cast<std::size_t>(number.after.data() - text_.data()) + number.after.size();
  }

  std::optional<Entropy::Amount>& amount(Part part) {
    switch (part) {
      case Part::planned: return entropy_.planned;
      case Part::spent: return entropy_.spent;
      case Part::returned: return entropy_.returned;
      case Part::remaining: break;
    }
    return entropy_.remaining;
  }

  void assign(Part part, Entropy::Amount value) {
    std::optional<Entropy::Amount>& target = amount(part);
    if (target) {
      complain(
          value.span->offset,
          fmt::format("the {} entropy is given twice; the first counts", kPartNames.at(static_cast<std::size_t>(part))),
          "keep one of both");
      return;
    }
    target = value;
  }

  void derive() {
    const Decimal returned = entropy_.returned ? entropy_.returned->value : Decimal{};
    if (!entropy_.planned && entropy_.remaining && entropy_.spent) {
      entropy_.planned = {.value = add(add(entropy_.remaining->value, entropy_.spent->value), returned), .span = {}};
    } else if (entropy_.planned && entropy_.remaining && !entropy_.spent) {
      entropy_.spent = {.value = subtract(subtract(entropy_.planned->value, entropy_.remaining->value), returned),
                        .span = {}};
    } else if (entropy_.planned && !entropy_.remaining) {
      if (!entropy_.spent)
        entropy_.spent = {.value = {.units = 0, .digits = entropy_.planned->value.digits}, .span = {}};
      entropy_.remaining = {.value = subtract(subtract(entropy_.planned->value, entropy_.spent->value), returned),
                            .span = {}};
    }
    check_invariant(returned);
  }

  void check_invariant(Decimal returned) {
    if (entropy_.planned && entropy_.spent && entropy_.remaining) {
      const Decimal sum = add(add(entropy_.spent->value, returned), entropy_.remaining->value);
      if (std::is_neq(compare(sum, entropy_.planned->value))) {
        complain(
            region_.offset,
            fmt::format("{} planned is not {} spent, {} returned and {} remaining", to_string(entropy_.planned->value),
                        to_string(entropy_.spent->value), to_string(returned), to_string(entropy_.remaining->value)),
            "correct the amount that is wrong");
        return;
      }
    }
    for (const auto& part : {entropy_.spent, entropy_.remaining}) {
      if (!part || part->value.units >= 0) continue;
      complain(region_.offset, "more entropy is spent or remaining than was planned",
               "correct the amount that is wrong");
      return;
    }
    if (entropy_.remaining && std::is_lt(compare(entropy_.remaining->value, kDepleted))) {
      complain(region_.offset, fmt::format("{} remains: the cycle has to halt", to_string(entropy_.remaining->value)),
               "plan a new budget, or end the cycle with a halt marker [ENTROPY_DEPLETED]");
    }
  }

  void complain(std::size_t offset, std::string message, std::string fix) {
    findings_.add({.rule = "plan.entropy",
                   .severity = Severity::low,
                   .where = findings_.pos(offset),
                   .message = std::move(message),
                   .fix = std::move(fix)});
  }

  PlanFindings& findings_;
  std::string_view text_;
  Span region_;
  Entropy entropy_;
};

}  // namespace

Entropy read_entropy(Span region, PlanFindings& findings) { return EntropyReader(region, findings).read(); }

}  // namespace gantry::launch
