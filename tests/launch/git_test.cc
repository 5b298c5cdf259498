#include "launch/git.h"

#include "support/git.h"
#include "support/temp_dir.h"

#include <gtest/gtest.h>

namespace gantry::launch {
namespace {

using test::commit_all;
using test::TempDir;

std::vector<std::string> addresses(const TempDir& dir) {
  std::vector<std::string> all;
  const auto authors = find_authors(Git(dir.path(""), {}));
  for (const Author& author : *authors) all.push_back(author.email);
  return all;
}

TEST(FindSourceTree, NamesTheCommitAndWhetherFilesDiffer) {
  const TempDir dir;
  const Git git(dir.path(""), {});
  EXPECT_EQ(find_source_tree(git), std::nullopt);
  dir.write("a.txt", "a");
  commit_all(dir.path(""), "Ada <ada@example.org>");
  const base::SourceTree clean{.commit = test::git(dir.path(""), {"rev-parse", "HEAD"}),
                               .tree = test::git(dir.path(""), {"rev-parse", "HEAD^{tree}"}),
                               .is_dirty = false};
  EXPECT_EQ(find_source_tree(git), clean);
  EXPECT_EQ(*git.head(), clean.commit);
  dir.write("a.txt", "b");
  EXPECT_TRUE(find_source_tree(git)->is_dirty);
  EXPECT_EQ(*git.changes(), "M a.txt");
}

// Looking must not touch the index: gantry changes nothing outside its own folder.
TEST(Git, LooksWithoutWriting) {
  const TempDir dir;
  dir.write("a.txt", "a");
  commit_all(dir.path(""), "Ada <ada@example.org>");
  dir.write("a.txt", "a");  // another time of change: git would refresh its index
  const std::string index = dir.read(".git/index");
  EXPECT_EQ(*Git(dir.path(""), {}).changes(), "");
  EXPECT_EQ(dir.read(".git/index"), index);
}

TEST(FindAuthors, AreThoseOfTheCommitsSinceTheLastTag) {
  const TempDir dir;
  EXPECT_FALSE(find_authors(Git(dir.path(""), {})));
  auto commit = [&dir, number = 0](std::string_view author, std::string_view message = "work") mutable {
    dir.write("work.txt", std::to_string(++number));
    commit_all(dir.path(""), author, message);
  };
  commit("Bob <bob@example.org>");
  test::git(dir.path(""), {"tag", "v1"});
  commit("Ada <ada@example.org>");
  commit("Ada Lovelace <ADA@example.org>");
  EXPECT_EQ(addresses(dir), std::vector<std::string>{"ADA@example.org"});
  commit("Ada <ada@example.org>", "pair\n\nCo-authored-by: Cy <cy@example.org>");
  EXPECT_EQ(addresses(dir), (std::vector<std::string>{"ada@example.org", "cy@example.org"}));
}

}  // namespace
}  // namespace gantry::launch
