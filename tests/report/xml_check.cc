#include "report/xml_check.h"

#include "base/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

namespace gantry::report {

namespace {

class Checker {
 public:
  explicit Checker(std::string_view text) : text_(text) {}

  std::optional<std::string> run() {
    if (const std::optional<std::string> error = check_characters()) return error;
    if (!take("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")) return at("no XML declaration");
    bool has_root = false;
    while (at_ < text_.size()) {
      if (open_.empty() && has_root && text_.substr(at_) == "\n") return std::nullopt;
      if (open_.empty() && (has_root || peek() != '<')) return at("content outside the root element");
      has_root = true;
      const std::optional<std::string> error = peek() == '<' ? check_tag() : check_text("<");
      if (error) return error;
    }
    return at(open_.empty() ? "no line end at the end" : "an element is not closed");
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  std::optional<std::string> at(std::string_view what) const { return fmt::format("{} at byte {}", what, at_); }

  bool take(std::string_view expected) {
    if (!text_.substr(at_).starts_with(expected)) return false;
    at_ += expected.size();
    return true;
  }

  // XML 1.0, 2.2: Char.
  std::optional<std::string> check_characters() {
    for (; at_ < text_.size();) {
      const base::CodePoint next = base::first_code_point(text_.substr(at_));
      const char32_t c = next.value;
      const bool is_allowed = c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xD7FF) ||
                              (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
      if (next.bytes == 0 || !is_allowed) return at("a character that XML does not allow");
      at_ += next.bytes;
    }
    at_ = 0;
    return std::nullopt;
  }

  // Up to one of `ends`, which is not taken.
  std::optional<std::string> check_text(std::string_view ends) {
    while (at_ < text_.size() && !ends.contains(peek())) {
      if (peek() == '<') return at("a bare <");
      if (take("]]>")) return at("]]> in text");
      if (peek() != '&') {
        ++at_;
        continue;
      }
      constexpr std::string_view kEntities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
      if (std::ranges::none_of(kEntities, [&](std::string_view entity) { return take(entity); })) return at("a bare &");
    }
    return std::nullopt;
  }

  std::string_view take_name() {
    const std::size_t length =
        std::min(text_.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", at_),
                 text_.size()) -
        at_;
    at_ += length;
    return text_.substr(at_ - length, length);
  }

  std::optional<std::string> check_tag() {
    if (take("</")) {
      const std::string_view name = take_name();
      if (open_.empty() || open_.back() != name || !take(">")) return at("an end tag that ends nothing");
      open_.pop_back();
      return std::nullopt;
    }
    take("<");
    const std::string_view name = take_name();
    if (name.empty()) return at("a tag without a name");
    std::set<std::string_view> attributes;
    while (take(" ")) {
      const std::string_view attribute = take_name();
      if (!attributes.insert(attribute).second) return at("an attribute twice");
      if (attribute.empty() || !take("=\"")) return at("an attribute without a value");
      if (const std::optional<std::string> error = check_text("\"")) return error;
      if (!take("\"")) return at("an attribute value that does not end");
    }
    if (take("/>")) return std::nullopt;
    if (!take(">")) return at("a tag that does not end");
    open_.push_back(name);
    return std::nullopt;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::string_view> open_;
};

}  // namespace

std::optional<std::string> find_xml_error(std::string_view document) { return Checker(document).run(); }

}  // namespace gantry::report
