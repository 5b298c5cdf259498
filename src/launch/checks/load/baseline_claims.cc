#include "launch/checks/load/baseline_claims.h"

#include "base/text.h"
#include "launch/markdown.h"
#include "launch/markdown_inline.h"
#include "launch/markdown_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::launch {

namespace {

// Columns that say what was wished for, or something about the row: no claims. "Result" is one where it has a number.
constexpr std::array<std::string_view, 11> kNoClaims = {"target", "threshold", "limit", "goal", "expected", "bound",
                                                        "status", "samples",   "notes", "note", "metric"};
constexpr std::array<std::string_view, 5> kNamesFigures = {"metric", "figure", "measure", "measurement", "percentile"};
constexpr std::array<std::string_view, 3> kNamesAsked = {"threshold", "expectation", "asked"};
constexpr std::array<std::string_view, 2> kNamesResult = {"result", "status"};
// A number behind one of these is wished for, and says nothing of what was measured.
constexpr std::array<std::string_view, 12> kWishes = {"target", "targets", "goal", "goals",  "limit",     "threshold",
                                                      "must",   "should",  "slo",  "budget", "objective", "shall"};
// A number behind one of these says that the figure is no more, or no less.
struct BoundWord {
  std::string_view word;
  Bound bound;
};
constexpr std::array kBoundWords = {
    BoundWord{"<", Bound::at_most},       BoundWord{"<=", Bound::at_most},       BoundWord{"≤", Bound::at_most},
    BoundWord{"under", Bound::at_most},   BoundWord{"below", Bound::at_most},    BoundWord{"within", Bound::at_most},
    BoundWord{"most", Bound::at_most},    BoundWord{"less", Bound::at_most},     BoundWord{"fewer", Bound::at_most},
    BoundWord{"faster", Bound::at_most},  BoundWord{"lower", Bound::at_most},    BoundWord{">", Bound::at_least},
    BoundWord{">=", Bound::at_least},     BoundWord{"≥", Bound::at_least},       BoundWord{"above", Bound::at_least},
    BoundWord{"over", Bound::at_least},   BoundWord{"more", Bound::at_least},    BoundWord{"least", Bound::at_least},
    BoundWord{"higher", Bound::at_least}, BoundWord{"exceeds", Bound::at_least},
};

bool is_one_of(std::string_view text, const auto& words) { return std::ranges::find(words, text) != words.end(); }

class Reader {
 public:
  explicit Reader(const DocumentLines& document) : document_(document) {}

  BaselineClaims read() {
    walk(parse_markdown(document_, 0, document_.count()));
    std::ranges::stable_sort(claims_.claims, {}, [](const Claim& claim) { return claim.digits.offset; });
    find_digests();
    return std::move(claims_);
  }

 private:
  void walk(const MarkdownBlock& block);
  void read_table(const MarkdownTable& table);
  void read_row(const MarkdownTable& table, const MarkdownRow& row, std::string_view first_heading);
  void read_cell(const std::optional<Figure>& figure, std::string_view label, const MarkdownCell& cell);
  void read_asked(const MarkdownTable& table, const MarkdownRow& row);
  void read_prose(const std::vector<Span>& lines);
  void find_digests();
  std::string identity(const MarkdownCell& cell) const { return text_identity(cell_text(document_, cell)); }

