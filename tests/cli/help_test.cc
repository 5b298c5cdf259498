// What the program says about itself, and about a command line that it does not understand.

#include "cli/program.h"

#include "base/version.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace gantry::cli {
namespace {

using test::TempDir;

constexpr const char* kCommands[] = {"run", "status", "plan", "net", "sign", "waive", "doctor", "version"};

TEST(Help, LeadsWithExamplesAndListsEveryCommand) {
  const TempDir dir;
  const Ran ran = gantry({"--help"}, dir);
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_EQ(ran.err, "") << ran;
  EXPECT_LT(ran.out.find("Examples:"), ran.out.find("Usage:")) << ran;
  for (const char* command : kCommands)
    EXPECT_TRUE(ran.out.contains(fmt::format("\n  {} ", command))) << command << "\n" << ran;
}

TEST(Help, OfEachCommandLeadsWithExamples) {
  const TempDir dir;
  for (const char* command : kCommands) {
    const Ran ran = gantry({command, "--help"}, dir);
    EXPECT_EQ(ran.status, 0) << ran;
    EXPECT_EQ(ran.err, "") << ran;
    const std::size_t examples = ran.out.find("Examples:");
    ASSERT_NE(examples, std::string::npos) << ran;
    EXPECT_LT(examples, ran.out.find("Usage:")) << ran;
    EXPECT_TRUE(ran.out.contains(fmt::format("  gantry {}", command))) << ran;
    EXPECT_TRUE(ran.out.contains("--no-color")) << ran;
  }
}

TEST(Help, OfEachCommandBelowNetLeadsWithExamples) {
  const TempDir dir;
  const Ran overview = gantry({"net", "--help"}, dir);
  for (const char* command : {"matrix", "check", "explain", "query", "needs", "lint", "propose", "diff"}) {
    EXPECT_TRUE(overview.out.contains(fmt::format("\n  {} ", command))) << command << "\n" << overview;
    const Ran ran = gantry({"net", command, "--help"}, dir);
    EXPECT_EQ(ran.status, 0) << ran;
    EXPECT_LT(ran.out.find("Examples:"), ran.out.find("Usage:")) << ran;
    EXPECT_TRUE(ran.out.contains(fmt::format("  gantry net {}", command))) << ran;
    EXPECT_TRUE(ran.out.contains("--no-color")) << ran;
  }
}

TEST(Version, SaysWhatItWasBuiltFrom) {
  const TempDir dir;
  const Ran text = gantry({"version"}, dir);
  EXPECT_EQ(text.status, 0) << text;
  EXPECT_TRUE(text.out.starts_with(fmt::format("gantry {}\n", base::version()))) << text;
  const nlohmann::json document = gantry({"version", "--json"}, dir).json();
  EXPECT_EQ(document["schema"], "gantry.version/v1");
  EXPECT_EQ(document["version"], std::string(base::version()));
  EXPECT_TRUE(document["commit"].is_null() || document["commit"].get<std::string>().size() >= 40) << document;
  EXPECT_FALSE(document["build"]["compiler"].get<std::string>().empty());
  for (const char* library : {"OpenSSL", "V8", "fmt", "nghttp2", "nats", "libyaml"}) {
    const auto version = document["libraries"].value(library, "");
    EXPECT_TRUE(!version.empty() && version.front() >= '0' && version.front() <= '9') << library << " " << version;
  }
  for (const auto& [library, version] : document["libraries"].items())
    EXPECT_TRUE(text.out.contains(library) && text.out.contains(version.get<std::string>())) << library;
}

TEST(Help, GivesTheVersion) {
  const TempDir dir;
  const Ran ran = gantry({"--version"}, dir);
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_EQ(ran.out, fmt::format("gantry {}\n", base::version()));
  EXPECT_EQ(ran.err, "");
}

struct Misused {
  const char* what;
  std::vector<std::string> arguments;
  int status;
  std::vector<std::string> on_stderr;
};

const Misused kMisused[] = {
    {"a misspelt command is met with the right one",
     {"rnu", "plan.md"},
     2,
     {"there is no command \"rnu\"", "did you mean `gantry run`?"}},
    {"another misspelt command", {"statsu", "plan.md"}, 2, {"did you mean `gantry status`?"}},
    {"a command like no other", {"launch"}, 2, {"there is no command \"launch\"", "gantry --help"}},
    {"no command", {}, 2, {"gantry --help"}},
    {"a plan is needed", {"run"}, 2, {"PLAN", "gantry run --help"}},
    {"an option that is not there", {"run", "plan.md", "--frsh"}, 2, {"--frsh", "gantry run --help"}},
    {"an option without its value", {"run", "plan.md", "--junit"}, 2, {"--junit", "gantry run --help"}},
    {"one argument too many", {"plan", "plan.md", "other.md"}, 2, {"other.md", "gantry plan --help"}},
    {"a plan that is not there", {"run", "nowhere.md"}, 2, {"nowhere.md", "name the Markdown file"}},
    {"a folder instead of a plan", {"run", "."}, 2, {"is a folder", "name the Markdown file"}},
    {"a workspace that is not there", {"run", "plan.md", "--workspace", "nowhere"}, 2, {"nowhere", "name the folder"}},
    {"--apply without a cluster", {"run", "plan.md", "--apply"}, 2, {"--apply needs a cluster", "--context"}},
    {"a sign-off without a name", {"sign", "plan.md", "B.1", "--role", "operations"}, 2, {"--as"}},
    {"a duration that is none",
     {"sign", "plan.md", "B.1", "--as", "Ada", "--role", "operations", "--valid-for", "soon"},
     2,
     {"soon"}},
    {"a track that the plan does not have", {"run", "plan.md", "--only", "Z"}, 2, {"Z", "A.1"}},
};

TEST(CommandLine, IsMetWithAnAnswerWhenItIsWrong) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  for (const Misused& misused : kMisused) {
    SCOPED_TRACE(misused.what);
    const Ran ran = gantry(misused.arguments, dir);
    expect_failure(ran, misused.status, misused.on_stderr);
    EXPECT_EQ(ran.out, "") << ran;
  }
}

}  // namespace
}  // namespace gantry::cli
