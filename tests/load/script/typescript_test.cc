#include "load/script/typescript.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace gantry::load {
namespace {

TEST(TypeScript, IsKnownByItsName) {
  EXPECT_TRUE(is_typescript("load/main.ts"));
  EXPECT_FALSE(is_typescript("load/main.js"));
  EXPECT_FALSE(is_typescript("load/ts"));
}

TEST(TypeScript, NamesThePackageThatIsMissing) {
  const std::string path = std::getenv("PATH");
  setenv("PATH", "/nonexistent", 1);
  const base::Result<std::string> stripped = strip_types("main.ts", "const a: number = 1;");
  setenv("PATH", path.c_str(), 1);
  ASSERT_FALSE(stripped);
  EXPECT_TRUE(stripped.error().message.starts_with("main.ts is TypeScript, which esbuild makes JavaScript of"));
  EXPECT_EQ(stripped.error().help, "install Debian's package esbuild, or give the script as JavaScript");
}

// Neither paths nor texts are words for a shell, or flags.
TEST(TypeScript, IsTextForEsbuildAndNothingElse) {
  for (const std::string& path :
       {std::string("a b.ts"), std::string("$(id).ts"), std::string("--help.ts"), std::string("ü\n.ts")}) {
    const base::Result<std::string> stripped = strip_types(path, "export const a: string = `$(id)`;");
    ASSERT_TRUE(stripped) << path;
    EXPECT_TRUE(stripped->starts_with("export const a = `$(id)`;\n//# sourceMappingURL=data:")) << *stripped;
  }
}

}  // namespace
}  // namespace gantry::load
