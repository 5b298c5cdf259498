#include "kube/selector_hint.h"

#include "base/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace gantry::kube {

namespace {

// More candidates than a person would compare, few enough that a hint costs nothing.
constexpr std::size_t kCandidatesMax = 2000;
// One failed requirement weighs more than any spelling: label values are at most 63 characters long.
constexpr std::size_t kRequirementWeight = 1000;
constexpr std::size_t kSpellingMax = 100;

bool holds(const Requirement& requirement, const LabelSet& labels) {
  return LabelSelector({requirement}).matches(labels);
}

// How far the label is from what one requirement asks for.
std::size_t spelling_distance(const Requirement& requirement, const LabelSet& labels) {
  const std::string* value = labels.find(requirement.key);
  if (!value || requirement.op != SelectorOperator::in) return kSpellingMax;
  std::size_t nearest = kSpellingMax;
  for (const std::string& wanted : requirement.values) nearest = std::min(nearest, base::edit_distance(wanted, *value));
  return nearest;
}

std::size_t distance(const LabelSelector& selector, const LabelSet& labels) {
  std::size_t sum = 0;
  for (const Requirement& requirement : selector.requirements())
    if (!holds(requirement, labels)) sum += kRequirementWeight + spelling_distance(requirement, labels);
  return sum;
}

std::string wanted_text(const Requirement& requirement) {
  return requirement.values.size() == 1
             ? fmt::format("{}={}", requirement.key, requirement.values.front())
             : fmt::format("{} in ({})", requirement.key, fmt::join(requirement.values, ", "));
}

std::string failure_text(const Requirement& requirement, const LabelSet& labels) {
  const std::string* value = labels.find(requirement.key);
  switch (requirement.op) {
    case SelectorOperator::in:
      return value ? fmt::format("it has {}={}, not {}", requirement.key, *value, wanted_text(requirement))
                   : fmt::format("it has no label {}", wanted_text(requirement));
    case SelectorOperator::exists: return fmt::format("it has no label {}", requirement.key);
    case SelectorOperator::not_in:
    case SelectorOperator::does_not_exist:
      return fmt::format("it has {}={}, which is excluded", requirement.key, value ? *value : "");
  }
  return {};
}

}  // namespace

std::size_t count_failed(const LabelSelector& selector, const LabelSet& labels) {
  return static_cast<std::size_t>(
      std::ranges::count_if(selector.requirements(), [&](const Requirement& r) { return !holds(r, labels); }));
}

std::string describe_difference(const LabelSelector& selector, const LabelSet& labels) {
  std::vector<std::string> failures;
  for (const Requirement& requirement : selector.requirements())
    if (!holds(requirement, labels)) failures.push_back(failure_text(requirement, labels));
  return fmt::format("{}", fmt::join(failures, ", "));
}

std::optional<NearestMatch> find_nearest(const LabelSelector& selector, std::span<const Labelled> candidates) {
  candidates = candidates.first(std::min(candidates.size(), kCandidatesMax));
  const auto nearest = std::ranges::min_element(
      candidates, {}, [&](const Labelled& candidate) { return distance(selector, *candidate.labels); });
  if (nearest == candidates.end()) return std::nullopt;
  return NearestMatch{.name = nearest->name,
                      .failed_count = count_failed(selector, *nearest->labels),
                      .difference = describe_difference(selector, *nearest->labels)};
}

std::string hinted_fix(const LabelSelector& selector, std::span<const Labelled> candidates, std::string_view fix) {
  const std::optional<NearestMatch> nearest = find_nearest(selector, candidates);
  if (!nearest || nearest->failed_count == 0) return std::string(fix);
  return fmt::format("the nearest is {}: {}; {}", nearest->name, nearest->difference, fix);
}

}  // namespace gantry::kube
