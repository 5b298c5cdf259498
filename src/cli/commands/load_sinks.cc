#include "cli/commands/load_sinks.h"

#include "http/gzip_writer.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

namespace gantry::cli {

namespace {

using base::Result;

std::unexpected<base::Error> cannot_write(const std::string& file) {
  return base::environment_error(fmt::format("{} cannot be written: {}", file, std::strerror(errno)),
                                 "give --out a file in a folder that is there");
}

std::FILE* open_file(const NamedFile& file) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
  // A second opening of what a descriptor is connected with would write over what is there, where that is a file.
  const int fd = file.descriptor ? ::fcntl(*file.descriptor, F_DUPFD_CLOEXEC, 0)
                                 : ::open(file.path.c_str(), file.root.empty() ? kFlags : kFlags | O_NOFOLLOW, 0666);
  return fd < 0 ? nullptr : ::fdopen(fd, "wb");
}

class StdoutSink final : public load::ByteSink {
 public:
  explicit StdoutSink(const Terminal& terminal) : terminal_(terminal) {}
  Result<void> write(std::string_view bytes) override { return terminal_.print(bytes); }
  Result<void> close() override { return {}; }

 private:
  const Terminal& terminal_;
};

class FileSink final : public load::ByteSink {
 public:
  FileSink(std::string name, std::FILE* file) : name_(std::move(name)), file_(file, std::fclose) {}
  Result<void> write(std::string_view bytes) override {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) == bytes.size()) return {};
    return cannot_write(name_);
  }
  Result<void> close() override {
    if (std::fclose(file_.release()) == 0) return {};
    return cannot_write(name_);
  }

 private:
  std::string name_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

class GzipSink final : public load::ByteSink {
 public:
  GzipSink(std::string name, std::FILE* file) : file_(std::move(name), file) {}
  Result<void> write(std::string_view bytes) override { return file_.write(gzip_.feed(bytes, http::Flush::later)); }
  Result<void> close() override {
    TRY(file_.write(gzip_.feed("", http::Flush::end)));
    return file_.close();
  }

 private:
  FileSink file_;
  http::GzipWriter gzip_;
};

Result<std::unique_ptr<load::ByteSink>> open_sink(const Terminal& terminal, const NamedFile& named) {
  if (named.descriptor == STDOUT_FILENO) return std::make_unique<StdoutSink>(terminal);
  std::FILE* const file = open_file(named);
  if (!file) return cannot_write(named.path);
  if (named.path.ends_with(".gz")) return std::make_unique<GzipSink>(named.path, file);
  return std::make_unique<FileSink>(named.path, file);
}

}  // namespace

load::OpenSink open_sinks(const Terminal& terminal) {
  return [&terminal](const std::string& name) -> Result<std::unique_ptr<load::ByteSink>> {
    if (name.empty() || name == "-") return std::make_unique<StdoutSink>(terminal);
    return open_sink(terminal, TRY(find_named_file(name)));
  };
}

Result<void> write_result(const Terminal& terminal, const NamedFile& file, std::string_view text) {
  std::error_code none;
  const std::filesystem::file_status status = std::filesystem::status(file.path, none);
  const bool is_file = !std::filesystem::exists(status) || std::filesystem::is_regular_file(status) ||
                       std::filesystem::is_directory(status);
  if (is_file && !file.descriptor) return write_file(file, text);
  const std::unique_ptr<load::ByteSink> sink = TRY(open_sink(terminal, file));
  TRY(sink->write(text));
  return sink->close();
}

Result<void> write_result(const Terminal& terminal, const std::string& name, std::string_view text) {
  return write_result(terminal, TRY(find_named_file(name)), text);
}

}  // namespace gantry::cli
