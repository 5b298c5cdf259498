#pragma once

// "Did you mean" for label selectors: which of the things that a selector could have matched comes nearest, and what is in
// the way.

#include "kube/labels.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::kube {

struct Labelled {
  std::string name;  // "Deployment shop/web", "namespace shop"
  const kube::LabelSet* labels = nullptr;
};

struct NearestMatch {
  std::string name;
  std::size_t failed_count = 0;  // requirements that it does not meet; never 0 unless the selector matches
  std::string difference;        // "it has app=web, not app=wed"
};

// Fewest failed requirements first, then the most similar values. Nothing without candidates. Looks at the first 2,000.
std::optional<NearestMatch> find_nearest(const kube::LabelSelector& selector, std::span<const Labelled> candidates);

// What keeps the selector from matching those labels, requirement by requirement; "" when it matches.
std::string describe_difference(const kube::LabelSelector& selector, const kube::LabelSet& labels);
std::size_t count_failed(const kube::LabelSelector& selector, const kube::LabelSet& labels);

// A fix with the nearest candidate before it: "the nearest is NAME: DIFFERENCE; FIX". Not for messages: those must stay the same
// when something else changes.
std::string hinted_fix(const kube::LabelSelector& selector, std::span<const Labelled> candidates, std::string_view fix);

}  // namespace gantry::kube
