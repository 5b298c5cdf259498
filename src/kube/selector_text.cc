// kubectl's text form of a label selector: "app in (a,b),!legacy,tier=front,zone!=c,ready" (API machinery, pkg/labels).

#include "base/text.h"
#include "kube/labels.h"
#include "kube/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace gantry::kube {

namespace {

using base::Result;

enum class TokenKind { word, comma, bang, equals, not_equals, open, close, end };

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;
};

bool is_special(char c) { return std::string_view(",!=()").contains(c); }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  const Token& peek() {
    if (!ahead_) ahead_ = read();
    return *ahead_;
  }
  Token take() {
    Token token = peek();
    ahead_.reset();
    return token;
  }
  bool take_if(TokenKind kind) {
    if (peek().kind != kind) return false;
    ahead_.reset();
    return true;
  }

 private:
  Token read() {
    while (!text_.empty() && is_space(text_.front())) text_.remove_prefix(1);
    if (text_.empty()) return {};
    switch (text_.front()) {
      case ',': return cut(TokenKind::comma, 1);
      case '(': return cut(TokenKind::open, 1);
      case ')': return cut(TokenKind::close, 1);
      case '!': return text_.starts_with("!=") ? cut(TokenKind::not_equals, 2) : cut(TokenKind::bang, 1);
      case '=': return text_.starts_with("==") ? cut(TokenKind::equals, 2) : cut(TokenKind::equals, 1);
      default: break;
    }
    const auto end = std::ranges::find_if(text_, [](char c) { return is_special(c) || is_space(c); });
    return cut(TokenKind::word, static_cast<std::size_t>(end - text_.begin()));
  }
  Token cut(TokenKind kind, std::size_t size) {
    const Token token{kind, text_.substr(0, size)};
    text_.remove_prefix(size);
    return token;
  }

  std::string_view text_;
  std::optional<Token> ahead_;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : whole_(text), lexer_(text) {}

  Result<LabelSelector> parse() {
    std::vector<Requirement> requirements;
    if (lexer_.peek().kind == TokenKind::end) return LabelSelector();
    do {
      requirements.push_back(TRY(parse_requirement()));
    } while (lexer_.take_if(TokenKind::comma));
    if (lexer_.peek().kind != TokenKind::end)
      return refuse(fmt::format("{} is not expected there", quoted(lexer_.peek().text)));
    return LabelSelector(std::move(requirements));
  }

 private:
  std::unexpected<base::Error> refuse(std::string_view why) const {
    return base::input_error(fmt::format("{} is no label selector: {}", quoted(whole_), why), {},
                             "write for example app=web,tier in (front,back),!legacy");
  }

  Result<Requirement> parse_requirement() {
    const bool negated = lexer_.take_if(TokenKind::bang);
    Requirement requirement;
    requirement.key = TRY(parse_key());
    requirement.op = negated ? SelectorOperator::does_not_exist : SelectorOperator::exists;
    const TokenKind next = lexer_.peek().kind;
    if (next == TokenKind::comma || next == TokenKind::end) return requirement;
    if (negated) return refuse("nothing may follow a key with '!'");
    TRY(parse_condition(requirement));
    return requirement;
  }

  Result<void> parse_condition(Requirement& requirement) {
    const Token token = lexer_.take();
    if (token.kind == TokenKind::equals || token.kind == TokenKind::not_equals) {
      requirement.op = token.kind == TokenKind::equals ? SelectorOperator::in : SelectorOperator::not_in;
      requirement.values.push_back(TRY(parse_value()));
      return {};
    }
    if (token.kind != TokenKind::word || (token.text != "in" && token.text != "notin")) {
      return refuse(fmt::format("{} is no operator", quoted(token.text)));
    }
    requirement.op = token.text == "in" ? SelectorOperator::in : SelectorOperator::not_in;
    if (!lexer_.take_if(TokenKind::open)) return refuse("a list in parentheses must follow");
    do {
      requirement.values.push_back(TRY(parse_value()));
    } while (lexer_.take_if(TokenKind::comma));
    if (!lexer_.take_if(TokenKind::close)) return refuse("the list is not closed");
    return {};
  }

  Result<std::string> parse_key() {
    const Token token = lexer_.take();
    if (token.kind != TokenKind::word) return refuse("a label key is missing");
    if (const auto why = invalid_label_key(token.text))
      return refuse(fmt::format("key {} {}", quoted(token.text), *why));
    return std::string(token.text);
  }

  // May be empty: "app=" and "app in (,a)" mean the empty value.
  Result<std::string> parse_value() {
    if (lexer_.peek().kind != TokenKind::word) return std::string();
    const Token token = lexer_.take();
    if (const auto why = invalid_label_value(token.text))
      return refuse(fmt::format("value {} {}", quoted(token.text), *why));
    return std::string(token.text);
  }

  std::string_view whole_;
  Lexer lexer_;
};

}  // namespace

Result<LabelSelector> LabelSelector::parse_text(std::string_view text) { return Parser(text).parse(); }

}  // namespace gantry::kube
