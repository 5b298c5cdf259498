#include "base/yaml_syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::base {

namespace {

// The parser's words, and ours where those would not help anybody.
struct Wording {
  std::string_view parser;
  std::string_view ours;
  std::string_view help;
};

constexpr std::array kWordings = {
    Wording{"illegal map value", "a key or a \": \" cannot stand here",
            "check the indentation; quote a text that has \": \" in it"},
    Wording{"end of map not found", "this line continues neither the map above nor any around it",
            "check the indentation"},
    Wording{"end of sequence not found", "this line continues neither the list above nor any around it",
            "check the indentation"},
    Wording{"end of map flow not found", "a \"{\" is not closed", "close it, or remove it"},
    Wording{"end of sequence flow not found", "a \"[\" is not closed", "close it, or remove it"},
    Wording{"illegal flow end", "a bracket closes nothing", "remove it, or quote the text around it"},
    Wording{"illegal block entry", "a list item cannot stand here",
            "start the list on a line of its own; quote a text that starts with \"- \""},
    Wording{"unknown token", "no text can start with this character", "quote the text"},
    Wording{"illegal EOF in scalar", "a quote is not closed", "close the quote"},
    Wording{"the referenced anchor is not defined", "this alias has no anchor before it",
            "write `&name` before the value to repeat; quote a text that starts with \"*\""},
};

std::string_view line_at(std::string_view text, std::size_t line) {
  for (std::size_t i = 1; i < line; ++i) text.remove_prefix(text.contains('\n') ? text.find('\n') + 1 : text.size());
  return text.substr(0, text.find('\n'));
}

// What the line itself gives away; nothing when it looks like YAML.
std::string_view suspect(std::string_view line) {
  for (const std::string_view marker : {"<<<<<<<", "=======", ">>>>>>>"}) {
    if (line.starts_with(marker)) return "this is a merge conflict; resolve it first";
  }
  if (line.contains("{{")) return "this looks like a template; render it first, or quote the braces";
  const std::string_view indent = line.substr(0, line.find_first_not_of(" \t"));
  if (indent.contains('\t')) return "indent with spaces, not tabs";
  return {};
}

}  // namespace

std::string yaml_help(const CheckedText& source, std::size_t line, std::string_view otherwise) {
  // A parser may notice what is wrong with a line only at the start of the next.
  for (const std::size_t suspected : {line, line > 1 ? line - 1 : line}) {
    const std::string_view help = line > 0 ? suspect(line_at(source.text, suspected)) : std::string_view();
    if (!help.empty()) return std::string(help);
  }
  return std::string(otherwise);
}

std::unexpected<Error> yaml_syntax_error(std::string_view problem, const CheckedText& source, std::size_t line,
                                         std::size_t column) {
  const auto* const known = std::find_if(kWordings.begin(), kWordings.end(),
                                         [problem](const Wording& wording) { return wording.parser == problem; });
  const Wording wording = known == kWordings.end() ? Wording{problem, problem, {}} : *known;
  return input_error(fmt::format("not valid YAML: {}", wording.ours), source.pos(line, column),
                     yaml_help(source, line, wording.help));
}

}  // namespace gantry::base
