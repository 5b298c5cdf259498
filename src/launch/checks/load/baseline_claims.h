#pragma once

// What a baseline document claims: each figure in its tables and its prose, with its place.

#include "base/result.h"
#include "launch/checks/load/baseline_figures.h"
#include "launch/document_lines.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

// The results that Gantry writes stand between these two lines; everything else is people's.
inline constexpr std::string_view kResultsBegin = "<!-- gantry:load-baseline: written by `gantry run --write` -->";
inline constexpr std::string_view kResultsEnd = "<!-- /gantry:load-baseline -->";

struct Claim {
  enum class Form { table, prose };
  std::optional<Figure> figure;  // nothing for a row of a table of figures that no load test has
  std::string label;             // as written
  WrittenNumber number;
  Span digits;  // in the document
  Form form = Form::table;
  bool has_wrong_unit = false;  // that of another quantity: "483 ms" of a rate
};

// A row about something that was asked: a threshold, an expectation.
struct AskedClaim {
  std::string text = {};    // "http_req_duration: p(95)<500"
  std::string result = {};  // its last cell that says how it ended, in lower case
  std::size_t offset = 0;
};

// Where the results that Gantry writes stand, with both lines; nothing where they do not. The two are lines of their own, outside of blocks
// of code. Errors: input: one without the other, or twice: what is people's is not known then.
base::Result<std::optional<Span>> find_results(const DocumentLines& document);

struct BaselineClaims {
  std::vector<Claim> claims;  // in the order of the document
  std::vector<AskedClaim> asked;
  std::vector<std::string> digests;  // "3f2a…": whatever stands behind "sha256:"
};

// Figures in tables: a row or a column whose heading names one, but for columns of targets. In prose: a number with a unit behind a
// figure's name or before it ("1 ms at p95"), and any rate in requests a second. "under 4 ms" and "< 4 ms" claim no more than that. What is
// wished for ("a target of 100 req/s") is no claim, and the prose among Gantry's own results is not people's.
BaselineClaims read_claims(const DocumentLines& document);

}  // namespace gantry::launch
