#pragma once

// Which objects a patch's target selects (reference §6.1).

#include "kube/kustomize/kustomization.h"
#include "kube/kustomize/resource.h"
#include "kube/labels.h"

#include <memory>

namespace gantry::kube::kustomize {

// A label or annotation selector in text form, parsed once; an empty text matches everything.
class SetSelector {
 public:
  // Errors: input; `field` and `pos` say where it is written.
  static base::Result<SetSelector> parse(const std::string& text, const std::string& field, const base::SourcePos& pos);
  // `map` is metadata.labels or metadata.annotations, or null.
  bool matches(const base::Node* map) const;

 private:
  LabelSelector selector_;
};

// A target with its regular expressions compiled. Each field must match as a whole; an empty field matches anything.
class Target {
 public:
  // Errors: input, an expression that does not compile or a selector that does not parse.
  static base::Result<Target> compile(const Selector& selector, const std::string& field, const base::SourcePos& pos);
  ~Target();
  Target(Target&&) noexcept;
  Target& operator=(Target&&) noexcept;

  // Names and namespaces match as they are now or as they were first in this build.
  bool selects(const Resource& resource) const;

 private:
  struct Impl;
  explicit Target(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gantry::kube::kustomize