  const DocumentLines& document_;
  const std::optional<Span> results_ = find_results(document_).value_or(std::nullopt);
  BaselineClaims claims_;
};

void Reader::walk(const MarkdownBlock& block) {
  if (block.kind == MarkdownBlock::Kind::paragraph) {
    if (const std::optional<MarkdownTable> table = parse_table(document_, block.lines))
      read_table(*table);
    else if (!results_ || block.offset < results_->offset || block.offset >= results_->end())
      read_prose(block.lines);
  }
  for (const MarkdownBlock& child : block.children) walk(child);
}

void Reader::read_table(const MarkdownTable& table) {
  if (table.header.empty()) return;
  const std::string first = identity(table.header.front());
  for (const MarkdownRow& row : table.rows) {
    if (row.empty()) continue;
    if (is_one_of(first, kNamesAsked))
      read_asked(table, row);
    else
      read_row(table, row, first);
  }
}

void Reader::read_row(const MarkdownTable& table, const MarkdownRow& row, std::string_view first_heading) {
  const std::string label = plain_text(cell_text(document_, row.front()));
  const std::optional<Figure> of_row = find_figure(label);
  for (std::size_t i = 1; i < std::min(row.size(), table.header.size()); ++i) {
    const std::string heading = identity(table.header[i]);
    if (is_one_of(heading, kNoClaims)) continue;
    if (const std::optional<Figure> of_column = find_figure(heading))
      read_cell(of_column, heading, row[i]);
    else if (of_row || is_one_of(first_heading, kNamesFigures))
      read_cell(of_row, label, row[i]);
  }
}

void Reader::read_cell(const std::optional<Figure>& figure, std::string_view label, const MarkdownCell& cell) {
  const std::string_view text = document_.slice(cell.content);
  std::optional<WrittenNumber> number = read_bounded_number(text, figure ? figure->quantity : Quantity::count);
  const bool has_wrong_unit = !number && figure;
  if (has_wrong_unit)
    for (const Quantity other : {Quantity::latency, Quantity::rate, Quantity::share})
      if (!number) number = read_bounded_number(text, other);
  if (!number) return;
  claims_.claims.push_back({.figure = figure,
                            .label = std::string(label),
                            .number = *number,
                            .digits = {cell.content.offset + number->offset, number->length},
                            .form = Claim::Form::table,
                            .has_wrong_unit = has_wrong_unit});
}

void Reader::read_asked(const MarkdownTable& table, const MarkdownRow& row) {
  AskedClaim asked{.text = plain_text(cell_text(document_, row.front())), .offset = row.front().content.offset};
  for (std::size_t i = 1; i < std::min(row.size(), table.header.size()); ++i)
    if (is_one_of(identity(table.header[i]), kNamesResult)) asked.result = identity(row[i]);
  if (!asked.text.empty()) claims_.asked.push_back(std::move(asked));
}

struct Word {
  std::string text;  // in lower case, without markup and punctuation around it
  std::size_t at = 0;
  bool ends_sentence = false;
  bool ends_clause = false;  // a comma, too
  bool is_in_brackets = false;
};

// "**p95** is `3.1 ms`," -> p95, is, 3.1, ms
std::vector<Word> split_words(std::string_view text) {
  constexpr std::string_view kBlanks = " \t*_`|";
  std::vector<Word> words;
  std::size_t at = text.find_first_not_of(kBlanks);
  while (at != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(kBlanks, at), text.size());
    std::string_view word = text.substr(at, end - at);
    const bool ends = word.ends_with('.') || word.ends_with(';');
    const bool pauses = ends || word.ends_with(',') || word.ends_with(':');
    while (!word.empty() && std::string_view(".,;:!?").contains(word.back())) word.remove_suffix(1);
    std::size_t begin = at;
    const bool is_bracketed = word.starts_with('(');
    if (is_bracketed) word.remove_prefix(1), ++begin;
    if (word.ends_with(')') && !word.contains('(')) word.remove_suffix(1);
    if (!word.empty()) words.push_back({base::to_lower_ascii(word), begin, ends, pauses, is_bracketed});
    at = text.find_first_not_of(kBlanks, end);
  }
  return words;
}

// The number at words[i], with its unit.
struct Amount {
  Quantity quantity;
  std::size_t end;  // the word behind it
};

// Its unit is attached, or behind it, in one word or as "requests per second".
std::optional<Amount> amount_at(const std::vector<Word>& words, std::size_t i) {
  std::string_view unit = words[i].text;
  unit.remove_prefix(std::min(unit.find_first_not_of("~0123456789.,"), unit.size()));
  if (unit.starts_with('k')) unit.remove_prefix(1);
  const auto word = [&words](std::size_t at) { return at < words.size() ? std::string_view(words[at].text) : ""; };
  std::size_t at = i + 1;
  if (unit.empty()) unit = word(at++);
  constexpr std::array<std::string_view, 4> kRequests = {"requests", "request", "reqs", "req"};
  constexpr std::array<std::string_view, 3> kSeconds = {"second", "sec", "s"};
  if (is_one_of(unit, kRequests) && (word(at) == "per" || word(at) == "a" || word(at) == "each") &&
      is_one_of(word(at + 1), kSeconds))
    return Amount{Quantity::rate, at + 2};
  const std::optional<Quantity> quantity = quantity_of_unit(unit);
  return quantity ? std::optional(Amount{*quantity, at}) : std::nullopt;
}

std::optional<Figure> figure_of(const std::vector<Word>& words, std::size_t at, Quantity quantity) {
  // "error rate" is no rate.
  std::optional<Figure> figure;
  if (at > 0) figure = find_figure(words[at - 1].text + " " + words[at].text);
  if (!figure) figure = find_figure(words[at].text);
  return figure && figure->quantity == quantity ? figure : std::nullopt;
}

struct Surroundings {
  std::optional<Figure> figure = {};
  std::string label = {};
  bool is_wish = false;
  Bound bound = Bound::exact;
};

