#pragma once

// Collects what is mildly wrong with a plan while it is read. What stops the reading is an Error instead.

#include "base/finding.h"
#include "launch/document_lines.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

// A document with a hundred findings of one kind has one problem; the rest is counted, so that a hostile plan can't fill the
// memory.
inline constexpr std::size_t kFindingsPerRuleMax = 100;

class PlanFindings {
 public:
  // `document` must outlive this.
  explicit PlanFindings(const DocumentLines& document) : document_(document) {}

  // A finding of one rule, named by a string literal.
  struct Note {
    std::string_view rule;  // "plan.weights"
    base::Severity severity = base::Severity::medium;
    base::SourcePos where;
    std::string object = {};  // "A.4"
    std::string message;
    std::string explanation = {};
    std::string fix = {};
    std::vector<base::RelatedPlace> related = {};
  };
  void add(Note note);

  const DocumentLines& document() const { return document_; }
  base::SourcePos pos(std::size_t offset) const { return document_.pos(offset); }

  // In the order of all reports.
  std::vector<base::Finding> take();

 private:
  const DocumentLines& document_;
  std::vector<base::Finding> findings_;
  std::map<std::string_view, std::size_t> counts_;  // by rule
};

}  // namespace gantry::launch
