#include "cli/findings_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>

namespace gantry::cli {

using nlohmann::json;

namespace {

std::string text_of(const json& value) { return value.get<std::string>(); }

std::string place(const json& where) {
  if (where.is_null()) return "-";
  if (where["line"].is_null()) return text_of(where["file"]);
  return fmt::format("{}:{}", text_of(where["file"]), where["line"].get<int>());
}

// severity rule file:line object: message
std::string list_findings(const json& findings) {
  std::string text;
  for (const json& finding : findings)
    text += fmt::format("{} {} {} {}: {}\n", text_of(finding["severity"]), text_of(finding["rule"]),
                        place(finding["where"]), text_of(finding["object"]), text_of(finding["message"]));
  return text;
}

// One mistake may lead to a hundred findings, which nobody reviews: the first few, and how many there are of the others.
std::string list_first_findings(const json& findings) {
  constexpr std::size_t kShownMax = 6;
  if (findings.size() <= kShownMax) return list_findings(findings);
  json shown = json::array();
  std::map<std::string, std::size_t> others;
  for (const json& finding : findings) {
    if (shown.size() < kShownMax) {
      shown.push_back(finding);
    } else {
      ++others[text_of(finding["rule"])];
    }
  }
  std::string text = list_findings(shown);
  for (const auto& [rule, count] : others) text += fmt::format("and {} more {}\n", count, rule);
  return text;
}

std::string list_findings_of_step(const json& step, std::string (*list)(const json&)) {
  std::string text;
  for (const json& check : step["checks"]) {
    if (check["evidence"].is_null()) continue;
    if (const std::string found = list(check["evidence"]["findings"]); !found.empty())
      text += fmt::format("{} {}\n{}", text_of(step["id"]), text_of(check["check"]), found);
  }
  return text;
}

bool was_run(const json& step) {
  return std::ranges::any_of(step["checks"], [](const json& check) { return !check["evidence"].is_null(); });
}

std::string without_board(const Ran& ran) { return fmt::format("exit {}\n{}", ran.status, ran.err); }

std::string decision(const Ran& ran, const json& board) {
  return fmt::format("exit {} {}\n", ran.status, text_of(board["decision"]));
}

}  // namespace

std::string in_lines(const Ran& ran) {
  if (ran.out.empty()) return without_board(ran);
  const json board = ran.json();
  std::string text = decision(ran, board) + list_findings(board["plan_findings"]);
  for (const json& track : board["tracks"])
    for (const json& step : track["steps"]) text += list_findings_of_step(step, list_findings);
  for (const json& blocker : board["blockers"])
    text += fmt::format("blocked by {}: {}\n", text_of(blocker["subject"]), text_of(blocker["reason"]));
  return text;
}

std::string steps_in_lines(const Ran& ran) {
  if (ran.out.empty()) return without_board(ran);
  const json board = ran.json();
  std::string text = decision(ran, board);
  for (const json& track : board["tracks"])
    for (const json& step : track["steps"]) {
      if (!was_run(step)) continue;
      if (step["state"] != "passed")
        text += fmt::format("{} {}: {}\n", text_of(step["id"]), text_of(step["state"]), text_of(step["summary"]));
      text += list_findings_of_step(step, list_first_findings);
    }
  return text;
}

std::string test_name(const testing::TestParamInfo<std::string>& workspace) {
  std::string name;
  bool starts_word = true;
  for (const char c : workspace.param) {
    if (c != '-') name += starts_word ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    starts_word = c == '-';
  }
  return name;
}

}  // namespace gantry::cli
