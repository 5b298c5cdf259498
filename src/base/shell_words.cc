#include "base/text.h"

#include <algorithm>

namespace gantry::base {

namespace {

// POSIX.1-2017, Shell Command Language, §2.2 (quoting) and §2.3 (token recognition), without operators and expansions.
class WordReader {
 public:
  explicit WordReader(std::string_view text) : rest_(text) {}

  // The words up to the end; nothing when the text ends inside a quote or after a backslash.
  std::optional<std::vector<std::string>> read_all() {
    while (!rest_.empty()) {
      if (!read_one(take())) return {};
    }
    end_word();
    return std::move(words_);
  }

 private:
  bool read_one(char c) {
    switch (c) {
      case ' ':
      case '\t':
      case '\n': end_word(); return true;
      case '\'': return read_single_quoted();
      case '"': return read_double_quoted();
      case '\\': return read_escaped();
      case '#':
        if (!word_) {
          rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));  // a comment
          return true;
        }
        [[fallthrough]];
      default: word() += c; return true;
    }
  }

  bool read_single_quoted() {
    const std::size_t end = rest_.find('\'');
    if (end == std::string_view::npos) return false;
    word() += rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return true;
  }

  // Inside double quotes a backslash is itself, unless it comes before one of the characters that stay special there.
  bool read_double_quoted() {
    word();
    while (!rest_.empty()) {
      const char c = take();
      if (c == '"') return true;
      const bool escapes = c == '\\' && !rest_.empty() && std::string_view("$`\"\\\n").contains(rest_.front());
      if (!escapes) {
        word() += c;
      } else if (const char escaped = take(); escaped != '\n') {
        word() += escaped;
      }
    }
    return false;
  }

  bool read_escaped() {
    if (rest_.empty()) return false;
    if (const char escaped = take(); escaped != '\n') word() += escaped;  // a continued line is no break
    return true;
  }

  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  std::string& word() { return word_ ? *word_ : word_.emplace(); }
  void end_word() {
    if (word_) words_.push_back(*std::move(word_));
    word_.reset();
  }

  std::string_view rest_;  // of the text given to split_shell_words, which outlives this
  std::optional<std::string> word_;
  std::vector<std::string> words_;
};

}  // namespace

std::optional<std::vector<std::string>> split_shell_words(std::string_view text) { return WordReader(text).read_all(); }

}  // namespace gantry::base
