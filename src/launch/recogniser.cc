#include "launch/recogniser.h"

#include "base/text.h"

#include <fmt/format.h>

namespace gantry::launch {

using base::Node;

void Recogniser::bind(std::string_view check, const Parameters& parameters, std::string note) {
  Node::Map map;
  map.push_back({"check", Node(check, command_.where), command_.where});
  for (const auto& [name, value] : parameters) {
    map.push_back({std::string(name), value, command_.where});
    map.back().value.set_pos(command_.where);
  }
  result_.bindings.push_back({.block = Node(std::move(map), command_.where), .note = std::move(note)});
}

void Recogniser::give_up(std::string_view why, std::string fix) {
  constexpr std::size_t kShownColumns = 100;
  result_.findings.push_back({.rule = "plan.command-not-understood",
                              .severity = base::Severity::info,
                              .object = {},
                              .where = command_.where,
                              .message = fmt::format("`{}`: {}", base::fit_width(command_.text, kShownColumns), why),
                              .explanation = "what it does is not checked",
                              .fix = std::move(fix),
                              .related = {}});
}

void Recogniser::change_directory(std::span<const ShellWord> arguments) {
  const bool is_known = arguments.size() == 1 && arguments[0].is_literal && !arguments[0].text.starts_with('/') &&
                        arguments[0].text != "-" && directory_;
  if (!is_known) {
    directory_.reset();
  } else {
    *directory_ += arguments[0].text + "/";
  }
}

std::expected<std::string, std::string> Recogniser::path_of(const ShellWord& word) const {
  if (word.text == "-") return std::unexpected("it reads from its input");
  if (!word.is_literal) return std::unexpected(fmt::format("only a shell knows what '{}' is", word.text));
  if (word.text.contains("://")) return std::unexpected(fmt::format("'{}' is not in the workspace", word.text));
  if (word.text.empty()) return std::unexpected("it names an empty path");
  if (!directory_) return std::unexpected("only a shell knows which folder it runs in");
  return word.text.starts_with('/') ? word.text : *directory_ + word.text;
}

}  // namespace gantry::launch
