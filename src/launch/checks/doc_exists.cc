#include "launch/checks/checks.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::launch {

using base::Finding;
using base::Result;

namespace {

constexpr std::array kFields = {
    Field{"path", FieldKind::path, Need::required, "the document"},
    Field{"bytes_min", FieldKind::integer, Need::optional, "how much it must hold at least (default 1)"},
};

// A file that is there but says nothing is no document: white space does not count.
Result<CheckOutcome> run(CheckContext& context) {
  const std::string path = context.text("path");
  CheckOutcome outcome;
  if (TRY(context.files.kind(path)) != base::FileKind::regular) {
    outcome.verdict = base::Verdict::fail;
    outcome.summary = fmt::format("{} is missing", path);
    outcome.findings.push_back({.rule = "doc.missing",
                                .severity = base::Severity::high,
                                .object = path,
                                .where = context.where(),
                                .message = fmt::format("the plan needs {}, and there is no such document", path),
                                .explanation = {},
                                .fix = fmt::format("write {}", path),
                                .related = {}});
    return outcome;
  }
  const std::string text = TRY(context.files.read(path));
  const std::size_t bytes = base::trim(text).size();
  const auto bytes_min = static_cast<std::size_t>(std::max<std::int64_t>(1, context.integer("bytes_min").value_or(1)));
  outcome.metrics.push_back({"document_bytes", static_cast<double>(bytes)});
  outcome.verdict = bytes >= bytes_min ? base::Verdict::pass : base::Verdict::fail;
  outcome.summary = bytes >= bytes_min
                        ? fmt::format("{} is there, {} bytes", path, bytes)
                        : fmt::format("{} holds {} bytes of text, {} are needed", path, bytes, bytes_min);
  if (outcome.verdict == base::Verdict::fail)
    outcome.findings.push_back({.rule = "doc.too-short",
                                .severity = base::Severity::high,
                                .object = path,
                                .where = file_pos(path, 1),
                                .message = outcome.summary,
                                .explanation = {},
                                .fix = fmt::format("write what {} is for", path),
                                .related = {}});
  return outcome;
}

}  // namespace

const CheckType kDocExists = {.name = "doc.exists",
                              .summary = "a document is there and says something",
                              .fields = kFields,
                              .version = 1,
                              .run = run,
                              .missing_engine = {}};

}  // namespace gantry::launch
