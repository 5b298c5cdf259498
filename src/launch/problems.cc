#include "launch/problems.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::launch {

namespace {

// More are not read before the next try anyway.
constexpr std::size_t kListedMax = 20;

std::string in_one_line(const base::Error& problem) {
  std::string text = "\n  ";
  if (problem.where) text += fmt::format("{}: ", to_string(*problem.where));
  text += problem.message;
  if (!problem.help.empty()) text += fmt::format(" ({})", problem.help);
  return text;
}

}  // namespace

base::Error join_problems(std::vector<base::Error> problems, std::string_view what) {
  if (problems.size() == 1) return std::move(problems.front());
  base::Error joined{.kind = problems.front().kind,
                     .message = fmt::format("{} {}", problems.size(), what),
                     .where = problems.front().where,
                     .help = "mend each of them as it says"};
  const std::size_t listed = std::min(problems.size(), kListedMax);
  for (std::size_t i = 0; i < listed; ++i) joined.message += in_one_line(problems[i]);
  if (listed < problems.size()) joined.message += fmt::format("\n  and {} more", problems.size() - listed);
  return joined;
}

}  // namespace gantry::launch
