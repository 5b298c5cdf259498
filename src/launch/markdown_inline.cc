#include "launch/markdown_inline.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace gantry::launch {

namespace {

bool is_word_character(char c) { return is_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80; }
bool is_punctuation(char c) { return c > ' ' && c < 0x7f && !is_letter(c) && !is_digit(c); }

std::size_t run_length(std::string_view text, std::size_t start) {
  return std::min(text.find_first_not_of(text[start], start), text.size()) - start;
}

// Longer runs of backticks are text. Bounds the searches for partners that do not exist; cmark has the same limit.
constexpr std::size_t kBackticksMax = 80;

// The next run of exactly `length` backticks.
std::size_t find_backticks(std::string_view text, std::size_t from, std::size_t length) {
  for (std::size_t at = text.find('`', from); at != std::string_view::npos;) {
    const std::size_t run = run_length(text, at);
    if (run == length) return at;
    at = text.find('`', at + run);
  }
  return std::string_view::npos;
}

// One space goes from each side when both have one and something else is between.
Span without_padding(std::string_view text, Span content) {
  const std::string_view inside = text.substr(content.offset, content.length);
  const bool is_padded = inside.size() > 2 && inside.front() == ' ' && inside.back() == ' ';
  if (!is_padded || inside.find_first_not_of(' ') == std::string_view::npos) return content;
  return {.offset = content.offset + 1, .length = content.length - 2};
}

// Takes the markup off in one pass. Dropped bytes are marked and removed at the end, because whether a '[' belongs to a link
// is known only at its ']'.
class MarkupStripper {
 public:
  explicit MarkupStripper(std::string_view text) : text_(text), keep_(text.size(), true) {}

  std::string strip() {
    for (const CodeSpan& code : find_code_spans(text_)) {
      strip_prose(code.outer.offset);
      drop(code.outer.offset, code.content.offset);
      drop(code.content.end(), code.outer.end());
      at_ = code.outer.end();
    }
    strip_prose(text_.size());
    std::string plain;
    for (std::size_t i = 0; i < text_.size(); ++i) {
      if (keep_[i]) plain += text_[i];
    }
    return plain;
  }

 private:
  void drop(std::size_t from, std::size_t to) {
    std::fill(keep_.begin() + static_cast<std::ptrdiff_t>(from), keep_.begin() + static_cast<std::ptrdiff_t>(to),
              false);
  }

  void strip_prose(std::size_t end) {
    while (at_ < end) strip_one(end);
  }

  void strip_one(std::size_t end) {
    const char c = text_[at_];
    if (c == '\\' && at_ + 1 < end && is_punctuation(text_[at_ + 1])) {
      drop(at_, at_ + 1);
      at_ += 2;
    } else if (c == '*' || c == '_' || c == '~') {
      strip_run(end);
    } else if (c == '[') {
      brackets_.push_back(at_++);
    } else if (c == ']') {
      close_bracket(end);
    } else if (!strip_comment(end)) {
      ++at_;
    }
  }

  // Emphasis and strike-through; an underscore inside a word is a letter.
  void strip_run(std::size_t end) {
    const std::size_t run = std::min(run_length(text_, at_), end - at_);
    const std::size_t after = at_ + run;
    const bool is_inside_word =
        at_ > 0 && is_word_character(text_[at_ - 1]) && after < text_.size() && is_word_character(text_[after]);
    const bool is_text = (text_[at_] == '_' && is_inside_word) || (text_[at_] == '~' && run < 2);
    if (!is_text) drop(at_, after);
    at_ = after;
  }

  // "](target)" makes the bracket a link: its marks and target go.
  void close_bracket(std::size_t end) {
    const std::size_t closing = at_++;
    if (brackets_.empty()) return;
    const std::size_t opening = brackets_.back();
    brackets_.pop_back();
    if (at_ == end || text_[at_] != '(' || at_ >= no_parenthesis_from_) return;
    const std::size_t parenthesis = text_.substr(0, end).find(')', at_);
    if (parenthesis == std::string_view::npos) {
      no_parenthesis_from_ = at_;
      return;
    }
    drop(opening > 0 && text_[opening - 1] == '!' ? opening - 1 : opening, opening + 1);
    drop(closing, parenthesis + 1);
    at_ = parenthesis + 1;
  }

  bool strip_comment(std::size_t end) {
    if (comments_are_over_ || text_.substr(at_, 4) != "<!--") return false;
    const std::size_t closing = text_.find("-->", at_ + 4);
    comments_are_over_ = closing == std::string_view::npos;
    if (comments_are_over_) return false;
    const std::size_t after = std::min(closing + 3, end);
    drop(at_, after);
    at_ = after;
    return true;
  }

  std::string_view text_;
  std::vector<bool> keep_;
  std::vector<std::size_t> brackets_;  // open ones
  std::size_t at_ = 0;
  std::size_t no_parenthesis_from_ = std::string_view::npos;
  bool comments_are_over_ = false;
};

}  // namespace

InlineText::InlineText(const DocumentLines& document, const std::vector<Span>& lines) {
  for (const Span& line : lines) {
    if (!text_.empty()) text_ += ' ';
    starts_.emplace_back(text_.size(), line.offset);
    text_ += document.slice(line);
  }
}

std::size_t InlineText::offset_at(std::size_t index) const {
  const auto after = std::ranges::upper_bound(starts_, index, {}, &std::pair<std::size_t, std::size_t>::first);
  if (after == starts_.begin()) return 0;
  const auto& [start, offset] = *std::prev(after);
  return offset + (index - start);
}

std::vector<CodeSpan> find_code_spans(std::string_view text) {
  std::vector<CodeSpan> spans;
  std::array<bool, kBackticksMax + 1> has_no_partner{};  // by length; none later on either
  std::size_t at = 0;
  while ((at = text.find_first_of("`\\", at)) < text.size()) {
    if (text[at] == '\\') {
      at += 2;
      continue;
    }
    const std::size_t run = run_length(text, at);
    const std::size_t closing =
        run > kBackticksMax || has_no_partner[run] ? std::string_view::npos : find_backticks(text, at + run, run);
    if (closing == std::string_view::npos) {
      if (run <= kBackticksMax) has_no_partner[run] = true;
      at += run;
      continue;
    }
    const Span content{.offset = at + run, .length = closing - at - run};
    spans.push_back({.outer = {.offset = at, .length = closing + run - at}, .content = without_padding(text, content)});
    at = closing + run;
  }
  return spans;
}

std::string plain_text(std::string_view markdown) {
  const std::string stripped = MarkupStripper(markdown).strip();
  return std::string(base::trim(stripped));
}

std::string text_identity(std::string_view markdown) {
  const std::string plain = base::to_lower_ascii(plain_text(markdown));
  std::string identity;
  for (const char c : plain) {
    const bool is_blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!is_blank) {
      identity += c;
    } else if (!identity.empty() && identity.back() != ' ') {
      identity += ' ';
    }
  }
  return identity;
}

}  // namespace gantry::launch
