#pragma once

// A directory that lives as long as one test.
//
//   TempDir dir;
//   dir.write("manifests/web.yaml", "kind: Pod\n");   // parents are made
//   auto files = open_directory(dir.path());
//   EXPECT_EQ(dir.read("plan.md"), "...");

#include <string>
#include <string_view>
#include <vector>

namespace gantry::test {

// Throws std::system_error (through std::filesystem) when the disk does not obey: the test then fails with its message.
class TempDir {
 public:
  TempDir();
  ~TempDir();  // removes everything below
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  // Absolute, with symlinks resolved, without a slash at the end.
  const std::string& path() const { return path_; }
  // The absolute path of something in it, whether or not it is there: "a/b" -> "/tmp/gantry-x/a/b".
  std::string path(std::string_view relative) const;

  // Returns the absolute path. Replaces what was there.
  std::string write(std::string_view relative, std::string_view content) const;
  std::string make_directory(std::string_view relative) const;
  // `target` is kept as given: relative to the link's own folder, or absolute.
  std::string symlink(std::string_view target, std::string_view relative) const;

  std::string read(std::string_view relative) const;
  // Every name below, sorted, folders with a slash at the end: {"a/", "a/b.yaml"}.
  std::vector<std::string> names() const;

 private:
  std::string path_;
};

}  // namespace gantry::test
