#include "load/archive/archive.h"

#include "base/file.h"
#include "base/json.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <utility>

namespace gantry::load {

namespace {

using base::Node;
using base::Result;

// A stranger may have written it.
constexpr std::size_t kEntriesMax = 10'000;
constexpr std::uint64_t kBytesMax = 256 << 20;  // of all files together
constexpr std::string_view kMetadata = "metadata.json";
constexpr std::string_view kData = "data";
constexpr std::string_view kFiles = "file/";
constexpr std::string_view kUrl = "file:///";
// What of k6 the archive is like.
constexpr std::string_view kK6Version = "2.2.0";

struct Free {
  void operator()(archive* tar) const { archive_free(tar); }
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using Tar = std::unique_ptr<archive, Free>;
using Entry = std::unique_ptr<archive_entry, Free>;

std::unexpected<base::Error> refuse(std::string_view why) {
  return base::input_error(fmt::format("the archive cannot be read: {}", why), {},
                           "take what gantry load archive or k6 archive wrote");
}

class Writer {
 public:
  explicit Writer(base::Timestamp now) : now_(now), tar_(archive_write_new()) {}

  Result<void> open() {
    archive_write_set_format_pax_restricted(tar_.get());
    archive_write_set_bytes_per_block(tar_.get(), 0);
    return check(archive_write_open(tar_.get(), &bytes_, nullptr, append, nullptr));
  }

  Result<void> add(const std::string& name, std::string_view content) {
    const Entry entry = make(name);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
    TRY(check(archive_write_header(tar_.get(), entry.get())));
    if (archive_write_data(tar_.get(), content.data(), content.size()) < 0) return check(ARCHIVE_FATAL);
    return {};
  }

  // The same as another entry.
  Result<void> link(const std::string& name, const std::string& to) {
    const Entry entry = make(name);
    archive_entry_set_hardlink(entry.get(), to.c_str());
    return check(archive_write_header(tar_.get(), entry.get()));
  }

  Result<std::string> close() {
    TRY(check(archive_write_close(tar_.get())));
    return std::move(bytes_);
  }

 private:
  static la_ssize_t append(archive*, void* to, const void* bytes, std::size_t size) {
    static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), size);
    return static_cast<la_ssize_t>(size);
  }

  Entry make(const std::string& name) const {
    Entry entry(archive_entry_new());
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_mtime(entry.get(),
                            std::chrono::duration_cast<std::chrono::seconds>(now_.time_since_epoch()).count(), 0);
    return entry;
  }

  Result<void> check(int code) {
    if (code == ARCHIVE_OK || code == ARCHIVE_WARN) return {};
    const char* const why = archive_error_string(tar_.get());
    return base::environment_error(fmt::format("the archive cannot be written: {}", why ? why : "out of memory"));
  }

  base::Timestamp now_;
  std::string bytes_ = {};
  Tar tar_;
};

Node make_metadata(const Archive& archive) {
  Node env = Node::empty_map();
  for (const auto& [name, value] : archive.env) env.set(name, value);
  return Node::Map{{"type", "js", {}},
                   {"options", archive.options, {}},
                   {"filename", fmt::format("{}{}", kUrl, archive.script), {}},
                   {"pwd", fmt::format("{}{}", kUrl, base::directory_of(archive.script)), {}},
                   {"env", std::move(env), {}},
                   {"compatibilityMode", "extended", {}},
                   {"k6version", kK6Version, {}},
                   {"goos", "linux", {}}};
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes), tar_(archive_read_new()) {}

  Result<Archive> read() {
    // Tar and nothing else: what is compressed could be any size.
    archive_read_support_format_tar(tar_.get());
    if (archive_read_open_memory(tar_.get(), bytes_.data(), bytes_.size()) != ARCHIVE_OK) return fail();
    for (std::size_t entries = 0;; ++entries) {
      archive_entry* entry = nullptr;
      const int code = archive_read_next_header(tar_.get(), &entry);
      if (code == ARCHIVE_EOF) break;
      if (code != ARCHIVE_OK) return fail();
      if (entries == kEntriesMax) return refuse(fmt::format("it has more than {} files", kEntriesMax));
      TRY(take(*entry));
    }
    return finish();
  }

 private:
  std::unexpected<base::Error> fail() {
    const char* const why = archive_error_string(tar_.get());
    return refuse(why ? why : "it is no tar");
  }

