#include "load/script/module_sources.h"

#include "support/temp_dir.h"

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
    {"k6/net/grpc",
     "k6/net/grpc cannot be imported: gRPC is not part of Gantry | ask the same service over HTTP, or run that script "
     "with k6"},
    {"./a.js", "file load/lib/a.js"},
    {"../a.js", "file load/a.js"},
    {"../../../a.js", "error"},
    {"/home/me/shop/load/b.js", "file load/b.js"},
    {"file:///home/me/shop/b.js", "file b.js"},
    {"/home/me/shop/../b.js", "error"},
    {"/home/me/shopping/b.js",
     "/home/me/shopping/b.js lies outside of /home/me/shop | scripts read what lies in their folder and its workspace"},
    {"/etc/passwd",
     "/etc/passwd lies outside of /home/me/shop | scripts read what lies in their folder and its workspace"},
    {"file:///etc/passwd",
     "file:///etc/passwd lies outside of /home/me/shop | scripts read what lies in their folder and its workspace"},
    {"file://./a.js", "file load/lib/a.js"},
    {"a.js", "a.js names neither a module of k6 nor a file | write ./a.js for a file beside the script"},
    {"lodash", "lodash names neither a module of k6 nor a file | write ./lodash for a file beside the script"},
    // What comes with the program, whatever version is asked for.
    {"https://jslib.k6.io/k6-utils/1.4.0/index.js", "built in gantry:k6-utils"},
    {"https://jslib.k6.io/nothing/0.1.0/index.js",
     "https://jslib.k6.io/nothing/0.1.0/index.js cannot be imported: nothing is fetched while a script is loaded | "
     "save it as load/lib/vendor/jslib.k6.io/nothing/0.1.0/index.js, or in such a folder above"},
    {"https://jslib.k6.io/vu/1.0.0/index.js",
     "https://jslib.k6.io/vu/1.0.0/index.js cannot be imported: nothing is fetched while a script is loaded | save it "
     "as load/lib/vendor/jslib.k6.io/vu/1.0.0/index.js, or in such a folder above"},
    {"http://example.com/a.js",
     "http://example.com/a.js cannot be imported: only https and file are schemes of modules | keep a copy beside the "
     "script and import that"},
    {"https://example.com/../../a.js", "error"},
    {"https:///a.js", "https:///a.js cannot be imported: it names no host | "},
    {"gantry:k6-utils",
     "gantry:k6-utils names neither a module of k6 nor a file | write ./gantry:k6-utils for a file "
     "beside the script"},
    {"https://example.com/a.js",
     "https://example.com/a.js cannot be imported: nothing is fetched while a script is loaded | save it as "
     "load/lib/vendor/example.com/a.js, or in such a folder above"},
    {"https://example.com/kept.js?_k6=1", "file load/vendor/example.com/kept.js"},
    {"https://example.com/", "file load/vendor/example.com/index.js"},
};

TEST(ModuleSources, SayWhatASpecifierMeans) {
  base::MemoryFileSystem files;
  files.write("load/vendor/example.com/kept.js", "");
  files.write("load/vendor/example.com/index.js", "");
  ModuleSources sources(files, {"k6/metrics", "k6", "k6/http", "gantry:k6-utils"}, "/home/me/shop");
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

// Neither what a script imports nor what it opens lies elsewhere, whatever its path says.
TEST(ModuleSources, StayInTheirFolder) {
  const test::TempDir dir;
  dir.write("outside.js", "export default 1;");
  dir.write("shop/inside.js", "export default 2;");
  dir.symlink("../outside.js", "shop/link.js");
  dir.symlink("/etc", "shop/etc");
  dir.symlink("inside.js", "shop/alias.js");
  const auto files = *base::open_directory(dir.path("shop"));
  ModuleSources sources(*files, {}, dir.path("shop"));
  const auto reads = [&](std::string_view path) {
    const base::Result<std::string> found = sources.locate(path, "");
    return found && sources.read(*found).has_value();
  };
  EXPECT_TRUE(reads("inside.js"));
  EXPECT_TRUE(reads("./alias.js"));
  EXPECT_TRUE(reads(dir.path("shop/inside.js")));
  EXPECT_TRUE(reads("file://" + dir.path("shop/inside.js")));
  for (const std::string& path :
       {std::string("../outside.js"), std::string("link.js"), std::string("etc/passwd"), std::string("/etc/passwd"),
        std::string("file:///etc/passwd"), std::string("file://../outside.js"), std::string("a/../../outside.js"),
        dir.path("outside.js"), dir.path("shop/../outside.js"), "file://" + dir.path("shop/../outside.js"),
        dir.path("shop") + "//../outside.js", std::string("inside.js\0", 10)})
    EXPECT_FALSE(reads(path)) << path;
}

TEST(ModuleSources, ReadNothingNewOnceTheyAreClosed) {
  base::MemoryFileSystem files;
  files.write("a.js", "1");
  files.write("b.js", "2");
  ModuleSources sources(files, {});
  EXPECT_EQ(sources.read("a.js"), "1");
  sources.close();
  EXPECT_EQ(sources.read("a.js"), "1");
  const base::Result<std::string_view> late = sources.read("b.js");
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().message, "b.js was not read while the script was first loaded");
}

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
