#include "load/script/module_sources.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace gantry::load {
namespace {

struct Case {
  std::string_view specifier;
  std::string_view expected;  // "file PATH", "built in NAME", or what the error says and helps with
};

constexpr Case kCases[] = {
    {"k6", "built in k6"},
    {"k6/http", "built in k6/http"},
    {"k6/htpp", "there is no module k6/htpp | did you mean k6/http?"},
    {"k6/zzzzzzzz", "there is no module k6/zzzzzzzz | these are built in: k6, k6/http, k6/metrics"},
    {"k6/x/sql",
     "k6/x/sql cannot be imported: extensions of k6 are programs of its own | run this script with the k6 that has "
     "the extension"},
    {"k6/browser",
     "k6/browser cannot be imported: a load engine drives no browser | test pages with a browser's own tool, and the "
     "API behind them here"},
    {"k6/experimental/redis",
     "k6/experimental/redis cannot be imported: k6 has removed it | reach Redis through the service that is tested"},
    {"./a.js", "file load/lib/a.js"},
    {"../a.js", "file load/a.js"},
    {"../../../a.js", "error"},
    {"file://./a.js", "file load/lib/a.js"},
    {"a.js", "a.js names neither a module of k6 nor a file | write ./a.js for a file beside the script"},
    {"lodash", "lodash names neither a module of k6 nor a file | write ./lodash for a file beside the script"},
    // What comes with the program, whatever version is asked for.
    {"https://jslib.k6.io/k6-utils/1.4.0/index.js", "built in gantry:k6-utils"},
    {"https://jslib.k6.io/httpx/0.1.0/index.js",
     "https://jslib.k6.io/httpx/0.1.0/index.js cannot be imported: nothing is fetched while a script is loaded | keep "
     "a copy beside the script and import that"},
    {"gantry:k6-utils",
     "gantry:k6-utils names neither a module of k6 nor a file | write ./gantry:k6-utils for a file "
     "beside the script"},
    {"https://example.com/a.js",
     "https://example.com/a.js cannot be imported: nothing is fetched while a script is loaded | keep a "
     "copy beside the script and import that"},
};

TEST(ModuleSources, SayWhatASpecifierMeans) {
  const base::MemoryFileSystem files;
  const ModuleSources sources(files, {"k6/metrics", "k6", "k6/http", "gantry:k6-utils"});
  for (const Case& c : kCases) {
    const base::Result<ModuleName> name = sources.resolve(c.specifier, "load/lib/main.js");
    if (c.expected == "error") {
      EXPECT_FALSE(name.has_value()) << c.specifier;
      continue;
    }
    const std::string said =
        !name ? fmt::format("{} | {}", name.error().message, name.error().help)
              : fmt::format("{} {}", name->kind == ModuleName::Kind::file ? "file" : "built in", name->name);
    EXPECT_EQ(said, c.expected) << c.specifier;
  }
}

// Counts what is read.
class CountingFiles final : public base::FileSystem {
 public:
  explicit CountingFiles(base::MemoryFileSystem files) : files_(std::move(files)) {}
  base::Result<std::string> read(std::string_view path, std::uint64_t bytes_max) const override {
    ++reads;
    return files_.read(path, bytes_max);
  }
  base::Result<std::vector<base::DirectoryEntry>> list(std::string_view path) const override {
    return files_.list(path);
  }
  base::Result<base::FileKind> kind(std::string_view path) const override { return files_.kind(path); }
  base::Result<std::string> resolve(std::string_view path) const override { return files_.resolve(path); }
  mutable int reads = 0;

 private:
  base::MemoryFileSystem files_;
};

TEST(ModuleSources, ReadEachFileOnce) {
  base::MemoryFileSystem memory;
  memory.write("a.js", "1");
  const CountingFiles files(memory);
  ModuleSources sources(files, {});
  EXPECT_EQ(sources.read("a.js"), "1");
  EXPECT_EQ(sources.read("a.js"), "1");
  EXPECT_EQ(files.reads, 1);
  EXPECT_FALSE(sources.read("b.js").has_value());
}

}  // namespace
}  // namespace gantry::load
