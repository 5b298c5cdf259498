#include "base/checked_text.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace gantry::base {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// YAML 1.1 §5.1 allows tab, LF, CR, printable ASCII, NEL and U+00A0 upwards; go-yaml refuses the rest, and so do we.
bool is_control(unsigned char c) { return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F; }

// The first byte of a control character, C1 controls included; the text is UTF-8.
std::size_t find_control(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (is_control(c)) return i;
    if (c != 0xC2 || i + 1 >= text.size()) continue;
    const auto second = static_cast<unsigned char>(text[i + 1]);
    if (second < 0xA0 && second != 0x85) return i;
  }
  return std::string_view::npos;
}

}  // namespace

SourcePos CheckedText::pos_at(std::size_t offset) const {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return pos(1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')),
             before.size() - line_start + 1);
}

Result<CheckedText> check_text(std::string_view bytes, std::string_view file, std::uint64_t bytes_max) {
  CheckedText checked{.text = bytes, .file = std::make_shared<const std::string>(file)};
  if (bytes.size() > bytes_max) {
    return input_error(fmt::format("the file is {} MB; the limit is {} MB", bytes.size() >> 20, bytes_max >> 20),
                       checked.pos(0, 0), "split it into smaller files");
  }
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    return input_error("the file is UTF-16", checked.pos(1, 1), "save it as UTF-8");
  }
  if (bytes.starts_with(kByteOrderMark)) checked.text.remove_prefix(kByteOrderMark.size());
  if (const std::size_t bad = find_invalid_utf8(checked.text); bad != std::string_view::npos) {
    return input_error(fmt::format("byte 0x{:02X} is not UTF-8", static_cast<unsigned char>(checked.text[bad])),
                       checked.pos_at(bad), "save the file as UTF-8, or leave it out if it is no text");
  }
  return checked;
}

Result<void> check_no_control_characters(const CheckedText& text) {
  const std::size_t bad = find_control(text.text);
  if (bad == std::string_view::npos) return {};
  return input_error(fmt::format("control character 0x{:02X}: this looks like binary data",
                                 static_cast<unsigned char>(text.text[bad])),
                     text.pos_at(bad),
                     "leave the file out if it is no text; in a quoted string, write the character as an escape");
}

}  // namespace gantry::base
