#include "base/file.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>

namespace gantry::base {
namespace {

using namespace std::string_literals;

struct PathCase {
  std::string path;
  const char* normal;  // null when it must be refused
};

class NormalPath : public testing::TestWithParam<PathCase> {};

TEST_P(NormalPath, Is) {
  const Result<std::string> normal = normal_path(GetParam().path);
  if (GetParam().normal == nullptr) {
    ASSERT_FALSE(normal.has_value()) << *normal;
    EXPECT_EQ(normal.error().kind, ErrorKind::input);
  } else {
    ASSERT_TRUE(normal.has_value()) << describe(normal.error());
    EXPECT_EQ(*normal, GetParam().normal);
  }
}

const PathCase kPaths[] = {
    {"a", "a"},
    {"a/b.yaml", "a/b.yaml"},
    {"a/./b/../c/", "a/c"},
    {"./a", "a"},
    {"a//b///c", "a/b/c"},
    {"", ""},
    {".", ""},
    {"./", ""},
    {"a/..", ""},
    {"a/b/../..", ""},
    {"a/../b/../c", "c"},
    {"...", "..."},
    {"..a/b..", "..a/b.."},
    {".hidden", ".hidden"},
    {"a b/ü", "a b/ü"},
    {"a\\..\\b", "a\\..\\b"},  // a backslash is a character like any other
    {"..", nullptr},
    {"../a", nullptr},
    {"a/../..", nullptr},
    {"a/../../a", nullptr},  // back in by name is still out on the way
    {"/", nullptr},
    {"/etc/passwd", nullptr},
    {"//a", nullptr},
    {"a\0b"s, nullptr},
    {"\0"s, nullptr},
};

INSTANTIATE_TEST_SUITE_P(Path, NormalPath, testing::ValuesIn(kPaths));

TEST(NormalPathError, NamesThePath) {
  EXPECT_EQ(normal_path("a/../../b").error().message, "path \"a/../../b\" leads out of the workspace");
  EXPECT_EQ(normal_path("/etc/passwd").error().message, "path \"/etc/passwd\" is absolute");
  EXPECT_LT(normal_path("/" + std::string(100'000, 'x')).error().message.size(), 300U);
}

TEST(JoinPath, ReadsAPathWhereADocumentLies) {
  EXPECT_EQ(join_path("manifests/nats", "../base/pdb.yaml").value(), "manifests/base/pdb.yaml");
  EXPECT_EQ(join_path("manifests", ".").value(), "manifests");
  EXPECT_EQ(join_path("", "a").value(), "a");
  EXPECT_EQ(join_path("a", "..").value(), "");
  EXPECT_FALSE(join_path("a", "../../b").has_value());
  EXPECT_FALSE(join_path("", "../b").has_value());
  EXPECT_FALSE(join_path("a", "/b").has_value());
  EXPECT_FALSE(join_path("", "/b").has_value());
  EXPECT_EQ(join_path("a", "../../b").error().message, "path \"a/../../b\" leads out of the workspace");
}

TEST(DirectoryAndBaseName, SplitAtTheLastSlash) {
  EXPECT_EQ(directory_of("a/b/c.yaml"), "a/b");
  EXPECT_EQ(base_name_of("a/b/c.yaml"), "c.yaml");
  EXPECT_EQ(directory_of("c.yaml"), "");
  EXPECT_EQ(base_name_of("c.yaml"), "c.yaml");
  EXPECT_EQ(directory_of(""), "");
  EXPECT_EQ(base_name_of(""), "");
}

// A path made of the pieces that matter.
rc::Gen<std::string> any_path() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>("a", "b", "..", ".", "", "c..")),
      [](const std::vector<std::string>& names) {
        std::string path;
        for (const std::string& name : names) path += name + "/";
        return path;
      });
}

RC_GTEST_PROP(NormalPathProperty, AgreesWithTheStandardLibrary, ()) {
  const std::string path = *any_path();
  const std::string expected = std::filesystem::path(path).lexically_normal().string();
  const Result<std::string> normal = normal_path(path);
  // The library cannot climb above a name that was never there; we stop at the first attempt to leave.
  if (!normal) return;
  const std::string with_slash = normal->empty() ? "./" : *normal + "/";
  RC_ASSERT(with_slash == (expected.empty() || expected == "." ? "./" : expected));
}

RC_GTEST_PROP(NormalPathProperty, IsRefusedExactlyWhenSomePrefixClimbsOut, ()) {
  const std::string path = *any_path();
  int depth = 0;
  bool leaves = path.starts_with('/');
  for (const std::filesystem::path& name : std::filesystem::path(path)) {
    if (name == "..")
      --depth;
    else if (name != "." && !name.empty())
      ++depth;
    leaves = leaves || depth < 0;
  }
  RC_ASSERT(normal_path(path).has_value() == !leaves);
}

RC_GTEST_PROP(NormalPathProperty, NormalStaysNormal, ()) {
  const Result<std::string> normal = normal_path(*any_path());
  RC_PRE(normal.has_value());
  RC_ASSERT(normal_path(*normal).value() == *normal);
}

}  // namespace
}  // namespace gantry::base
