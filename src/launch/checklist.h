#pragma once

// The production checklist: a standing Markdown document with item tables (reference: launch, §5.1). Columns are found by
// the header's words, items by their box; sections may come in any order.

#include "base/finding.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

enum class ItemStatus { complete, pending, blocking, deferred, unknown };
std::string_view to_string(ItemStatus status);

struct ChecklistItem {
  std::string section;  // "1. Secrets Management", the heading above it
  std::string text;     // without Markdown
  ItemStatus status = ItemStatus::pending;
  std::string owner;
  std::string notes;
  bool is_approval = false;  // of the "Launch Approval" section
  bool is_struck = false;    // ~~…~~: resolved
  base::SourcePos where;
};

struct Checklist {
  std::vector<std::string> sections;    // that hold items, in the order of the document
  std::vector<ChecklistItem> items;     // from tables with a status column, and task lists
  std::vector<base::Finding> findings;  // checklist.duplicate-item, checklist.summary-without-item, …
};

// Never fails: a document without items gives none.
Checklist parse_checklist(std::string_view text, std::string_view file);

}  // namespace gantry::launch
