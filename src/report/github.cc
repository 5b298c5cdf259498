// The board as workflow commands of GitHub Actions: one annotation per finding at its line in the diff.

#include "report/board_facts.h"
#include "report/plain_text.h"
#include "report/renderers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::report {

namespace {

// GitHub shows the first ten of each kind that a step prints; one place is kept for the verdict.
constexpr int kPerKindMax = 9;

constexpr std::array<std::string_view, 5> kCommands = {"notice", "notice", "warning", "error", "error"};  // by severity

enum class Place { message, property };

// Workflow commands percent-encode the characters that would end a command or one of its properties.
std::string escaped(std::string_view untrusted, Place place) {
  std::string out;
  for (const char c : inert_line(untrusted)) {
    const bool is_special = c == '%' || (place == Place::property && (c == ':' || c == ','));
    if (is_special) {
      out += fmt::format("%{:02X}", c);
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string annotation(std::string_view command, const base::SourcePos& where, std::string_view title,
                       std::string_view message) {
  std::string properties;
  if (where.file) properties += fmt::format("file={},", escaped(*where.file, Place::property));
  if (where.line != 0) properties += fmt::format("line={},", where.line);
  if (where.line != 0 && where.column != 0) properties += fmt::format("col={},", where.column);
  return fmt::format("::{} {}title={}::{}\n", command, properties, escaped(title, Place::property),
                     escaped(message, Place::message));
}

}  // namespace

std::string render_github(const Board& board, const RenderOptions&) {
  std::string out;
  std::array<int, kCommands.size()> written{};
  for (const CollectedFinding& each : collect_findings(board)) {
    const base::Finding& finding = *each.finding;
    const std::string_view command = kCommands.at(static_cast<std::size_t>(finding.severity));
    int& count = written.at(static_cast<std::size_t>(std::ranges::find(kCommands, command) - kCommands.begin()));
    if (each.waiver || count == kPerKindMax) continue;
    ++count;
    out += annotation(command, each.where, finding.rule,
                      finding.fix.empty() ? finding.message : finding.message + ". Fix: " + finding.fix);
  }
  // Last, as the important line: the verdict, as an error unless it is GO.
  const std::string_view command = board.decision == Decision::go ? "notice" : "error";
  const SpokenVerdict verdict = spoken_verdict(board);
  return out + annotation(command, {}, verdict.word, verdict.sentence);
}

}  // namespace gantry::report
