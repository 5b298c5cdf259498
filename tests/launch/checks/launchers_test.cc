#include "launch/checks/load/launchers.h"

#include "support/temp_dir.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gantry::launch {
namespace {

constexpr std::string_view kProgram = "\177ELF";

struct Case {
  std::string_view name;
  std::string_view content;
  bool is_launcher;
};
constexpr Case kCases[] = {
    {"kgent-api", kProgram, false}, {"python3", kProgram, true},
    {"python3.11", kProgram, true}, {"php8.2", kProgram, true},
    {"java", kProgram, true},       {"node", kProgram, true},
    {"sh", kProgram, true},         {"pythonic", kProgram, false},
    {"shop", kProgram, false},      {"node-exporter", kProgram, false},
    {"42", kProgram, false},        {"uvicorn", "#!/usr/bin/python3\n", true},  // a script, whatever its name
    {"empty", "", false},
};

TEST(Launchers, RunWhatIsElsewhere) {
  const test::TempDir dir;
  for (const Case& c : kCases) EXPECT_EQ(is_launcher(dir.write(c.name, c.content)), c.is_launcher) << c.name;
  dir.symlink("python3.11", "api");
  EXPECT_TRUE(is_launcher(dir.path("api"))) << "by what it leads to";
  EXPECT_FALSE(is_launcher(dir.path("not-there")));
}

}  // namespace
}  // namespace gantry::launch
