#include "report/markdown_text.h"

#include "base/text.h"
#include "report/plain_text.h"

#include <algorithm>

namespace gantry::report {

namespace {

std::string cut(std::string_view untrusted, std::size_t columns) {
  return base::fit_width(inert_line(untrusted.substr(0, kPlainBytesMax)), columns);
}

void append_pipe_safe(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '|') out.push_back('\\');
    out.push_back(c);
  }
}

}  // namespace

std::string markdown_text(std::string_view untrusted, std::size_t columns) {
  const std::string text = cut(untrusted, columns);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    switch (const char c = text[i]) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      // An empty comment between sigil and name keeps GitHub from notifying a person or linking an issue.
      case '@':
      case '#': (out += c) += "<!-- -->"; break;
      // GFM makes links of bare addresses; with the colon or dot as an entity it does not see one (0.29, 6.9).
      case ':': out += text.compare(i, 3, "://") == 0 ? "&#58;" : ":"; break;
      case '.': out += i >= 3 && text.compare(i - 3, 3, "www") == 0 ? "&#46;" : "."; break;
      default:
        if (std::string_view("\\`*_{}[]()|~!").contains(c)) out.push_back('\\');
        out.push_back(c);
    }
  }
  return out;
}

std::string markdown_code(std::string_view untrusted, std::size_t columns) {
  const std::string text = cut(untrusted, columns);
  if (text.empty()) return {};
  // The fence is longer than any run of backticks inside (CommonMark 0.30, 6.1).
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  const bool needs_space = text.front() == '`' || text.back() == '`';
  std::string out = fence + (needs_space ? " " : "");
  append_pipe_safe(out, text);
  return out + (needs_space ? " " : "") + fence;
}

}  // namespace gantry::report
