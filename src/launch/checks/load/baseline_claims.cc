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

// Columns that say what was wished for, or something about the row: no claims.
constexpr std::array<std::string_view, 12> kNoClaims = {"target",   "threshold", "limit",  "goal",
                                                        "expected", "bound",     "status", "result",
                                                        "samples",  "notes",     "note",   "metric"};
constexpr std::array<std::string_view, 5> kNamesFigures = {"metric", "figure", "measure", "measurement", "percentile"};
constexpr std::array<std::string_view, 3> kNamesAsked = {"threshold", "expectation", "asked"};
constexpr std::array<std::string_view, 2> kNamesResult = {"result", "status"};
// A number next to one of these is wished for or compared with.
constexpr std::array<std::string_view, 19> kBounds = {
    "<",      ">",       "<=",    ">=",   "≤",    "≥",     "under",  "below",     "above", "over",
    "target", "targets", "least", "most", "than", "limit", "within", "threshold", "goal"};

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
  std::optional<WrittenNumber> number = read_number(text, figure ? figure->quantity : Quantity::count);
  const bool has_wrong_unit = !number && figure;
  if (has_wrong_unit)
    for (const Quantity other : {Quantity::latency, Quantity::rate, Quantity::share})
      if (!number) number = read_number(text, other);
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
    while (!word.empty() && std::string_view(".,;:!?").contains(word.back())) word.remove_suffix(1);
    std::size_t begin = at;
    if (word.starts_with('(')) word.remove_prefix(1), ++begin;
    if (word.ends_with(')') && !word.contains('(')) word.remove_suffix(1);
    if (!word.empty()) words.push_back({base::to_lower_ascii(word), begin, ends});
    at = text.find_first_not_of(kBlanks, end);
  }
  return words;
}

// The unit of the number at words[i], attached or behind it.
std::optional<Quantity> unit_of(const std::vector<Word>& words, std::size_t i) {
  const std::size_t digits = std::min(words[i].text.find_first_not_of("~0123456789.,"), words[i].text.size());
  if (digits < words[i].text.size()) return quantity_of_unit(std::string_view(words[i].text).substr(digits));
  return i + 1 < words.size() ? quantity_of_unit(words[i + 1].text) : std::nullopt;
}

struct Surroundings {
  std::optional<Figure> figure = {};
  std::string label = {};
  bool is_bound = false;
};

// Back to the start of the sentence, as far as anybody remembers; two words ahead for "a 100 req/s target".
Surroundings look_around(const std::vector<Word>& words, std::size_t i, Quantity quantity) {
  constexpr std::size_t kBack = 7;
  constexpr std::size_t kAhead = 3;
  Surroundings found;
  for (std::size_t back = 1; back <= std::min(kBack, i) && !found.figure; ++back) {
    const Word& word = words[i - back];
    if (word.ends_sentence) break;
    found.is_bound |= is_one_of(word.text, kBounds) || word.text.find_first_of("<>") != std::string::npos;
    // "error rate" is no rate.
    std::optional<Figure> figure;
    if (i > back) figure = find_figure(words[i - back - 1].text + " " + word.text);
    if (!figure) figure = find_figure(word.text);
    if (figure && figure->quantity == quantity) found.figure = figure, found.label = word.text;
  }
  for (std::size_t ahead = 0; ahead <= kAhead && i + ahead < words.size(); ++ahead) {
    found.is_bound |= is_one_of(words[i + ahead].text, kBounds);
    if (words[i + ahead].ends_sentence) break;
  }
  return found;
}

void Reader::read_prose(const std::vector<Span>& lines) {
  const InlineText inline_text(document_, lines);
  const std::vector<Word> words = split_words(inline_text.text());
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!is_digit(words[i].text.front()) && !words[i].text.starts_with('~')) continue;
    const std::optional<Quantity> quantity = unit_of(words, i);
    if (!quantity) continue;
    Surroundings around = look_around(words, i, *quantity);
    if (around.is_bound) continue;
    if (!around.figure && *quantity == Quantity::rate) around.figure = find_figure("rate"), around.label = "rate";
    if (!around.figure) continue;
    const std::string_view rest = std::string_view(inline_text.text()).substr(words[i].at);
    const std::optional<WrittenNumber> number = read_number(rest, *quantity);
    if (!number) continue;
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
