#include "launch/shell_line.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

namespace gantry::launch {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_character(char c) { return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; }

// Words that make a line a program of the shell itself (POSIX.1-2017, XCU §2.4).
constexpr std::array<std::string_view, 14> kReservedWords = {
    "if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case", "esac", "function", "{"};

// `for i in $(` twenty times over is hostile; a person nests two deep.
constexpr int kSubstitutionsMax = 20;

class ShellLineParser {
 public:
  explicit ShellLineParser(std::string_view text) : text_(text) {}

  ShellLine parse() {
    while (at_ < text_.size() && line_.problem.empty()) step();
    end_command(false);
    for (const ShellCommand& command : line_.commands) {
      if (std::ranges::find(kReservedWords, command.words.front().text) == kReservedWords.end()) continue;
      line_.problem = "it is a program for the shell (" + command.words.front().text + " …)";
      break;
    }
    return std::move(line_);
  }

 private:
  char at(std::size_t offset = 0) const { return at_ + offset < text_.size() ? text_[at_ + offset] : '\0'; }
  bool is_at(std::string_view token) const { return text_.substr(at_).starts_with(token); }

  void fail(std::string_view problem) {
    line_.problem = problem;
    has_word_ = false;
  }

  void append(char c) {
    word_.text += c;
    has_word_ = true;
  }

  void end_word() {
    if (has_word_ && !skips_target_) command_.words.push_back(std::move(word_));
    if (has_word_) skips_target_ = false;
    word_ = {};
    has_word_ = false;
  }

  void end_command(bool into_pipe) {
    end_word();
    if (!command_.words.empty()) line_.commands.push_back(std::move(command_));
    command_ = {};
    command_.reads_pipe = into_pipe;
    skips_target_ = false;
  }

  void step() {
    const char c = at();
    if (is_blank(c)) {
      end_word();
      ++at_;
    } else if (c == '#' && !has_word_) {
      at_ = text_.size();
    } else if (c == '\'') {
      read_single_quotes();
    } else if (c == '"') {
      read_double_quotes();
    } else if (c == '\\') {
      read_backslash();
    } else if (c == '$') {
      read_dollar();
    } else if (c == '`') {
      read_backticks();
    } else {
      step_unquoted(c);
    }
  }

  void step_unquoted(char c) {
    switch (c) {
      case '|':
      case '&':
      case ';': read_operator(); break;
      case '<':
      case '>': read_redirection(); break;
      case '(':
      case ')': fail("it uses a subshell"); break;
      case '*':
      case '?':
      case '[':
      case '{': read_pattern(c); break;
      case '~': word_.is_literal = word_.is_literal && has_word_; [[fallthrough]];
      default: append(c); ++at_;
    }
  }

  void read_single_quotes() {
    const std::size_t closing = text_.find('\'', at_ + 1);
    if (closing == std::string_view::npos) return fail("a quote is not closed");
    word_.text += text_.substr(at_ + 1, closing - at_ - 1);
    has_word_ = true;
    at_ = closing + 1;
  }

  void read_double_quotes() {
    has_word_ = true;
    for (++at_; at_ < text_.size() && line_.problem.empty();) {
      const char c = at();
      if (c == '"') {
        ++at_;
        return;
      }
      if (c == '$') {
        read_dollar();
      } else if (c == '`') {
        read_backticks();
      } else if (c == '\\' && std::string_view("$`\"\\").contains(at(1)) && at(1) != '\0') {
        append(at(1));
        at_ += 2;
      } else {
        append(c);
        ++at_;
      }
    }
    if (line_.problem.empty()) fail("a quote is not closed");
  }

  void read_backslash() {
    if (at_ + 1 < text_.size()) append(at(1));
    at_ += 2;
  }

  // "$(…)", "${…}" and "$NAME" are whatever a shell makes of them; a lone '$' is itself.
  void read_dollar() {
    if (at(1) == '(' || at(1) == '{') {
      skip_balanced(at(1), at(1) == '(' ? ')' : '}');
    } else if (is_name_start(at(1)) || (at(1) >= '0' && at(1) <= '9') || at(1) == '?' || at(1) == '@' || at(1) == '*') {
      word_.is_literal = false;
    }
    if (line_.problem.empty() && at_ < text_.size() && at() == '$') {
      append('$');
      ++at_;
    }
  }

  void skip_balanced(char opening, char closing) {
    const std::size_t start = at_;
    int depth = 0;
    for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
      if (text_[i] == opening && ++depth > kSubstitutionsMax) break;
      if (text_[i] == closing && --depth == 0) {
        word_.text += text_.substr(start, i + 1 - start);
        word_.is_literal = false;
        has_word_ = true;
        at_ = i + 1;
        return;
      }
    }
    fail("a substitution is not closed");
  }

  void read_backticks() {
    const std::size_t closing = text_.find('`', at_ + 1);
    if (closing == std::string_view::npos) return fail("a backtick is not closed");
    word_.text += text_.substr(at_, closing + 1 - at_);
    word_.is_literal = false;
    has_word_ = true;
    at_ = closing + 1;
  }

  void read_operator() {
    if (is_at("&>")) {
      end_word();
      ++at_;
      read_redirection();
      return;
    }
    const bool is_pipe = at() == '|' && at(1) != '|';
    const bool is_double = at(1) == at() || is_at("|&");
    end_command(is_pipe);
    at_ += is_double ? 2 : 1;
  }

  // The length of "<node-name>" here: a blank to fill in, as documents write it; 0 when it is a redirection.
  std::size_t placeholder_length() const {
    if (at() != '<' || !is_name_start(at(1))) return 0;
    std::size_t length = 1;
    while (is_name_character(at(length))) ++length;
    return at(length) == '>' ? length + 1 : 0;
  }

  void read_redirection() {
    if (const std::size_t length = placeholder_length(); length > 0) {
      word_.text += text_.substr(at_, length);
      word_.is_literal = false;
      has_word_ = true;
      at_ += length;
      return;
    }
    const bool is_descriptor = has_word_ && word_.text.find_first_not_of("0123456789") == std::string::npos;
    if (is_descriptor) {
      word_ = {};
      has_word_ = false;
    }
    end_word();
    command_.reads_redirection = command_.reads_redirection || at() == '<';
    const char direction = at();
    while (at_ < text_.size() && (at() == direction || at() == '&' || at() == '|' || at() == '-')) ++at_;
    if (at() == '(') return fail("it uses a process substitution");
    skips_target_ = true;
  }

  // Unquoted, a shell would put file names here. A lone bracket or brace is a word like any other.
  void read_pattern(char c) {
    const char next = at(1);
    const bool is_alone = !has_word_ && (next == '\0' || is_blank(next));
    if (!is_alone || c == '*') word_.is_literal = false;
    append(c);
    ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  ShellLine line_;
  ShellCommand command_;
  ShellWord word_;
  bool has_word_ = false;      // "" in quotes is a word too
  bool skips_target_ = false;  // the next word is where a redirection goes
};

}  // namespace

ShellLine parse_shell_line(std::string_view text) { return ShellLineParser(text).parse(); }

}  // namespace gantry::launch