  Result<void> take(archive_entry& entry) {
    const char* const given = archive_entry_pathname_utf8(&entry);
    const std::string name = given ? given : "";
    if (const char* const link = archive_entry_hardlink(&entry)) {
      // The script itself, which is there as data.
      if (link == kData) return {};
      return refuse(fmt::format("{} is a link", name));
    }
    if (archive_entry_filetype(&entry) == AE_IFDIR) return {};
    if (archive_entry_filetype(&entry) != AE_IFREG) return refuse(fmt::format("{} is no file", name));
    std::string content = TRY(read_content(name));
    if (name == kMetadata) {
      metadata_ = std::move(content);
    } else if (name == kData) {
      data_ = std::move(content);
    } else if (name.starts_with(kFiles)) {
      const Result<std::string> path = base::normal_path(std::string_view(name).substr(kFiles.size()));
      if (!path || name.contains("..")) return refuse(fmt::format("{} leads out of it", name));
      archive_.files[*path] = std::move(content);
    } else if (!name.starts_with("https/")) {  // whose modules come with the program, or are not there
      return refuse(fmt::format("{} has no place in it", name));
    }
    return {};
  }

  Result<std::string> read_content(const std::string& name) {
    std::string content;
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    for (;;) {
      const int code = archive_read_data_block(tar_.get(), &block, &size, &offset);
      if (code == ARCHIVE_EOF) return content;
      if (code != ARCHIVE_OK) return fail();
      if (offset != static_cast<la_int64_t>(content.size())) return refuse(fmt::format("{} has holes", name));
      total_ += size;
      if (total_ > kBytesMax) return refuse(fmt::format("its files are more than {} bytes", kBytesMax));
      content.append(static_cast<const char*>(block), size);
    }
  }

  Result<Archive> finish() {
    if (!metadata_ || !data_) return refuse(metadata_ ? "the script is missing" : "metadata.json is missing");
    const Result<Node> metadata = base::load_json(*metadata_, kMetadata);
    if (!metadata) return refuse(metadata.error().message);
    std::string_view filename = metadata->text("filename");
    if (filename.starts_with("file://")) filename.remove_prefix(std::string_view("file://").size());
    while (filename.starts_with('/')) filename.remove_prefix(1);
    const Result<std::string> script = base::normal_path(filename);
    if (!script || script->empty() || filename.contains("..")) return refuse("its script has no name");
    archive_.script = *script;
    archive_.files[*script] = *std::move(data_);
    if (const Node* env = metadata->get("env"); env && env->is_map())
      for (const Node::Member& member : env->map())
        if (member.value.is_string()) archive_.env[member.key] = member.value.string();
    archive_.options = Node::empty_map();
    if (const Node* options = metadata->get("options"); options && options->is_map())
      for (const Node::Member& member : options->map())
        if (is_set(member.value)) archive_.options.set(member.key, member.value);
    return std::move(archive_);
  }

  // Options that nobody set are written as null, and so are the members of those that have some.
  static bool is_set(const Node& value) {
    if (value.is_null()) return false;
    if (!value.is_map() || value.map().empty()) return true;
    for (const Node::Member& member : value.map())
      if (is_set(member.value)) return true;
    return false;
  }

  std::string_view bytes_;
  Tar tar_;
  std::uint64_t total_ = 0;
  std::optional<std::string> metadata_ = {};
  std::optional<std::string> data_ = {};
  Archive archive_ = {};
};

}  // namespace

Result<std::string> write_archive(const Archive& archive, base::Timestamp now) {
  Writer writer(now);
  TRY(writer.open());
  TRY(writer.add(std::string(kMetadata), base::dump_json(make_metadata(archive), base::JsonStyle::indented)));
  const auto script = archive.files.find(archive.script);
  TRY(writer.add(std::string(kData), script == archive.files.end() ? std::string_view() : script->second));
  for (const auto& [path, content] : archive.files) {
    const std::string name = fmt::format("{}{}", kFiles, path);
    if (path == archive.script)
      TRY(writer.link(name, std::string(kData)));
    else
      TRY(writer.add(name, content));
  }
  return writer.close();
}

Result<Archive> read_archive(std::string_view bytes) { return Reader(bytes).read(); }

}  // namespace gantry::load
