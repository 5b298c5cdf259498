#include "base/text.h"
#include "launch/plan_preamble.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::launch {

namespace {

using base::Severity;

// What a comment says of a file that the launch will make (reference §2.2, row 3).
constexpr std::array<std::string_view, 3> kOutputWords = {"to create", "to be created", "output"};

bool is_name(std::string_view name) {
  return !name.empty() && (is_letter(name[0]) || is_digit(name[0]) || name[0] == '_') &&
         std::ranges::all_of(name,
                             [](char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.'; });
}

// Where "# comment" starts: at the beginning or after white space.
std::size_t comment_start(std::string_view text) {
  for (std::size_t i = text.find('#'); i != std::string_view::npos; i = text.find('#', i + 1)) {
    if (i == 0 || is_space_or_tab(text[i - 1])) return i;
  }
  return text.size();
}

std::string_view without_quotes(std::string_view text) {
  const bool is_quoted =
      text.size() >= 2 && text.front() == text.back() && std::string_view("\"'`").contains(text.front());
  return is_quoted ? text.substr(1, text.size() - 2) : text;
}

bool says_output(std::string_view comment) {
  const std::string lower = base::to_lower_ascii(comment);
  return std::ranges::any_of(kOutputWords, [&](std::string_view word) { return lower.contains(word); });
}

}  // namespace

std::optional<Handle> read_handle(Span entry, PlanFindings& findings) {
  entry = trim_span(findings.document().text(), entry);
  const std::string_view text = findings.document().slice(entry);
  const std::size_t comment = comment_start(text);
  const std::string_view written = base::trim(text.substr(0, comment));
  const std::size_t separator = written.find_first_of(":=");
  const std::string_view name = base::trim(without_quotes(base::trim(written.substr(0, separator))));
  const bool has_separator = separator != std::string_view::npos;
  const std::string_view path =
      has_separator ? without_quotes(base::trim(written.substr(separator + 1))) : std::string_view();
  if (!has_separator || !is_name(name) || path.empty()) {
    findings.add(
        {.rule = "plan.handle-syntax",
         .severity = Severity::medium,
         .where = findings.pos(entry.offset),
         .message = has_separator && path.empty() ? fmt::format("handle '{}' has no path", name)
                                                  : fmt::format("'{}' is not a handle", written),
         .explanation = "a handle that can't be read names nothing, and steps that mean it will not find their files",
         .fix = "write it as '- name: path/from/the/workspace'"});
    return std::nullopt;
  }
  Handle handle{.name = std::string(name),
                .path = std::string(path),
                .comment = comment < text.size() ? std::string(base::trim(text.substr(comment + 1))) : "",
                .is_output = false,
                .where = findings.pos(entry.offset)};
  handle.is_output = says_output(handle.comment);
  if (path.contains("://")) {
    findings.add({.rule = "plan.handle-syntax",
                  .severity = Severity::low,
                  .where = handle.where,
                  .object = handle.name,
                  .message = fmt::format("handle '{}' is a URL; handles name files of the workspace", name),
                  .fix = "link it in the plan's text instead"});
  }
  return handle;
}

}  // namespace gantry::launch
