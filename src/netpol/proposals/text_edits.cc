#include "netpol/proposals/text_edits.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::netpol {

namespace {

constexpr std::size_t kContext = 3;  // lines around a change, as everybody's diffs have them

}  // namespace

LineEdits::LineEdits(std::string_view text) : ends_in_line_feed_(text.empty() || text.ends_with('\n')) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines_.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

void LineEdits::insert_after(std::size_t number, const std::vector<std::string>& lines) {
  std::vector<std::string>& there = inserted_[number];
  there.insert(there.end(), lines.begin(), lines.end());
}

void LineEdits::remove(std::size_t first, std::size_t last) {
  for (std::size_t number = first; number <= last && number <= lines_.size(); ++number) removed_.insert(number);
}

void LineEdits::replace(std::size_t number, std::string line) { replaced_[number] = std::move(line); }

std::vector<LineEdits::ScriptLine> LineEdits::script() const {
  std::vector<ScriptLine> script;
  const auto insert = [&](std::size_t number) {
    if (const auto found = inserted_.find(number); found != inserted_.end())
      for (const std::string& line : found->second) script.push_back({'+', &line});
  };
  insert(0);
  for (std::size_t number = 1; number <= lines_.size(); ++number) {
    const auto replacement = replaced_.find(number);
    const bool is_removed = removed_.contains(number);
    const char tag = is_removed || replacement != replaced_.end() ? '-' : ' ';
    script.push_back({tag, &lines_[number - 1], number == lines_.size()});
    if (!is_removed && replacement != replaced_.end()) script.push_back({'+', &replacement->second});
    insert(number);
  }
  return script;
}

std::string LineEdits::text() const {
  std::string text;
  for (const ScriptLine& line : script())
    if (line.tag != '-') text += *line.text + "\n";
  return text;
}

std::string LineEdits::diff(std::string_view path, bool is_new) const {
  const std::vector<ScriptLine> lines = script();
  const auto is_change = [&](std::size_t index) { return lines[index].tag != ' '; };
  std::string text;
  std::size_t old_line = 1;
  std::size_t new_line = 1;
  for (std::size_t at = 0; at < lines.size();) {
    std::size_t next = at;
    while (next < lines.size() && !is_change(next)) ++next;
    if (next == lines.size()) break;
    const std::size_t first = std::max(at, next - std::min(next, kContext));
    old_line += first - at;
    new_line += first - at;
    // The hunk goes on as long as the next change is near enough to share its context.
    std::size_t last = next;
    for (std::size_t look = next; look < lines.size() && look <= last + 2 * kContext; ++look)
      if (is_change(look)) last = look;
    const std::size_t end = std::min(last + kContext + 1, lines.size());
    std::size_t old_count = 0;
    std::size_t new_count = 0;
    std::string body;
    for (std::size_t index = first; index < end; ++index) {
      const ScriptLine& line = lines[index];
      old_count += line.tag != '+' ? 1 : 0;
      new_count += line.tag != '-' ? 1 : 0;
      body += fmt::format("{}{}\n", line.tag, *line.text);
      if (line.is_last_old && !ends_in_line_feed_) body += "\\ No newline at end of file\n";
    }
    text += fmt::format("@@ -{},{} +{},{} @@\n{}", old_count == 0 ? old_line - 1 : old_line, old_count,
                        new_count == 0 ? new_line - 1 : new_line, new_count, body);
    old_line += old_count;
    new_line += new_count;
    at = end;
  }
  if (text.empty()) return text;
  return fmt::format("--- {}\n+++ b/{}\n{}", is_new ? "/dev/null" : fmt::format("a/{}", path), path, text);
}

}  // namespace gantry::netpol
