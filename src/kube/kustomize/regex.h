#pragma once

// Regular expressions as kustomize has them: Go's syntax, which is RE2's. Linear in the text, whatever the pattern.

#include "base/result.h"

#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace gantry::kube::kustomize {

class Regex {
 public:
  // `written` is what the user wrote of `pattern`, in `field`. Errors: input, with the reason.
  static base::Result<Regex> compile(const std::string& pattern, const std::string& written, const std::string& field,
                                     const base::SourcePos& pos);
  // Anywhere in the text, unless the pattern is anchored.
  bool matches(std::string_view text) const;

 private:
  explicit Regex(std::shared_ptr<const re2::RE2> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const re2::RE2> compiled_;
};

}  // namespace gantry::kube::kustomize
