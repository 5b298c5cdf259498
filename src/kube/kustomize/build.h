#pragma once

// What one rendering carries through all its passes.

#include "base/file.h"
#include "base/finding.h"
#include "kube/kustomize/written_text.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::kube::kustomize {

// Kustomizations nest a handful deep in practice; each level is a stack frame of several kilobytes.
inline constexpr std::uint32_t kNestingMax = 64;
// Above any repository seen (design: workspaces of 10,000 objects); stops bases that double at each level.
inline constexpr std::size_t kObjectsMax = 200'000;
inline constexpr std::uint32_t kFilesMax = 100'000;

struct Build {
  explicit Build(const base::FileSystem& files_read_from) : files(files_read_from), written(files_read_from) {}

  const base::FileSystem& files;
  WrittenTexts written;
  std::vector<base::Finding> findings;
  std::uint32_t files_read = 0;

  void warn(base::Finding finding) { findings.push_back(std::move(finding)); }
};

}  // namespace gantry::kube::kustomize
