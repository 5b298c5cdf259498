#pragma once

// What JSON documents have in common: how lists, places and findings are written, and the document's end.

#include "base/finding.h"
#include "base/source.h"

#include <nlohmann/json.hpp>

#include <string>

namespace gantry::report {

using Json = nlohmann::ordered_json;

// {"file", "line", "column"}; line and column are null where unknown. Null without a file.
Json json_place(const base::SourcePos& pos);

template <typename Range, typename Write>
Json json_list(const Range& range, const Write& write) {
  Json list = Json::array();
  for (const auto& element : range) list.push_back(write(element));
  return list;
}

// With its fingerprint, place and related places.
Json json_finding(const base::Finding& finding);

// Indented by two, ending in a newline. Bytes that are not UTF-8 become "�"; characters that a terminal obeys but nobody sees
// (C1 controls, marks of direction) are written as escapes, so that the file can be looked at.
std::string dump_document(const Json& document);

}  // namespace gantry::report
