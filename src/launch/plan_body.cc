#include "launch/plan_body.h"

#include "base/text.h"
#include "launch/markdown_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>

namespace gantry::launch {

using base::Result;
using base::Severity;
using Kind = MarkdownBlock::Kind;

namespace {

enum class SectionKind { other, mission, track, criteria, remaining, non_goals, attention, branches };

struct SectionName {
  std::string_view prefix;  // of the heading's text in lower case
  SectionKind kind;
};
// Reference §2.2. A heading may go on: "Remaining Items (from FILE)".
constexpr SectionName kSectionNames[] = {
    {"your mission", SectionKind::mission},       {"mission", SectionKind::mission},
    {"exit criteria", SectionKind::criteria},     {"remaining items", SectionKind::remaining},
    {"non-goals", SectionKind::non_goals},        {"non goals", SectionKind::non_goals},
    {"attention budget", SectionKind::attention}, {"branch candidates", SectionKind::branches},
};

SectionKind section_kind(std::string_view heading) {
  const std::string identity = text_identity(heading);
  const auto* found =
      std::ranges::find_if(kSectionNames, [&](const SectionName& name) { return identity.starts_with(name.prefix); });
  return found == std::end(kSectionNames) ? SectionKind::other : found->kind;
}

class BodyReader {
 public:
  explicit BodyReader(PlanFindings& findings) : findings_(findings), document_(findings.document()) {}

  Result<PlanBody> read(const MarkdownBlock& root) {
    for (const MarkdownBlock& block : root.children) {
      if (block.kind == Kind::heading) {
        enter_section(block);
      } else {
        TRY(read_block(block));
      }
    }
    for (PlanTrack& track : body_.tracks) number_steps(track, findings_);
    report_unattached_blocks(root, attached_lines());
    return std::move(body_);
  }

 private:
  struct Section {
    int level = 0;
    SectionKind kind = SectionKind::other;
  };

  Section current() const { return sections_.empty() ? Section{} : sections_.back(); }

  // A heading ends every section of its level and below. One without a name of ours stays what is around it.
  void enter_section(const MarkdownBlock& block) {
    exit_criteria_follow_ = false;
    const InlineText heading(document_, block.lines);
    if (block.heading_level == 1 && body_.heading.empty()) body_.heading = plain_text(heading.text());
    while (!sections_.empty() && sections_.back().level >= block.heading_level) sections_.pop_back();
    if (std::optional<PlanTrack> track = read_track_heading(heading, document_.pos(block.offset))) {
      body_.tracks.push_back(std::move(*track));
      sections_.push_back({.level = block.heading_level, .kind = SectionKind::track});
      return;
    }
    SectionKind kind = section_kind(heading.text());
    if (kind == SectionKind::other) kind = current().kind;
    sections_.push_back({.level = block.heading_level, .kind = kind});
  }

  Result<void> read_block(const MarkdownBlock& block) {
    read_closing_sentence(block);
    switch (current().kind) {
      case SectionKind::mission: read_mission(block); break;
      case SectionKind::track: return read_track_block(block);
      case SectionKind::criteria: return read_criteria_block(block);
      case SectionKind::remaining: read_remaining(block); break;
      case SectionKind::non_goals: append_items(block, body_.non_goals); break;
      case SectionKind::attention: read_attention(block); break;
      case SectionKind::branches: append_items(block, body_.branch_candidates); break;
      case SectionKind::other: break;
    }
    return {};
  }

  // Where the blocks stand that some step or criterion has.
  std::set<std::uint32_t> attached_lines() const {
    std::set<std::uint32_t> lines;
    const auto add = [&](const std::vector<GantryBlock>& blocks) {
      for (const GantryBlock& block : blocks) lines.insert(block.where.line);
    };
    for (const PlanTrack& track : body_.tracks) {
      for (const PlanStep& step : track.steps) add(step.blocks);
    }
    for (const Criterion& criterion : body_.criteria) add(criterion.blocks);
    return lines;
  }

  // A fence that is not indented ends the list, and stands beside the step that it was meant for; one in a bullet or a quote
  // has no step either.
  void report_unattached_blocks(const MarkdownBlock& block, const std::set<std::uint32_t>& attached) {
    if (is_gantry_block(block) && !attached.contains(document_.pos(block.offset).line)) report_unattached(block);
    for (const MarkdownBlock& child : block.children) report_unattached_blocks(child, attached);
  }

  void report_unattached(const MarkdownBlock& block) {
    findings_.add({.rule = "plan.block-unattached",
                   .severity = Severity::high,
                   .where = document_.pos(block.offset),
                   .message = "this gantry block belongs to no step and no exit criterion",
                   .explanation = "nothing is bound by it, so what it demands would not be checked",
                   .fix = "indent it under its step, as far as the step's text"});
  }

  void read_mission(const MarkdownBlock& block) {
    if (block.kind == Kind::paragraph && body_.mission.empty())
      body_.mission = InlineText(document_, block.lines).text();
  }

