#include "base/evidence.h"

#include <algorithm>
#include <array>

namespace gantry::base {

namespace {

constexpr std::array<std::string_view, 4> kVerdicts = {"pass", "fail", "error", "waived"};
static_assert(kVerdicts.size() == static_cast<std::size_t>(Verdict::waived) + 1);

constexpr std::array<std::string_view, 4> kEvidenceClasses = {"static", "rehearsal", "live-read", "cluster"};
static_assert(kEvidenceClasses.size() == static_cast<std::size_t>(EvidenceClass::cluster) + 1);

}  // namespace

std::string_view to_string(Verdict verdict) { return kVerdicts.at(static_cast<std::size_t>(verdict)); }

std::optional<Verdict> find_verdict(std::string_view text) {
  const auto found = std::ranges::find(kVerdicts, text);
  if (found == kVerdicts.end()) return std::nullopt;
  return static_cast<Verdict>(found - kVerdicts.begin());
}

std::string_view to_string(EvidenceClass evidence_class) {
  return kEvidenceClasses.at(static_cast<std::size_t>(evidence_class));
}

std::optional<EvidenceClass> find_evidence_class(std::string_view text) {
  const auto found = std::ranges::find(kEvidenceClasses, text);
  if (found == kEvidenceClasses.end()) return std::nullopt;
  return static_cast<EvidenceClass>(found - kEvidenceClasses.begin());
}

}  // namespace gantry::base
