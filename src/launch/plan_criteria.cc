#include "base/text.h"
#include "launch/plan_body.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::launch {

using base::Result;
using base::Severity;
using Kind = MarkdownBlock::Kind;

namespace {

// "[x]" at the start of an item, as people write it.
struct Box {
  Span inside;  // what is between the brackets
  Span after;   // the rest of the first line
  bool is_ticked = false;
  bool is_well_formed = false;  // GFM 0.29, §5.3: one of " xX" between the brackets, a space behind them
};

// One character, in however many bytes; or nothing but spaces around one.
bool could_be_mark(std::string_view inside) {
  const std::string_view mark = base::trim(inside);
  if (mark.size() <= 1) return mark.empty() || (!is_digit(mark[0]));
  return mark.size() <= 4 && std::ranges::all_of(mark, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

// What opened before the box closes behind it or at the end of the line: "**[ ]** text", "**[ ] text**".
Span without_emphasis(const DocumentLines& document, Span after, std::string_view emphasis) {
  if (!emphasis.empty() && document.slice(after).starts_with(emphasis)) {
    after = {.offset = after.offset + emphasis.size(), .length = after.length - emphasis.size()};
  } else if (!emphasis.empty() && document.slice(after).ends_with(emphasis)) {
    after.length -= emphasis.size();
  }
  return trim_span(document.text(), after);
}

std::optional<Box> read_box(const DocumentLines& document, Span line) {
  const std::string_view text = document.slice(line);
  // Emphasis may stand around a box: "**[ ]** text".
  const std::size_t opening = text.find_first_not_of("*_~");
  if (opening == std::string_view::npos || text[opening] != '[') return std::nullopt;
  const std::size_t closing = text.find(']', opening);
  if (closing == std::string_view::npos || closing - opening > 8) return std::nullopt;
  const std::string_view inside = text.substr(opening + 1, closing - opening - 1);
  const char next = closing + 1 < text.size() ? text[closing + 1] : ' ';
  if (next == '(' || next == '[' || next == ':' || !could_be_mark(inside)) return std::nullopt;  // a link
  const bool is_mark = inside == " " || inside == "x" || inside == "X";
  const Span after{.offset = line.offset + closing + 1, .length = text.size() - closing - 1};
  return Box{.inside = {.offset = line.offset + opening + 1, .length = inside.size()},
             .after = without_emphasis(document, after, text.substr(0, opening)),
             .is_ticked = inside == "x" || inside == "X",
             .is_well_formed = is_mark && (is_space_or_tab(next) || next == '*' || next == '_' || next == '~')};
}

std::optional<Box> box_of(const MarkdownBlock& item, const DocumentLines& document) {
  if (item.children.empty()) return std::nullopt;
  const MarkdownBlock& first = item.children.front();
  if (first.kind != Kind::paragraph || first.lines.empty()) return std::nullopt;
  return read_box(document, first.lines.front());
}

class CriteriaReader {
 public:
  CriteriaReader(std::vector<Criterion>& criteria, PlanFindings& findings)
      : criteria_(criteria), findings_(findings), document_(findings.document()) {}

  // An item of the list itself is a criterion even without a box: what stands under that heading is demanded.
  Result<void> read(const MarkdownBlock& list) {
    for (const MarkdownBlock& item : list.children) TRY(read_item(item, box_of(item, document_)));
    return {};
  }

 private:
  Result<void> read_item(const MarkdownBlock& item, const std::optional<Box>& box) {
    const std::size_t index = criteria_.size();
    criteria_.push_back(make_criterion(item, box));
    report_oddities(criteria_.back(), box);
    return read_nested(item, index);
  }

  Criterion make_criterion(const MarkdownBlock& item, const std::optional<Box>& box) const {
    Criterion criterion;
    criterion.ordinal = static_cast<int>(criteria_.size()) + 1;
    criterion.where = document_.pos(item.offset);
    if (!item.children.empty() && item.children.front().kind == Kind::paragraph) {
      std::vector<Span> lines = item.children.front().lines;
      if (box) lines.front() = box->after;
      std::erase_if(lines, [](const Span& line) { return line.length == 0; });
      criterion.text = InlineText(document_, lines).text();
    }
    criterion.identity = text_identity(criterion.text);
    if (box) {
      criterion.ticked = box->is_ticked;
      criterion.tick = box->inside;
    }
    return criterion;
  }

  void report_oddities(const Criterion& criterion, const std::optional<Box>& box) {
    const std::string object = fmt::format("criterion {}", criterion.ordinal);
    if (!box) {
      findings_.add({.rule = "plan.criterion-box",
                     .where = criterion.where,
                     .object = object,
                     .message = fmt::format("exit criterion '{}' has no box", criterion.text),
                     .explanation = "it is demanded like the others, and can't be ticked",
                     .fix = "write it as '- [ ] …', or move it out of the list"});
    } else if (!box->is_well_formed) {
      findings_.add({.rule = "plan.criterion-box",
                     .where = findings_.pos(box->inside.offset),
                     .object = object,
                     .message = fmt::format("'[{}]' is no box that Markdown knows", document_.slice(box->inside)),
                     .explanation = box->is_ticked ? "" : "it counts as not ticked",
                     .fix = "write '[ ]' or '[x]', and a space behind it"});
    }
    if (criterion.text.starts_with("~~")) {
      findings_.add({.rule = "plan.criterion-struck",
                     .severity = Severity::low,
                     .where = criterion.where,
                     .object = object,
                     .message = "a struck-through exit criterion is still demanded",
                     .fix = "delete it, or name it under Non-Goals"});
    }
  }

  // Nested items with a box are criteria of their own; all else belongs to the one around it.
  Result<void> read_nested(const MarkdownBlock& block, std::size_t index) {
    for (const MarkdownBlock& child : block.children) {
      if (is_gantry_block(child)) {
        GantryBlock read_block = TRY(read_gantry_block(document_, child));
        criteria_[index].blocks.push_back(std::move(read_block));
      } else if (child.kind == Kind::list) {
        TRY(read_nested(child, index));
      } else if (child.kind == Kind::item) {
        const std::optional<Box> box = box_of(child, document_);
        TRY(box ? read_item(child, box) : read_nested(child, index));
      }
    }
    return {};
  }

  std::vector<Criterion>& criteria_;
  PlanFindings& findings_;
  const DocumentLines& document_;
};

}  // namespace

bool has_boxes(const MarkdownBlock& list, const DocumentLines& document) {
  return std::ranges::any_of(list.children,
                             [&](const MarkdownBlock& item) { return box_of(item, document).has_value(); });
}

Result<void> read_criteria(const MarkdownBlock& list, std::vector<Criterion>& criteria, PlanFindings& findings) {
  return CriteriaReader(criteria, findings).read(list);
}

}  // namespace gantry::launch
