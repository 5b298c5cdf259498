#include "house/source_tree.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace gantry::house {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream) << path;
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

SourceTree load_sources(const fs::path& root) {
  SourceTree tree;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const std::string extension = entry.path().extension().string();
    if (extension == ".h" || extension == ".cc")
      tree[entry.path().lexically_relative(root).string()] = read_file(entry.path());
  }
  return tree;
}

}  // namespace gantry::house
