#include "base/yaml_syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

namespace gantry::base {

namespace {

// Which of the two places of a problem a person has to look at.
enum class At { problem, context };

// libyaml's words, and ours where those would not help anybody.
struct Wording {
  std::string_view context;  // how it begins; empty: any
  std::string_view problem;  // how it begins
  At at;
  std::string_view ours;
  std::string_view help;
};

constexpr std::string_view kQuoteText = "quote the text";
constexpr std::string_view kNoTabs = "indent with spaces, not tabs";
constexpr std::string_view kNameHelp = "write a name of letters, digits, \"-\" and \"_\" after it, or quote the text";
constexpr std::string_view kTagHelp = "quote a text that starts with \"!\"";

// The first that fits.
constexpr std::array kWordings = {
    Wording{"", "mapping values are not allowed", At::problem, "a key or a \": \" cannot stand here",
            "check the indentation; quote a text that has \": \" in it"},
    Wording{"", "block sequence entries are not allowed", At::problem, "a list item cannot stand here",
            "start the list on a line of its own; quote a text that starts with \"- \""},
    Wording{"", "mapping keys are not allowed", At::problem, "a \"?\" and its key cannot stand here",
            "quote a text that starts with \"? \""},
    Wording{"", "could not find expected ':'", At::context, "this line of a map has no \":\"", "write `key: value`"},
    Wording{"", "found character that cannot start any token", At::problem, "no text can start with this character",
            kQuoteText},
    Wording{"while scanning a quoted", "found unexpected", At::context, "a quote is not closed", "close the quote"},
    Wording{"while parsing a quoted", "found unknown escape", At::problem,
            "\"\\\" and this character mean nothing together", "write \"\\\\\" for a backslash, or use single quotes"},
    Wording{"while parsing a quoted", "", At::problem, "the digits after a \"\\\" stand for no character",
            "write \"\\\\\" for a backslash, or use single quotes"},
    Wording{"while scanning a block scalar", "found a tab", At::problem, "a tab stands where the text is indented",
            kNoTabs},
    Wording{"while scanning a block scalar", "found an indentation indicator", At::problem,
            "the number after a \"|\" or \">\" is 0", "write a number of spaces from 1 to 9, or none"},
    Wording{"while scanning a block scalar", "", At::problem, "text stands in the line of a \"|\" or \">\"",
            "start the text in the next line; quote a text that starts with \"|\" or \">\""},
    Wording{"while scanning a plain scalar", "found a tab", At::problem, "a tab stands where the text is indented",
            kNoTabs},
    Wording{"while scanning a plain scalar", "found unexpected ':'", At::problem, "a \":\" cannot stand here",
            kQuoteText},
    Wording{"while scanning an anchor", "", At::context, "an \"&\" without a name", kNameHelp},
    Wording{"while scanning an alias", "", At::context, "a \"*\" without a name", kNameHelp},
    Wording{"while scanning a tag", "", At::context, "this is no tag", kTagHelp},
    Wording{"while parsing a tag", "", At::context, "this is no tag", kTagHelp},
    Wording{"while parsing a node", "found undefined tag handle", At::problem, "nothing declares the start of this tag",
            kTagHelp},
    Wording{"while scanning a directive", "", At::context, "this line is no directive",
            "quote a text that starts with \"%\""},
    Wording{"", "control characters are not allowed", At::problem, "this character may stand in no text",
            "in double quotes, write it as an escape"},
};

Wording find_wording(const YamlProblem& problem) {
  const auto* const found = std::find_if(kWordings.begin(), kWordings.end(), [&](const Wording& wording) {
    return problem.context.starts_with(wording.context) && problem.problem.starts_with(wording.problem);
  });
  return found == kWordings.end() ? Wording{"", problem.problem, At::problem, problem.problem, ""} : *found;
}

// What the line itself gives away; nothing when it looks like YAML.
std::string_view suspect(std::string_view line) {
  for (const std::string_view marker : {"<<<<<<<", "=======", ">>>>>>>"}) {
    if (line.starts_with(marker)) return "this is a merge conflict; resolve it first";
  }
  if (line.contains("{{")) return "this looks like a template; render it first, or quote the braces";
  const std::string_view indent = line.substr(0, line.find_first_not_of(" \t"));
  if (indent.contains('\t')) return kNoTabs;
  return {};
}

std::string_view line_at(std::string_view text, std::size_t line) {
  for (std::size_t i = 1; i < line; ++i) text.remove_prefix(text.contains('\n') ? text.find('\n') + 1 : text.size());
  return text.substr(0, text.find('\n'));
}

// Templates, merge conflicts and tabs are what most damaged files suffer from, and the line shows which; or the one before it,
// since libyaml may notice only at the start of the next. `otherwise` is for what looks like YAML.
std::string help_for(const CheckedText& source, std::size_t line, std::string_view otherwise) {
  for (const std::size_t suspected : {line, line > 1 ? line - 1 : line}) {
    const std::string_view help = suspect(line_at(source.text, suspected));
    if (!help.empty()) return std::string(help);
  }
  return std::string(otherwise);
}

std::unexpected<Error> error_at(const SourcePos& pos, std::string_view what, std::string_view help,
                                const CheckedText& source) {
  return input_error(fmt::format("not valid YAML: {}", what), pos, help_for(source, pos.line, help));
}

bool is_first_in_line(std::string_view text, std::size_t offset) {
  const std::size_t before = text.substr(0, offset).find_last_not_of(" \t");
  return before == std::string_view::npos || text[before] == '\n';
}

// A list or map in brackets that goes on with what it can't, or does not go on. `open` is where it starts.
std::unexpected<Error> flow_error(const YamlProblem& problem, const CheckedText& source, const SourcePos& open) {
  const std::string_view rest = source.text.substr(problem.offset);
  if (rest.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    const std::string_view start = line_at(source.text, open.line).substr(open.column - 1, 1);
    // What starts there may be an anchor or tag before the bracket, or a key after it.
    const bool is_bracket = start == "[" || start == "{";
    return error_at(open, is_bracket ? fmt::format("a \"{}\" is not closed", start) : "a bracket is not closed",
                    "close it, or quote a text that starts with a bracket", source);
  }
  if (problem.problem.contains("node content") && rest.find_first_of(",:]}") != 0) {
    return error_at(source.pos_at(problem.offset), "this cannot stand between brackets",
                    "quote it, or close the bracket before it", source);
  }
  if (problem.problem.contains("node content")) {
    return error_at(source.pos_at(problem.offset), "nothing stands between the commas or brackets of a list",
                    "remove a comma, or write null", source);
  }
  const std::string what = fmt::format(
      "a comma is missing before this, or the bracket of line {}, column {} is not closed", open.line, open.column);
  return error_at(source.pos_at(problem.offset), what, "write the comma or bracket, or quote the text", source);
}

// Something stands where the block above it, or the document, cannot go on.
std::unexpected<Error> block_error(const YamlProblem& problem, const CheckedText& source) {
  const std::string_view rest = source.text.substr(problem.offset);
  const SourcePos pos = source.pos_at(problem.offset);
  if (rest.starts_with(']') || rest.starts_with('}')) {
    return error_at(pos, "a bracket closes nothing", "remove it, or quote the text around it", source);
  }
  if (problem.problem.contains("node content")) {
    return error_at(pos, "no text can start with this character", kQuoteText, source);
  }
  if (problem.problem.contains("document start")) {
    return error_at(pos, "something follows the value", "remove it, or start a document with \"---\"", source);
  }
  if (!is_first_in_line(source.text, problem.offset)) {
    return error_at(pos, "something follows the value", "remove it, or quote the whole text", source);
  }
  const bool in_list = problem.context.contains("collection");
  return error_at(pos,
                  fmt::format("this line continues neither the {} above nor any around it", in_list ? "list" : "map"),
                  "check the indentation", source);
}

}  // namespace

std::unexpected<Error> yaml_syntax_error(const YamlProblem& problem, const CheckedText& source, const SourcePos* open) {
  if (problem.problem.starts_with("did not find expected") && problem.context.contains("flow")) {
    const bool knows_start = !problem.problem.contains("node content");
    return flow_error(problem, source, knows_start || !open ? source.pos_at(problem.context_offset) : *open);
  }
  if (problem.context.empty() || problem.context.starts_with("while parsing a block")) {
    if (problem.problem.starts_with("did not find expected")) return block_error(problem, source);
  }
  const Wording wording = find_wording(problem);
  const std::size_t offset = wording.at == At::context ? problem.context_offset : problem.offset;
  return error_at(source.pos_at(offset), wording.ours, wording.help, source);
}

}  // namespace gantry::base
