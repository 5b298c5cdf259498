#include "base/text.h"
#include "launch/plan_body.h"

#include <algorithm>

namespace gantry::launch {

using Kind = MarkdownBlock::Kind;

namespace {

struct MarkerSign {
  std::string_view bytes;
  MarkerKind kind;
  bool is_damaged;
};
// U+27FF and U+27C2; the same read as Windows-1252 or as Latin-1 and encoded again (reference §2.1).
constexpr MarkerSign kSigns[] = {
    {"\xE2\x9F\xBF", MarkerKind::proceed, false},
    {"\xE2\x9F\x82", MarkerKind::halt, false},
    {"\xC3\xA2\xC5\xB8\xC2\xBF", MarkerKind::proceed, true},
    {"\xC3\xA2\xC5\xB8\xE2\x80\x9A", MarkerKind::halt, true},
    {"\xC3\xA2\xC2\x9F\xC2\xBF", MarkerKind::proceed, true},
    {"\xC3\xA2\xC2\x9F\xC2\x82", MarkerKind::halt, true},
};

// A longer target is a bracket of the prose. The longest real one has 40 bytes.
constexpr std::size_t kTargetBytesMax = 200;

const MarkerSign* sign_at(std::string_view text) {
  const auto* found =
      std::ranges::find_if(kSigns, [&](const MarkerSign& sign) { return text.starts_with(sign.bytes); });
  return found == std::end(kSigns) ? nullptr : found;
}

bool could_hold_sign(std::string_view line) {
  return line.find("\xE2\x9F") != std::string_view::npos || line.find("\xC3\xA2") != std::string_view::npos;
}

class MarkerFinder {
 public:
  explicit MarkerFinder(const DocumentLines& document) : document_(document) {}

  std::vector<ContinuationMarker> find(const MarkdownBlock& root) {
    visit(root);
    return std::move(markers_);
  }

 private:
  void visit(const MarkdownBlock& block) {
    if (block.kind == Kind::code || block.kind == Kind::html) return;
    if (std::ranges::any_of(block.lines, [&](const Span& line) { return could_hold_sign(document_.slice(line)); }))
      read(block);
    for (const MarkdownBlock& child : block.children) visit(child);
  }

  void read(const MarkdownBlock& block) {
    const InlineText inline_text(document_, block.lines);
    const std::vector<CodeSpan> codes = find_code_spans(inline_text.text());
    auto code = codes.begin();
    for (std::size_t at = 0; at < inline_text.text().size(); ++at) {
      while (code != codes.end() && at >= code->outer.end()) ++code;
      if (code != codes.end() && at >= code->outer.offset) {
        at = code->outer.end() - 1;
        continue;
      }
      if (static_cast<unsigned char>(inline_text.text()[at]) < 0xC0) continue;
      const MarkerSign* sign = sign_at(std::string_view(inline_text.text()).substr(at));
      if (sign != nullptr) add(inline_text, at, *sign);
    }
  }

  // "sign[target]", or the sign alone on its line.
  void add(const InlineText& inline_text, std::size_t at, const MarkerSign& sign) {
    const std::size_t offset = inline_text.offset_at(at);
    const Span line = document_.span(document_.line_of(offset));
    const std::string_view rest =
        document_.slice({.offset = offset, .length = line.end() - offset}).substr(sign.bytes.size());
    ContinuationMarker marker{.kind = sign.kind,
                              .target = {},
                              .is_damaged = sign.is_damaged,
                              .span = {.offset = offset, .length = sign.bytes.size()},
                              .where = document_.pos(offset)};
    const std::size_t closing =
        rest.starts_with('[') ? rest.substr(0, kTargetBytesMax).find(']') : std::string_view::npos;
    if (closing != std::string_view::npos) {
      marker.target = std::string(base::trim(rest.substr(1, closing - 1)));
      marker.span.length += closing + 1;
    } else if (base::trim(document_.slice(line)) != sign.bytes) {
      return;
    }
    markers_.push_back(std::move(marker));
  }

  const DocumentLines& document_;
  std::vector<ContinuationMarker> markers_;
};

}  // namespace

std::vector<ContinuationMarker> find_markers(const MarkdownBlock& root, const DocumentLines& document) {
  return MarkerFinder(document).find(root);
}

}  // namespace gantry::launch
