#include "launch/checks/checks.h"

#include "base/digest.h"
#include "base/text.h"
#include "launch/document_lines.h"
#include "launch/markdown.h"
#include "launch/markdown_inline.h"

#include <fmt/format.h>

#include <array>

namespace gantry::launch {

using base::Finding;
using base::Result;

namespace {

constexpr std::array kFields = {
    Field{"path", FieldKind::path, Need::required, "the document"},
    Field{"heading", FieldKind::text, Need::required, "a heading that contains these words"},
    Field{"mentions", FieldKind::text_list, Need::optional, "texts that the section must contain"},
    Field{"words_min", FieldKind::integer, Need::optional, "how many words it must hold at least (default 20)"},
};

// A heading with one sentence below it explains nothing; twenty words are two sentences.
constexpr std::int64_t kWordsMin = 20;

struct Section {
  std::uint32_t line = 0;
  std::string heading;
  std::string body;  // the lines below the heading, up to the next one of its level or above
};

std::string heading_text(const DocumentLines& document, const MarkdownBlock& block) {
  std::string text;
  for (const Span& line : block.lines) text += (text.empty() ? "" : " ") + std::string(document.slice(line));
  return plain_text(text);
}

std::vector<Section> find_sections(const DocumentLines& document, std::string_view wanted) {
  const MarkdownBlock root = parse_markdown(document, 0, document.count());
  const std::string needle = base::to_lower_ascii(wanted);
  std::vector<Section> sections;
  for (std::size_t i = 0; i < root.children.size(); ++i) {
    const MarkdownBlock& block = root.children[i];
    if (block.kind != MarkdownBlock::Kind::heading) continue;
    Section section{.line = document.pos(block.offset).line, .heading = heading_text(document, block), .body = {}};
    if (base::to_lower_ascii(section.heading).find(needle) == std::string::npos) continue;
    std::size_t end = document.text().size();
    for (std::size_t next = i + 1; next < root.children.size(); ++next)
      if (root.children[next].kind == MarkdownBlock::Kind::heading &&
          root.children[next].heading_level <= block.heading_level) {
        end = root.children[next].offset;
        break;
      }
    const std::size_t body = block.lines.empty() ? block.offset : block.lines.back().end();
    section.body = std::string(document.text().substr(body, end - body));
    sections.push_back(std::move(section));
  }
  return sections;
}

std::int64_t count_words(std::string_view text) {
  std::int64_t words = 0;
  bool inside = false;
  for (const char c : text) {
    const bool is_space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    words += !is_space && !inside ? 1 : 0;
    inside = !is_space;
  }
  return words;
}

Finding finding(std::string rule, std::string_view path, base::SourcePos where, std::string message, std::string fix) {
  return {.rule = std::move(rule),
          .severity = base::Severity::high,
          .object = std::string(path),
          .where = std::move(where),
          .message = std::move(message),
          .explanation = {},
          .fix = std::move(fix),
          .related = {}};
}

void judge_section(const CheckContext& context, std::string_view path, const Section& section, CheckOutcome& outcome) {
  const std::int64_t words = count_words(section.body);
  const std::int64_t words_min = context.integer("words_min").value_or(kWordsMin);
  outcome.metrics.push_back({"section_words_count", static_cast<double>(words)});
  if (words < words_min)
    outcome.findings.push_back(
        finding("doc.section-empty", path, file_pos(path, section.line),
                fmt::format("the section \"{}\" holds {} words, {} are needed", section.heading, words, words_min),
                "write what somebody needs who reads it in an incident"));
  for (const std::string& mention : context.texts("mentions"))
    if (section.body.find(mention) == std::string::npos)
      outcome.findings.push_back(
          finding("doc.section-lacks", path, file_pos(path, section.line),
                  fmt::format("the section \"{}\" does not mention \"{}\"", section.heading, mention),
                  fmt::format("say in it what is to be known about {}", mention)));
}

Result<CheckOutcome> run(CheckContext& context) {
  const std::string path = context.text("path");
  CheckOutcome outcome;
  if (TRY(context.files.kind(path)) != base::FileKind::regular) {
    outcome.findings.push_back(finding("doc.missing", path, context.where(), fmt::format("{} is missing", path),
                                       fmt::format("write {}", path)));
  } else {
    const std::string text = TRY(context.files.read(path));
    const DocumentLines document(text, path);
    const std::vector<Section> sections = find_sections(document, context.text("heading"));
    if (sections.empty())
      outcome.findings.push_back(finding("doc.section-missing", path, file_pos(path, 0),
                                         fmt::format("{} has no heading with \"{}\"", path, context.text("heading")),
                                         "add the section"));
    // Several headings may contain the words; one section that holds enough is enough.
    for (const Section& section : sections) {
      CheckOutcome judged;
      judge_section(context, path, section, judged);
      const bool is_good = judged.findings.empty();
      if (is_good || &section == &sections.front()) {
        outcome.findings = std::move(judged.findings);
        outcome.metrics = std::move(judged.metrics);
        outcome.summary = fmt::format("{} has \"{}\" at line {}", path, section.heading, section.line);
        context.inputs.note("fact:section", base::sha256_hex(section.body));
      }
      if (is_good) break;
    }
  }
  outcome.verdict = verdict_of(outcome.findings);
  if (!outcome.findings.empty()) outcome.summary = outcome.findings.front().message;
  return outcome;
}

}  // namespace

const CheckType kDocSection = {.name = "doc.section",
                               .summary = "a document has a section that says enough",
                               .fields = kFields,
                               .version = 1,
                               .run = run,
                               .missing_engine = {}};

}  // namespace gantry::launch
