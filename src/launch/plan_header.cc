#include "base/text.h"
#include "launch/plan_preamble.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::launch {

namespace {

using base::Severity;

bool is_path_character(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-'; }

// Reads "a.b.c"; at least one dot, or it is a word like any other.
std::size_t dotted_path_length(std::string_view text) {
  std::size_t length = 0;
  std::size_t dots = 0;
  while (length < text.size() && (is_path_character(text[length]) || text[length] == '.')) {
    const bool is_dot = text[length] == '.';
    if (is_dot && (length == 0 || text[length - 1] == '.')) return 0;
    dots += is_dot ? 1 : 0;
    ++length;
  }
  return dots > 0 && text[length - 1] != '.' ? length : 0;
}

struct Group {
  std::string_view key, value;
  std::size_t length = 0;  // 0: not well formed
};

// "[key=value]" or "@key=value".
Group read_group(std::string_view text) {
  const bool is_bracket = text[0] == '[';
  const std::size_t end = is_bracket ? text.find(']') : std::min(text.find_first_of("[@ \t", 1), text.size());
  if (end == std::string_view::npos) return {};
  const std::string_view inside = text.substr(1, end - 1);
  const std::size_t equals = inside.find('=');
  const std::string_view key = base::trim(inside.substr(0, equals));
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view() : base::trim(inside.substr(equals + 1));
  if (key.empty()) return {};
  return {.key = key, .value = value, .length = end + (is_bracket ? 1 : 0)};
}

void assign(const Group& group, PlanHeader& header) {
  const std::array<std::pair<std::string_view, std::string*>, 3> known = {
      {{"phase", &header.phase}, {"sprint", &header.sprint}, {"span", &header.span_name}}};
  for (const auto& [key, target] : known) {
    if (group.key == key && target->empty()) {
      *target = std::string(group.value);
      return;
    }
  }
  header.other.emplace_back(group.key, group.value);
}

}  // namespace

std::optional<PlanHeader> read_header(Span line, PlanFindings& findings) {
  line = trim_span(findings.document().text(), line);
  const std::string_view text = findings.document().slice(line);
  std::size_t at = dotted_path_length(text);
  if (at == 0 || at == text.size() || (text[at] != '[' && text[at] != '@')) return std::nullopt;
  PlanHeader header;
  header.path = std::string(text.substr(0, at));
  header.where = findings.pos(line.offset);
  while (at < text.size()) {
    const bool starts_group = text[at] == '[' || text[at] == '@';
    const Group group = starts_group ? read_group(text.substr(at)) : Group{};
    if (group.length == 0) {
      findings.add({.rule = "plan.header",
                    .severity = Severity::low,
                    .where = findings.pos(line.offset + at),
                    .message = fmt::format("the header is not understood from '{}' on", text.substr(at)),
                    .fix = "write it as path[phase=PLAN][sprint=NAME]@span=NAME"});
      break;
    }
    assign(group, header);
    at += group.length;
  }
  return header;
}

}  // namespace gantry::launch
