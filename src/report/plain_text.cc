#include "report/plain_text.h"

#include "base/text.h"
#include "base/utf8.h"

#include <algorithm>

namespace gantry::report {

namespace {

constexpr char32_t kReplacement = 0xFFFD;

// The character at the front of `bytes`, which is not empty; a byte that begins no character counts as "�".
base::CodePoint decode(std::string_view bytes) {
  const base::CodePoint next = base::first_code_point(bytes);
  return next.bytes == 0 ? base::CodePoint{kReplacement, 1} : next;
}

struct Range {
  char32_t first, last;
};

// Unicode's Cc beyond ASCII, Cf but for the joiners that scripts need (UAX 9 names the marks of direction), noncharacters.
constexpr Range kUnseen[] = {{0x7F, 0x9F},     {0xAD, 0xAD},     {0x61C, 0x61C},   {0x200B, 0x200B},
                             {0x200E, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x206F}, {0xFDD0, 0xFDEF},
                             {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xFFFE, 0xFFFF}, {0xE0000, 0xE007F}};

bool is_space(char32_t code) {
  return code == ' ' || (code >= '\t' && code <= '\r') || code == 0x85 || code == 0xA0 || code == 0x2028 ||
         code == 0x2029;
}

// Whether a character only chooses between forms of the one before it (VS1 to VS16): dropped, because with nothing before it
// its width is anybody's guess.
bool is_variation_selector(char32_t code) { return code >= 0xFE00 && code <= 0xFE0F; }

// The character to show for one that is no white space.
char32_t shown(char32_t code) {
  if (code < 0x20) return 0x2400 + code;  // control pictures: U+2400 stands for NUL, U+241B for ESC
  if (code == 0x7F) return 0x2421;
  return is_unseen(code) ? kReplacement : code;
}

// Runs of one character such as "**" or "```".
std::size_t run_length(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(text[at], at), text.size()) - at;
}

bool is_word(std::string_view text, std::size_t at) {
  if (at >= text.size()) return false;
  const auto byte = static_cast<unsigned char>(text[at]);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

bool is_punctuation(char c) { return std::string_view("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~").contains(c); }

// Where the run of `length` equal characters that closes the one at `open` begins; npos when none does. Emphasis closes after
// a character that is no space, and an underscore only at the end of a word (CommonMark 0.30, 6.2).
std::size_t closing_run(std::string_view text, std::size_t open, std::size_t length) {
  const char mark = text[open];
  for (std::size_t at = text.find(mark, open + length); at < text.size();
       at = text.find(mark, at + run_length(text, at))) {
    if (run_length(text, at) != length) continue;
    if (mark == '`') return at;
    if (text[at - 1] != ' ' && !(mark == '_' && is_word(text, at + length))) return at;
  }
  return std::string_view::npos;
}

// Whether the run at `at` may open emphasis.
bool opens_emphasis(std::string_view text, std::size_t at, std::size_t length) {
  const bool before_space = at + length >= text.size() || text[at + length] == ' ';
  return !before_space && !(text[at] == '_' && at > 0 && is_word(text, at - 1));
}

struct Link {
  std::string_view label;
  std::size_t length = 0;  // of the whole construct; 0: no link here
};

// "[label](target)" at `at`.
Link link_at(std::string_view text, std::size_t at) {
  const std::size_t middle = text.find("](", at);
  if (middle == std::string_view::npos) return {};
  const std::size_t end = text.find(')', middle);
  const std::string_view label = text.substr(at + 1, middle - at - 1);
  if (end == std::string_view::npos || label.contains('[')) return {};
  return {label, end + 1 - at};
}

std::string strip_inline(std::string_view text, int depth);

// Appends what the construct at `at` shows and returns how many bytes of `text` it took.
std::size_t take_construct(std::string& out, std::string_view text, std::size_t at, int depth) {
  const char c = text[at];
  if (c == '\\' && at + 1 < text.size() && is_punctuation(text[at + 1])) {
    out.push_back(text[at + 1]);
    return 2;
  }
  if (c == '`' || c == '*' || c == '_' || c == '~') {
    const std::size_t length = run_length(text, at);
    const std::size_t close =
        c == '`' || opens_emphasis(text, at, length) ? closing_run(text, at, length) : std::string_view::npos;
    if (close == std::string_view::npos || (c == '~' && length != 2)) {
      out.append(text.substr(at, length));
      return length;
    }
    const std::string_view inner = text.substr(at + length, close - at - length);
    out += c == '`' ? std::string(base::trim(inner)) : strip_inline(inner, depth + 1);
    return close + length - at;
  }
  if (c == '!' && at + 1 < text.size() && text[at + 1] == '[' && link_at(text, at + 1).length != 0)
    return 1;  // an image
  if (const Link link = c == '[' ? link_at(text, at) : Link{}; link.length != 0) {
    out += strip_inline(link.label, depth + 1);
    return link.length;
  }
  out.push_back(c);
  return 1;
}

// Emphasis inside emphasis more than this deep is not how people write; it is left as it stands.
constexpr int kNestingMax = 8;

std::string strip_inline(std::string_view text, int depth) {
  if (depth > kNestingMax) return std::string(text);
  std::string out;
  for (std::size_t at = 0; at < text.size();) at += take_construct(out, text, at, depth);
  return out;
}

}  // namespace

bool is_unseen(char32_t code) {
  const bool is_noncharacter = (code & 0xFFFEU) == 0xFFFE;
  return is_noncharacter ||
         std::ranges::any_of(kUnseen, [&](Range range) { return code >= range.first && code <= range.last; });
}

std::string inert_line(std::string_view untrusted) {
  std::string out;
  bool space_due = false;
  for (std::size_t at = 0; at < untrusted.size();) {
    const base::CodePoint next = decode(untrusted.substr(at));
    at += next.bytes;
    if (is_variation_selector(next.value)) continue;
    if (is_space(next.value)) {
      space_due = !out.empty();
      continue;
    }
    if (space_due) out.push_back(' ');
    space_due = false;
    base::append_utf8(out, shown(next.value));
  }
  return out;
}

std::string inert_indented(std::string_view untrusted) {
  std::string indent;
  const std::size_t start = std::min(untrusted.find_first_not_of(" \t"), untrusted.size());
  for (const char c : untrusted.substr(0, start)) indent += c == '\t' ? "  " : " ";
  return indent + inert_line(untrusted.substr(start));
}

std::vector<std::string> inert_lines(std::string_view untrusted) {
  std::vector<std::string> lines;
  for (const std::string_view line : base::split(untrusted, '\n')) lines.push_back(inert_indented(line));
  while (!lines.empty() && base::trim(lines.back()).empty()) lines.pop_back();
  return lines;
}

std::string plain_markdown(std::string_view markdown) {
  return inert_line(strip_inline(inert_line(markdown.substr(0, kPlainBytesMax)), 0));
}

std::string_view prefix_of_width(std::string_view utf8, std::size_t columns) {
  std::size_t end = 0;
  for (std::size_t width = 0; end < utf8.size();) {
    const std::size_t length = decode(utf8.substr(end)).bytes;
    width += base::display_width(utf8.substr(end, length));
    if (width > columns && end > 0) break;
    end += length;
  }
  return utf8.substr(0, end);
}

}  // namespace gantry::report
