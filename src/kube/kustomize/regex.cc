#include "kube/kustomize/regex.h"

#include <fmt/format.h>
#include <re2/re2.h>

namespace gantry::kube::kustomize {

namespace {

// A pattern's program; far above what a name needs, and small enough that a thousand of them hurt nobody.
constexpr std::int64_t kPatternBytesMax = 1 << 20;

}  // namespace

base::Result<Regex> Regex::compile(const std::string& pattern, const std::string& written, const std::string& field,
                                   const base::SourcePos& pos) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kPatternBytesMax);
  auto compiled = std::make_shared<const RE2>(pattern, options);
  if (!compiled->ok()) {
    return base::input_error(
        fmt::format("{} is \"{}\", which is no regular expression: {}", field, written, compiled->error()), pos,
        "escape characters that should stand for themselves with a backslash");
  }
  return Regex(std::move(compiled));
}

bool Regex::matches(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

}  // namespace gantry::kube::kustomize
