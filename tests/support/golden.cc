#include "support/golden.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

namespace gantry::test {

namespace fs = std::filesystem;

namespace {

std::optional<std::string> load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

bool update_wanted() {
  const char* value = std::getenv("GANTRY_UPDATE_GOLDEN");
  return value != nullptr && std::string_view(value) == "1";
}

testing::AssertionResult rewrite(std::string_view actual, const std::string& path) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(actual.data(), static_cast<std::streamsize>(actual.size()));
  file.close();
  if (!file) return testing::AssertionFailure() << "cannot rewrite " << path;
  return testing::AssertionSuccess();
}

// The number of the first line that differs, from 1.
std::size_t first_difference(std::string_view a, std::string_view b) {
  const auto [in_a, in_b] = std::ranges::mismatch(a, b);
  return 1 + static_cast<std::size_t>(std::count(a.begin(), in_a, '\n'));
}

}  // namespace

std::string repository_path(std::string_view under_root) {
  return std::string(GANTRY_SOURCE_DIR "/") + std::string(under_root);
}

std::string test_path(std::string_view under_tests) { return repository_path("tests/" + std::string(under_tests)); }

std::string read_test_file(std::string_view under_tests) {
  std::optional<std::string> text = load(test_path(under_tests));
  if (!text) ADD_FAILURE() << "cannot read " << test_path(under_tests);
  return std::move(text).value_or("");
}

std::vector<std::string> scenario_names(std::string_view under_tests) {
  std::vector<std::string> names;
  std::error_code missing;  // is told below, as an empty list
  for (const fs::directory_entry& entry : fs::directory_iterator(test_path(under_tests), missing)) {
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  }
  if (names.empty()) ADD_FAILURE() << "no scenario in " << test_path(under_tests);
  std::ranges::sort(names);
  return names;
}

testing::AssertionResult matches_golden(std::string_view actual, std::string_view under_tests) {
  return matches_golden_file(actual, test_path(under_tests));
}

testing::AssertionResult matches_golden_file(std::string_view actual, const std::string& path) {
  const std::optional<std::string> expected = load(path);
  if (expected && *expected == actual) return testing::AssertionSuccess();
  if (update_wanted()) return rewrite(actual, path);
  constexpr std::string_view kHint = "if the new text is right: GANTRY_UPDATE_GOLDEN=1, then review the change\n";
  if (!expected) {
    return testing::AssertionFailure() << "no expected text yet: " << path << "\n"
                                       << kHint << "--- actual ---\n"
                                       << actual << "--- end ---";
  }
  return testing::AssertionFailure() << path << " differs from line " << first_difference(*expected, actual) << "\n"
                                     << kHint << "--- expected ---\n"
                                     << *expected << "--- actual ---\n"
                                     << actual << "--- end ---";
}

}  // namespace gantry::test