// "1 ms at p95", "1 ms (p95)"
void look_ahead(const std::vector<Word>& words, const Amount& amount, Surroundings& found) {
  std::size_t at = amount.end;
  if (at >= words.size() || words[at - 1].ends_clause) return;
  found.is_wish = is_one_of(words[at].text, kWishes);
  const bool says_where = words[at].text == "at" || words[at].text == "for";
  if (says_where) ++at;
  if (at < words.size() && words[at].text == "the") ++at;
  if (at >= words.size() || !(says_where || words[at].is_in_brackets)) return;
  const std::optional<Figure> figure = find_figure(words[at].text);
  if (figure && figure->quantity == amount.quantity) found.figure = figure, found.label = words[at].text;
}

// Back to the start of the sentence, as far as anybody remembers. A bound is of the number that comes next.
void look_back(const std::vector<Word>& words, std::size_t i, Quantity quantity, Surroundings& found) {
  constexpr std::size_t kBack = 7;
  const bool has_figure = found.figure.has_value();
  bool is_next = true;
  for (std::size_t back = 1; back <= std::min(kBack, i); ++back) {
    const Word& word = words[i - back];
    if (word.ends_sentence) return;
    if (!word.text.empty() && is_digit(word.text.front())) is_next = false;
    // "p(95)<500" is quoted from somewhere.
    const bool is_quoted = word.text.size() > 2 && word.text.find_first_of("<>") != std::string::npos;
    if (is_next) found.is_wish |= is_one_of(word.text, kWishes) || is_quoted;
    const auto bound = std::ranges::find(kBoundWords, word.text, &BoundWord::word);
    if (is_next && bound != kBoundWords.end() && found.bound == Bound::exact) found.bound = bound->bound;
    if (has_figure) continue;
    if (const std::optional<Figure> figure = figure_of(words, i - back, quantity)) {
      found.figure = figure;
      found.label = word.text;
      return;
    }
  }
}

void Reader::read_prose(const std::vector<Span>& lines) {
  const InlineText inline_text(document_, lines);
  const std::vector<Word> words = split_words(inline_text.text());
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!is_digit(words[i].text.front()) && !words[i].text.starts_with('~')) continue;
    const std::optional<Amount> amount = amount_at(words, i);
    if (!amount) continue;
    Surroundings around;
    look_ahead(words, *amount, around);
    look_back(words, i, amount->quantity, around);
    if (around.is_wish) continue;
    if (!around.figure && amount->quantity == Quantity::rate)
      around.figure = find_figure("rate"), around.label = "rate";
    if (!around.figure) continue;
    const std::string_view rest = std::string_view(inline_text.text()).substr(words[i].at);
    std::optional<WrittenNumber> number = read_number(rest, amount->quantity);
    if (!number) continue;
    number->bound = around.bound;
    claims_.claims.push_back({.figure = around.figure,
                              .label = around.label,
                              .number = *number,
                              .digits = {inline_text.offset_at(words[i].at + number->offset), number->length},
                              .form = Claim::Form::prose});
  }
}

void Reader::find_digests() {
  constexpr std::string_view kPrefix = "sha256:";
  const std::string_view text = document_.text();
  for (std::size_t at = text.find(kPrefix); at != std::string_view::npos; at = text.find(kPrefix, at)) {
    at += kPrefix.size();
    const std::size_t end = std::min(text.find_first_not_of("0123456789abcdef", at), text.size());
    if (end > at) claims_.digests.emplace_back(text.substr(at, end - at));
  }
}

}  // namespace

base::Result<std::optional<Span>> find_results(const DocumentLines& document) {
  std::vector<std::size_t> begins;
  std::vector<std::size_t> ends;
  bool is_code = false;
  for (std::size_t i = 0; i < document.count(); ++i) {
    std::string_view line = document.line(i);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with("```") || line.starts_with("~~~")) is_code = !is_code;
    if (is_code) continue;
    if (line == kResultsBegin) begins.push_back(i);
    if (line == kResultsEnd) ends.push_back(i);
  }
  if (begins.empty() && ends.empty()) return std::nullopt;
  if (begins.size() != 1 || ends.size() != 1 || ends.front() < begins.front())
    return base::input_error("the lines around what Gantry writes do not pair",
                             document.pos(document.span((begins.empty() ? ends : begins).front()).offset),
                             fmt::format("leave one pair: {} and {}", kResultsBegin, kResultsEnd));
  const Span begin = document.span(begins.front());
  return Span{.offset = begin.offset, .length = document.span(ends.front()).offset + kResultsEnd.size() - begin.offset};
}

BaselineClaims read_claims(const DocumentLines& document) { return Reader(document).read(); }

}  // namespace gantry::launch
