#pragma once

// A line for a shell, taken apart without a shell: enough to see which programs it would start with which words. Nothing of a
// document is ever executed.

#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

struct ShellWord {
  std::string text;        // quotes and backslashes taken off
  bool is_literal = true;  // false: a shell would put something else here ($NAME, `…`, *)
};

// One program with its words, as far as the next operator.
struct ShellCommand {
  std::vector<ShellWord> words;    // without redirections; never empty
  bool reads_pipe = false;         // another command's output is its input
  bool reads_redirection = false;  // "< file", "<<EOF"
};

struct ShellLine {
  std::vector<ShellCommand> commands;  // in order, whatever joins them: | && || ; &
  std::string problem;                 // why the rest can't be understood; "" when all could
};

// Knows POSIX words, quotes, operators, redirections and comments. "<node>" is a placeholder that people write in documents,
// not a redirection; it is a word that is not literal.
ShellLine parse_shell_line(std::string_view text);

}  // namespace gantry::launch
