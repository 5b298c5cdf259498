#include "launch/arguments.h"

#include <gtest/gtest.h>

namespace gantry::launch {
namespace {

constexpr OptionSpec kSpecs[] = {
    {"namespace", 'n', true}, {"filename", 'f', true}, {"recursive", 'R', false}, {"timeout", 0, true}};

// Words, then options as "name=value" in their order.
std::string dump(const Arguments& arguments) {
  std::string text;
  for (const ShellWord& word : arguments.words) text += word.text + " ";
  text += "|";
  for (const Option& option : arguments.options)
    text += " " + option.name + (option.value ? "=" + option.value->text : "");
  return text;
}

struct Case {
  const char* what;
  const char* line;
  const char* expected;
};

constexpr Case kCases[] = {
    {"none", "get pods", "get pods |"},
    {"a long option", "get --namespace shop pods", "get pods | namespace=shop"},
    {"with '='", "get --namespace=shop pods", "get pods | namespace=shop"},
    {"a letter", "get -n shop pods", "get pods | namespace=shop"},
    {"a letter with its value", "get -nshop pods", "get pods | namespace=shop"},
    {"a letter with '='", "get -n=shop pods", "get pods | namespace=shop"},
    {"letters together", "apply -Rf dir", "apply | recursive filename=dir"},
    {"letters with a value", "apply -Rfdir", "apply | recursive filename=dir"},
    {"an unknown option has no value", "get --watch pods -z", "get pods | watch z"},
    {"an unknown option with '='", "get --watch=true pods", "get pods | watch=true"},
    {"an option's value may look like one", "get -n --all", "get | namespace=--all"},
    {"a value that is missing", "get -n", "get | namespace"},
    {"an empty value", "get --namespace= pods", "get pods | namespace="},
    {"several times", "apply -f a -f b", "apply | filename=a filename=b"},
    {"a dash is a word", "apply -f - -", "apply - | filename=-"},
    {"after two dashes all are words", "run -- -n x --y", "run -n x --y |"},
};

TEST(Arguments, SortsEverySpelling) {
  for (const Case& c : kCases) {
    const ShellLine line = parse_shell_line(c.line);
    ASSERT_EQ(line.commands.size(), 1U) << c.what;
    EXPECT_EQ(dump(parse_arguments(line.commands[0].words, kSpecs)), c.expected) << c.what;
  }
}

TEST(Arguments, TheLastValueCounts) {
  const ShellLine line = parse_shell_line("get -n a --namespace=b -R");
  const Arguments arguments = parse_arguments(line.commands[0].words, kSpecs);
  EXPECT_EQ(arguments.value("namespace")->text, "b");
  EXPECT_EQ(arguments.values("namespace").size(), 2U);
  EXPECT_EQ(arguments.value("timeout"), nullptr);
  EXPECT_EQ(arguments.value("recursive"), nullptr);
  EXPECT_TRUE(arguments.has("recursive"));
}

}  // namespace
}  // namespace gantry::launch
