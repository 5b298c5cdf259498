#include "launch/shell_line.h"

#include <gtest/gtest.h>

namespace gantry::launch {
namespace {

// Commands in brackets, words with '|' between, '?' before a word that only a shell could know; "<" for a redirected input, "|"
// before a command that reads another's output. Then the problem.
std::string dump(const ShellLine& line) {
  std::string text;
  for (const ShellCommand& command : line.commands) {
    text += command.reads_pipe ? "|[" : "[";
    for (std::size_t i = 0; i < command.words.size(); ++i) {
      if (i > 0) text += '|';
      text += (command.words[i].is_literal ? "" : "?") + command.words[i].text;
    }
    text += command.reads_redirection ? "]<" : "]";
  }
  return line.problem.empty() ? text : text + " (" + line.problem + ")";
}

struct Case {
  const char* what;
  const char* line;
  const char* expected;
};

constexpr Case kCases[] = {
    {"words", "kubectl  get\tpods", "[kubectl|get|pods]"},
    {"nothing", "   ", ""},
    {"single quotes", "a 'b c' d''e", "[a|b c|de]"},
    {"double quotes", "a \"b $ c\" \"\"", "[a|b $ c|]"},
    {"backslashes", "a\\ b \\'c \"d\\\"e\\f\"", "[a b|'c|d\"e\\f]"},
    {"a backslash at the end", "a b\\", "[a|b]"},
    {"quotes inside a word", "--name='x y'", "[--name=x y]"},
    {"a comment", "a b # c 'd", "[a|b]"},
    {"no comment inside a word", "a b#c", "[a|b#c]"},

    {"and, or, then", "a && b || c; d & e", "[a][b][c][d][e]"},
    {"a pipe", "a b | c |& d", "[a|b]|[c]|[d]"},
    {"operators without spaces", "a&&b|c;d", "[a][b]|[c][d]"},
    {"a newline in a joined line", "a \n b", "[a|b]"},

    {"redirected output", "a > out.txt b >>log 2>&1 2>/dev/null", "[a|b]"},
    {"redirected both", "a &> out b", "[a|b]"},
    {"redirected input", "a < in b", "[a|b]<"},
    {"a here-document", "a -f - <<EOF", "[a|-f|-]<"},
    {"a here-string", "a <<< text", "[a]<"},
    {"a digit that is a word", "a 2 > out", "[a|2]"},

    {"a variable", "a $NAME \"$NAME\" '$NAME' ${NAME}x", "[a|?$NAME|?$NAME|$NAME|?${NAME}x]"},
    {"a lone dollar", "a $ b$", "[a|$|b$]"},
    {"a substitution", "a $(b $(c) d) e", "[a|?$(b $(c) d)|e]"},
    {"backticks", "a `b c` d", "[a|?`b c`|d]"},
    {"a substitution in quotes", "a \"x $(b \"c\") y\"", "[a|?x $(b \"c\") y]"},
    {"patterns", "a *.yaml b?c [ab] x{1,2}", "[a|?*.yaml|?b?c|?[ab]|?x{1,2}]"},
    {"quoted patterns are text", "a '*.yaml' \"b?\"", "[a|*.yaml|b?]"},
    {"a home directory", "a ~/x b~", "[a|?~/x|b~]"},
    {"a placeholder", "a <node-name> <node> x", "[a|?<node-name>|?<node>|x]"},
    {"an input that looks like one", "a <file b", "[a|b]<"},

    {"a quote that is not closed", "a 'b", "[a] (a quote is not closed)"},
    {"a double quote that is not closed", "a && b \"c", "[a][b] (a quote is not closed)"},
    {"a substitution that is not closed", "a $(b", "[a] (a substitution is not closed)"},
    {"a backtick that is not closed", "a `b", "[a] (a backtick is not closed)"},
    {"a subshell", "(a; b)", " (it uses a subshell)"},
    {"a process substitution", "a <(b)", "[a]< (it uses a process substitution)"},
    {"a loop", "for x in a b; do c; done", "[for|x|in|a|b][do|c][done] (it is a program for the shell (for …))"},
    {"a condition", "a; if b; then c; fi", "[a][if|b][then|c][fi] (it is a program for the shell (if …))"},
    {"a word that is one elsewhere", "echo for", "[echo|for]"},
};

TEST(ShellLine, TakesEachLineApart) {
  for (const Case& c : kCases) EXPECT_EQ(dump(parse_shell_line(c.line)), c.expected) << c.what;
}

TEST(ShellLine, DeepSubstitutionsAreRefused) {
  std::string deep = "a ";
  for (int i = 0; i < 100'000; ++i) deep += "$(";
  EXPECT_EQ(parse_shell_line(deep + "x").problem, "a substitution is not closed");
}

}  // namespace
}  // namespace gantry::launch
