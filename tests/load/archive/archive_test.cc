#include "load/archive/archive.h"

#include "base/json.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>

namespace gantry::load {
namespace {

using base::Node;

Archive small() {
  return {.script = "tests/load.js",
          .files = {{"tests/load.js", "import './lib.js';\n"},
                    {"tests/lib.js", "export const a = 1;\n"},
                    {"tests/data.bin", std::string("\xff\x00\x01", 3)}},
          .env = {{"A", "1"}},
          .options = Node::Map{{"vus", 3, {}}, {"duration", Node(), {}}, {"iterations", 6, {}}}};
}

TEST(Archive, IsReadAsItWasWritten) {
  const auto bytes = write_archive(small(), base::Timestamp());
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_TRUE(is_archive(*bytes));
  const base::Result<Archive> read = read_archive(*bytes);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->script, "tests/load.js");
  EXPECT_EQ(read->files, small().files);
  EXPECT_EQ(read->env, small().env);
  EXPECT_EQ(base::dump_json(read->options), R"({"vus":3,"iterations":6})");
  EXPECT_EQ(*write_archive(small(), base::Timestamp()), *bytes);
}

TEST(Archive, IsKnownByItsFirstBytes) {
  EXPECT_FALSE(is_archive(""));
  EXPECT_FALSE(is_archive("export default () => 1;"));
  EXPECT_FALSE(is_archive(std::string(600, 'x')));
}

// A tar of anything.
class Tar {
 public:
  Tar() : tar_(archive_write_new()) {
    archive_write_set_format_pax_restricted(tar_);
    archive_write_open(
        tar_, &bytes_, nullptr,
        [](archive*, void* to, const void* bytes, std::size_t size) {
          static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), size);
          return static_cast<la_ssize_t>(size);
        },
        nullptr);
  }
  Tar& add(std::string_view name, std::string_view content, const std::function<void(archive_entry*)>& change = {}) {
    archive_entry* const entry = archive_entry_new();
    archive_entry_set_pathname(entry, std::string(name).c_str());
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    if (change) change(entry);
    archive_write_header(tar_, entry);
    archive_write_data(tar_, content.data(), content.size());
    archive_entry_free(entry);
    return *this;
  }
  std::string done() {
    archive_write_close(tar_);
    archive_write_free(tar_);
    return std::move(bytes_);
  }

 private:
  std::string bytes_ = {};
  archive* tar_;
};

constexpr std::string_view kMetadata = R"({"type":"js","options":{},"filename":"file:///a.js","pwd":"file:///"})";

Tar good() {
  Tar tar;
  tar.add("metadata.json", kMetadata).add("data", "export default () => 1;");
  return tar;
}

struct Hostile {
  std::string_view what;
  std::function<std::string()> make;
  std::string_view says;
};
const Hostile kHostile[] = {
    {"no tar", [] { return std::string(2000, 'x'); }, "the archive cannot be read: "},
    {"cut short", [] { return write_archive(small(), base::Timestamp())->substr(0, 700); },
     "the archive cannot be read: "},
    {"no metadata", [] { return Tar().add("data", "x").done(); }, "metadata.json is missing"},
    {"no script", [] { return Tar().add("metadata.json", kMetadata).done(); }, "the script is missing"},
    {"metadata that is no JSON", [] { return Tar().add("metadata.json", "{").add("data", "").done(); },
     "cannot be read"},
    {"a path above", [] { return good().add("file/../../etc/passwd", "x").done(); }, "leads out of it"},
    {"a path above, inside", [] { return good().add("file/a/../b.js", "x").done(); }, "leads out of it"},
    {"another folder", [] { return good().add("etc/passwd", "x").done(); }, "has no place in it"},
    {"a symlink",
     [] {
       return good()
           .add("file/link.js", "",
                [](archive_entry* entry) {
                  archive_entry_set_filetype(entry, AE_IFLNK);
                  archive_entry_set_symlink(entry, "/etc/passwd");
                })
           .done();
     },
     "file/link.js is no file"},
    {"a hard link",
     [] {
       return good()
           .add("file/link.js", "", [](archive_entry* entry) { archive_entry_set_hardlink(entry, "/etc/passwd"); })
           .done();
     },
     "file/link.js is a link"},
    {"a device",
     [] {
       return good()
           .add("file/null", "", [](archive_entry* entry) { archive_entry_set_filetype(entry, AE_IFCHR); })
           .done();
     },
     "file/null is no file"},
    {"a script above",
     [] { return Tar().add("metadata.json", R"({"filename":"file:///../a.js"})").add("data", "").done(); },
     "its script has no name"},
    {"more files than it may have",
     [] {
       Tar tar = good();
       for (int i = 0; i < 10'001; ++i) tar.add(fmt::format("file/{}", i), "");
       return tar.done();
     },
     "it has more than 10000 files"}};

TEST(Archive, RefusesWhatAStrangerMade) {
  for (const Hostile& hostile : kHostile) {
    const base::Result<Archive> read = read_archive(hostile.make());
    ASSERT_FALSE(read) << hostile.what;
    EXPECT_TRUE(read.error().message.contains(hostile.says)) << hostile.what << ": " << read.error().message;
  }
}

}  // namespace
}  // namespace gantry::load
