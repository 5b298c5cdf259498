#include "base/text.h"
#include "launch/commands.h"
#include "launch/plan_body.h"

#include <algorithm>
#include <array>

namespace gantry::launch {

using base::Result;
using Kind = MarkdownBlock::Kind;

namespace {

constexpr std::array<std::string_view, 6> kShellLanguages = {"bash", "sh", "shell", "zsh", "console", "shell-session"};

bool is_shell_block(const MarkdownBlock& block) {
  if (block.kind != Kind::code || !block.is_fenced) return false;
  const std::string language = base::to_lower_ascii(block.info.substr(0, block.info.find_first_of(" \t{")));
  return std::ranges::find(kShellLanguages, language) != kShellLanguages.end();
}

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.starts_with(word) && (text.size() == word.size() || !is_letter(text[word.size()]));
}

// Gathers what belongs to a step: everything that is nested under its number.
class StepReader {
 public:
  StepReader(PlanStep& step, const DocumentLines& document) : step_(step), document_(document) {}

  Result<void> read(const MarkdownBlock& block) {
    for (const MarkdownBlock& child : block.children) {
      if (is_gantry_block(child)) {
        GantryBlock read_block = TRY(read_gantry_block(document_, child));
        step_.blocks.push_back(std::move(read_block));
      } else if (is_shell_block(child)) {
        read_shell_lines(child);
      } else if (child.kind == Kind::paragraph) {
        read_inline_code(child);
      } else if (child.kind == Kind::list || child.kind == Kind::item) {
        TRY(read(child));
      }
    }
    return {};
  }

 private:
  void read_inline_code(const MarkdownBlock& paragraph) {
    const InlineText inline_text(document_, paragraph.lines);
    for (const CodeSpan& code : find_code_spans(inline_text.text())) {
      const std::string_view text =
          std::string_view(inline_text.text()).substr(code.content.offset, code.content.length);
      if (!looks_like_command(text)) continue;
      step_.commands.push_back(
          {.text = std::string(text), .where = document_.pos(inline_text.offset_at(code.content.offset))});
    }
  }

  // One command per line; a backslash at the end joins lines, and what a here-document holds is no command.
  void read_shell_lines(const MarkdownBlock& code) {
    QuotedCommand command;
    std::string here_document_end;
    for (const Span& span : code.lines) {
      const std::string_view line = base::trim(document_.slice(span));
      if (!here_document_end.empty()) {
        if (line == here_document_end) here_document_end.clear();
        continue;
      }
      if (command.text.empty()) {
        if (line.empty() || line.starts_with('#')) continue;
        command.where = document_.pos(trim_span(document_.text(), span).offset);
      }
      const bool is_continued = line.ends_with('\\');
      command.text += line.substr(0, line.size() - (is_continued ? 1 : 0));
      if (is_continued) continue;
      here_document_end = find_here_document(command.text);
      step_.commands.push_back(std::exchange(command, {}));
    }
    if (!command.text.empty()) step_.commands.push_back(std::move(command));
  }

  PlanStep& step_;
  const DocumentLines& document_;
};

}  // namespace

Result<PlanStep> read_step(const MarkdownBlock& item, const DocumentLines& document) {
  const std::string_view written = document.text().substr(item.offset);
  PlanStep step;
  step.ordinal = std::string(written.substr(0, std::min(written.find_first_not_of("0123456789"), written.size())));
  step.where = document.pos(item.offset);
  if (!item.children.empty() && item.children.front().kind == Kind::paragraph) {
    step.text = InlineText(document, item.children.front().lines).text();
  }
  const std::string plain = text_identity(step.text);
  step.is_conditional = starts_with_word(plain, "if") || starts_with_word(plain, "when");
  step.is_choice =
      starts_with_word(plain, "evaluate") || starts_with_word(plain, "choose") || starts_with_word(plain, "decide");
  Result<void> nested = StepReader(step, document).read(item);
  if (!nested) return std::unexpected(std::move(nested).error());
  return step;
}

}  // namespace gantry::launch
