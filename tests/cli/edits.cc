#include "cli/edits.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>

namespace gantry::cli {

using test::TempDir;

namespace {

struct Hunk {
  std::string file;
  std::string old_text;
  std::string new_text;

  bool is_empty() const { return old_text.empty() && new_text.empty(); }
};

void apply(const Hunk& hunk, const TempDir& directory) {
  ASSERT_FALSE(hunk.file.empty()) << "no file is named before\n" << hunk.old_text << hunk.new_text;
  ASSERT_NE(hunk.old_text, hunk.new_text) << "an edit of " << hunk.file << " changes nothing";
  const bool is_there = std::filesystem::exists(directory.path(hunk.file));
  if (hunk.old_text.empty()) {
    ASSERT_FALSE(is_there) << hunk.file << " is there already: say which of its lines stay or go";
    directory.write(hunk.file, hunk.new_text);
    return;
  }
  ASSERT_TRUE(is_there) << "there is no " << hunk.file;
  std::string text = directory.read(hunk.file);
  const std::size_t at = text.find(hunk.old_text);
  ASSERT_NE(at, std::string::npos) << hunk.file << " has no such lines:\n" << hunk.old_text;
  ASSERT_EQ(text.find(hunk.old_text, at + 1), std::string::npos) << hunk.file << " has these lines more than once:\n"
                                                                 << hunk.old_text;
  directory.write(hunk.file, text.replace(at, hunk.old_text.size(), hunk.new_text));
}

}  // namespace

void apply_edits(std::string_view edits, const TempDir& directory) {
  constexpr std::string_view kFileMark = "== ";
  Hunk hunk;
  std::size_t applied = 0;
  const auto end_hunk = [&] {
    if (hunk.is_empty()) return;
    apply(hunk, directory);
    ++applied;
    hunk = {.file = hunk.file, .old_text = {}, .new_text = {}};
  };
  std::istringstream lines{std::string(edits)};
  for (std::string line; std::getline(lines, line);) {
    const std::string content = line.empty() ? "" : line.substr(1) + "\n";
    if (line.starts_with(kFileMark)) {
      end_hunk();
      hunk.file = line.substr(kFileMark.size());
    } else if (line.empty()) {
      end_hunk();
    } else if (line.starts_with('-')) {
      hunk.old_text += content;
    } else if (line.starts_with('+')) {
      hunk.new_text += content;
    } else if (line.starts_with(' ')) {
      hunk.old_text += content;
      hunk.new_text += content;
    } else {
      EXPECT_TRUE(line.starts_with('#')) << "neither an edit nor a remark: " << line;
    }
  }
  end_hunk();
  EXPECT_GT(applied, 0U) << "nothing is edited";
}

}  // namespace gantry::cli
