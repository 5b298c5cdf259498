#include "launch/checklist.h"

#include "base/text.h"
#include "launch/document_lines.h"
#include "launch/markdown.h"
#include "launch/markdown_inline.h"
#include "launch/markdown_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace gantry::launch {

namespace {

struct BoxMark {
  char mark;
  ItemStatus status;
};
constexpr std::array kMarks = {BoxMark{'x', ItemStatus::complete}, BoxMark{'X', ItemStatus::complete},
                               BoxMark{' ', ItemStatus::pending}, BoxMark{'!', ItemStatus::blocking},
                               BoxMark{'-', ItemStatus::deferred}};

// "[x]", possibly emphasised or in code; nothing when the text holds no box.
std::optional<ItemStatus> find_box(std::string_view text) {
  const std::size_t open = text.find('[');
  if (open == std::string_view::npos || open + 2 >= text.size() || text[open + 2] != ']') return std::nullopt;
  const auto known = std::ranges::find(kMarks, text[open + 1], &BoxMark::mark);
  return known == kMarks.end() ? ItemStatus::unknown : known->status;
}

class Reader {
 public:
  Reader(std::string_view text, std::string_view file) : document_(text, file) {}

  Checklist read() {
    const MarkdownBlock root = parse_markdown(document_, 0, document_.count());
    for (const MarkdownBlock& block : root.children) read_block(block);
    find_duplicates();
    find_unmatched_blockers();
    return std::move(checklist_);
  }

 private:
  void read_block(const MarkdownBlock& block) {
    switch (block.kind) {
      case MarkdownBlock::Kind::heading: read_heading(block); break;
      case MarkdownBlock::Kind::paragraph: read_table(block); break;
      case MarkdownBlock::Kind::list: read_list(block); break;
      default: break;  // code, quotes and rules hold no items
    }
  }

  void read_heading(const MarkdownBlock& block) {
    const std::string text = plain_text(InlineText(document_, block.lines).text());
    // A sub-heading inside a section does not end it.
    if (block.heading_level <= 2) section_ = text;
    const std::string lower = base::to_lower_ascii(section_);
    is_summary_ = lower.find("blocking items") != std::string::npos;
    is_approval_ = lower.find("approval") != std::string::npos;
  }

  // Columns by the words of the header, not by position.
  std::optional<std::size_t> find_column(const MarkdownTable& table, std::string_view name) const {
    for (std::size_t column = 0; column < table.header.size(); ++column)
      if (text_identity(cell_text(document_, table.header[column])) == name) return column;
    return std::nullopt;
  }

  std::string cell(const MarkdownRow& row, std::optional<std::size_t> column) const {
    return column && *column < row.size() ? cell_text(document_, row[*column]) : std::string();
  }

  void read_table(const MarkdownBlock& block) {
    const std::optional<MarkdownTable> table = parse_table(document_, block.lines);
    if (!table) return;
    const std::optional<std::size_t> item = find_column(*table, "item");
    const std::optional<std::size_t> status = find_column(*table, "status");
    if (!item || !status) return;
    const std::optional<std::size_t> owner = find_column(*table, "owner");
    const std::optional<std::size_t> notes = find_column(*table, "notes");
    for (const MarkdownRow& row : table->rows) {
      const std::string text = cell(row, item);
      if (base::trim(text).empty()) continue;
      const base::SourcePos where = document_.pos(row.front().content.offset);
      const bool is_struck = base::trim(text).starts_with("~~");
      if (is_summary_) {
        summary_.push_back({plain_text(text), is_struck, where});
        continue;
      }
      // A row without a box is data, not an item.
      const std::optional<ItemStatus> box = find_box(cell(row, status));
      if (!box) continue;
      add({.section = section_,
           .text = plain_text(text),
           .status = *box,
           .owner = plain_text(cell(row, owner)),
           .notes = cell(row, notes),
           .is_approval = false,
           .is_struck = is_struck,
           .where = where});
    }
  }

  void read_list(const MarkdownBlock& list) {
    for (const MarkdownBlock& item : list.children) {
      for (const MarkdownBlock& child : item.children) {
        if (child.kind == MarkdownBlock::Kind::list) read_list(child);
        if (child.kind != MarkdownBlock::Kind::paragraph) continue;
        const std::string text = InlineText(document_, child.lines).text();
        const std::optional<ItemStatus> box =
            base::trim(text).starts_with('[') ? find_box(base::trim(text)) : std::nullopt;
        if (!box) continue;
        add({.section = section_,
             .text = plain_text(base::trim(base::trim(text).substr(3))),
             .status = *box,
             .owner = {},
             .notes = {},
             .is_approval = is_approval_,
             .is_struck = text.find("~~") != std::string::npos,
             .where = document_.pos(item.offset)});
      }
    }
  }

  void add(ChecklistItem item) {
    if (std::ranges::find(checklist_.sections, item.section) == checklist_.sections.end())
      checklist_.sections.push_back(item.section);
    checklist_.items.push_back(std::move(item));
  }

  // Item identity is section and normalised text (reference §5.1): two of one identity cannot both be the truth.
  void find_duplicates() {
    std::map<std::pair<std::string, std::string>, const ChecklistItem*> seen;
    for (const ChecklistItem& item : checklist_.items) {
      const auto [first, is_new] = seen.emplace(std::pair(item.section, text_identity(item.text)), &item);
      if (is_new) continue;
      const bool disagrees = first->second->status != item.status;
      checklist_.findings.push_back({.rule = "checklist.duplicate-item",
                                     .severity = disagrees ? base::Severity::high : base::Severity::low,
                                     .object = item.text,
                                     .where = item.where,
                                     .message = fmt::format("\"{}\" stands twice in {}{}", item.text, item.section,
                                                            disagrees ? ", with different marks" : ""),
                                     .explanation = {},
                                     .fix = "keep one of them",
                                     .related = {{first->second->where, "first here"}}});
    }
  }

  void find_unmatched_blockers() {
    for (const SummaryRow& row : summary_) {
      if (row.is_struck) continue;
      const std::string identity = text_identity(row.text);
      const bool is_matched = std::ranges::any_of(checklist_.items, [&identity](const ChecklistItem& item) {
        const std::string other = text_identity(item.text);
        return other.find(identity) != std::string::npos || identity.find(other) != std::string::npos;
      });
      if (is_matched) continue;
      checklist_.findings.push_back(
          {.rule = "checklist.summary-without-item",
           .severity = base::Severity::medium,
           .object = row.text,
           .where = row.where,
           .message = fmt::format("the summary names \"{}\", and no section has such an item", row.text),
           .explanation = "what nobody keeps the status of cannot be audited",
           .fix = "add the item to its section, or strike the row through",
           .related = {}});
    }
  }

  struct SummaryRow {
    std::string text;
    bool is_struck = false;
    base::SourcePos where;
  };

  DocumentLines document_;
  Checklist checklist_;
  std::vector<SummaryRow> summary_;
  std::string section_;
  bool is_summary_ = false;
  bool is_approval_ = false;
};

}  // namespace

std::string_view to_string(ItemStatus status) {
  constexpr std::array<std::string_view, 5> kNames = {"complete", "pending", "blocking", "deferred", "unknown"};
  return kNames.at(static_cast<std::size_t>(status));
}

Checklist parse_checklist(std::string_view text, std::string_view file) { return Reader(text, file).read(); }

}  // namespace gantry::launch