  Result<void> read_track_block(const MarkdownBlock& block) {
    if (block.kind == Kind::paragraph) {
      exit_criteria_follow_ = text_identity(InlineText(document_, block.lines).text()).starts_with("exit criteria");
      return {};
    }
    if (block.kind != Kind::list) return {};
    if (exit_criteria_follow_ && has_boxes(block, document_)) return read_criteria(block, body_.criteria, findings_);
    if (block.is_ordered) return read_steps(block);
    if (has_boxes(block, document_)) report_loose_boxes(block);
    return {};
  }

  Result<void> read_steps(const MarkdownBlock& list) {
    PlanTrack& track = body_.tracks.back();
    const auto first = static_cast<std::ptrdiff_t>(track.steps.size());
    for (const MarkdownBlock& item : list.children) {
      PlanStep step = TRY(read_step(item, document_));
      track.steps.push_back(std::move(step));
    }
    number_as_rendered({track.steps.begin() + first, track.steps.end()}, findings_);
    return {};
  }

  void report_loose_boxes(const MarkdownBlock& list) {
    findings_.add({.rule = "plan.box-outside",
                   .severity = Severity::low,
                   .where = document_.pos(list.offset),
                   .message = "boxes outside of Exit Criteria are not judged",
                   .fix = "number them as steps, or list them under Exit Criteria"});
  }

  Result<void> read_criteria_block(const MarkdownBlock& block) {
    if (block.kind != Kind::list) return {};
    return read_criteria(block, body_.criteria, findings_);
  }

  std::string item_text(const MarkdownBlock& item) const {
    if (item.children.empty() || item.children.front().kind != Kind::paragraph) return {};
    return InlineText(document_, item.children.front().lines).text();
  }

  void append_items(const MarkdownBlock& block, std::vector<std::string>& items) const {
    if (block.kind != Kind::list) return;
    for (const MarkdownBlock& item : block.children) items.push_back(item_text(item));
  }

  // A table; a plain list has items without a status.
  void read_remaining(const MarkdownBlock& block) {
    if (block.kind == Kind::list) {
      for (const MarkdownBlock& item : block.children) {
        body_.remaining_items.push_back({.item = item_text(item),
                                         .category = {},
                                         .priority = {},
                                         .status = {},
                                         .status_span = {},
                                         .where = document_.pos(item.offset)});
      }
    }
    if (block.kind != Kind::paragraph) return;
    const std::optional<MarkdownTable> table = parse_table(document_, block.lines);
    if (!table) return;
    constexpr std::array<std::string_view, 4> kColumns = {"item", "category", "priority", "status"};
    std::array<std::size_t, 4> columns{};
    for (std::size_t i = 0; i < kColumns.size(); ++i) columns.at(i) = find_column(*table, kColumns.at(i));
    for (const MarkdownRow& row : table->rows) {
      const auto cell = [&](std::size_t column) {
        return columns.at(column) < row.size() ? cell_text(document_, row[columns.at(column)]) : "";
      };
      RemainingItem item{.item = cell(0),
                         .category = cell(1),
                         .priority = cell(2),
                         .status = cell(3),
                         .status_span = {},
                         .where = document_.pos(row.front().content.offset)};
      if (columns[3] < row.size()) item.status_span = row[columns[3]].between_pipes;
      body_.remaining_items.push_back(std::move(item));
    }
  }

  std::size_t find_column(const MarkdownTable& table, std::string_view name) const {
    const auto found = std::ranges::find_if(
        table.header, [&](const MarkdownCell& cell) { return text_identity(document_.slice(cell.content)) == name; });
    return found == table.header.end() ? std::string_view::npos
                                       : static_cast<std::size_t>(found - table.header.begin());
  }

  void read_attention(const MarkdownBlock& block) {
    for (const Span& line : block.lines) {
      std::optional<AttentionShare> share = read_attention_line(document_.slice(line), document_.pos(line.offset));
      if (share) body_.attention.push_back(std::move(*share));
    }
    for (const MarkdownBlock& child : block.children) read_attention(child);
  }

  void read_closing_sentence(const MarkdownBlock& block) {
    if (block.kind != Kind::paragraph || body_.closing ||
        !document_.slice(block.lines.front()).starts_with("This is the "))
      return;
    const std::string plain =
        plain_text(InlineText(document_, block.lines).text()).substr(std::string_view("This is the ").size());
    const std::string word = plain.substr(0, plain.find_first_of(" .,;:"));
    if (std::ranges::find(kPhases, word) != kPhases.end())
      body_.closing = ClosingSentence{.phase = word, .where = document_.pos(block.offset)};
  }

  PlanFindings& findings_;
  const DocumentLines& document_;
  PlanBody body_;
  std::vector<Section> sections_;  // open ones, outermost first
  bool exit_criteria_follow_ = false;
};

}  // namespace

Result<PlanBody> read_body(const MarkdownBlock& root, PlanFindings& findings) {
  return BodyReader(findings).read(root);
}

}  // namespace gantry::launch
