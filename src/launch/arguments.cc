#include "launch/arguments.h"

#include <algorithm>

namespace gantry::launch {

namespace {

class ArgumentReader {
 public:
  ArgumentReader(std::span<const ShellWord> words, std::span<const OptionSpec> specs) : words_(words), specs_(specs) {}

  Arguments read() {
    bool options_are_over = false;
    for (; next_ < words_.size(); ++next_) {
      const ShellWord& word = words_[next_];
      if (options_are_over || word.text.size() < 2 || word.text[0] != '-') {
        arguments_.words.push_back(word);
      } else if (word.text == "--") {
        options_are_over = true;
      } else if (word.text[1] == '-') {
        read_long(word);
      } else {
        read_letters(word);
      }
    }
    return std::move(arguments_);
  }

 private:
  const OptionSpec* find(std::string_view name) const {
    const auto found = std::ranges::find(specs_, name, &OptionSpec::name);
    return found == specs_.end() ? nullptr : &*found;
  }
  const OptionSpec* find(char letter) const {
    const auto found = std::ranges::find(specs_, letter, &OptionSpec::letter);
    return found == specs_.end() ? nullptr : &*found;
  }

  std::optional<ShellWord> take_next() {
    if (next_ + 1 >= words_.size()) return std::nullopt;
    return words_[++next_];
  }

  void read_long(const ShellWord& word) {
    const std::string_view text = std::string_view(word.text).substr(2);
    const std::size_t equals = text.find('=');
    Option option{.name = std::string(text.substr(0, equals)), .value = {}};
    const OptionSpec* spec = find(option.name);
    if (equals != std::string_view::npos) {
      option.value = ShellWord{.text = std::string(text.substr(equals + 1)), .is_literal = word.is_literal};
    } else if (spec != nullptr && spec->takes_value) {
      option.value = take_next();
    }
    arguments_.options.push_back(std::move(option));
  }

  // "-Rf dir", "-nNS": letters, of which the last may have a value.
  void read_letters(const ShellWord& word) {
    for (std::size_t i = 1; i < word.text.size(); ++i) {
      const OptionSpec* spec = find(word.text[i]);
      Option option{.name = spec != nullptr ? std::string(spec->name) : std::string(1, word.text[i]), .value = {}};
      if (spec == nullptr || !spec->takes_value) {
        arguments_.options.push_back(std::move(option));
        continue;
      }
      std::string_view rest = std::string_view(word.text).substr(i + 1);
      if (rest.starts_with('=')) rest.remove_prefix(1);
      option.value = rest.empty() ? take_next() : ShellWord{.text = std::string(rest), .is_literal = word.is_literal};
      arguments_.options.push_back(std::move(option));
      return;
    }
  }

  std::span<const ShellWord> words_;
  std::span<const OptionSpec> specs_;
  std::size_t next_ = 0;
  Arguments arguments_;
};

}  // namespace

const ShellWord* Arguments::value(std::string_view name) const {
  for (auto option = options.rbegin(); option != options.rend(); ++option) {
    if (option->name == name && option->value) return &*option->value;
  }
  return nullptr;
}

std::vector<ShellWord> Arguments::values(std::string_view name) const {
  std::vector<ShellWord> all;
  for (const Option& option : options) {
    if (option.name == name && option.value) all.push_back(*option.value);
  }
  return all;
}

bool Arguments::has(std::string_view name) const {
  return std::ranges::find(options, name, &Option::name) != options.end();
}

Arguments parse_arguments(std::span<const ShellWord> words, std::span<const OptionSpec> specs) {
  return ArgumentReader(words, specs).read();
}

}  // namespace gantry::launch
